/* fuzz_netlink.c - answers of the kernel: driver texts, names a pod has given, and
 * whatever a kernel of another age says.
 *
 * The first byte chooses what is asked. Then come datagrams, each behind its length in
 * two bytes; once there are no more, the socket has nothing to say. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "pkg/addr.h"
#include "pkg/dcb.h"
#include "pkg/link_vf.h"
#include "pkg/multipath.h"
#include "pkg/nl.h"
#include "pkg/rdma_nl.h"
#include "pkg/rule.h"

static const uint8_t *at;
static size_t left;

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *msg,
				 size_t len);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *msg, size_t len)
{
	const struct nlmsghdr *nlh = msg;

	(void)nl;
	must(nlh->nlmsg_len == len && mnl_nlmsg_ok(nlh, (int)len));
	return (ssize_t)len;
}

/* Only the kernel is listened to, and it says no length that is negative to libmnl 1.0.
 */
static void keep_lengths_positive(char *buf, size_t len)
{
	uint32_t next;

	while (len >= NLMSG_HDRLEN) {
		buf[3] &= 0x7f;
		memcpy(&next, buf, sizeof(next));
		if (next < NLMSG_HDRLEN || NLMSG_ALIGN(next) >= len)
			break;
		buf += NLMSG_ALIGN(next);
		len -= NLMSG_ALIGN(next);
	}
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char *buf = msg->msg_iov->iov_base;
	size_t len;

	(void)fd, (void)flags;
	if (left < 2) {
		errno = EAGAIN;
		return -1;
	}
	len = at[0] | (size_t)at[1] << 8;
	at += 2;
	left -= 2;
	if (len > left)
		len = left;
	must(len <= msg->msg_iov->iov_len && msg->msg_namelen == sizeof(kernel));
	if (len)
		memcpy(buf, at, len);
	keep_lengths_positive(buf, len);
	memcpy(msg->msg_name, &kernel, sizeof(kernel));
	at += len;
	left -= len;
	return (ssize_t)len;
}

static struct nl *nl;
static struct err err;

static void ask_link(void)
{
	struct link link = { 0 };

	if (!fuzz_told(link_get(nl, 7, &link, &err), &err)) {
		must(memchr(link.name, '\0', sizeof(link.name)));
		must(memchr(link.altnames, '\0', sizeof(link.altnames)));
		must(memchr(link.device, '\0', sizeof(link.device)));
		must(!*link.altnames || link.altnames[strlen(link.altnames) - 1] == '\n');
	}
}

static void ask_device(void)
{
	struct link link = { 0 };

	if (fuzz_told(link_find_device(nl, "0000:03:10.0", &link, &err), &err) > 0)
		must(!strcmp(link.device, "0000:03:10.0"));
}

static void ask_vf(void)
{
	struct vf_settings settings = { 0 }, wanted = { .has = VF_MAC | VF_VLAN };

	if (!fuzz_told(vf_get(nl, 2, 1, &settings, &err), &err))
		must(!(vf_differs(&wanted, &settings) & ~wanted.has));
}

static void set_vf(void)
{
	struct vf_settings wanted = { .has = VF_MAC | VF_VLAN | VF_TRUST,
				      .vlan = 5,
				      .vlan_proto = 0x88a8 };

	(void)fuzz_told(vf_set(nl, 2, 1, &wanted, &err), &err);
}

static struct route route(const char *dst, const char *gw)
{
	struct route route = { .mtu = 1400,
			       .advmss = ROUTE_UNSET,
			       .priority = ROUTE_UNSET,
			       .table = ROUTE_UNSET,
			       .scope = ROUTE_UNSET };

	must(cidr_parse(dst, &route.dst) && ip_parse(gw, &route.gw));
	return route;
}

static void ask_route(void)
{
	struct route v4 = route("10.0.0.0/8", "10.1.0.1");
	struct route v6 = route("2001:db8::/32", "2001:db8:1::1");

	(void)fuzz_told(route_exists(nl, 7, &v4, &err), &err);
	(void)fuzz_told(route_exists(nl, 7, &v6, &err), &err);
}

static void ask_multipath(void)
{
	struct route v4 = route("10.0.0.0/8", "10.1.0.1");

	(void)fuzz_told(multipath_has(nl, 7, &v4, &err), &err);
	(void)fuzz_told(multipath_leave(nl, 7, &v4, &err), &err);
}

static void join_multipath(void)
{
	struct route v6 = route("2001:db8::/32", "2001:db8:1::1");

	(void)fuzz_told(multipath_join(nl, 7, &v6, 256, &err), &err);
}

static void ask_rule(void)
{
	struct ip from;

	must(ip_parse("10.0.0.9", &from));
	(void)fuzz_told(rule_exists(nl, &from, 100, &err), &err);
}

static void ask_table(void)
{
	uint32_t table;

	if (!fuzz_told(table_first_free(nl, 100, &table, &err), &err))
		must(table >= 100 && table < 356);
}

static void ask_addresses(void)
{
	struct addr addrs[ADDR_MAX];
	int n = fuzz_told(addr_list(nl, 7, addrs, &err), &err);
	char text[CIDR_LEN];

	for (int i = 0; i < n; i++)
		must(*cidr_format(&addrs[i].cidr, text));
	(void)fuzz_told(addr_settled(nl, 7, &err), &err);
}

static void ask_rdma(void)
{
	struct rdma_port port;
	enum rdma_mode mode;
	struct rdma_dev dev;

	if (!fuzz_told(rdma_get_mode(nl, &mode, &err), &err))
		must(*rdma_mode_name(mode));
	(void)fuzz_told(rdma_find(nl, "mlx5_0", &dev, &err), &err);
	(void)fuzz_told(rdma_get_port(nl, 3, &port, &err), &err);
}

static void ask_dcb(void)
{
	struct dcb dcb;

	if (fuzz_told(dcb_get(nl, "eth0", &dcb, &err), &err))
		return;
	for (int tos = 0; tos < 256; tos++)
		must(dcb_priority(&dcb, tos) >= 0 && dcb_priority(&dcb, tos) < 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const asks[])(void) = {
		ask_link,  ask_device, ask_vf,	      set_vf,
		ask_route, ask_rule,   ask_multipath, join_multipath,
		ask_rdma,  ask_table,  ask_dcb,	      ask_addresses,
	};

	if (!nl)
		must(!nl_open(&nl, NETLINK_ROUTE, &err));
	if (!size)
		return 0;
	at = data + 1;
	left = size - 1;
	asks[*data % ARRAY_SIZE(asks)]();
	return 0;
}
