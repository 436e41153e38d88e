#!/bin/bash
# valgrind.sh [TEST...] - the programs under valgrind: it runs tests as they are, with programs in their PATH that
# start the real ones under its eyes.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

[ $# -gt 0 ] || set -- ipam/tool.sh ipam/trust.sh sriov/convert.sh probe/documents.sh
real=$(realpath "${BUILD:-build}")
watched=$(mktemp -d)
trap 'rm -r "$watched"' EXIT
mkdir -p "$watched/bin" "$watched/logs"
chmod 777 "$watched/logs"
ln -s "$real/tests" "$real/deps" "$watched"
# Static programs do not show whose memory is whose. What is not freed is for the sanitizers: a worker
# leaves all to its end.
watch() { # NAME PROGRAM
	cat > "$watched/bin/$1" << END
#!/bin/sh
exec valgrind -q --leak-check=no --log-file=$watched/logs/$1.%p "$2" "\$@"
END
	chmod +x "$watched/bin/$1"
}
watch rail-ipam "$real/dynamic/rail-ipam"
watch rail-sriov "$real/dynamic/rail-sriov"
watch rdma-probe "$real/bin/rdma-probe"

# What valgrind says of the programs, and not of system calls that it does not know.
faults() { grep -hA8 -E '^==[0-9]+== [A-Z].*(uninit|[Ii]nvalid|overlap|[Mm]ismatch|terminating|points to)' "$watched"/logs/*; }
for test; do
	ok "$test passes under valgrind" eval "SLOWER=8 BUILD=$watched tests/$test > $watched/out 2>&1 || { grep -A6 '^not ok' $watched/out; false; }"
	runs=("$watched"/logs/*)
	ok "which finds no fault in the programs it ran (${#runs[@]})" eval '[ -e "${runs[0]}" ] && ! faults'
	rm -f "$watched"/logs/*
done
done_testing
