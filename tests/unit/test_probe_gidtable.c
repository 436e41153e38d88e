/* gidtable.c: GID tables by verbs, and from a made-up sysfs where verbs give up. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/rdma-probe/gidtable.h"
#include "tests/fake_local.h"

static struct err err;
static struct local local;
static int sys = -1;
static char dir[] = "/tmp/test_probe_gidtable.XXXXXX";

/* Fail as libibverbs does on an old kernel, for one entry it cannot read. */
ssize_t __wrap__ibv_query_gid_table(struct ibv_context *ctx,
				    struct ibv_gid_entry *entries, size_t max,
				    uint32_t flags, size_t size)
{
	(void)ctx;
	(void)flags;
	assert_int_equal(size, sizeof(*entries));
	if (mock_type(int)) {
		errno = EINVAL;
		return -EINVAL;
	}
	assert_true(max >= 2);
	entries[0] = (struct ibv_gid_entry){ .gid_index = 300,
					     .port_num = 1,
					     .gid_type = IBV_GID_TYPE_ROCE_V2,
					     .ndev_ifindex = 3 };
	entries[1] = (struct ibv_gid_entry){ .gid_index = 0,
					     .port_num = 7, /* no such port */
					     .gid_type = IBV_GID_TYPE_ROCE_V1 };
	return 2;
}

static int query_port(struct ibv_context *ctx, uint8_t port, struct ibv_port_attr *attr,
		      size_t len)
{
	(void)ctx;
	(void)port;
	(void)len;
	attr->gid_tbl_len = 5;
	return 0;
}

/* A context as verbs.h wants it, that only knows how to query a port. */
static struct verbs_context verbs = { .sz = sizeof(verbs), .query_port = query_port };

static struct ibv_context *context(void)
{
	verbs.context.abi_compat = __VERBS_ABI_IS_EXTENDED;
	return &verbs.context;
}

static void put(const char *file, const char *text)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void make_dir(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

/* A sparse table: what an empty entry is of cannot be read, as on real hardware. */
static int make_sysfs(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	make_dir("infiniband");
	make_dir("infiniband/rxe0");
	make_dir("infiniband/rxe0/ports");
	make_dir("infiniband/rxe0/ports/1");
	make_dir("infiniband/rxe0/ports/1/gids");
	make_dir("infiniband/rxe0/ports/1/gid_attrs");
	make_dir("infiniband/rxe0/ports/1/gid_attrs/types");
	make_dir("infiniband/rxe0/ports/1/gid_attrs/ndevs");
	put("infiniband/rxe0/ports/1/gids/0",
	    "0000:0000:0000:0000:0000:0000:0000:0000\n");
	put("infiniband/rxe0/ports/1/gids/1",
	    "fe80:0000:0000:0000:0000:0000:0000:0001\n");
	put("infiniband/rxe0/ports/1/gid_attrs/types/1", "IB/RoCE v1\n");
	put("infiniband/rxe0/ports/1/gid_attrs/ndevs/1", "net1\n");
	put("infiniband/rxe0/ports/1/gids/3",
	    "0000:0000:0000:0000:0000:ffff:0a00:0102\n");
	put("infiniband/rxe0/ports/1/gid_attrs/types/3", "RoCE v2\n");
	put("infiniband/rxe0/ports/1/gid_attrs/ndevs/3", "net1\n");
	put("infiniband/rxe0/ports/1/gids/4",
	    "0000:0000:0000:0000:0000:ffff:0a00:0109\n");
	put("infiniband/rxe0/ports/1/gid_attrs/types/4", "RoCE v2\n");
	put("infiniband/rxe0/ports/1/gid_attrs/ndevs/4", "elsewhere\n");
	sys = open(dir, O_RDONLY | O_DIRECTORY);
	return sys < 0;
}

static int remove_sysfs(void **state)
{
	char command[128];

	(void)state;
	close(sys);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int begin(void **state)
{
	(void)state;
	local = (struct local){ 0 };
	local.netdevs = calloc(1, sizeof(*local.netdevs));
	local.ports = calloc(1, sizeof(*local.ports));
	local.nnetdevs = local.nports = 1;
	local.netdevs[0].ifindex = 3;
	strcpy(local.netdevs[0].name, "net1");
	local.ports[0].port = 1;
	strcpy(local.ports[0].dev, "rxe0");
	return 0;
}

static int end(void **state)
{
	(void)state;
	local_clear(&local);
	return 0;
}

static void verbs_give_the_table_with_any_index(void **state)
{
	(void)state;
	will_return(__wrap__ibv_query_gid_table, 0);
	assert_int_equal(gid_table_read(&local, 0, context(), sys, &err), 0);
	assert_int_equal(local.ngids, 1);
	assert_int_equal(local.gids[0].index, 300);
	assert_int_equal(local.gids[0].ifindex, 3);
	assert_false(local.gids[0].by_name);
}

static void sysfs_stands_in_and_holes_do_not_matter(void **state)
{
	(void)state;
	will_return(__wrap__ibv_query_gid_table, 1);
	assert_int_equal(gid_table_read(&local, 0, context(), sys, &err), 0);
	assert_int_equal(local.ngids, 3);
	assert_int_equal(local.gids[0].type, GID_ROCE_V1);
	assert_int_equal(local.gids[1].index, 3);
	assert_int_equal(local.gids[1].type, GID_ROCE_V2);
	assert_int_equal(local.gids[1].ifindex, 3);
	assert_int_equal(local.gids[1].raw[15], 2);
}

static void a_netdev_known_by_name_only_proves_nothing(void **state)
{
	(void)state;
	will_return(__wrap__ibv_query_gid_table, 1);
	assert_int_equal(gid_table_read(&local, 0, context(), sys, &err), 0);
	assert_true(local.gids[1].by_name);
	assert_int_equal(local.gids[2].ifindex, 0); /* no such name here */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(verbs_give_the_table_with_any_index,
						begin, end),
		cmocka_unit_test_setup_teardown(sysfs_stands_in_and_holes_do_not_matter,
						begin, end),
		cmocka_unit_test_setup_teardown(
			a_netdev_known_by_name_only_proves_nothing, begin, end),
	};

	return cmocka_run_group_tests(tests, make_sysfs, remove_sysfs);
}
