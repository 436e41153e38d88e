#!/bin/bash
# proof.sh - the rules' cases find what they are there to find, in plugins that are broken one way after the other.
set -u
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"
job --prove "$bin/rail-sriov"
job --prove "$bin/rail-ipam"
finish
