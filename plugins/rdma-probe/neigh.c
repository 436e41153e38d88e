/*
 * neigh.c - make sure a peer's neighbour entry is there before a QP needs it.
 *
 * libnl-3, for the reason in nlq.h.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/neigh.h"
#include "plugins/rdma-probe/nlq.h"
#include "plugins/rdma-probe/sockaddr.h"

#define DISCARD_PORT 9
#define NUD_USABLE                                                                       \
	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP)

struct question {
	int ifindex;
	const struct ip *ip;
	struct neigh *ret;
	bool found;
};

static int on_neigh(struct nl_msg *msg, void *arg)
{
	const struct ndmsg *ndm = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *dst = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*ndm), NDA_DST);
	struct nlattr *mac = nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*ndm), NDA_LLADDR);
	struct question *q = arg;
	const uint8_t *b;

	if (ndm->ndm_ifindex != q->ifindex || ndm->ndm_family != q->ip->family || !dst ||
	    nla_len(dst) != ip_bytes(q->ip->family) ||
	    memcmp(nla_data(dst), q->ip->b, nla_len(dst)))
		return NL_OK;
	*q->ret = (struct neigh){ .state = ndm->ndm_state };
	q->found = true;
	if (mac && nla_len(mac) == 6) {
		b = nla_data(mac);
		snprintf(q->ret->mac, sizeof(q->ret->mac),
			 "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4],
			 b[5]);
	}
	return NL_OK;
}

static int ask(struct nl_sock *sk, int flags, struct question *q)
{
	struct ndmsg ndm = { .ndm_family = q->ip->family, .ndm_ifindex = q->ifindex };
	_autonlmsg_ struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETNEIGH, flags);

	if (!msg || nlmsg_append(msg, &ndm, sizeof(ndm), NLMSG_ALIGNTO))
		return ENOMEM;
	if (!flags && nla_put(msg, NDA_DST, ip_bytes(q->ip->family), q->ip->b))
		return ENOMEM;
	return nlq_ask(sk, msg, on_neigh, q);
}

int neigh_get(int ifindex, const struct ip *ip, struct neigh *ret)
{
	struct err ignored;
	_autonlq_ struct nl_sock *sk = nlq_open(NETLINK_ROUTE, &ignored);
	struct question q = { .ifindex = ifindex, .ip = ip, .ret = ret };
	int no;

	if (!sk)
		return ENOMEM;
	no = ask(sk, 0, &q);
	if (no == EOPNOTSUPP || no == EINVAL) /* before kernel 5.0: dump them all */
		no = ask(sk, NLM_F_DUMP, &q);
	return no ? no : q.found ? 0 : ENOENT;
}

const char *neigh_state_name(int state)
{
	switch (state) {
	case NUD_INCOMPLETE:
		return "INCOMPLETE";
	case NUD_REACHABLE:
		return "REACHABLE";
	case NUD_STALE:
		return "STALE";
	case NUD_DELAY:
		return "DELAY";
	case NUD_PROBE:
		return "PROBE";
	case NUD_FAILED:
		return "FAILED";
	case NUD_NOARP:
		return "NOARP";
	case NUD_PERMANENT:
		return "PERMANENT";
	default:
		return "none";
	}
}

/* One datagram out of the rail; whether anybody hears it does not matter. */
static int knock(const struct rail *rail, const struct ip *dst, struct fault *fault)
{
	_autoclose_ int fd = socket(dst->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage from, to;
	socklen_t from_len = sockaddr_make(&rail->ip.ip, 0, rail->ifindex, &from),
		  to_len = sockaddr_make(dst, DISCARD_PORT, rail->ifindex, &to);
	char text[IP_LEN];

	if (fd < 0 || bind(fd, (struct sockaddr *)&from, from_len))
		return fault_set(fault, REASON_NO_ROUTE, errno, "send from %s",
				 ip_format(&rail->ip.ip, text));
	if (sendto(fd, "", 0, MSG_DONTWAIT, (struct sockaddr *)&to, to_len) < 0 &&
	    errno != EAGAIN && errno != ECONNREFUSED)
		return fault_set(fault,
				 errno == ENETUNREACH ? REASON_NO_ROUTE
						      : REASON_NEIGH_FAILED,
				 errno, "send to %s", ip_format(dst, text));
	return 0;
}

static int failed(const struct rail *rail, const struct ip *hop,
		  const struct neigh *neigh, struct fault *fault)
{
	char text[IP_LEN];

	return fault_set(fault, REASON_NEIGH_FAILED, 0,
			 "%s does not answer %s on %s: neighbour entry %s",
			 ip_format(hop, text), hop->family == AF_INET ? "ARP" : "ND",
			 rail->netdev, neigh_state_name(neigh->state));
}

int neigh_warm(const struct rail *rail, const struct ip *dst, const struct egress *route,
	       const struct until *until, struct neigh *ret, struct fault *fault)
{
	const struct ip *hop = route->gateway.family ? &route->gateway : dst;
	struct neigh neigh = { 0 };
	struct err err;

	if (!neigh_get(rail->ifindex, hop, &neigh) && neigh.state & NUD_USABLE) {
		*ret = neigh;
		return 0;
	}
	if (knock(rail, dst, fault))
		return -1;
	/* Looked at ever more rarely: 1 ms is what a good neighbour takes at most. */
	for (int64_t nap = NS_MS / 2;; nap = nap < 20 * NS_MS ? 2 * nap : nap) {
		int64_t next = clock_ns() + nap;
		struct until step = { next < until->deadline ? next : until->deadline,
				      until->stop };
		int no = neigh_get(rail->ifindex, hop, &neigh);

		if (!no && neigh.state & NUD_USABLE) {
			*ret = neigh;
			return 0;
		}
		if (clock_ns() >= until->deadline || (!no && neigh.state == NUD_FAILED))
			return failed(rail, hop, &neigh, fault);
		if (wire_wait(-1, 0, &step, &err) && err.no == ECANCELED)
			return fault_interrupted(fault);
	}
}

int neigh_check_owner(const struct neigh *neigh, const struct rail *peer,
		      const struct rails *theirs, struct fault *fault)
{
	char text[IP_LEN];

	if (!*neigh->mac || !*peer->mac || !strcmp(neigh->mac, peer->mac))
		return 0;
	for (int i = 0; i < theirs->n; i++)
		if (!strcmp(theirs->v[i].mac, neigh->mac))
			return fault_set(
				fault, REASON_ARP_FLUX, 0,
				"%s belongs to %s of %s, but %s (%s) answers for it",
				ip_format(&peer->ip.ip, text), peer->mac, peer->netdev,
				theirs->v[i].netdev, neigh->mac);
	return 0;
}
