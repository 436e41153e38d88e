#!/bin/bash
# hostile-all.sh - every value for every key, where hostile.sh takes a sample.
set -u
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"
export HOSTILE_ALL=1
job --hostile "$bin/rail-sriov"
job --hostile "$bin/rail-ipam"
finish
