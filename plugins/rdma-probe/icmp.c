/* icmp.c - does IP get through, and how large a packet? */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "plugins/rdma-probe/icmp.h"
#include "plugins/rdma-probe/sockaddr.h"

/* <netinet/ip_icmp.h> has a struct ip of its own. */
#define ICMP_ECHOREPLY	   0
#define ICMP_ECHO	   8
#define ICMP6_ECHO_REQUEST 128
#define ICMP6_ECHO_REPLY   129

#define PACKET_MAX 9216

struct echo {
	uint8_t type, code;
	uint16_t checksum, id[2]; /* identifier, sequence number */
};

static int protocol(int family)
{
	return family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

/* Where net.ipv4.ping_group_range lets nobody, CAP_NET_RAW may. */
static int open_socket(int family, bool *raw)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, protocol(family));

	*raw = fd < 0;
	return *raw ? socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol(family)) : fd;
}

static void do_not_fragment(int fd, int family)
{
	int how = IP_PMTUDISC_PROBE;

	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &how, sizeof(how));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &how, sizeof(how));
}

/* For raw sockets; the kernel does it for the others, and for ICMPv6. */
static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(data[i] << 8 | data[i + 1]);
	if (len % 2)
		sum += (uint32_t)data[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Is this the answer? A raw socket sees everybody's, behind an IPv4 header. */
static bool is_answer(const uint8_t *data, ssize_t n, int family, bool raw,
		      const struct echo *asked)
{
	struct echo seen;
	size_t skip = raw && family == AF_INET && n > 0 ? (size_t)(data[0] & 15) * 4 : 0;

	if (n < (ssize_t)(skip + sizeof(seen)))
		return false;
	memcpy(&seen, data + skip, sizeof(seen));
	return seen.type == (family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
	       seen.id[1] == asked->id[1] && (!raw || seen.id[0] == asked->id[0]);
}

static int await(int fd, int family, bool raw, const struct echo *asked,
		 const struct until *until)
{
	uint8_t data[PACKET_MAX + 64];
	struct err err;

	for (;;) {
		ssize_t n;

		if (wire_wait(fd, POLLIN, until, &err))
			return err.no;
		n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		if (is_answer(data, n, family, raw, asked))
			return 0;
	}
}

int icmp_echo(const struct rail *rail, const struct ip *dst, int bytes,
	      const struct until *until)
{
	int family = dst->family, header = family == AF_INET ? 20 : 40;
	size_t len = bytes - header > PACKET_MAX ? PACKET_MAX : (size_t)(bytes - header);
	struct echo echo = { .type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST };
	uint8_t packet[PACKET_MAX] = { 0 };
	struct sockaddr_storage from, to;
	bool raw;
	_autoclose_ int fd = open_socket(family, &raw);

	if (fd < 0)
		return errno;
	if (bind(fd, (struct sockaddr *)&from,
		 sockaddr_make(&rail->ip.ip, 0, rail->ifindex, &from)))
		return errno;
	do_not_fragment(fd, family);
	if (getrandom(echo.id, sizeof(echo.id), 0) < 0)
		echo.id[0] = (uint16_t)getpid();
	memcpy(packet, &echo, sizeof(echo));
	if (raw && family == AF_INET)
		echo.checksum = checksum(packet, len);
	memcpy(packet, &echo, sizeof(echo));
	if (sendto(fd, packet, len, MSG_DONTWAIT, (struct sockaddr *)&to,
		   sockaddr_make(dst, 0, rail->ifindex, &to)) < 0)
		return errno;
	return await(fd, family, raw, &echo, until);
}
