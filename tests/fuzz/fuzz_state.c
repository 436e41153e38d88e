/* fuzz_state.c - rail-sriov's state files: text that is no plan is refused, and a plan
 * is read back.
 *
 * A plan is made of what others say: names of interfaces and devices are any bytes, and
 * so are the variables of a call. What was written down before the first change must be
 * readable afterwards.
 *
 * links: plugins/sriov/plan_json.c plugins/sriov/plan.c plugins/sriov/state.c */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>

#include "plugins/sriov/plan.h"
#include "plugins/sriov/state.h"

static void must_come_back(const struct plan *plan)
{
	struct err err;
	_autofree_ char *text = plan_format(plan, &err), *same = NULL;
	_autoplan_ struct plan again = { 0 };

	must(text);
	must(!plan_parse(text, strlen(text), &again, &err));
	same = plan_format(&again, &err);
	must(same && !strcmp(same, text));
}

static void a_text(const char *text, size_t len)
{
	_autoplan_ struct plan plan = { 0 };
	struct err err;

	if (!fuzz_told(plan_parse(text, len, &plan, &err), &err))
		must_come_back(&plan);
}

static void put(char *field, size_t size, struct fuzz *fuzz)
{
	snprintf(field, size, "%s", fuzz_line(fuzz));
}

static void a_plan(struct fuzz *fuzz)
{
	_autoplan_ struct plan plan = { 0 }, again = { 0 };
	_autofree_ char *text = NULL;
	struct err err;

	put(plan.owner.network, sizeof(plan.owner.network), fuzz);
	put(plan.owner.container, sizeof(plan.owner.container), fuzz);
	put(plan.owner.ifname, sizeof(plan.owner.ifname), fuzz);
	put(plan.owner.netns, sizeof(plan.owner.netns), fuzz);
	put(plan.owner.pod, sizeof(plan.owner.pod), fuzz);
	put(plan.vf.pf, sizeof(plan.vf.pf), fuzz);
	put(plan.was.name, sizeof(plan.was.name), fuzz);
	put(plan.rdma.name, sizeof(plan.rdma.name), fuzz);
	plan.cni_path = strdup(fuzz_line(fuzz));
	plan.cni_args = strdup(fuzz_line(fuzz));
	plan.conf = strdup("{}");
	text = plan_format(&plan, &err);
	if (fuzz_told(text ? 0 : -1, &err))
		return;
	must(!plan_parse(text, strlen(text), &again, &err));
	must(!strcmp(again.owner.ifname, plan.owner.ifname));
	must(!strcmp(again.owner.netns, plan.owner.netns));
	must(!strcmp(again.was.name, plan.was.name));
	must(!strcmp(again.cni_path, plan.cni_path));
	must(!strcmp(again.cni_args, plan.cni_args));
}

/* Of the directory, too: what it lists are the lines. */
static struct fuzz *directory;

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);

struct dirent *__wrap_readdir(DIR *dir)
{
	static struct dirent entry;

	if (!directory)
		return __real_readdir(dir); /* libFuzzer's */
	if (!directory->next)
		return NULL;
	snprintf(entry.d_name, sizeof(entry.d_name), "%s", fuzz_line(directory));
	return &entry;
}

static void must_be_of(const struct record *record)
{
	struct owner owner = { 0 };
	struct record same;
	struct err err;

	must(strlen(record->device) < DEVICE_LEN && strlen(record->ifname) < IFNAMSIZ);
	snprintf(owner.container, sizeof(owner.container), "%s", record->container);
	snprintf(owner.ifname, sizeof(owner.ifname), "%s", record->ifname);
	snprintf(owner.network, sizeof(owner.network), "%s", record->network);
	must(record_is_of(record, &owner));
	if (!record_of(record->device, &owner, &same, &err))
		must(record_is_of(&same, &owner) && *same.file != '.');
}

static void names(struct fuzz *fuzz)
{
	_autorecords_ struct records records = { 0 };
	int dir = open("/", O_RDONLY | O_DIRECTORY);
	struct err err;

	directory = fuzz;
	must(dir >= 0 && !state_list(dir, &records, &err));
	for (int i = 0; i < records.count; i++)
		must_be_of(&records.list[i]);
	close(dir);
	directory = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	_autofuzz_ struct fuzz list = fuzz_begin(data, size);

	a_text(fuzz.text, size);
	a_plan(&fuzz);
	names(&list);
	return 0;
}
