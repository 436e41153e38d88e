/*
 * link.h - network interfaces: look at one, move it, change it.
 *
 * One netlink request a function. A name that the kernel or udev may change at any
 * time is a poor handle: functions take the interface index, and a device is told
 * apart by the bus address of its function (IFLA_PARENT_DEV_NAME, Linux 5.14).
 */
#ifndef PKG_LINK_H
#define PKG_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>

#include "pkg/nl.h"

#define MAC_LEN	     6
#define MAC_TEXT_LEN 18	 /* "02:00:00:00:00:09" and its NUL */
#define DEVICE_LEN   64	 /* "0000:03:10.2", "mlx5_core.sf.4" */
#define ALTNAME_LEN  128 /* ALTIFNAMSIZ of linux/if.h */
#define ALTNAMES_LEN 1024

struct link {
	int index;
	unsigned int flags; /* IFF_UP, IFF_PROMISC, ... */
	unsigned int mtu;
	uint8_t mac[MAC_LEN];
	bool carrier;
	char name[IFNAMSIZ];
	char altnames[ALTNAMES_LEN]; /* a line each, escaped (name.h); as many as fit */
	char device[DEVICE_LEN]; /* of the function behind it; "" when there is none, or
				  * the kernel does not tell */
};

/* Look one up. err->no is ENODEV when there is none. */
int link_get(struct nl *nl, int index, struct link *ret, struct err *err);
int link_get_by_name(struct nl *nl, const char *name, struct link *ret, struct err *err);

/* Find the interface of a device among all of the namespace: 1, 0 when it has none
 * here, or -1. */
int link_find_device(struct nl *nl, const char *device, struct link *ret,
		     struct err *err);

/*
 * Move a link to the namespace of netns_fd under a new name, in one request: the old
 * name could be taken over there. The kernel brings the link down and, if its index is
 * taken over there, gives it another.
 *
 * After a failure the link may be on either side. The kernel looks at the new name
 * before the move only if the old one is taken over there, else after it (do_setlink()
 * and __dev_change_net_namespace(), seen on 6.18 and 7.3): EEXIST then leaves the link
 * moved, under its old name.
 */
int link_move(struct nl *nl, int index, int netns_fd, const char *name, struct err *err);

/* Give it another name in its namespace. It must be down before Linux 6.2 (EBUSY);
 * err->no EEXIST when the name is taken. */
int link_rename(struct nl *nl, int index, const char *name, struct err *err);

/* Alternative names, escaped as above: udev gives them, a pod may. They move with the
 * link, and keep it from moving where such a name is taken. */
int link_altname_add(struct nl *nl, int index, const char *name, struct err *err);
int link_altname_del(struct nl *nl, int index, const char *name, struct err *err);

/* What link_configure() changes, in one request while the link is down. */
struct link_change {
	bool set_mac;
	uint8_t mac[MAC_LEN];
	unsigned int mtu; /* 0: leave it */
	bool strict_arp;  /* answer for own addresses only: arp_ignore 1, arp_announce 2,
			   * rp_filter 2 */
};

int link_configure(struct nl *nl, int index, const struct link_change *change,
		   struct err *err);

int link_set_up(struct nl *nl, int index, bool up, struct err *err);

/* Set those of the flags that are in mask: IFF_UP, IFF_PROMISC, IFF_ALLMULTI. */
int link_set_flags(struct nl *nl, int index, unsigned int flags, unsigned int mask,
		   struct err *err);

/* Text and back; parsing takes colons or dashes and refuses group addresses and zero,
 * which no interface may have. */
bool mac_parse(const char *text, uint8_t ret[MAC_LEN]);
char *mac_format(const uint8_t mac[MAC_LEN], char buf[MAC_TEXT_LEN]);

#endif
