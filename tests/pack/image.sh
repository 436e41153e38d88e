#!/bin/bash
# image.sh - the image and its installer: programs of the plugin directory are replaced whole, wherever it is
# killed and whatever fails; what was before comes back.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

BUILD=$(realpath "${BUILD:-build}")
PATH=$BUILD/tests/tools:$PATH
dir=$(mktemp -d)
version=$(sed -n 's/^VERSION *:= *//p' Makefile)
names="rail-ipam rail-sriov"

# --- the image

make_image() { make --no-print-directory image BUILD="$BUILD" 2> /dev/null | tail -n 1; }
first=$(make_image)
like "an image is made" "$first" "image:$version sha256:[0-9a-f]{64}$"
is "the same programs make the same image" "$(make_image)" "$first"
ok "it can be unpacked" umoci unpack --image "$BUILD/image:$version" "$dir/bundle"
root=$dir/bundle/rootfs
is "it has the installer, the plugins and nothing else" "$(cd "$root" && find . ! -type d | sort | tr '\n' ' ')" \
	"./bin/rail-install ./bin/rail-ipam ./bin/rail-sriov "
is "a pod that says no more installs, and stays" "$(jq -c '.process.args' "$dir/bundle/config.json")" \
	'["/bin/rail-install","install","--stay"]'

# --- on a host, from inside the image

