/* pf.c - what only a physical function tells: flow control, and its VFs' settings.
 *
 * libmnl, unlike the rest of the probe: the readers are those of rail-sriov. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/dcb.h"
#include "pkg/link_vf.h"
#include "plugins/rdma-probe/pf.h"

#define VFS_SHOWN 4

bool pf_flow_control(const char *netdev, int *pfc, int *dscp_trusted)
{
	_autonl_ struct nl *nl = NULL;
	struct dcb dcb;
	struct err ignored;

	if (nl_open(&nl, NETLINK_ROUTE, &ignored) || dcb_get(nl, netdev, &dcb, &ignored))
		return false;
	*pfc = dcb.pfc;
	*dscp_trusted = dcb.dscp_trusted;
	return true;
}

static int count_vfs(const char *netdev)
{
	char path[128], text[16];
	_autoclose_ int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/sriov_numvfs", netdev);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return atoi(text);
}

void pf_vfs(const char *netdev, int ifindex, char *ret, size_t size)
{
	_autonl_ struct nl *nl = NULL;
	int count = count_vfs(netdev);
	struct vf_settings is;
	struct err ignored;
	size_t used;

	*ret = '\0';
	if (!count || nl_open(&nl, NETLINK_ROUTE, &ignored))
		return;
	used = snprintf(ret, size, "%d VFs", count);
	for (int i = 0; i < count && i < VFS_SHOWN && used < size; i++)
		if (!vf_get(nl, ifindex, i, &is, &ignored))
			used += snprintf(ret + used, size - used,
					 ", vf%d spoofchk %s trust %s vlan %d", i,
					 is.spoofchk ? "on" : "off",
					 is.trust ? "on" : "off", is.vlan);
}
