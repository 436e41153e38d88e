#!/bin/bash
# peers.sh - where Debian's plugins differ from the rules as we read them is known, and why: so we read them right.
set -u
# shellcheck source=tests/conformance/lib.sh
. "$(dirname "$0")/lib.sh"
for plugin in host-local static host-device; do
	job "/usr/lib/cni/$plugin"
done
finish
