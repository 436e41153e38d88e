/* ip.c - addresses and prefixes of both families, and arithmetic on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/ip.h"

int ip_bytes(int family)
{
	return family == AF_INET ? 4 : 16;
}

int ip_bits(int family)
{
	return 8 * ip_bytes(family);
}

bool ip_parse(const char *text, struct ip *ret)
{
	struct ip ip = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(ip.family, text, ip.b) != 1)
		return false;
	*ret = ip;
	return true;
}

/* Digits only: strtol() alone would take "+8", " 8" and "0x8". */
static bool parse_bits(const char *text, int max, int *ret)
{
	size_t len = strlen(text);

	if (len < 1 || len > 3 || strspn(text, "0123456789") != len)
		return false;
	if (len > 1 && text[0] == '0')
		return false;
	*ret = atoi(text);
	return *ret <= max;
}

bool cidr_parse_or_host(const char *text, struct cidr *ret)
{
	const char *slash = strchr(text, '/');
	char addr[IP_LEN];
	struct cidr cidr;

	if (!slash) {
		if (!ip_parse(text, &cidr.ip))
			return false;
		cidr.prefix = ip_bits(cidr.ip.family);
		*ret = cidr;
		return true;
	}
	if ((size_t)(slash - text) >= sizeof(addr))
		return false;
	memcpy(addr, text, slash - text);
	addr[slash - text] = '\0';
	if (!ip_parse(addr, &cidr.ip) ||
	    !parse_bits(slash + 1, ip_bits(cidr.ip.family), &cidr.prefix))
		return false;
	*ret = cidr;
	return true;
}

bool cidr_parse(const char *text, struct cidr *ret)
{
	return strchr(text, '/') && cidr_parse_or_host(text, ret);
}

char *ip_format(const struct ip *ip, char buf[IP_LEN])
{
	if (!inet_ntop(ip->family, ip->b, buf, IP_LEN))
		buf[0] = '\0'; /* AF_UNSPEC */
	return buf;
}

char *cidr_format(const struct cidr *cidr, char buf[CIDR_LEN])
{
	char addr[IP_LEN];

	snprintf(buf, CIDR_LEN, "%s/%d", ip_format(&cidr->ip, addr), cidr->prefix);
	return buf;
}

bool ip_is_any(const struct ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->b, zero, sizeof(zero)) == 0;
}

bool ip_is_link_local(const struct ip *ip)
{
	if (ip->family == AF_INET)
		return ip->b[0] == 169 && ip->b[1] == 254;
	return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

int ip_cmp(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool ip_add(const struct ip *ip, uint64_t n, struct ip *ret)
{
	struct ip sum = *ip;

	for (int i = ip_bytes(ip->family) - 1; i >= 0; i--) {
		unsigned int byte = sum.b[i] + (unsigned int)(n & 0xff);

		sum.b[i] = byte;
		n = (n >> 8) + (byte >> 8);
	}
	if (n)
		return false;
	*ret = sum;
	return true;
}

uint64_t ip_distance(const struct ip *a, const struct ip *b)
{
	int borrow = 0, len = ip_bytes(a->family);
	uint8_t diff[16] = { 0 };
	uint64_t n = 0;

	for (int i = len - 1; i >= 0; i--) {
		int byte = b->b[i] - a->b[i] - borrow;

		borrow = byte < 0;
		diff[i] = byte;
	}
	for (int i = 0; i < len; i++) {
		if (n >> 56)
			return UINT64_MAX;
		n = n << 8 | diff[i];
	}
	return n;
}

static uint8_t mask_byte(int prefix, int i)
{
	int bits = prefix - 8 * i;

	return bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits);
}

struct ip cidr_first(const struct cidr *cidr)
{
	struct ip ip = cidr->ip;

	for (int i = 0; i < ip_bytes(ip.family); i++)
		ip.b[i] &= mask_byte(cidr->prefix, i);
	return ip;
}

struct ip cidr_last(const struct cidr *cidr)
{
	struct ip ip = cidr->ip;

	for (int i = 0; i < ip_bytes(ip.family); i++)
		ip.b[i] |= (uint8_t)~mask_byte(cidr->prefix, i);
	return ip;
}

bool cidr_contains(const struct cidr *cidr, const struct ip *ip)
{
	if (cidr->ip.family != ip->family)
		return false;
	for (int i = 0; i < ip_bytes(ip->family); i++)
		if ((cidr->ip.b[i] ^ ip->b[i]) & mask_byte(cidr->prefix, i))
			return false;
	return true;
}

bool cidr_equal(const struct cidr *a, const struct cidr *b)
{
	return a->prefix == b->prefix && ip_equal(&a->ip, &b->ip);
}
