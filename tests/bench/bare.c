/*
 * bare.c - the kernel requests of rail-sriov's ADD and DEL and nothing else: the limit
 * that the plugin is measured against.
 *
 *	bare add NETDEV PF NETNS IFNAME ADDRESS/LENGTH
 *	bare del NETDEV NETNS IFNAME
 *	bare nothing		what it costs to start and to end
 *
 * The requests are those of the plugin's traces (tests/lab/sriov.sh leaves them), in
 * their order, by the plugin's own netlink code. What the plugin does besides is not
 * here: no JSON, no sysfs, no state on disk, no lock, no IPAM plugin, no way back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "pkg/addr.h"
#include "pkg/clock.h"
#include "pkg/link.h"
#include "pkg/netns.h"

struct side {
	int netns;
	struct nl *nl;
};

static struct err err;

static _Noreturn void die(void)
{
	fprintf(stderr, "bare: %s\n", err.msg);
	exit(1);
}

static struct side enter(const char *netns)
{
	struct side side = { .netns = netns ? netns_open(netns, &err)
					    : netns_open_own(&err) };

	if (side.netns < 0 || nl_open_in(&side.nl, NETLINK_ROUTE, side.netns, &err))
		die();
	return side;
}

static struct link look(const struct side *side, const char *name)
{
	struct link link;

	if (link_get_by_name(side->nl, name, &link, &err))
		die();
	return link;
}

static int open_packet(void *fd, struct err *e)
{
	(void)e;
	*(int *)fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return 0;
}

static void announce(const struct side *pod, const struct link *link, const struct ip *ip)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ARP),
				  .sll_ifindex = link->index,
				  .sll_halen = MAC_LEN };
	uint8_t arp[28] = { 0, ARPHRD_ETHER, 8, 0, MAC_LEN, 4, 0, ARPOP_REQUEST };
	struct link now = *link;
	int fd = -1;

	for (int i = 0; i < 100 && !now.carrier; i++) {
		if (i)
			sleep_ms(2);
		if (link_get(pod->nl, link->index, &now, &err))
			die();
	}
	memset(to.sll_addr, 0xff, MAC_LEN);
	memcpy(arp + 8, link->mac, MAC_LEN);
	memcpy(arp + 14, ip->b, 4);
	memcpy(arp + 24, ip->b, 4);
	if (netns_run(pod->netns, open_packet, &fd, &err))
		die();
	if (sendto(fd, arp, sizeof(arp), 0, (void *)&to, sizeof(to)) < 0)
		perror("bare: announce");
}

static void add(const char *netdev, const char *pf, const char *netns, const char *name,
		const char *address)
{
	struct side node = enter(NULL), pod = enter(netns);
	struct cidr cidr;
	struct link vf, there;

	if (!cidr_parse(address, &cidr)) {
		fprintf(stderr, "bare: %s is no address\n", address);
		exit(2);
	}
	(void)link_get_by_name(pod.nl, name, &there, &err); /* is the name free? */
	(void)look(&node, netdev);
	(void)look(&node, pf);
	vf = look(&node, netdev);
	if (link_move(node.nl, vf.index, pod.netns, name, &err))
		die();
	there = look(&pod, name);
	if (link_set_up(pod.nl, there.index, true, &err) ||
	    addr_add(pod.nl, there.index, &cidr, &err))
		die();
	there.carrier = false;
	announce(&pod, &there, &cidr.ip);
}

static void del(const char *netdev, const char *netns, const char *name)
{
	struct side node = enter(NULL), pod = enter(netns);
	struct link link = look(&pod, name);

	if (link_move(pod.nl, link.index, node.netns, netdev, &err))
		die();
	(void)look(&node, netdev);
}

int main(int argc, char **argv)
{
	if (argc == 7 && !strcmp(argv[1], "add"))
		add(argv[2], argv[3], argv[4], argv[5], argv[6]);
	else if (argc == 5 && !strcmp(argv[1], "del"))
		del(argv[2], argv[3], argv[4]);
	else if (argc != 2 || strcmp(argv[1], "nothing") != 0)
		return fprintf(stderr, "usage: bare add NETDEV PF NETNS IFNAME CIDR | "
				       "del NETDEV NETNS IFNAME\n"),
		       2;
	return 0;
}
