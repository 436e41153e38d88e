/* report_json.c: every key is always there, whatever happened. */
#include "tests/test.h"

#include <string.h>

#include "pkg/json.h"
#include "plugins/rdma-probe/report.h"
#include "tests/fake_local.h"

/* The schema rdma-probe/v1, object by object. Keys may be added, never taken away. */
static const char *const document[] = { "schema",   "tool",	  "command", "host",
					"pod",	    "netns_mode", "time",    "verdict",
					"headline", "error",	  "rails",   "devices",
					"gids",	    "checks",	  "paths",   "summary" };
static const char *const rail_keys[] = {
	"rail",	      "netdev", "ifindex",  "mac",	 "ip",	     "dev",
	"port",	      "uverbs", "gid",	    "gid_index", "gid_type", "netdev_mtu",
	"active_mtu", "state",	"gbps",	    "numa",	 "status",   "reason",
	"layer",      "errno",	"evidence", "fix"
};
static const char *const device_keys[] = {
	"dev",	      "port",	"state",   "phys_state", "link_layer", "gbps",
	"active_mtu", "netdev", "ifindex", "owner",	 "pci",	       "numa",
	"function",   "uverbs", "access",  "fw",	 "guid"
};
static const char *const gid_keys[] = { "dev",	 "port",   "index",  "type",
					"gid",	 "ip",	   "netdev", "ifindex",
					"owner", "chosen", "rail",   "why_not" };
static const char *const path_keys[] = {
	"src",	    "dst",	  "peer",     "rail_src", "rail_dst",  "op",
	"sport",    "flow_label", "dscp",     "mtu",	  "sent",      "ok",
	"lost",	    "lost_fwd",	  "lost_rev", "rtt_ns",	  "gbps",      "ts_source",
	"result",   "layer",	  "reason",   "errno",	  "wc_status", "vendor_err",
	"evidence", "fix"
};
static const char *const rtt_keys[] = { "min", "p50", "p99", "max" };
static const char *const summary_keys[] = { "rails", "peers",	"pairs",      "ok",
					    "fail",  "unknown", "duration_ms" };

#define HAS(obj, keys) assert_keys(obj, keys, ARRAY_SIZE(keys))

static struct report report;
static struct fake fake;
static cJSON *doc;

static void assert_keys(const cJSON *obj, const char *const *keys, size_t n)
{
	assert_true(cJSON_IsObject(obj));
	for (size_t i = 0; i < n; i++)
		if (!cJSON_HasObjectItem(obj, keys[i]))
			fail_msg("no key %s", keys[i]);
	assert_int_equal(cJSON_GetArraySize(obj), n);
}

static const cJSON *get(const cJSON *obj, const char *key)
{
	return cJSON_GetObjectItem(obj, key);
}

static const cJSON *item(const char *list, int i)
{
	return cJSON_GetArrayItem(get(doc, list), i);
}

/* Print, and read back as strictly as anybody may. */
static void print(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct err err;

	assert_int_equal(report_print_json(&report, out), 0);
	fclose(out);
	assert_ptr_equal(strchr(text, '\n'), text + size - 1); /* one line */
	assert_int_equal(json_check(text, size, &err), 0);
	cJSON_Delete(doc);
	doc = cJSON_Parse(text);
	free(text);
	HAS(doc, document);
	HAS(get(doc, "summary"), summary_keys);
}

static int begin(void **state)
{
	(void)state;
	report_init(&report, "ping");
	fake = (struct fake){ 0 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	report.local = (struct local){ 0 }; /* was the fake's */
	report_clear(&report);
	cJSON_Delete(doc);
	doc = NULL;
	return 0;
}

static void a_program_that_failed_at_once_prints_a_whole_document(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, 0, "no memory");
	report.error = err;
	print();
	assert_string_equal(get(doc, "verdict")->valuestring, "unknown");
	assert_string_equal(get(doc, "error")->valuestring, "no memory");
	assert_true(cJSON_IsNull(get(doc, "netns_mode")));
	assert_int_equal(cJSON_GetArraySize(get(doc, "rails")), 0);
}

static void even_without_a_command_the_document_is_whole(void **state)
{
	(void)state;
	report.command = NULL;
	print();
	assert_true(cJSON_IsNull(get(doc, "command")));
}

static void a_rail_is_whole_whether_it_works_or_not(void **state)
{
	(void)state;
	report.rails.n = 2;
	report.rails.v[0] = (struct rail){ .name = "net1", .gid_index = 3, .dev = "x" };
	report.rails.v[1] = (struct rail){ .name = "net2", .gid_index = -1, .numa = -1 };
	fault_set(&report.rails.v[1].fault, REASON_PORT_DOWN, 0, "down");
	print();
	HAS(item("rails", 0), rail_keys);
	HAS(item("rails", 1), rail_keys);
	assert_string_equal(get(item("rails", 0), "status")->valuestring, "ok");
	assert_string_equal(get(item("rails", 1), "status")->valuestring, "fail");
	assert_string_equal(get(item("rails", 1), "reason")->valuestring, "port_down");
	assert_true(cJSON_IsNull(get(item("rails", 1), "gid")));
	assert_true(cJSON_IsNull(get(item("rails", 1), "numa")));
	assert_int_equal(get(item("rails", 0), "numa")->valueint, 0);
}

