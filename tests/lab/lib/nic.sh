# shellcheck shell=bash
# nic.sh - virtual functions of the rails, pods to put them into, Soft-RoCE devices on them.

# Does the PF know each VF by its address? Of a VF whose driver came while the PF was in a reset it does
# not, until that interface is brought up for the first time.
knows_vfs() { ! ip link show "rail$1" | grep -q 'vf [0-9]* .*00:00:00:00:00:00'; }

# make_vfs RAIL COUNT - exactly COUNT virtual functions on rail<RAIL>; prints their PCI addresses. They
# are there with their interfaces when this returns.
make_vfs() {
	local device=/sys/class/net/rail$1/device vf address try
	for try in 1 2 3; do
		[ "$(< "$device/sriov_numvfs")" = 0 ] || echo 0 > "$device/sriov_numvfs"
		echo "$2" > "$device/sriov_numvfs" || lab_die "rail$1: cannot make $2 virtual functions"
		for ((vf = 0; vf < $2; vf++)); do
			wait_for 20 test -e "$device/virtfn$vf/net" || lab_die "rail$1: no interface of VF $vf after 20 s"
		done
		! knows_vfs "$1" || break
		[ $try != 3 ] || lab_die "rail$1: the PF does not know the address of a VF"
	done
	for ((vf = 0; vf < $2; vf++)); do
		address=$(readlink "$device/virtfn$vf")
		echo "${address##*/}"
	done
}

# vf_netdev PCI-ADDRESS - the name of its interface, if that is in this network namespace.
vf_netdev() { ls "/sys/bus/pci/devices/$1/net"; }

# pod_new NAME, pod_del NAME - a network namespace at /run/netns/NAME, as a container runtime makes it.
pod_new() { ip netns add "$1" && ip -n "$1" link set lo up; }
pod_del() { ip netns del "$1"; }

# rxe_add POD NETDEV NAME - a Soft-RoCE device on an interface of the pod. It stands for the RDMA device
# of a hardware VF, but does not move with the interface: add it where the interface has arrived.
rxe_add() {
	modprobe -a rdma_rxe ib_uverbs rdma_ucm
	ip netns exec "$1" rdma link add "$3" type rxe netdev "$2"
}
