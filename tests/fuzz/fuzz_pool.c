/* fuzz_pool.c - pool.json and store.json, which every node with the share mounted can
 * write.
 *
 * links: ipam/pool.c ipam/store.c ipam/conf.c ipam/conf_range.c ipam/conf_result.c
 * ipam/range.c ipam/shard.c ipam/listing.c ipam/digest.c ipam/state.c ipam/worker.c
 * ipam/guard.c */
#include "tests/fuzz/fuzz.h"

#include "ipam/pool.h"
#include "pkg/file.h"

static const uint8_t *input;
static size_t input_size;

char *__wrap_file_read(int dirfd, const char *name, size_t max, size_t *ret_len,
		       struct err *err);

char *__wrap_file_read(int dirfd, const char *name, size_t max, size_t *ret_len,
		       struct err *err)
{
	struct fuzz fuzz = fuzz_begin(input, input_size);

	(void)dirfd, (void)name, (void)max, (void)err;
	*ret_len = input_size;
	return fuzz.text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf made, conf;
	struct store store = { .path = "/store", .root = -1 };
	struct pool pool = { .store = &store, .name = "rail0", .node = "node1" };
	char text[CONF_RANGES_LEN], id[STORE_ID_LEN];
	struct err err;

	input = data;
	input_size = size;
	if (fuzz_told(store_id(&store, id, &err), &err) > 0)
		must(strlen(id) == STORE_ID_LEN - 1);
	made = (struct conf){ 0 };
	if (fuzz_told(pool_read(&pool, &made, &err), &err))
		return 0;
	must(made.n_ranges <= CONF_MAX_RANGES);
	must(strlen(conf_ranges(&made, ", ", text)) < sizeof(text));
	must(pool_agree(&pool, &made, &err) == 1);
	conf = (struct conf){ .n_ranges = 1 };
	must(range_parse("10.9.8.0/24", &conf.ranges[0]));
	(void)fuzz_told(pool_agree(&pool, &conf, &err), &err);
	return 0;
}
