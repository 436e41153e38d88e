#!/bin/bash
# rules.sh - both plugins obey the rules.
set -u
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"
job "$bin/rail-sriov"
job "$bin/rail-ipam"
finish