static void devices_and_gids_are_whole_for_ours_and_for_foreign_ones(void **state)
{
	(void)state;
	fake_link(&fake, 3, "net1", "");
	fake_addr(&fake, 3, "10.0.1.2/24");
	fake_port(&fake, "ours", 3);
	*fake_port(&fake, "foreign", 0) = (struct port){ .dev = "foreign", .access = -1 };
	fake_gid(&fake, "ours", 3, GID_ROCE_V2, "::ffff:10.0.1.2", 3);
	fake_gid(&fake, "foreign", 3, GID_ROCE_V2, "::ffff:10.0.1.3", 3);
	gids_judge(fake_local(&fake));
	report.local = fake.local;
	report.devices = report.gids = true;
	print();
	for (int i = 0; i < 2; i++) {
		HAS(item("devices", i), device_keys);
		HAS(item("gids", i), gid_keys);
	}
	assert_string_equal(get(item("devices", 0), "owner")->valuestring, "mine");
	assert_string_equal(get(item("devices", 1), "owner")->valuestring,
			    "foreign-netns");
	assert_true(cJSON_IsNull(get(item("devices", 1), "access")));
	assert_string_equal(get(item("gids", 1), "owner")->valuestring, "foreign-netns");
	assert_true(
		cJSON_IsNull(get(item("gids", 1), "netdev"))); /* the name is not ours */
}

static struct path *add_path(const struct rail *mine)
{
	struct path_plan plan = { .params = { .tc = 104 } };
	struct path *path;

	if (!report.visit)
		report.visit = visit_new(&plan);
	path = &report.visit->paths[report.visit->n++];
	path_init(path, &report.visit->plan, mine, NULL);
	return path;
}

static void a_path_is_whole_whatever_became_of_it(void **state)
{
	static const struct rail rail = { .name = "net1" };
	struct path *good = add_path(&rail), *bad = add_path(&rail);

	(void)state;
	add_path(NULL); /* not tried, and no rail of ours */
	good->result = VERDICT_OK;
	good->sent = good->ok = 1;
	stats_add(&good->rtt, 1500);
	bad->sent = 1;
	bad->result = VERDICT_FAIL;
	fault_set(&bad->fault, REASON_RC_RETRY_EXCEEDED, 0, "silence");
	bad->fault.wc_status = 12;
	bad->fault.vendor = 0x81;
	report_count(&report);
	print();
	for (int i = 0; i < 3; i++) {
		HAS(item("paths", i), path_keys);
		HAS(get(item("paths", i), "rtt_ns"), rtt_keys);
	}
	assert_int_equal(get(get(item("paths", 0), "rtt_ns"), "p99")->valueint, 1500);
	assert_int_equal(get(item("paths", 0), "dscp")->valueint, 26);
	assert_true(cJSON_IsNull(get(item("paths", 0), "lost_fwd")));
	assert_string_equal(get(item("paths", 1), "vendor_err")->valuestring, "0x81");
	assert_int_equal(get(item("paths", 1), "lost")->valueint, 1);
	assert_true(cJSON_IsNull(get(item("paths", 2), "rail_src")));
	assert_string_equal(get(item("paths", 2), "result")->valuestring, "unknown");
	assert_int_equal(get(get(doc, "summary"), "fail")->valueint, 1);
}

static void the_worst_path_decides(void **state)
{
	(void)state;
	add_path(NULL)->result = VERDICT_OK;
	report_count(&report);
	assert_int_equal(report_worst(&report), VERDICT_OK);
	add_path(NULL)->result = VERDICT_UNKNOWN;
	report_count(&report);
	assert_int_equal(report_worst(&report), VERDICT_UNKNOWN);
	add_path(NULL)->result = VERDICT_FAIL;
	report_count(&report);
	assert_int_equal(report_worst(&report), VERDICT_FAIL);
}

static void no_path_at_all_is_no_success(void **state)
{
	(void)state;
	add_path(NULL);
	report.visit->n = 0;
	report_count(&report);
	assert_int_equal(report_worst(&report), VERDICT_UNKNOWN);
}

static void foreign_bytes_do_not_break_the_document(void **state)
{
	(void)state;
	report.rails.n = 1;
	report.rails.v[0] = (struct rail){ .name = "a\xff\"\\\n\x1b[2J", .gid_index = 3 };
	print();
	assert_string_equal(get(item("rails", 0), "rail")->valuestring, "a?\"\\??[2J");
}

static void the_exit_status_is_as_whoever_asks_wants_it(void **state)
{
	static struct report plain;

	(void)state;
	for (int nagios = 0; nagios < 2; nagios++) {
		plain = (struct report){ .verdict = VERDICT_OK };
		assert_int_equal(report_exit_status(&plain, nagios), 0);
		check_add(&plain.checks, L17, NULL, CHECK_WARN, "arp_ignore 0");
		assert_int_equal(report_exit_status(&plain, nagios), nagios ? 1 : 0);
		plain.verdict = VERDICT_FAIL;
		assert_int_equal(report_exit_status(&plain, nagios), nagios ? 2 : 1);
		plain.verdict = VERDICT_UNKNOWN;
		assert_int_equal(report_exit_status(&plain, nagios), nagios ? 3 : 2);
		err_set(&plain.error, 0, "no memory");
		assert_int_equal(report_exit_status(&plain, nagios), 70);
		checks_clear(&plain.checks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define REPORT(test) cmocka_unit_test_setup_teardown(test, begin, end)
		REPORT(a_program_that_failed_at_once_prints_a_whole_document),
		REPORT(even_without_a_command_the_document_is_whole),
		REPORT(a_rail_is_whole_whether_it_works_or_not),
		REPORT(devices_and_gids_are_whole_for_ours_and_for_foreign_ones),
		REPORT(a_path_is_whole_whatever_became_of_it),
		REPORT(the_worst_path_decides),
		REPORT(no_path_at_all_is_no_success),
		cmocka_unit_test(the_exit_status_is_as_whoever_asks_wants_it),
		REPORT(foreign_bytes_do_not_break_the_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
