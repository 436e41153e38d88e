/* fuzz_probe_collect.c - what other nodes' meshes printed: a document a line.
 *
 * links: plugins/rdma-probe/collect.c plugins/rdma-probe/suspects.c
 * plugins/rdma-probe/outcome.c plugins/rdma-probe/outcome_json.c
 * plugins/rdma-probe/sport.c plugins/rdma-probe/stats.c plugins/rdma-probe/proto_parts.c
 * plugins/rdma-probe/rail_json.c plugins/rdma-probe/fault.c plugins/rdma-probe/reason.c
 * plugins/rdma-probe/gid.c plugins/rdma-probe/gid_explain.c plugins/rdma-probe/local.c
 * plugins/rdma-probe/jout.c */
#include "tests/fuzz/fuzz.h"

#include "plugins/rdma-probe/collect.h"

#define SUSPECTS 8

static void must_be_a_matrix(const struct collection *all)
{
	struct suspect suspects[SUSPECTS];
	int n = suspects_find(all, suspects, SUSPECTS);

	must(n >= 0 && n <= SUSPECTS);
	for (int i = 1; i < all->nnodes; i++)
		must(strcmp(all->nodes[i - 1], all->nodes[i]) < 0);
	for (int i = 0; i < all->nnodes * all->nnodes * all->nrails; i++)
		must(!all->cells[i] || *all->cells[i]->src);
	for (int i = 0; i < n; i++)
		must(suspects[i].node < all->nnodes && suspects[i].rail < all->nrails &&
		     suspects[i].failed > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	_autocollection_ struct collection all = { 0 };
	struct err err;
	char *line;

	while (fuzz.next) {
		line = fuzz_line(&fuzz);
		(void)fuzz_told(collection_add(&all, line, strlen(line), &err), &err);
	}
	if (!fuzz_told(collection_finish(&all, &err), &err))
		must_be_a_matrix(&all);
	return 0;
}
