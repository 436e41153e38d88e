#!/bin/bash
# three.sh - the lease protocol with three nodes, one of which may be cut off.
set -u
model=leases
# shellcheck source=tests/model/lib.sh
. "$(dirname "$0")/lib.sh"

three=(-DNODES=3 -DROUNDS=1 -DADDRESSES=1 -DTRIES=1)
holds "three nodes, one address, a pod each, a request repeated, one node cut off" "${three[@]}" -DREPEATS=1 -DMORTALS=1
caught "a release by address takes away the lease of another" 'held\[' "${three[@]}" -DREPEATS=1 -DMORTALS=1 -DRELEASE_BY_ADDRESS
model=blocks
holds "three nodes, one block, a pod each, one node cut off" -DNODES=3 -DROUNDS=1 -DREPEATS=0
done_testing
