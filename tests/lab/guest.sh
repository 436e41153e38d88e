# shellcheck shell=bash
# guest.sh - the last steps of a node's boot, sourced by the script that run writes for init.c.
#
# There is no systemd and no udev here: interfaces get their names below, modules load when asked for.
set -euo pipefail

export PATH=$LAB/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8

# rename SLOT NAME - the NIC in that slot of PCI bus 0, or behind it.
rename() {
	local found=(/sys/bus/pci/devices/0000:00:"$1".0/{virtio*,0000:*}/net/*)
	echo "link set ${found[0]##*/} name $2"
}

interfaces() {
	local rail
	echo "link set lo up"
	rename 0f mgmt
	echo "link set mgmt up"
	echo "addr add 10.99.0.$NODE/24 dev mgmt"
	for ((rail = 0; rail < RAILS; rail++)); do
		rename "1$rail" "rail$rail"
		echo "link set rail$rail up"
	done
}

shopt -s nullglob
interfaces | ip -batch -
shopt -u nullglob
# every node its own: these two are what tells one from another
echo "node$NODE" > /proc/sys/kernel/hostname
printf '%032x\n' "$NODE" > /etc/machine-id
printf '10.99.0.%s node%s\n' 1 1 2 2 3 3 4 4 >> /etc/hosts
: > "/run/lab/start.$NODE"
