/* doctor.c - rail-ipam doctor: would addresses be handed out here, and safely? */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "pkg/file.h"
#include "pkg/table.h"
#include "ipam/census.h"
#include "ipam/doctor_mount.h"
#include "ipam/node.h"
#include "ipam/report.h"
#include "ipam/state.h"
#include "ipam/waiting.h"

#define CLOCK_SLACK 5	/* seconds */
#define FULL	    95	/* percent */
#define PENDING_OLD 300 /* seconds */

static void print_line(enum health health, const char *about, const char *text)
{
	static const char *const words[] = { "ok  ", "warn", "FAIL" };
	static const enum colour colours[] = { GREEN, YELLOW, RED };

	printf("%s%s%s  %s: %s\n", colour_code(colours[health], stdout), words[health],
	       colour_code(PLAIN, stdout), about, text);
}

void doctor_say(struct doctor *doctor, enum health health, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warning", "failure" };
	struct cJSON *obj;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	doctor->counts[health]++;
	if (!doctor->list) {
		print_line(health, doctor->about, text);
		return;
	}
	obj = cJSON_CreateObject();
	cJSON_AddStringToObject(obj, "about", doctor->about);
	cJSON_AddStringToObject(obj, "health", words[health]);
	cJSON_AddStringToObject(obj, "text", text);
	cJSON_AddItemToArray(doctor->list, obj);
}

static void check_identity(struct doctor *doctor, const struct store *store)
{
	char machine[MACHINE_LEN], path[PATH_MAX];
	_autofree_ char *found = NULL;
	struct node node;
	struct err err = { 0 };
	size_t len;

	if (node_identify("", &node, &err) || node_machine(machine, &err)) {
		doctor_say(doctor, HEALTH_FAILURE, "%s", err.msg);
		return;
	}
	snprintf(path, sizeof(path), "nodes/%s", node.name);
	found = file_read(store->root, path, 4096, &len, &err);
	if (found)
		found[strcspn(found, "\n")] = '\0';
	if (!found && err.no != ENOENT)
		doctor_say(doctor, HEALTH_FAILURE, "%s", err.msg);
	else if (!found)
		doctor_say(doctor, HEALTH_OK,
			   "this node is %s, which the store does not know yet",
			   node.name);
	else if (strcmp(found, machine))
		doctor_say(doctor, HEALTH_FAILURE,
			   "the name %s belongs to another machine (%s; this is %s)",
			   node.name, found, machine);
	else
		doctor_say(doctor, HEALTH_OK, "this node is %s, and its own machine",
			   node.name);
}

/* By a file that is made, renamed and removed: what an ADD and a DEL need. */
static int try_rename(int dir, struct timespec *made, struct err *err)
{
	char from[32], to[32], nonce[9];
	_autoclose_ int fd = -1;
	struct stat st;
	int r;

	if (state_nonce(nonce, err))
		return -1;
	snprintf(from, sizeof(from), ".doctor-%s", nonce);
	snprintf(to, sizeof(to), ".doctor-%s.", nonce);
	fd = openat(dir, from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, errno, "make a file");
	r = renameat(dir, from, dir, to);
	if (r)
		err_set(err, errno, "rename a file");
	else if (!fstat(fd, &st))
		*made = st.st_mtim;
	(void)unlinkat(dir, r ? from : to, 0);
	return r;
}

