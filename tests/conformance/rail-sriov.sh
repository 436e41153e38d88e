#!/bin/bash
# rail-sriov.sh - rail-sriov obeys the rules: all that needs no VF with an interface.
exec "$(dirname "$0")/run" "${BUILD:-$(dirname "$0")/../../build}/bin/rail-sriov"
