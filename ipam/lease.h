/*
 * lease.h - the names of lease files, which say all there is to know.
 *
 *	192.168.1.10                                            free, never used
 *	192.168.1.11@1732262400                                 free since then
 *	192.168.1.12=gpu07,5b1e9a02,3f9c...e1,net1,a81c44d0     leased
 *	192.168.1.13=reserved,gateway                           set aside by an operator
 *
 * An owner is what stands between '=' and the nonce: node, boot, container, interface.
 * It does not depend on the address, so telling whose a lease is means comparing text.
 * No input or output here.
 */
#ifndef IPAM_LEASE_H
#define IPAM_LEASE_H

#include "pkg/ip.h"

#define LEASE_LEN 256 /* a file's name with its NUL */
#define OWNER_LEN 207 /* what the longest address and a nonce leave of it */
#define NODE_LEN  81
#define BOOT_LEN  9
#define NONCE_LEN 9

enum lease_state {
	LEASE_FREE,
	LEASE_HELD,
	LEASE_RESERVED,
	LEASE_ODD, /* neither of these: taken, by whoever wrote it */
};

struct lease {
	struct ip ip;
	enum lease_state state;
	int64_t freed;	  /* LEASE_FREE: when, in seconds since 1970; -1: never used */
	const char *rest; /* behind the '=' of the name it was read from, or NULL */
};

/* False when the name is none of a lease: not an address in its one spelling, or it
 * starts with a dot. */
bool lease_parse(const char *name, struct lease *ret);

/* Is it leased to this owner? To this owner, whatever the boot? To this node? */
bool lease_is_of(const struct lease *lease, const char *owner);
bool lease_is_of_any_boot(const struct lease *lease, const char *owner);
bool lease_is_of_node(const struct lease *lease, const char *node);

struct holder {
	char node[NODE_LEN], boot[BOOT_LEN], container[256], ifname[16], nonce[NONCE_LEN];
};

/* Take apart what stands behind the '=' of a LEASE_HELD. A container of which only the
 * SHA-256 fitted reads "h." and that. */
bool holder_parse(const char *rest, struct holder *ret);

/* "NODE,BOOT,CONTAINER,IFNAME"; node is escaped already, at most NODE_LEN - 1 bytes. */
char *owner_format(const char *node, const char *boot, const char *container,
		   const char *ifname, char buf[OWNER_LEN]);

char *lease_name(const struct ip *ip, const char *owner, const char *nonce,
		 char buf[LEASE_LEN]);

/* The name of a free address; freed -1: never used. */
char *free_name(const struct ip *ip, int64_t freed, char buf[LEASE_LEN]);

#endif
