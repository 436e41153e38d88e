/* gid.c - RoCEv2 GIDs as sysfs shows them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/gid.h"
#include "pkg/sysfs.h"

/* "fe80:0000:...": eight groups of four digits, always; IPv4 is ::ffff:a.b.c.d. */
static void gid_text(const struct ip *ip, char ret[40])
{
	uint8_t gid[16] = { [10] = 0xff, [11] = 0xff };

	if (ip->family == AF_INET)
		memcpy(gid + 12, ip->b, 4);
	else
		memcpy(gid, ip->b, 16);
	for (int i = 0; i < 8; i++)
		sprintf(ret + 5 * i, "%02x%02x%s", gid[2 * i], gid[2 * i + 1],
			i < 7 ? ":" : "");
}

/* Reading the type of an empty entry fails with EINVAL: then it is not ours. */
static bool entry_is(int port, int index, const char *kind, const char *wanted)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "%s/%d", kind, index);
	sysfs_read(port, path, text, sizeof(text));
	return !strcmp(text, wanted);
}

int gid_find(int sys, const char *rdma, const struct ip *ip, const char *netdev)
{
	_autoclose_ int port = -1;
	char path[128], wanted[40];

	snprintf(path, sizeof(path), "class/infiniband/%s/ports/1", rdma);
	port = openat(sys, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (port < 0)
		return -1;
	gid_text(ip, wanted);
	for (int i = 0; i < GID_MAX; i++)
		if (entry_is(port, i, "gids", wanted) &&
		    entry_is(port, i, "gid_attrs/types", "RoCE v2") &&
		    entry_is(port, i, "gid_attrs/ndevs", netdev))
			return i;
	return -1;
}

void sysfs_rdma(int sys, const char *device, char ret[RDMA_NAME_LEN])
{
	sysfs_child(sys, device, "infiniband", ret, RDMA_NAME_LEN);
}

void sysfs_uverbs(int sys, const char *device, char ret[32])
{
	sysfs_child(sys, device, "infiniband_verbs", ret, 32);
}
