#!/bin/bash
# install.sh - make install puts everything below DESTDIR, where a node looks for it, and nothing elsewhere.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

dir=$(mktemp -d)
root=$dir/root
install() { make --no-print-directory install BUILD="${BUILD:-build}" DESTDIR="$root" "$@"; }
# inside COMMAND... - on a machine whose files are those installed, and this one's libraries.
inside() {
	unshare -m bash -euc 'for dir in usr/bin usr/sbin opt; do
			mkdir -p "/$dir"
			mount -t overlay overlay -o "lowerdir=$0/$dir:/$dir" "/$dir"
		done
		exec "$@"' "$root" "$@"
}

touch "$dir/before"
ok "make install succeeds" install
is "all that is installed" "$(cd "$root" && find . ! -type d ! -path '*/examples/*' ! -path '*/man/*' ! -path '*/bash-completion/*' | sort)" \
	"./opt/cni/bin/rail-ipam
./opt/cni/bin/rail-sriov
./usr/bin/rdma-probe
./usr/lib/tmpfiles.d/rail-cni.conf
./usr/sbin/rail-ipam
./usr/sbin/rail-sriov"
is "everything in conf/ is among the examples, but what is installed to work" \
	"$(diff -rq conf "$root/usr/share/doc/rail-cni/examples")" "Only in conf: tmpfiles.conf"
is "every man page and completion is installed" \
	"$(find "$root" -path '*/man/*' -type f -o -path '*/completions/*' -type f | sed 's,.*/,,' | sort)" \
	"$(find -L man completion -type f 2> /dev/null | sed 's,.*/,,' | sort)"
is "only programs can be run" "$(find "$root" -type f -perm /111 | sed 's,.*/,,' | sort | tr '\n' ' ')" \
	"rail-ipam rail-sriov rdma-probe "
is "nothing can be written but by its owner" "$(find "$root" ! -type l -perm /022)" ""
ok "a second time is no error" install

for program in rail-sriov rail-ipam rdma-probe; do
	like "$program is found by its name, and runs" "$(inside $program --version 2>&1)" "^$program [0-9]"
done
like "a runtime finds the plugin, and it answers" \
	"$(CNI_COMMAND=VERSION inside /opt/cni/bin/rail-ipam <<< '{"cniVersion": "1.0.0"}')" '"supportedVersions"'

# Elsewhere, as distributions and other prefixes have it.
root=$dir/other
ok "prefix and plugin directory can be chosen" install PREFIX=/opt/rail CNI_BINDIR=/usr/lib/cni
is "then nothing goes to where it went before" "$(cd "$root" && ls -d ./* usr/* opt/*)" "./opt
./usr
opt/rail
usr/lib"
is "and the names lead to the chosen directory" "$(readlink "$root/opt/rail/sbin/rail-ipam")" /usr/lib/cni/rail-ipam

rm -r "$dir"
done_testing
