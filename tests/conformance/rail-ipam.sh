#!/bin/bash
# rail-ipam.sh - rail-ipam obeys the rules.
exec "$(dirname "$0")/run" "${BUILD:-$(dirname "$0")/../../build}/bin/rail-ipam"