static void check_writing(struct doctor *doctor, const struct store *store)
{
	_autoclose_ int dir =
		openat(store->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct timespec made = { .tv_sec = time(NULL) };
	struct err err = { 0 };
	long off;

	if (dir < 0)
		err_set(&err, errno, "open it");
	if (dir < 0 || try_rename(dir, &made, &err)) {
		doctor_say(doctor, HEALTH_FAILURE, "cannot be written: %s%s", err.msg,
			   err.no == EACCES ? "; " STORE_NOT_ROOTS : "");
		return;
	}
	doctor_say(doctor, HEALTH_OK, "files can be made, renamed and removed");
	off = made.tv_sec - time(NULL);
	if (off > CLOCK_SLACK || off < -CLOCK_SLACK)
		doctor_say(doctor, HEALTH_WARNING,
			   "its clock and this node's differ by %ld s: reuseDelay is "
			   "that much off",
			   off);
}

static int check_pool(void *ctx, const struct store *store, const char *pool,
		      struct err *err)
{
	struct doctor *doctor = ctx;
	_autocensus_ struct census census = { 0 };
	struct err why = { 0 };
	char about[PATH_MAX];
	int held, all;

	(void)err;
	snprintf(about, sizeof(about), "%s/%s", store->path, pool);
	doctor->about = about;
	if (census_take(store, pool, &census, &why)) {
		doctor_say(doctor, HEALTH_FAILURE, "%s", why.msg);
		return 0;
	}
	held = census.addresses[LEASE_HELD] + census.addresses[LEASE_RESERVED];
	all = (int)strtod(census.size, NULL);
	doctor_say(doctor,
		   strtod(census.size, NULL) < 1e9 && held * 100.0 >= all * (double)FULL
			   ? HEALTH_WARNING
			   : HEALTH_OK,
		   "%d of %s addresses are in use: %s", held, census.size, census.ranges);
	if (census.addresses[LEASE_ODD])
		doctor_say(doctor, HEALTH_WARNING,
			   "%d files have names that mean nothing: rail-ipam fsck %s",
			   census.addresses[LEASE_ODD], about);
	return 0;
}

/* ADD refuses another store than the one it used at this path: trust.c. */
static void check_id(struct doctor *doctor, const struct store *store, const char *id)
{
	char key[STATE_KEY_LEN], path[PATH_MAX];
	_autofree_ char *used = NULL;
	struct err ignored;
	size_t len;

	state_hashed("store", store->path, "", key);
	snprintf(path, sizeof(path), STATE_DIR "/%s", key);
	used = file_read(AT_FDCWD, path, PATH_MAX + STORE_ID_LEN + 2, &len, &ignored);
	if (!used || !strncmp(used, id, strlen(id)))
		doctor_say(doctor, HEALTH_OK, "is a store, id %s", id);
	else
		doctor_say(doctor, HEALTH_FAILURE,
			   "is not the store that this node has used: its id is %s, it "
			   "was %.*s; mount the right share, or remove %s if it was "
			   "replaced on purpose",
			   id, (int)strcspn(used, "\n"), used, path);
}

static int check_store(void *ctx, const struct store *store, const char *pool,
		       struct err *err)
{
	struct doctor *doctor = ctx;
	char id[STORE_ID_LEN];

	doctor->about = store->path;
	if (store_id(store, id, err) > 0)
		check_id(doctor, store, id);
	doctor_mount(doctor, store);
	check_identity(doctor, store);
	check_writing(doctor, store);
	return target_pools(store, pool, check_pool, doctor, err);
}

static void check_waiting(struct doctor *doctor)
{
	struct waiting waiting = waiting_now();

	doctor->about = STATE_DIR;
	if (waiting.n)
		doctor_say(doctor,
			   waiting.oldest > PENDING_OLD ? HEALTH_WARNING : HEALTH_OK,
			   "%d releases wait for a store, the oldest for %ld s",
			   waiting.n, waiting.oldest);
	else
		doctor_say(doctor, HEALTH_OK, "no release waits for a store");
}

static int finish(struct doctor *doctor, struct err *err)
{
	struct cJSON *doc;

	if (doctor->list) {
		doc = cJSON_CreateObject();
		cJSON_AddItemToObject(doc, "checks", doctor->list);
		cJSON_AddBoolToObject(doc, "healthy", !doctor->counts[HEALTH_FAILURE]);
		if (print_json(doc, err))
			return -1;
	}
	if (!doctor->counts[HEALTH_FAILURE])
		return 0;
	return err_set(err, 0, "%d checks failed", doctor->counts[HEALTH_FAILURE]);
}

int admin_doctor(const struct options *options, struct err *err)
{
	struct doctor doctor = { .list = has(options, OPT_JSON) ? cJSON_CreateArray()
								: NULL };
	struct err why = { 0 };

	if (target_each(options->args[0], check_store, &doctor, &why)) {
		doctor.about = options->args[0] ? options->args[0] : "store";
		doctor_say(&doctor, HEALTH_FAILURE, "%s", why.msg);
	}
	check_waiting(&doctor);
	return finish(&doctor, err);
}
