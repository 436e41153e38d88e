#!/bin/bash
# fuzz.sh [TARGET...] - every parser of what others wrote, against libFuzzer and the sanitizers.
#
#   FUZZ_SECONDS=5       how long each target runs once it has seen its corpus
#   FUZZ_JOBS=           how many at a time (as many as there are processors)
#
# A target is fuzz_TARGET.c, its corpus corpus/TARGET: seeds, and inputs that have found something, named
# found-*. What a run adds to it is kept in $BUILD/fuzz/corpus, to go on from; what it finds, in
# $BUILD/fuzz/found: once that is mended, `fuzz_TARGET FILE` passes, and FILE goes into the corpus.
# Built by `make FUZZ=1 fuzzers`, as `make fuzz` and `make check` do.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

build=${BUILD:-build}/fuzz
seconds=${FUZZ_SECONDS:-5}
jobs=${FUZZ_JOBS:-$(nproc)}
[ $# -gt 0 ] || set -- tests/fuzz/fuzz_*.c
mkdir -p "$build/found"

# The words that a target's parsers know: the strings in them, as libFuzzer wants them.
words() { # TARGET
	local source=tests/fuzz/fuzz_$1.c
	{
		printf '%s\n' "$source" pkg/cni_call.c pkg/cni_result.c
		sed -n '/links: /,/\*\//p' "$source" | grep -o '[a-z-]*/[a-z_/-]*\.c'
	} | xargs grep -hoE '"[a-zA-Z0-9_./:,%-]{2,24}"' | sed 's/%/\\x25/g' | sort -u
}

fuzz() { # TARGET - in the background; its log tells
	local own=$build/corpus/$1 log=$build/$1.log
	mkdir -p "$own"
	words "$1" > "$build/$1.dict"
	"$build/tests/fuzz/fuzz_$1" -runs=0 "tests/fuzz/corpus/$1" > "$log" 2>&1 &&
		"$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=25 -print_final_stats=1 \
			-artifact_prefix="$build/found/$1-" -dict="$build/$1.dict" \
			"$own" "tests/fuzz/corpus/$1" >> "$log" 2>&1
	echo "exit status $?" >> "$log"
}

running=0
for target; do
	((running++ < jobs)) || wait -n
	target=${target##*fuzz_} target=${target%.c}
	names+=("$target")
	fuzz "$target" &
done
wait
for target in "${names[@]}"; do
	log=$build/$target.log
	runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log" | tail -n 1)
	known=(tests/fuzz/corpus/"$target"/*)
	ok "$target: ${#known[@]} inputs known, and ${runs:-no} more: all it says holds" \
		eval "tail -n 1 '$log' | grep -x 'exit status 0' || { tail -n 40 '$log'; false; }"
done
done_testing
