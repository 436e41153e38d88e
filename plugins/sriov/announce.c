/* announce.c - tell the neighbours whose an address is now, or ask whose it was. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "pkg/log.h"
#include "plugins/sriov/announce.h"

#define CARRIER_MS	 200
#define PROBE_CARRIER_MS 3000
#define CARRIER_STEP_MS	 2
/* Fewer and quicker than the RFC's, which thinks of hosts on a slow, shared wire. */
#define PROBES	      3
#define PROBE_WAIT_MS 100

struct socket_call {
	int domain, type, protocol;
	int fd;
};

static int make_socket(void *arg, struct err *err)
{
	struct socket_call *call = arg;

	call->fd = socket(call->domain, call->type | SOCK_CLOEXEC, call->protocol);
	return call->fd >= 0 ? 0 : err_set(err, errno, "open a socket in the pod");
}

static int socket_in(const struct pod *pod, int domain, int type, int protocol,
		     struct err *err)
{
	struct socket_call call = { domain, type, protocol, -1 };

	return netns_run(pod->netns, make_socket, &call, err) ? -1 : call.fd;
}

static bool wait_carrier(const struct pod *pod, const struct link *link, int timeout_ms)
{
	long deadline = clock_ms() + timeout_ms, step = CARRIER_STEP_MS;
	struct link now;
	struct err err;

	while (!link_get(pod->nl, link->index, &now, &err)) {
		if (now.carrier || clock_ms() >= deadline)
			return now.carrier;
		sleep_ms(step);
		step += step / 2;
	}
	return false;
}

/* As on the wire, behind the Ethernet header (RFC 826). */
struct arp {
	struct arphdr head;
	uint8_t sender_mac[MAC_LEN], sender_ip[4], target_mac[MAC_LEN], target_ip[4];
} __attribute__((packed));

static int send_arp(int fd, const struct link *link, const struct ip *sender,
		    const struct ip *target, struct err *err)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ARP),
				  .sll_ifindex = link->index,
				  .sll_halen = MAC_LEN,
				  .sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct arp arp = { .head = { .ar_hrd = htons(ARPHRD_ETHER),
				     .ar_pro = htons(ETH_P_IP),
				     .ar_hln = MAC_LEN,
				     .ar_pln = 4,
				     .ar_op = htons(ARPOP_REQUEST) } };

	memcpy(arp.sender_mac, link->mac, MAC_LEN);
	memcpy(arp.sender_ip, sender->b, 4);
	memcpy(arp.target_ip, target->b, 4);
	if (sendto(fd, &arp, sizeof(arp), 0, (void *)&to, sizeof(to)) < 0)
		return err_set(err, errno, "send ARP on %s", link->name);
	return 0;
}

/* The kernel fills in checksum and, from the socket, the hop limit. */
static int send_advertisement(int fd, const struct link *link, const struct ip *ip,
			      struct err *err)
{
	struct {
		struct nd_neighbor_advert na;
		struct nd_opt_hdr opt;
		uint8_t mac[MAC_LEN];
	} __attribute__((packed)) packet = {
		.na = { .nd_na_type = ND_NEIGHBOR_ADVERT,
			.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE },
		.opt = { .nd_opt_type = ND_OPT_TARGET_LINKADDR, .nd_opt_len = 1 },
	};
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_scope_id = link->index };
	struct sockaddr_in6 from = { .sin6_family = AF_INET6 };

	memcpy(&packet.na.nd_na_target, ip->b, 16);
	memcpy(packet.mac, link->mac, MAC_LEN);
	memcpy(&from.sin6_addr, ip->b, 16);
	inet_pton(AF_INET6, "ff02::1", &to.sin6_addr);
	if (bind(fd, (void *)&from, sizeof(from)) ||
	    sendto(fd, &packet, sizeof(packet), 0, (void *)&to, sizeof(to)) < 0)
		return err_set(err, errno, "send neighbour advertisement on %s",
			       link->name);
	return 0;
}

static int announce_one(const struct pod *pod, const struct link *link,
			const struct ip *ip, struct err *err)
{
	_autoclose_ int fd = -1;
	int hops = 255; /* anything less is taken for forwarded, and ignored */

	if (ip->family == AF_INET) {
		fd = socket_in(pod, AF_PACKET, SOCK_DGRAM, 0, err);
		return fd < 0 ? -1 : send_arp(fd, link, ip, ip, err);
	}
	fd = socket_in(pod, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, err);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &link->index, sizeof(int)))
		return err_set(err, errno, "prepare neighbour advertisement");
	return send_advertisement(fd, link, ip, err);
}

void announce(const struct pod *pod, const struct link *link,
	      const struct cni_result *result)
{
	struct err err;

	if (!wait_carrier(pod, link, CARRIER_MS)) {
		log_info("%s has no carrier yet: nothing announced", link->name);
		return;
	}
	for (int i = 0; i < result->n_ips; i++)
		if (announce_one(pod, link, &result->ips[i].address.ip, &err))
			log_warning("%s", err.msg);
}

/* Is this packet from one who has the address, or wants it like us? */
static bool conflicts(const struct arp *arp, const struct link *link, const struct ip *ip)
{
	static const uint8_t any[4];
	bool ours = !memcmp(arp->sender_mac, link->mac, MAC_LEN);
	bool probe = !memcmp(arp->sender_ip, any, 4);

	if (ours)
		return false;
	return !memcmp(arp->sender_ip, ip->b, 4) ||
	       (probe && !memcmp(arp->target_ip, ip->b, 4));
}

/* Listen for as long as a probe waits. */
static int listen_for(int fd, const struct link *link, const struct ip *ip,
		      struct err *err)
{
	long deadline = clock_ms() + PROBE_WAIT_MS, left;
	char mac[MAC_TEXT_LEN], text[IP_LEN];

	while ((left = deadline - clock_ms()) > 0) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		struct arp arp;

		if (poll(&ready, 1, left) <= 0 ||
		    recv(fd, &arp, sizeof(arp), MSG_DONTWAIT) < (ssize_t)sizeof(arp) ||
		    !conflicts(&arp, link, ip))
			continue;
		return err_set(err, EADDRINUSE, "address %s is used by %s on %s",
			       ip_format(ip, text), mac_format(arp.sender_mac, mac),
			       link->name);
	}
	return 0;
}

static int probe_one(int fd, const struct link *link, const struct ip *ip,
		     struct err *err)
{
	const struct ip nobody = { .family = AF_INET };

	for (int i = 0; i < PROBES; i++)
		if (send_arp(fd, link, &nobody, ip, err) || listen_for(fd, link, ip, err))
			return -1;
	return 0;
}

int announce_probe(const struct pod *pod, const struct link *link,
		   const struct cni_result *result, struct err *err)
{
	_autoclose_ int fd = socket_in(pod, AF_PACKET, SOCK_DGRAM, htons(ETH_P_ARP), err);

	if (fd < 0)
		return -1;
	if (!wait_carrier(pod, link, PROBE_CARRIER_MS))
		return err_set(err, ENETDOWN,
			       "%s has no carrier: cannot ask for other owners (dad)",
			       link->name);
	for (int i = 0; i < result->n_ips; i++)
		if (result->ips[i].address.ip.family == AF_INET &&
		    probe_one(fd, link, &result->ips[i].address.ip, err))
			return -1;
	return 0;
}
