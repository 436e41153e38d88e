/* ipam_exec.c: delegation, with shell scripts as IPAM plugins. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pkg/ipam_exec.h"

static char dir[] = "/tmp/test-ipam-XXXXXX";
static struct err err;
static struct cni_result result;

static const char conf[] = "{\"cniVersion\":\"1.0.0\",\"name\":\"n\","
			   "\"ipam\":{\"type\":\"fake\"}}";

static int keeps;

/* A plugin that does what the script says, in the directory of the test. */
static int run(const char *script)
{
	struct ipam_run run = {
		.type = "fake",
		.verb = "ADD",
		.path = dir,
		.container = "c1",
		.netns = "/run/netns/a",
		.ifname = "net1",
		.args = "A=b",
		.text = conf,
		.len = sizeof(conf) - 1,
		.version = CNI_1_0_0,
		.keeps = keeps,
	};
	char file[128];
	FILE *f;

	snprintf(file, sizeof(file), "%s/fake", dir);
	f = fopen(file, "w");
	fprintf(f, "#!/bin/sh\ncd %s\n%s\n", dir, script);
	fclose(f);
	chmod(file, 0755);
	err = (struct err){ 0 };
	cJSON_Delete(take_ptr(result.doc));
	return ipam_call(&run, &result, &err);
}

static void refused(const char *script, int code, const char *msg)
{
	assert_int_equal(run(script), -1);
	assert_string_equal(err.msg, msg);
	assert_int_equal(err.code, code);
}

static int shell(const char *command)
{
	char line[300];

	snprintf(line, sizeof(line), "cd %s && %s", dir, command);
	return system(line);
}

static void it_gets_the_call_and_the_whole_configuration(void **state)
{
	(void)state;
	setenv("CNI_CONTAINERID", "another", 1);
	setenv("CNI_NETNS_OVERRIDE", "1", 1);
	assert_int_equal(run("env | grep ^CNI_ | sort > env; cat > stdin; "
			     "echo '{\"ips\":[{\"address\":\"10.9.0.5/24\"}]}'"),
			 0);
	assert_int_equal(shell("test \"$(grep -v PATH env | tr '\\n' ' ')\" = "
			       "'CNI_ARGS=A=b CNI_COMMAND=ADD CNI_CONTAINERID=c1 "
			       "CNI_IFNAME=net1 CNI_NETNS=/run/netns/a "
			       "CNI_NETNS_OVERRIDE=1 '"),
			 0);
	assert_int_equal(shell("grep -q '\"ipam\":{\"type\":\"fake\"}}' stdin"), 0);
	assert_int_equal(result.n_ips, 1);
}

static void an_answer_of_an_older_version_is_understood(void **state)
{
	(void)state;
	assert_int_equal(run("echo '{\"cniVersion\":\"0.2.0\","
			     "\"ip4\":{\"ip\":\"10.9.0.5/24\"}}'"),
			 0);
	assert_int_equal(result.n_ips, 1);
}

static void its_error_becomes_ours_with_code_and_details(void **state)
{
	(void)state;
	refused("echo '{\"code\":11,\"msg\":\"try later\",\"details\":\"store hangs\"}'; "
		"exit 1",
		11, "IPAM plugin fake: try later");
	assert_string_equal(err.hint, "store hangs");
}

static void every_way_to_fail_without_a_word_is_told(void **state)
{
	(void)state;
	refused("exit 3", 0, "IPAM plugin fake: failed without a word, exit status 3");
	refused("kill -9 $$", 0, "IPAM plugin fake: killed by signal 9");
	refused("echo '{\"code\":7}'; exit 1", 7,
		"IPAM plugin fake: failed without a message");
}

static void junk_is_shown(void **state)
{
	(void)state;
	refused("echo hello", CNI_BAD_JSON,
		"IPAM plugin fake: answered 'hello\n': invalid JSON at byte 0: expected "
		"a "
		"value");
	refused("true", CNI_BAD_JSON,
		"IPAM plugin fake: answered '': invalid JSON at byte 0: expected a "
		"value");
}

static void one_that_reads_nothing_or_much_blocks_nobody(void **state)
{
	(void)state;
	assert_int_equal(run("echo '{}'"), 0);
	assert_int_equal(run("cat >/dev/null; head -c 300000 /dev/zero | tr '\\0' ' '; "
			     "echo '{}'"),
			 0);
	assert_int_equal(run("head -c 2000000 /dev/zero"), -1);
	assert_string_equal(err.msg,
			    "IPAM plugin fake: answered more than 1048576 bytes");
}

static void a_grandchild_that_holds_the_output_open_is_not_waited_for(void **state)
{
	time_t start = time(NULL);

	(void)state;
	assert_int_equal(run("sleep 20 & echo $! > grandchild; echo '{}'"), 0);
	assert_true(time(NULL) - start < 5);
	assert_int_equal(shell("kill $(cat grandchild)"), 0);
}

static void only_an_absolute_path_is_searched_and_only_for_files(void **state)
{
	struct ipam_run at = { .type = "fake", .path = "relative::/nowhere" };
	char file[256], path[64];

	(void)state;
	assert_int_equal(ipam_find(&at, file, sizeof(file), &err), -1);
	assert_int_equal(err.code, CNI_BAD_CONFIG);
	snprintf(path, sizeof(path), "/nowhere:%s:/tmp", dir);
	at.path = path;
	assert_int_equal(run("exit 0") < 0, 1); /* makes the file */
	assert_int_equal(ipam_find(&at, file, sizeof(file), &err), 0);
	at.type = "../fake";
	assert_int_equal(ipam_find(&at, file, sizeof(file), &err), -1);
	at.type = "..";
	assert_int_equal(ipam_find(&at, file, sizeof(file), &err), -1);
	at.type = "fake";
	at.path = "";
	assert_int_equal(ipam_find(&at, file, sizeof(file), &err), -1);
	assert_int_equal(err.code, CNI_BAD_ENV);
	assert_non_null(strstr(err.msg, "CNI_PATH"));
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	cJSON_Delete(result.doc);
	return shell("rm -r \"$PWD\"");
}

static void what_it_shall_keep_stays_locked_until_it_ends(void **state)
{
	int fd = open(dir, O_RDONLY | O_CLOEXEC), other = open(dir, O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	keeps = fd;
	assert_int_equal(run("(exec >&-; sleep 1) & echo '{}'"), 0);
	keeps = 0;
	close(fd); /* as if we were killed */
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(flock(other, LOCK_EX), 0);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gets_the_call_and_the_whole_configuration),
		cmocka_unit_test(an_answer_of_an_older_version_is_understood),
		cmocka_unit_test(its_error_becomes_ours_with_code_and_details),
		cmocka_unit_test(every_way_to_fail_without_a_word_is_told),
		cmocka_unit_test(junk_is_shown),
		cmocka_unit_test(one_that_reads_nothing_or_much_blocks_nobody),
		cmocka_unit_test(
			a_grandchild_that_holds_the_output_open_is_not_waited_for),
		cmocka_unit_test(what_it_shall_keep_stays_locked_until_it_ends),
		cmocka_unit_test(only_an_absolute_path_is_searched_and_only_for_files),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
