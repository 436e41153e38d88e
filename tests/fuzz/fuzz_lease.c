/* fuzz_lease.c - what stands in a store as a file's name, which any node may have
 * written.
 *
 * links: ipam/lease.c ipam/digest.c ipam/block.c ipam/range.c ipam/shard.c */
#include "tests/fuzz/fuzz.h"

#include <limits.h>

#include "ipam/block.h"
#include "ipam/shard.h"
#include "pkg/name.h"

/* Whoever holds it can be named, and is the same then. */
static void must_be_held(const struct lease *lease)
{
	char node[3 * NODE_LEN], owner[OWNER_LEN], name[LEASE_LEN];
	struct holder holder, same;
	struct lease again;

	must(holder_parse(lease->rest, &holder));
	must(strlen(holder.boot) == BOOT_LEN - 1 &&
	     strlen(holder.nonce) == NONCE_LEN - 1);
	must(!strchr(holder.node, '/') && !strchr(holder.container, '/'));
	must(name_escape(holder.node, "", node, sizeof(node)));
	/* What we write ourselves fits: names of nodes are cut, those of interfaces
	 * checked. */
	if (strlen(node) >= NODE_LEN || !strncmp(holder.container, "h.", 2))
		return;
	owner_format(node, holder.boot, holder.container, holder.ifname, owner);
	lease_name(&lease->ip, owner, holder.nonce, name);
	must(lease_parse(name, &again) && ip_equal(&again.ip, &lease->ip));
	must(again.state == LEASE_HELD && lease_is_of(&again, owner));
	must(lease_is_of_node(&again, node) && lease_is_of_any_boot(&again, owner));
	must(holder_parse(again.rest, &same));
	must(!strcmp(same.node, holder.node) && !strcmp(same.ifname, holder.ifname));
	must(!strcmp(same.container, holder.container) ||
	     !strncmp(same.container, "h.", 2));
}

static void a_lease(const char *text)
{
	struct lease lease, same;
	char name[LEASE_LEN];

	if (!lease_parse(text, &lease))
		return;
	must(*text != '.');
	if (lease.state == LEASE_HELD)
		must_be_held(&lease);
	if (lease.state != LEASE_FREE)
		return;
	must(lease_parse(free_name(&lease.ip, lease.freed, name), &same));
	must(same.state == LEASE_FREE && same.freed == lease.freed);
	must(ip_equal(&same.ip, &lease.ip));
}

static void a_block(const struct range *range, const char *text)
{
	struct block block, same;
	char name[LEASE_LEN];

	if (!block_parse(text, &block))
		return;
	must(*text != '.');
	if (block.state != LEASE_HELD || block.cidr.prefix != range->block ||
	    !span_contains(&range->span, &block.cidr.ip))
		return;
	block_held_name(range, &block.cidr.ip, block.node, block.nonce, name);
	must(block_parse(name, &same) && same.state == LEASE_HELD);
	must(!strcmp(same.node, block.node) && !strcmp(same.nonce, block.nonce));
}

/* Directories are asked for by name, too. */
static void a_directory(const struct range *range, const char *text)
{
	struct blockdir dir;
	struct shard shard;

	if (shard_parse(range, text, &shard))
		must(!strcmp(shard.name, text) && shard_size(&shard) <= SHARD_SLOTS);
	if (blockdir_parse(range, text, &dir))
		must(!strcmp(dir.name, text) && blockdir_is_name(text));
}

/* The range that a pool.json names, in the first line; names of files behind it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	char text[RANGE_LEN], again[RANGE_LEN];
	struct range range, same;
	char *line;

	if (!range_read(fuzz_line(&fuzz), &range))
		return 0;
	must(range_read(range_format(&range, text), &same));
	must(!strcmp(range_format(&same, again), text));
	while (*(line = fuzz_line(&fuzz))) {
		if (strchr(line, '/') || strlen(line) > NAME_MAX)
			continue;
		a_lease(line);
		a_block(&range, line);
		a_directory(&range, line);
	}
	return 0;
}
