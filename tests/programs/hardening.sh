#!/bin/bash
# hardening.sh - the binaries as built are hard to misuse, small, and stay so whatever CFLAGS says.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
export LC_ALL=C

build=${BUILD:-build}
most=1200000 # bytes of a stripped static program
dir=$(mktemp -d)

segments() { readelf -lW "$1"; }
dynamic() { readelf -dW "$1"; }
function_of() { objdump -d --disassemble="$2" "$1"; }
has_property() { readelf -nW "$1" 2> /dev/null | grep -q 'x86 feature:.*IBT.*SHSTK'; }
calls() { nm "$1" | grep -qE " [UTtWi] $2(@|$)"; }

hardened() { # BINARY FUNCTION - one that has a large frame
	local name=${1##*/}
	ok "$name: can be loaded anywhere (PIE)" eval "dynamic $1 | grep -q 'Flags:.*PIE'"
	ok "$name: all of what the loader writes is read-only afterwards (RELRO)" \
		eval "segments $1 | grep -q GNU_RELRO && dynamic $1 | grep -q 'FLAGS_1.*NOW'"
	ok "$name: the stack holds no code" eval "segments $1 | grep -q 'GNU_STACK.* RW '"
	ok "$name: no memory is both written and run" eval "! segments $1 | grep -q ' RWE '"
	ok "$name: no text is relocated" eval "! dynamic $1 | grep -q TEXTREL"
	ok "$name: an overrun of a buffer on the stack is noticed" \
		eval "function_of $1 $2 | grep -q '__stack_chk_fail'"
	ok "$name: copies check the size of what they fill" calls "$1" __snprintf_chk
	# A large frame is touched page by page, so that no stack grows past its guard.
	ok "$name: large frames are probed" \
		eval "function_of $1 $2 | grep -qE 'or[lq]? +[\$]0x0,(0x0)?\(%rsp\)|str\s+xzr, \[sp'"
}

if grep -q __asan_init < <(nm "$build/bin/rail-ipam"); then
	skip "the binaries are hardened" "built with the sanitizers"
	done_testing
fi
hardened "$build/bin/rail-sriov" plan_make
hardened "$build/bin/rail-ipam" dir_open
hardened "$build/bin/rdma-probe" icmp_echo
for name in rail-sriov rail-ipam; do
	if dynamic "$build/bin/$name" | grep -q NEEDED; then
		skip "$name: needs no library, and is small" "built with STATIC=0"
		continue
	fi
	strip -o "$dir/stripped" "$build/bin/$name"
	size=$(stat -c %s "$dir/stripped")
	ok "$name: stripped it has $size bytes, at most $most" [ "$size" -le $most ]
	ok "$name: it names no program to load it" eval "! segments '$build/bin/$name' | grep -q INTERP"
done

# --- with another builder's flags. One object tells of all: file.c reads into memory of a size that is
# known at run time only, which is checked from level 3 on.

object() { # NAME VARIABLE=VALUE... - built into $dir/NAME/pkg/file.o, without a word of the compiler
	local name=$1
	shift
	make -s BUILD="$dir/$name" "$@" "$dir/$name/pkg/file.o" > "$dir/$name.out" 2>&1
	! grep -v "^  CC" "$dir/$name.out"
}
level3() { calls "$1" __read_chk; }
for cc in gcc clang; do
	ok "$cc, CFLAGS=-Os: it builds" object $cc CC=$cc CFLAGS=-Os
	file=$dir/$cc/pkg/file.o
	ok "$cc, CFLAGS=-Os: the stack is guarded" calls "$file" __stack_chk_fail
	if [ "$(uname -m)" = x86_64 ]; then
		ok "$cc, CFLAGS=-Os: jumps land where they may (CET)" has_property "$file"
	else
		skip "$cc, CFLAGS=-Os: jumps land where they may (CET)" "not an x86-64"
	fi
done
ok "gcc, CFLAGS=-Os: copies are checked at level 3" level3 "$dir/gcc/pkg/file.o"
ok "without an optimizer it builds" object debug CFLAGS=-O0
ok "without an optimizer the stack is guarded" calls "$dir/debug/pkg/file.o" __stack_chk_fail
ok "who asks for another level gets that" object level1 CPPFLAGS=-D_FORTIFY_SOURCE=1
ok "and no more than that" eval "! level3 $dir/level1/pkg/file.o"
rm -r "$dir"
done_testing
