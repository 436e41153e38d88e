#!/bin/bash
# privileges.sh - what a program does not need it has given up by the time it hears others.
set -u
# shellcheck disable=SC2119 # leases without arguments
# shellcheck source=tests/ipam/lib.sh
. "$(dirname "$0")/../ipam/lib.sh"

# A value in /proc/PID/status.
told() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" 2> /dev/null; }

# shellcheck disable=SC2317 # ok calls it
wait_for() { # COMMAND... - ten seconds at most
	for _ in {1..500}; do
		"$@" && return
		sleep 0.02
	done
	return 1
}

# Linux names capabilities by the number of their bit.
bits() { local bit sum=0; for bit; do sum=$((sum | 1 << bit)); done; printf '%016x' $sum; }
dac_override=1 fowner=3 net_raw=13 ipc_lock=14 sys_admin=21
if [ "$(($((16#$(told $$ CapEff))) >> sys_admin & 1))" = 0 ]; then
	skip "privileges are dropped" "there are none to drop"
	done_testing
fi
seccomp=2
! nm "$build/bin/rail-ipam" | grep -q __asan_init || seccomp=0 # the leak sanitizer traces the process

# --- the child of rail-ipam that works on the store: held up where it claims a lease

through=(strace -D -f -qq -o "$tmp/trace"
	-e "trace=renameat,landlock_create_ruleset,landlock_restrict_self"
	-e inject=renameat:delay_enter=2s:when=1)
cni ADD c1 &
worker() { # the one of two processes that has no longer what we have
	local pid
	for pid in $(pgrep -x rail-ipam); do
		worker=$pid
		[ "$(told "$pid" NoNewPrivs)" != 1 ] || return 0
	done
	return 1
}
ok "rail-ipam works on the store in a child of its own" wait_for worker
is "... which can do no more than write to a store of another user's" \
	"$(told "$worker" CapEff) $(told "$worker" CapPrm)" "$(bits $dac_override $fowner) $(bits $dac_override $fowner)"
is "... and nothing that it could inherit, or run, would get more" \
	"$(told "$worker" CapInh) $(told "$worker" CapAmb)" "$(bits) $(bits)"
ok "... nor run programs, open sockets, signal others" wait_for eval "[ \"\$(told $worker Seccomp)\" = $seccomp ]"
wait
like "... and still it leases an address" "$(leases)" "=.*,c1,net1,"
sentence="it reaches no files but those of the store and of its state"
if grep -q 'landlock_create_ruleset.*-1' "$tmp/trace"; then
	skip "$sentence" "this kernel has no Landlock"
else
	ok "$sentence" grep -q 'landlock_restrict_self.* = 0$' "$tmp/trace"
fi
through=()
cni DEL c1
is "what it has leased it also gives back" "$status$(leases)" 0

# --- rdma-probe, which listens to strangers

listening() { # COMMAND ARG...
	rdma-probe "$@" > "$tmp/out" 2> "$tmp/err" &
	pid=$!
	wait_for eval "grep -q 'listening\|peers,' $tmp/err && [ \"\$(told $pid Seccomp)\" = $seccomp ]"
}
printf '192.0.2.1\n' > "$tmp/peers"
privileges() { echo "$(told "$1" CapEff) $(told "$1" CapPrm) $(told "$1" CapInh) $(told "$1" NoNewPrivs) $(told "$1" Seccomp)"; }
kept="$(bits $net_raw $ipc_lock) $(bits $net_raw $ipc_lock) $(bits) 1 $seccomp"
for command in "serve --listen 127.0.0.1:24891" \
	"monitor --peers $tmp/peers --listen 127.0.0.1:24892 --metrics 127.0.0.1:24893"; do
	# shellcheck disable=SC2086 # words
	ok "rdma-probe ${command%% *} starts" listening $command
	for task in /proc/"$pid"/task/*; do
		is "... and may send pings and lock memory, no more" "$(privileges "$pid/task/${task##*/}")" "$kept"
	done
	[ "${command%% *}" = serve ] || ok "... and still tells its metrics" \
		eval 'exec 3<> /dev/tcp/127.0.0.1/24893; printf "GET /metrics HTTP/1.0\r\n\r\n" >&3; grep -q "^rdma_probe_" <&3'
	kill "$pid"
	wait "$pid"
done

# --- a client, which reads what its peer answers

strace -qq -f -o "$tmp/trace" -e trace=capset,seccomp rdma-probe ping 127.0.0.1:24899 -d 50ms > /dev/null 2>&1
ok "rdma-probe ping drops them, too" grep -q 'capset.*= 0$' "$tmp/trace"

# --- rail-sriov keeps all: the IPAM plugin that it runs may need any

cat > "$tmp/fake" << 'END'
#!/bin/sh
sed -n 's/^\(CapEff\|NoNewPrivs\|Seccomp\):[[:space:]]*/\1 /p' /proc/self/status > /run/told
END
chmod 755 "$tmp/fake"
CNI_COMMAND=DEL CNI_CONTAINERID=c1 CNI_IFNAME=net1 CNI_NETNS='' CNI_PATH=$tmp rail-sriov > /dev/null 2>&1 \
	<<< '{"cniVersion":"1.0.0","name":"rail0","ipam":{"type":"fake"}}'
is "the IPAM plugin that rail-sriov runs has what its caller gave" "$(cat /run/told 2> /dev/null)" \
	"CapEff $(told $$ CapEff)"$'\n'"NoNewPrivs $(told $$ NoNewPrivs)"$'\n'"Seccomp $(told $$ Seccomp)"
done_testing
