#!/bin/bash
# leases.sh - every state that the lease protocol can come to is looked at; and mutants are caught.
#
# SPINFLAGS="-DNODES=3 -DROUNDS=1 -DADDRESSES=1 -DTRIES=1 -DREPEATS=1" tests/model/leases.sh
# searches a larger system instead (8 GB of memory, an hour).
set -u
model=leases
# shellcheck source=tests/model/lib.sh
. "$(dirname "$0")/lib.sh"

small=(-DADDRESSES=2 -DROUNDS=1 -DREPEATS=1)
holds "two nodes, two addresses, a pod each, a request repeated" "${small[@]}"
holds "two nodes, one address, two pods each, a request repeated" -DADDRESSES=1 -DROUNDS=2 -DTRIES=1 -DREPEATS=1
caught "a claim that copies the free file gives an address to two" 'holders\[taken\]<=1' "${small[@]}" -DCLAIM_BY_COPY
caught "a release by address takes away the lease of another" 'held\[' "${small[@]}" -DRELEASE_BY_ADDRESS
caught "a shard that is made in place is there before its files" 'isfree\[a\]==made' "${small[@]}" -DSHARD_IN_PLACE
done_testing
