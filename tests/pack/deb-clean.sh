#!/bin/bash
# deb-clean.sh - the Debian packages in root file systems that hold nothing but what they ask for: built in
# one, with their tests, by a user without rights and without a network; installed, tried and purged in another.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

BUILD=$(realpath "${BUILD:-build}")
dir=$(mktemp -d)
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
# in_root [-n] DIR COMMAND... - on a copy of the minimal system that lives in DIR.
in_root() {
	local network=()
	[ "$1" != -n ] || { network=(-n); shift; }
	tests/pack/throwaway "${network[@]}" "$dir/minimal" "$@"
}
# says WHAT - in $dir/log
says() { grep -q -e "$1" "$dir/log" || { tail -n 30 "$dir/log"; false; }; }

.ci/apt-suite "$release" apt-cache policy > /dev/null # writes the list of sources
ok "a minimal Debian $release can be made" \
	mmdebstrap --quiet --variant=minbase "$release" "$dir/minimal" "$BUILD/apt/$release/sources.list"

mkdir -p "$dir/build/upper/src/railcni" "$dir/try/upper/try"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$dir/build/upper/src/railcni"
chown -R nobody "$dir/build/upper/src"
in_root -n "$dir/build" bash -c 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	--no-install-recommends -o APT::Sandbox::User=root build-dep /src/railcni' > "$dir/log" 2>&1
is "what the source package asks for can be installed" $? 0
in_root "$dir/build" setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs \
	env -C /src/railcni HOME=/nonexistent dpkg-buildpackage -us -uc > "$dir/log" 2>&1
is "with that alone the packages can be built" $? 0
ok "their unit tests have passed" says '^[0-9]* passed, 0 failed'

cp "$dir"/build/upper/src/{rail-cni,rdma-probe}_*.deb tests/tap.sh tests/pack/deb-try "$dir/try/upper/try"
in_root -n "$dir/try" apt-get -qq update
in_root -n "$dir/try" /try/deb-try $tap_count $tap_failed
status=$?
rm -r "$dir"
exit $status
