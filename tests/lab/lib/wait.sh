# shellcheck shell=bash
# wait.sh - nodes wait for each other, and for what must happen.
#
# The nodes meet in the shared directory, which no node caches: what one writes, the others see at once.

exec {lab_silence}<> <(:) # nothing ever comes out of this pipe: reading it is sleep without a process

# wait_for SECONDS COMMAND... - until COMMAND succeeds. Return: 1 if it did not in SECONDS.
wait_for() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || return 1
		read -rt 0.02 -u "$lab_silence" || true
	done
}

# barrier NAME [SECONDS] - until all nodes are here. A name serves once.
barrier() {
	local mark=$SHARE/barrier.$1 n missing=
	[ ! -e "$mark.$NODE" ] || lab_die "barrier $1: used before; every barrier needs a name of its own"
	: > "$mark.$NODE"
	wait_for "${2:-60}" lab_settled "$mark" || true
	for ((n = 1; n <= NODES; n++)); do
		[ -e "$mark.$n" ] || missing+=" node$n$(lab_ended $n)"
	done
	[ -z "$missing" ] || lab_die "barrier $1: not here within ${2:-60} s:$missing"
}

# All nodes are here, or one of them never will be.
lab_settled() {
	local n waiting=0
	for ((n = 1; n <= NODES; n++)); do
		[ ! -e "$1.$n" ] || continue
		[ ! -s "$SHARE/exit.$n" ] || return 0
		waiting=1
	done
	return $waiting
}

lab_ended() {
	[ ! -s "$SHARE/exit.$1" ] || echo " (its script ended with status $(< "$SHARE/exit.$1"))"
}

# put NAME VALUE - leave a value for the other nodes; once a name.
put() {
	printf '%s' "$2" > "$SHARE/value.$1"
	: > "$SHARE/value.$1.complete"
}

# get NAME [SECONDS] - print what some node has put, waiting for it.
get() {
	wait_for "${2:-60}" lab_put_or_alone "$1" || true
	[ -e "$SHARE/value.$1.complete" ] || lab_die "get $1: not put in ${2:-60} s, or all others have ended"
	cat "$SHARE/value.$1"
}

# Somebody has put it, or there is nobody left who could.
lab_put_or_alone() {
	local n
	[ ! -e "$SHARE/value.$1.complete" ] || return 0
	for ((n = 1; n <= NODES; n++)); do
		[ "$n" = "$NODE" ] || [ -s "$SHARE/exit.$n" ] || return 1
	done
}
