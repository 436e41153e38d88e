/*
 * range.h - which addresses a pool may hand out. No input or output here.
 *
 *	struct range range;
 *	struct ip ip;
 *
 *	if (!range_parse("192.168.1.10-192.168.1.99/24", &range)) ...
 *	for (ip = range.first; range_next(&range, &ip); )
 *		... ip may be handed out ...
 *
 * A range can hold 2^128 addresses, of which excluded spans can be most: nothing here
 * takes a step for every address.
 */
#ifndef IPAM_RANGE_H
#define IPAM_RANGE_H

#include "pkg/ip.h"

#define RANGE_LEN (2 * IP_LEN + 56)

/* Addresses of one family from first to last, both included. */
struct span {
	struct ip first, last;
};

struct range {
	struct cidr subnet; /* of the network: its first address and prefix length */
	struct span span;   /* without the network's own address and IPv4's broadcast */
	struct ip gateway;  /* AF_UNSPEC: none; never handed out */
	const struct span *excludes; /* in any order */
	int n_excludes;
	int block; /* prefix length of what a node takes at once; 0: no such */
	int64_t gateway_index; /* which address of such a block is its gateway; -1: none
				*/
	int set;	       /* an ADD gives one address from each set of ranges */
};

/* "192.168.1.0/24" (host bits are ignored) or "192.168.1.10-192.168.1.99/24". False
 * when it is neither, or leaves no address. */
bool range_parse(const char *text, struct range *ret);

/* Cut what lies before or behind; false when the address is not in the subnet, or
 * nothing would be left. */
bool range_start(struct range *range, const struct ip *first);
bool range_end(struct range *range, const struct ip *last);

/* "192.168.1.7", "192.168.1.7-192.168.1.9" or "192.168.1.0/28". */
bool span_parse(const char *text, struct span *ret);

bool span_contains(const struct span *span, const struct ip *ip);

/* Move *ip up to the next address that may be handed out, which may be *ip itself;
 * false when there is none up to the end of the range. */
bool range_next(const struct range *range, struct ip *ip);

bool range_usable(const struct range *range, const struct ip *ip);

/* What belongs to one node: the range's part in the block of this address, with the
 * block's prefix length and gateway. Without blocks, the range itself. */
struct range range_part(const struct range *range, const struct ip *ip);

/* Can one address belong to both? */
bool range_overlaps(const struct range *a, const struct range *b);

/* "192.168.1.10-192.168.1.99/24", or with blocks "10.0.0.1-10.0.255.254/16 in /26 gateway
 * 1": what nodes must agree on, in one spelling; and back. */
char *range_format(const struct range *range, char buf[RANGE_LEN]);
bool range_read(const char *text, struct range *ret);

#endif
