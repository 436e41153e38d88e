#!/bin/bash
# lab: -n 2 -r 4 -t 300
# probe_monitor.sh - what rdma-probe monitor costs at 600 probes a second: CPU time over a minute, memory.
#
#   tests/lab/run -n 2 -r 4 -t 300 tests/bench/probe_monitor.sh
#
# Both nodes send 150 probes a second on each of four rails, and answer as many. Times are those of an
# emulator. The last rows calibrate: what a system call and a second of nothing cost there.
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$(dirname "$0")/../lab/probe_pods.sh"

SECONDS_MEASURED=60

scrape() {
	in_pod timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/9479; printf 'GET /metrics HTTP/1.1\r\n\r\n' >&3; cat <&3"
}
value() { scrape | awk -v name="rdma_probe_$1" '$1 == name { print $2 }'; }
row() { printf '%-46s %s\n' "$1" "$2"; }

build_pods
printf '10.88.%d.2\n' 1 2 > /run/peers
barrier listed
ip netns exec pod "$PROBE" monitor --peers /run/peers --rate 150 --rail-rate 150 --audit 60s > /run/events 2>&1 &
monitor=$!
# shellcheck disable=SC2016 # eval expands it
wait_for 60 eval '[ "$(scrape | grep -cE "^rdma_probe_peers.*\"up\"} 1")" = 4 ]' || cat /run/events
barrier up
sleep 3
begin=$EPOCHREALTIME sent=$(value probes_total) cpu=$(value self_cpu_seconds_total)
sleep $SECONDS_MEASURED
end=$EPOCHREALTIME sent2=$(value probes_total) cpu2=$(value self_cpu_seconds_total)
barrier measured
if [ "$NODE" = 1 ]; then
	row "probes sent a second" "$(awk "BEGIN { print ($sent2 - $sent) / ($end - $begin) }")"
	row "CPU, % of a core, over $SECONDS_MEASURED s" "$(awk "BEGIN { printf \"%.2f\", 100 * ($cpu2 - $cpu) / ($end - $begin) }")"
	row "bytes pinned" "$(value pinned_bytes)"
	row "memory: VmRSS VmLck VmPin" "$(awk '/^Vm(RSS|Lck|Pin)/ { printf "%s %s  ", $2, $3 }' /proc/$monitor/status)"
	row "lost" "$(scrape | awk '/^rdma_probe_lost_total/ { sum += $2 } END { print sum }')"
	row "threads" "$(find /proc/$monitor/task -mindepth 1 -maxdepth 1 | wc -l)"
	row "of that, % by thread: user system" ""
	awk -v s="$SECONDS_MEASURED" 'FNR == 1 { t = $0; sub(/.*\) /, "", t); split(t, f, " "); print "    " f[12], f[13] }' \
		/proc/$monitor/task/*/stat
	perf=$(in_pod bash -c 'TIMEFORMAT=%S; time for i in {1..20000}; do read -rt 0 < /dev/null; done' 2>&1)
	row "calibration: 20000 select() and open(), s" "$perf"
fi
kill -TERM $monitor
wait $monitor || true
[ "$NODE" != 1 ] || tail -n 3 /run/events
barrier over
exit 0
