/*
 * local.h - what this network namespace has: interfaces, addresses, RDMA ports, GIDs.
 *
 *	_autolocal_ struct local local = { 0 };
 *
 *	if (local_scan(&local, false, err))
 *		return -1;
 *	rails_make(&rails, &local, specs, nspecs, 0);
 *
 * Plain data, taken in one go, so that everything that is decided from it (gid.h,
 * rail.h) can be tested on recorded tables. In RDMA's shared namespace mode verbs show
 * the devices and GIDs of every namespace of the machine: what is whose is for gid.h to
 * say, and nothing here may be used before it was asked.
 */
#ifndef PROBE_LOCAL_H
#define PROBE_LOCAL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"
#include "pkg/ip.h"

#define DEV_LEN 64 /* of an RDMA device's name, as the kernel has it */
#define MAC_LEN 18
#define PCI_LEN 16

#define ACCESS_NO_PROVIDER ELIBACC /* of a port: libibverbs does not know its driver */

enum netns_mode { NETNS_MODE_UNKNOWN, NETNS_MODE_EXCLUSIVE, NETNS_MODE_SHARED };

struct netdev {
	int ifindex;
	char name[IFNAMSIZ];
	char mac[MAC_LEN]; /* "" if it has none */
	char kind[16];	   /* "veth", "macvlan", ...; "" for hardware */
	char pci[PCI_LEN]; /* "0000:03:10.0", or "" */
	int mtu;
	int lower;  /* ifindex it is stacked on, when that is in this namespace; or 0 */
	int master; /* ifindex of the bond or bridge it belongs to, or 0 */
	bool up;    /* administratively, and with a carrier */
	bool loopback;
};

struct address {
	int ifindex;
	struct cidr ip;
};

/* Device and port in one: nearly all devices have one port. */
struct port {
	char dev[DEV_LEN];
	int port;
	char uverbs[48]; /* "/dev/infiniband/uverbs4" */
	int access;	 /* 0, or the errno of opening that node; -1 not tried */
	bool opened;	 /* what follows is only known when it was */
	char fw[32], guid[20], pci[PCI_LEN];
	const char *function; /* "vf", "pf" or NULL */
	int numa;	      /* -1 unknown */
	int state;	      /* enum ibv_port_state; 0 unknown */
	int phys_state;	      /* 0 unknown */
	bool ethernet, infiniband;
	int active_mtu; /* bytes; 0 unknown */
	double gbps;	/* 0 unknown */
	int ifindex;	/* of its netdev in this namespace; 0 none here, -1 not known */
};

enum gid_type { GID_IB, GID_ROCE_V1, GID_ROCE_V2 };
enum gid_owner { GID_NOBODY, GID_MINE, GID_FOREIGN };

/* Why an entry was not chosen, in the order in which it is looked at. */
enum gid_why {
	WHY_CHOSEN,
	WHY_NO_NETDEV,
	WHY_FOREIGN,
	WHY_UNPROVEN,
	WHY_NOT_ROCE,
	WHY_ROCE_V1,
	WHY_LINK_LOCAL,
	WHY_NO_ADDRESS,
	WHY_PORT,
	WHY_INDEX,
	WHY_OTHER_DEVICE,
	WHY_OTHER_ADDRESS,
	WHY_NO_RAIL,
};

/* One used entry of a GID table. */
struct gid {
	int port; /* index into struct local's ports */
	int index;
	enum gid_type type;
	uint8_t raw[16];
	int ifindex;  /* of its netdev, in whatever namespace that is; 0 none */
	bool by_name; /* ifindex was guessed from a name: proves nothing */
	struct ip ip; /* set by gids_judge(), as what follows */
	enum gid_owner owner;
	bool usable; /* carries RoCEv2 for an address of ours */
	enum gid_why why;
};

struct local {
	enum netns_mode mode;
	struct netdev *netdevs;
	struct address *addrs;
	struct port *ports;
	struct gid *gids;
	int nnetdevs, naddrs, nports, ngids;
};

/* Take stock. Devices whose ports are proven to belong elsewhere are listed but not
 * opened, unless `all`. No device at all is not an error. */
int local_scan(struct local *ret, bool all, struct err *err);
void local_clear(struct local *local);

/* Its parts: links and addresses, ports and GIDs. */
int here_read(struct local *local, struct err *err);
int devices_read(struct local *local, bool all, struct err *err);

const struct netdev *local_netdev(const struct local *local, int ifindex); /* or NULL */
const struct netdev *local_netdev_named(const struct local *local, const char *name);

/* True if the netdev stands on another one, which may be in another namespace. */
bool netdev_is_stacked(const struct netdev *netdev);

#define _autolocal_ _cleanup_(local_clear)

#endif
