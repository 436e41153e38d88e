#!/bin/bash
# hostile.sh - both plugins get what no runtime sends: an error, and no harm. What mostly waits runs beside the rest.
set -u
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"
job --hostile "$bin/rail-sriov"
job --hostile "$bin/rail-ipam"
job --hostile --slow "$bin/rail-sriov"
job --hostile --slow "$bin/rail-ipam"
finish
