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
	# shellcheck disable=SC2086 # a command may be of two words
	timeout 20 "$probe" $1 "${@:2}" --json >> "$dir/documents" 2> "$dir/errors" || status=$?
	is "$1: exit status $expected of: $*" "$status" "$expected"
}

# ended TENTHS EXPECTED-STATUS COMMAND ARG... - told to end after tenths of a second; under valgrind all takes longer.
ended() {
	local seconds=$(($1 * ${SLOWER:-1}))e-1 expected=$2 status=0
	shift 2
	timeout --preserve-status -k 5 -s TERM "$seconds" "$probe" "$@" --json >> "$dir/documents" 2> "$dir/errors" || status=$?
	is "$1: told to end, it ends by itself" "$status" "$expected"
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
document 64 serve --listen 127.0.0.1:0
ended 3 0 serve --listen 127.0.0.1:24791
# A peer that takes connections and never says a word.
python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 24796)); time.sleep(60)' &
mute=$!
timeout 5 bash -c 'until : < /dev/tcp/127.0.0.1/24796; do sleep 0.05; done' 2> /dev/null
for command in ping diagnose bw; do ended 5 1 $command 127.0.0.1:24796 -d 20s; done
kill $mute
wait $mute 2> /dev/null
ended 10 2 monitor --peers "$dir/peers" --listen 127.0.0.1:24792 --metrics 127.0.0.1:24793

# scrape PATH - what serve answers.
scrape() { timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/24795; printf 'GET $1 HTTP/1.1\r\n\r\n' >&3; cat <&3"; }

"$probe" serve --listen 127.0.0.1:24794 --metrics 127.0.0.1:24795 > "$dir/served" 2>&1 &
server=$!
timeout 5 bash -c "until grep -q listening '$dir/served'; do sleep 0.05; done"
ok "serve --metrics: it is well" eval "scrape /healthz | grep -q '^HTTP/1.1 200'"
ok "serve --metrics: it counts" eval "scrape /metrics | grep -q '^rdma_probe_clients_total 0$'"
ok "serve --metrics: every line is one of Prometheus's" eval \
	'! scrape /metrics | sed "1,/^.$/d" | grep -vE "^(# (HELP|TYPE) |rdma_probe_[a-z_]+(\{[^}]*\})? [0-9.e+-]+$)"'
kill -TERM $server
wait $server
is "serve: told to end, it ends well" $? 0

# --- the results of several nodes

# result NODE RESULT - what node NODE of two could have printed: it asks the other one.
result() {
	head -n 1 "$dir/documents" | jq -c --arg from "node$1" --arg to "node$((3 - $1))" --arg result "$2" '
		.command = "mesh" | .host = $from | .verdict = $result | .paths = [{src: $from, dst: $to, peer: $to, rail_src: "net0",
			rail_dst: "net0", op: "rc_write0", sport: 49152, flow_label: 1, dscp: 0, mtu: 4096, sent: 3, ok: 3, lost: 0,
			lost_fwd: null, lost_rev: null, rtt_ns: {min: 1, p50: 2, p99: 3, max: 4}, gbps: null, ts_source: "sw",
			result: $result, wc_status: null, vendor_err: null, reason: null, layer: null, errno: null, evidence: [], fix: null}]'
}
# collected FILTER - of the document that was printed last.
collected() { tail -n 1 "$dir/documents" | jq -r "$1"; }

result 1 ok > "$dir/1"
result 2 ok > "$dir/2"
result 2 fail > "$dir/2.fail"
document 0 "mesh collect" "$dir/1" "$dir/2" --html "$dir/page"
is "mesh collect: the paths of all nodes are there" "$(collected '[.paths[] | .src + " " + .dst] | join(", ")')" "node1 node2, node2 node1"
ok "mesh collect: the page has both" eval "[ \$(grep -o 'class=\"n ok\"' '$dir/page' | wc -l) = 2 ]"
document 1 "mesh collect" "$dir/1" "$dir/2.fail"
document 2 "mesh collect" "$dir/1"
is "mesh collect: a node that told nothing is named" "$(collected '.checks[].value')" "node2: no result of its own"
echo '{"schema":' > "$dir/torn"
document 2 "mesh collect" "$dir/1" "$dir/2" "$dir/torn"
is "mesh collect: a torn result is told, and the others are shown" "$(collected '.summary.ok')" 2
document 2 "mesh collect" "$dir/nothing"
{ echo 'a line of a log'; jq . "$dir/1" | jq -c .; echo 'another one'; cat "$dir/2"; } > "$dir/log"
document 0 "mesh collect" "$dir/log"
document 64 "mesh collect"
ok "every document fits the schema" tests/probe/validate "$schema" "$dir/documents"
is "none is missing" "$(grep -c '^{' "$dir/documents")" 25

# The same as lines: put together again, they are the document.
timeout 20 "$probe" check-local --jsonl > "$dir/lines"
is "--jsonl: a line for everything" "$(jq -r .kind "$dir/lines" | sort | uniq -c | xargs)" \
	"$("$probe" check-local --json | jq '.checks | length') check 1 end"
is "--jsonl: also for what is no command" "$("$probe" nonsense --jsonl 2> /dev/null | jq -r '.kind + " " + .item.verdict')" "end unknown"
jq -cs '(.[-1].item) + ([.[:-1][] | {(.kind + "s"): [.item]}] | reduce .[] as $one
	({rails: [], devices: [], gids: [], checks: [], paths: []}; .[$one | keys[0]] += $one[$one | keys[0]]))' "$dir/lines" > "$dir/again"
ok "--jsonl: together they are a document" tests/probe/validate "$schema" "$dir/again"
is "--jsonl: and the last line has the verdict" "$(tail -n 1 "$dir/lines" | jq -r '[.schema, .kind, .item.verdict] | join(" ")')" \
	"rdma-probe/line/v1 end fail"

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
known=$(grep -ohE '(head|put_count)\(out, "[a-z_]+"|rdma_probe_[a-z_]+' plugins/rdma-probe/{,monitor_}metrics.c |
	sed -E 's/(head|put_count)\(out, "/rdma_probe_/; s/"//' | sort -u)
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
