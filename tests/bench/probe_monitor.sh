#!/bin/bash
# lab: -n 2 -r 4 -t 900
# probe_monitor.sh - what rdma-probe monitor costs at 600 probes a second: CPU time over a minute, memory.
#
#   make bench-programs && tests/bench/probe_monitor.sh
#
# Both nodes send 150 probes a second on each of four rails, and answer as many. Beside it: a program that
# only sends and receives as many datagrams (datagrams.c); what is left above that is the monitor's own. In
# the lab the clocks count instructions, so a CPU second is 10^9 of them, and load does not change the
# figures; the last row tells what a fixed loop takes on the machine itself and there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${LAB-}" ]; then
	cd "$here/../.."
	exec tests/lab/run -i -n 2 -r 4 -t 900 "$0" "$("${BUILD:-build}/tests/tools/loop")"
fi
# shellcheck source=/dev/null
. "$LAB/lib.sh"
# shellcheck source=tests/lab/probe_pods.sh
. "$here/../lab/probe_pods.sh"

SECONDS_MEASURED=60 RATE=150

scrape() {
	in_pod timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/9479; printf 'GET /metrics HTTP/1.1\r\n\r\n' >&3; cat <&3" 2> /dev/null
}
value() { scrape | awk -v name="rdma_probe_$1" '$1 == name { print $2 }'; }
row() { [ "$NODE" != 1 ] || printf '%-52s %s\n' "$1" "$2"; }
calculate() { awk "BEGIN { printf \"%.$1f\", $2 }"; }

# ticks PID - its CPU time in user mode and in the kernel, in 1/100 s.
ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12,13; }

# cost NAME USER SYSTEM SENT SECONDS - a row of it.
cost() {
	row "$1: CPU, % of a core" "$(calculate 2 "100 * ($2 + $3) / $5") (user $(calculate 2 "100 * $2 / $5"), system $(calculate 2 "100 * $3 / $5"))"
	row "$1: instructions a probe" "$(calculate 0 "1e9 * ($2 + $3) / $4") (user $(calculate 0 "1e9 * $2 / $4"), system $(calculate 0 "1e9 * $3 / $4"))"
}

build_pods
printf '10.88.%d.2\n' 1 2 > /run/peers
barrier listed

for rail in 0 1 2 3; do
	wait_for 20 in_pod ping -qc 1 -W 1 "192.168.$rail.1$OTHER" > /dev/null
done
barrier warm

# --- the floor: a probe sent and one answered are two datagrams

mkfifo /run/peer
in_pod "$BUILD/tests/bench/datagrams" $((2 * RATE)) $SECONDS_MEASURED rxe_p{0,1,2,3}:1 < /run/peer > /run/floor &
floor=$!
exec 7> /run/peer
wait_for 20 test -s /run/floor
put "floor$NODE" "$(< /run/floor)"
get "floor$OTHER" >&7
echo >&7
wait $floor
exec 7>&-
read -r user system sent received < <(tail -n 1 /run/floor)
barrier floor 300
row "floor: datagrams sent, received" "$sent $received"
cost floor "$user" "$system" "$((sent / 2))" $SECONDS_MEASURED

# --- the monitor

ip netns exec pod "$PROBE" monitor --peers /run/peers --rate $RATE --rail-rate $RATE --audit 60s > /run/events 2>&1 &
monitor=$!
# shellcheck disable=SC2016 # eval expands it
wait_for 120 eval '[ "$(scrape | grep -cE "^rdma_probe_peers.*\"up\"} 1")" = 4 ]' || cat /run/events
barrier up 120
sleep 3
sent=$(value probes_total)
read -r user system < <(ticks $monitor)
begin=$EPOCHREALTIME cpu=$(value self_cpu_seconds_total)
sleep $SECONDS_MEASURED
end=$EPOCHREALTIME cpu2=$(value self_cpu_seconds_total) sent2=$(value probes_total)
read -r user2 system2 < <(ticks $monitor)
barrier measured 300
seconds=$(calculate 3 "$end - $begin")
# The sum is exact; how it divides is sampled.
share=$(calculate 4 "($user2 - $user) / ($user2 - $user + $system2 - $system)")
row "monitor: probes sent a second" "$(calculate 1 "($sent2 - $sent) / $seconds")"
cost monitor "$(calculate 3 "($cpu2 - $cpu) * $share")" "$(calculate 3 "($cpu2 - $cpu) * (1 - $share)")" "$((sent2 - sent))" "$seconds"
row "monitor: lost" "$(scrape | awk '/^rdma_probe_lost_total/ { sum += $2 } END { print sum }')"
row "monitor: bytes pinned" "$(value pinned_bytes)"
row "monitor: memory: VmRSS VmLck VmPin" "$(awk '/^Vm(RSS|Lck|Pin)/ { printf "%s %s  ", $2, $3 }' /proc/$monitor/status)"
row "monitor: CPU by thread since its start, 1/100 s" "$(for task in /proc/$monitor/task/*; do ticks "$monitor/task/${task##*/}" | tr ' ' +; done | tr '\n' ' ')"
barrier counting
if [ "$NODE" = 1 ]; then
	sent=$(value probes_total)
	timeout -s INT 10 strace -fqc -o /run/calls -p $monitor || [ $? = 124 ]
	sent2=$(value probes_total)
	row "monitor: system calls a probe" "$(awk -v n=$((sent2 - sent)) '$NF == "total" { printf "%.2f", $4 / n }' /run/calls)"
	sed -n '3,9p' /run/calls
fi
barrier counted 300
kill -TERM $monitor
wait $monitor || true # its verdict on the last minute is not what is measured
[ "$NODE" != 1 ] || tail -n 3 /run/events
row "a loop, ns: natively, here" "$1 $("$BUILD/tests/tools/loop")"
barrier over 120
exit 0
