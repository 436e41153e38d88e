/*
 * ip.h - addresses and prefixes of both families, and arithmetic on them.
 *
 *	struct cidr net;
 *	char text[CIDR_LEN];
 *
 *	if (!cidr_parse("192.168.1.0/24", &net))
 *		return err_set(err, 0, "not a prefix");
 *	puts(cidr_format(&net, text));
 *
 * Text comes out in canonical form (RFC 5952 for IPv6), so that one address has
 * one spelling. An address with family 0 (AF_UNSPEC) means "none".
 */
#ifndef PKG_IP_H
#define PKG_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#define IP_LEN	 INET6_ADDRSTRLEN
#define CIDR_LEN (IP_LEN + 4)

struct ip {
	int family;    /* AF_INET, AF_INET6 or AF_UNSPEC */
	uint8_t b[16]; /* network order; IPv4 uses the first four, the rest is zero */
};

struct cidr {
	struct ip ip;
	int prefix; /* bits */
};

/* Parsers return false for anything but the whole text being one such thing. */
bool ip_parse(const char *text, struct ip *ret);
bool cidr_parse(const char *text, struct cidr *ret);	     /* "ADDRESS/BITS" */
bool cidr_parse_or_host(const char *text, struct cidr *ret); /* bits may be absent */

/* Write the canonical text into buf and return buf. */
char *ip_format(const struct ip *ip, char buf[IP_LEN]);
char *cidr_format(const struct cidr *cidr, char buf[CIDR_LEN]);

int ip_bytes(int family); /* 4 or 16 */
int ip_bits(int family);  /* 32 or 128 */
bool ip_is_any(const struct ip *ip);
bool ip_is_link_local(const struct ip *ip);

/* Orders IPv4 before IPv6, then by value. */
int ip_cmp(const struct ip *a, const struct ip *b);

static inline bool ip_equal(const struct ip *a, const struct ip *b)
{
	return ip_cmp(a, b) == 0;
}

/* ip + n; false when that leaves the family's range. */
bool ip_add(const struct ip *ip, uint64_t n, struct ip *ret);

/* b - a for addresses of one family; UINT64_MAX stands for that much or more.
 * a must not be above b. */
uint64_t ip_distance(const struct ip *a, const struct ip *b);

struct ip cidr_first(const struct cidr *cidr); /* all host bits 0: the network */
struct ip cidr_last(const struct cidr *cidr);  /* all host bits 1 */
bool cidr_contains(const struct cidr *cidr, const struct ip *ip);
bool cidr_equal(const struct cidr *a, const struct cidr *b);

#endif
