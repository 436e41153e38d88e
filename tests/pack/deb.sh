#!/bin/bash
# deb.sh - the Debian packages: built, without a complaint of lintian's, installed, tried, removed, purged.
#
# Installed on this machine, as it were: what that writes goes to an overlay. deb-clean.sh does the same
# in a chroot that has nothing but what the packages ask for.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

BUILD=$(realpath "${BUILD:-build}")
dir=$(mktemp -d)
version=$(sed -n 's/^VERSION *:= *//p' Makefile)

is "the changelog is of this version" "$(dpkg-parsechangelog -S Version)" "$version"
# the unit tests have run, or will
ok "the packages can be built" env DEB_BUILD_OPTIONS=nocheck make deb
deb=$BUILD/deb
wanted=() # a program without a man page is a complaint once all have one
for program in rail-sriov rail-ipam rdma-probe; do
	compgen -G "man/$program.[1-8]" > /dev/null || wanted=(--suppress-tags no-manual-page)
done
is "lintian finds nothing" "$(lintian --allow-root --fail-on none "${wanted[@]}" "$deb"/*.changes 2>&1)" ""
ok "what is built is linked to the libraries of the distribution" \
	eval "dpkg-deb -f '$deb'/rail-cni_*.deb Depends | grep -q libcjson1"
is "everything in conf/ is a sample of one of them, but what is installed to work" \
	"$(for one in "$deb"/{rail-cni,rdma-probe}_*.deb; do dpkg-deb --fsys-tarfile "$one" | tar -t; done |
		sed -n 's,^\./usr/share/doc/[^/]*/examples/\(.*[^/]\)$,\1,p' | sort)" \
	"$(cd conf && find ./* -type f ! -name tmpfiles.conf | sed 's,^\./,,' | sort)"

mkdir -p "$dir/upper/try"
cp "$deb"/{rail-cni,rdma-probe}_*.deb tests/tap.sh tests/pack/deb-try "$dir/upper/try"
tests/pack/throwaway / "$dir" /try/deb-try $tap_count $tap_failed
status=$?
rm -r "$dir"
exit $status
