#!/bin/bash
# blocks.sh - the same for blocks of addresses that nodes take, lease from and give back.
set -u
model=blocks
# shellcheck source=tests/model/lib.sh
. "$(dirname "$0")/lib.sh"

holds "two nodes, one block, two pods each, a request repeated" -DROUNDS=2
holds "two nodes, two blocks, a pod each, a request repeated" -DBLOCKS=2 -DTRIES=2 -DROUNDS=1
caught "GC that does not wait for an ADD takes the block from under it" '^assertion violated own' -DROUNDS=1 -DNO_LOCK
caught "a block's name without a nonce lets an old request give back a new block" '^assertion violated' -DROUNDS=2 -DNO_NONCE
caught "a node that still remembers a block it gave back leases from another's" '^assertion violated own' -DROUNDS=2 -DKEEP_HINT
done_testing
