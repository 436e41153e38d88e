#!/bin/bash
# plugins.sh - both plugins obey the rules; and the cases find what they are there to find, in plugins that are broken.
set -u
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"
job "$bin/rail-sriov"
job "$bin/rail-ipam"
job --prove "$bin/rail-sriov"
job --prove "$bin/rail-ipam"
finish
