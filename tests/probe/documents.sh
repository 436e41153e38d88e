#!/bin/bash
# documents.sh - what rdma-probe prints fits its schema on every exit, and conf/ fits what it prints.
#
# On this machine there need be no RDMA: what is printed then is printed on a node whose driver is gone.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

probe=${BUILD:-build}/bin/rdma-probe
schema=conf/rdma-probe.schema.json
dir=$(mktemp -d)

# document EXPECTED-STATUS ARG... - run it; its document goes to $dir/documents.
document() {
	local expected=$1 status=0
	shift
	timeout 20 "$probe" "$@" --json >> "$dir/documents" 2> "$dir/errors" || status=$?
	is "$1: exit status $expected of: $*" "$status" "$expected"
}

# ended SECONDS COMMAND ARG... - told to end after a while.
ended() {
	local seconds=$1 status=0
	shift
	timeout -s TERM "$seconds" "$probe" "$@" --json >> "$dir/documents" 2> "$dir/errors" || status=$?
	ok "$1: told to end, it ends by itself" [ "$status" != 137 ]
}

printf '192.0.2.1\n' > "$dir/peers"
document 1 devices
document 1 gids
document 1 check-local
document 1 ping 192.0.2.1 -d 50ms
document 1 diagnose 192.0.2.1 -d 50ms
document 1 bw 192.0.2.1 -d 50ms
document 1 mesh --peers "$dir/peers" -d 50ms
document 70 mesh --peers "$dir/nothing"
document 70 check-local --expect "$dir/nothing"
document 64 ping
document 64 nonsense
document 64 mesh --frobnicate
ended 0.3 serve --listen 127.0.0.1:0
ended 0.3 serve --listen 127.0.0.1:24791
ended 1 monitor --peers "$dir/peers" --listen 127.0.0.1:24792 --metrics 127.0.0.1:24793
ok "every document fits the schema" tests/probe/validate "$schema" "$dir/documents"
is "none is missing" "$(grep -c '^{' "$dir/documents")" 15

# The test tests: a document that does not fit is found.
ok "a key that is missing is found" eval "! head -n 1 '$dir/documents' | jq -c 'del(.verdict)' | tests/probe/validate $schema"
ok "a reason that is on no list is found" \
	eval "! head -n 1 '$dir/documents' | jq -c '.paths = [{\"reason\": \"bad_luck\"}]' | tests/probe/validate $schema"
is "the schema has every reason there is" \
	"$(jq -r '.definitions.reason.enum[] | select(.)' $schema | sort | tr '\n' ' ')" \
	"$(sed -n 's/.*\[REASON_[A-Z0-9_]*\] = { "\([a-z0-9_]*\)".*/\1/p' plugins/rdma-probe/reason.c | sort | tr '\n' ' ')"

# --- what is in conf/

ok "the manifests and rules are YAML" python3 -c '
import sys, yaml
for name in sys.argv[1:]:
    with open(name) as file:
        assert all(yaml.safe_load_all(file)), name
' conf/kubernetes/rdma-probe-{monitor,gate}.yaml conf/rdma-probe-alerts.yaml
ok "the dashboard is JSON" jq -e '.panels | length > 5' conf/rdma-probe-dashboard.json
known=$(grep -oE 'head\(out, "[a-z_]+"|rdma_probe_[a-z_]+' plugins/rdma-probe/metrics.c |
	sed 's/head(out, "/rdma_probe_/; s/"//' | sort -u)
for file in conf/rdma-probe-alerts.yaml conf/rdma-probe-dashboard.json; do
	is "${file##*/} asks for metrics that exist" \
		"$(grep -oE 'rdma_probe_[a-z_]+' $file | sort -u | grep -vxF "$known")" ""
done
for command in monitor mesh; do "$probe" $command --help; done > "$dir/help"
for option in $(grep -hoE -- "rdma-probe mesh .*|^ +- --.*" conf/kubernetes/rdma-probe-{monitor,gate}.yaml | grep -oE -- '--[a-z]+' | sort -u); do
	ok "conf: $option is an option" grep -qE -- "$option " "$dir/help"
done
rm -r "$dir"
done_testing
