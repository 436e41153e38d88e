# shellcheck shell=bash
# lib.sh - what the tests of rail-ipam share. Source it first.
#
# A test runs in mount and process namespaces of its own, where /run, /var/lib/cni and
# /etc/rail-cni are empty: the program under test touches nothing of the machine, needs no
# back door to be tested, and leaves no process behind. Afterwards:
#
#	$store		an initialised store in $tmp
#	$ipam		inside of the configuration's ipam object; change it as you like
#	$inside		more of the configuration, starting with a comma
#	cni VERB CONTAINER [IFNAME]	call the plugin; $out, $status
#	addr		the addresses in $out, without prefix lengths
#	files [POOL [STORE]]	names of the files of all shards, sorted
#	leases [POOL [STORE]]	of those the ones that are leased or set aside
#	entries DIR	names in a directory, sorted
#	records ID	the node's records of a container; pending: those to be released
#	nodes_begin	from here on, with what the variables are now:
#	node N SCRIPT	run a script as node N, which has a /run, a name and a boot of its own
if [ -z "${IPAM_TEST_NAMESPACE-}" ]; then
	map=()
	[ "$(id -u)" = 0 ] || map=(-r)
	IPAM_TEST_NAMESPACE=1 exec unshare "${map[@]}" -m --propagation private -p -f --mount-proc "$BASH" "$0" "$@"
fi

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BUILD:-$top/build}
. "$top/tests/tap.sh"
PATH=$(realpath "$build/bin"):$(realpath "$build/tests/tools"):$PATH

tmp=$(mktemp -d)
trap 'tap_exit; umount -R -l "$tmp"; rmdir "$tmp"' EXIT
mount -t tmpfs -o mode=755 tmpfs "$tmp" # no test shall wait for a disk
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns "$tmp/store"
# What a directory gets from here on is in $tmp, and seen by this test alone.
catch() { # DIR
	mkdir -p "$tmp/catch$1" "$tmp/work$1"
	mount -t overlay -o "lowerdir=$1,upperdir=$tmp/catch$1,workdir=$tmp/work$1" overlay "$1"
}
# A container has no machine id, nor has a bare chroot; and most machines have no CNI.
[ -s /etc/machine-id ] || { catch /etc && echo 0123456789abcdef0123456789abcdef > /etc/machine-id; }
[ -d /var/lib/cni ] || { catch /var/lib && mkdir /var/lib/cni; }
mount -t tmpfs tmpfs /var/lib/cni
[ ! -d /etc/rail-cni ] || mount -t tmpfs tmpfs /etc/rail-cni
export ASAN_OPTIONS=detect_leaks=0 # what belongs to the process ends with it
state=/run/rail-cni/ipam
store=$tmp/store
rail-ipam init "$store" > /dev/null

range='"range":"192.168.1.0/28","gateway":"192.168.1.1"'
ipam="\"store\":\"$store\",$range"
inside=
name=rail0
version=1.1.0
args=
through=() # a command to run the plugin with, say strace

config() {
	printf '{"cniVersion":"%s","name":"%s","type":"rail-sriov","ipam":{"type":"rail-ipam",%s}%s}' \
		"$version" "$name" "$ipam" "$inside"
}

cni() {
	[ "$1" != ADD ] || : > "/run/netns/$2" # what is gone is swept
	local file=$tmp/out.$BASHPID
	# Not into a pipe: whoever else has the other end of that would be waited for.
	CNI_COMMAND=$1 CNI_CONTAINERID=${2-} CNI_IFNAME=${3-net1} CNI_NETNS=/run/netns/${2-} \
		CNI_PATH=/nowhere CNI_ARGS=$args "${through[@]:-env}" rail-ipam \
		<<< "$(config)" > "$file" 2> "$tmp/stderr"
	status=$?
	out=$(< "$file")
	return $status
}

pod() { args="IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=$1"; }

addr() { grep -o '"address":"[^"/]*' <<< "$out" | cut -d'"' -f4; }
code() { sed -n 's/.*"code":\([0-9]*\).*/\1/p' <<< "$out"; }
msg() { sed -n 's/.*"msg":"\([^"]*\)".*/\1/p' <<< "$out"; }
# shellcheck disable=SC2120 # arguments are optional
files() { find "${2-$store}/${1-}" \( -path '*-24/*' -o -path '*-120/*' \) ! -name '.*' -printf '%f\n' | sort; }
# shellcheck disable=SC2120,SC2119
leases() { files "$@" | grep '=' || true; }
entries() { find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' 2> /dev/null | sort; }
records() { entries "$state" | grep "^$1," || true; }
pending() { entries "$state/pending"; }

# A file over one of the kernel's or the system's, for this test alone.
fake() { # PATH TEXT
	local file
	file=$(mktemp "$tmp/fake-XXXX")
	printf '%s\n' "$2" > "$file"
	mount --bind "$file" "$1"
}

# Variables and functions as they are now, for the shells of nodes.
# shellcheck disable=SC2089,SC2090 # the quotes are of JSON
nodes_begin() {
	export tmp IPAM_TEST_NAMESPACE
	{
		declare -p store ipam inside name version args
		echo 'through=() status=0 out=""'
		declare -f config cni addr code msg
	} > "$tmp/functions"
}

# A node is a process in a mount namespace of its own. BOOT=8 hexadecimal digits: another boot.
node() { # NUMBER SCRIPT
	mkdir -p "$tmp/node$1/netns"
	# shellcheck disable=SC2016 # for the other shell
	NODE=$1 unshare -m --propagation private "$BASH" -c '
		mount --bind "$tmp/node$NODE" /run
		echo "${BOOT:-0000000$NODE}-0000-0000-0000-000000000000" > "$tmp/boot$NODE"
		mount --bind "$tmp/boot$NODE" /proc/sys/kernel/random/boot_id
		. "$tmp/functions"
		ipam+=",\"nodeName\":\"node$NODE\""
		'"$2"
}