bin=$root/host/opt/cni/bin
mkdir -p "$bin"
echo "another's" > "$bin/bridge"
mkdir "$root/proc"
in_image() { in_pod rail-install "$@" 2>&1; }
# as PID 1 of a container
# shellcheck disable=SC2016 # for the shell inside
in_pod() { unshare -mpf --kill-child bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "/bin/$@"' "$root" "$@"; }
# holds - "VERSION VERSION", of what a runtime would run.
holds() { for name in $names; do "$bin/$name" --version 2>&1 | sed 's/.* //'; done | xargs; }

like "without the host's directory it says what is missing" "$(in_image status /nowhere)" \
	"/nowhere: No such file or directory.*is the node's plugin directory mounted there"
like "before, status says that nothing is there" "$(in_image status)" "rail-sriov +- +$version +no"
ok "it installs" in_image install
is "the plugins run" "$(holds)" "$version $version"
is "to install them again changes nothing" "$(in_image install; stat -c %i "$bin/rail-ipam")" \
	"already installed: $version
$(stat -c %i "$bin/rail-ipam")"
like "there is nothing to go back to" "$(in_image rollback)" "there were none before these.*uninstall removes them"
is "that changes nothing" "$(holds)" "$version $version"

mkdir "$dir/now"
cp "$root"/bin/* "$dir/now"
for name in $names; do sed -i "s/${version//./\\.}/9.9.9/g" "$root/bin/$name"; done
ok "a newer image installs over it" in_image install
is "its plugins run" "$(holds)" "9.9.9 9.9.9"
like "status tells both versions" "$(in_image status)" "rail-sriov +9.9.9 +9.9.9 +yes +$version"
ok "rollback brings the old ones back" in_image rollback
is "they run" "$(holds)" "$version $version"
ok "and status says that they are not the image's" eval '! in_image status'
ok "another rollback goes forward again" in_image rollback
is "the newer ones run" "$(holds)" "9.9.9 9.9.9"
in_pod rail-install install --stay > "$dir/said" &
pod=$!
first_process() { pgrep -P "$(pgrep -P $pod)"; }
for i in {1..100}; do
	[ ! -s "$dir/said" ] || break
	sleep 0.1
done
ok "a pod that shall stay does so" eval 'kill -TERM $(first_process)'
wait $pod
is "and ends well as soon as it is told to" "$? $(< "$dir/said")" "0 already installed: $version"
ok "it uninstalls" in_image uninstall
is "then all that is left is what was there before" "$(ls -A "$bin"; cat "$bin/bridge")" "bridge
another's"
ok "a second time is no error" in_image uninstall

# --- killed, and failing; with small programs, for speed

fast=$(mktemp -d -p /dev/shm)
image=$fast/image bin=$fast/host
mkdir "$image" "$bin"
cp "$BUILD/bin/rail-install" "$image"
for name in $names; do echo "$name 2" > "$image/$name"; done
installer() { "${through[@]}" "$image/rail-install" "$1" "$bin" > "$fast/out" 2>&1; }
through=()
old_ones() {
	rm -rf "$bin"/{.,}rail-*
	for name in $names; do echo "$name 1" > "$bin/$name"; done
}
new_ones() { old_ones; installer install; }
# have - to $have: "1 2", which ones a runtime finds now; "?" is one that is not whole.
have() {
	local line
	have=
	for name in $names; do
		line=
		{ IFS= read -rd "" line < "$bin/$name"; } 2> /dev/null
		case $line in "$name "[1-3]$'\n') have+="${line: -2:1} " ;; *) have+="? " ;; esac
	done
}
old_ones; have
is "the old ones are there" "$have" "1 1 "
new_ones; have
is "the new ones are put there" "$have" "2 2 "

# after - killed, or failed, what must hold: to $wrong what does not. Every program is whole; install makes
# all new; and the old ones come back.
after() {
	wrong=
	have
	[[ $have =~ ^[12]\ [12]\ $ ]] || wrong="left $have"
	installer install || wrong+=" install fails: $(< "$fast/out")"
	have
	[ "$have" = "2 2 " ] || wrong+=" install made $have"
	installer rollback || wrong+=" rollback fails: $(< "$fast/out")"
	have
	[ "$have" = "1 1 " ] || wrong+=" rollback made $have"
	left=("$bin"/.rail-cni/*)
	[ "${left[*]}" = "$bin/.rail-cni/previous" ] || wrong+=" left ${left[*]}"
}
# sweep WHAT COMMAND PREPARE - at every system call. (To kill, kill-at counts behind it, too; for the files
# that is the same as before the next.)
sweep() {
	local n step=1 bad="" points=0 status
	[ "$1" != it ] || step=2
	for ((n = 1; n < 1000; n += step)); do
		$3
		through=(kill-at "$1" 1 "$n")
		installer "$2"
		status=$?
		through=()
		[ $status != 3 ] || break
		points=$((points + 1))
		after
		[ -z "$wrong" ] || bad+=" $n: $wrong;"
	done
	is "$2, $1 at each of $points points: no program is missing or torn, and what follows works" "${bad:0:500}" ""
	ok "... which is all of them" test $points -gt 40
}
sweep it install old_ones
sweep it rollback new_ones
sweep EIO install old_ones
sweep EIO rollback new_ones

bad="" n=-1 status=0
while [ $status != 3 ] && [ $((n += 2)) -lt 1000 ]; do
	new_ones
	through=(kill-at it 1 "$n")
	installer uninstall
	status=$?
	through=()
	installer uninstall || bad+=" $n: $(< "$fast/out")"
	[ -z "$(ls -A "$bin")" ] || bad+=" $n left: $(ls -A "$bin")"
done
is "uninstall, killed at any of $((n / 2)) points: another one removes all" "${bad:0:500}" ""

# --- two at once

old_ones
cp -r "$image" "$fast/image3"
for name in $names; do echo "$name 3" > "$fast/image3/$name"; done
for i in 1 2 3 4 5; do
	"$image/rail-install" install "$bin" > /dev/null & "$fast/image3/rail-install" install "$bin" > /dev/null &
done
wait
like "several at once: all programs are of one of them" "$(cut -d' ' -f2 "$bin"/rail-* | xargs)" "^(2 2|3 3)$"
like "an option that is none is refused" "$("$image/rail-install" status --stay 2>&1)" "unexpected argument --stay"
rm -r "$dir" "$fast"
done_testing
