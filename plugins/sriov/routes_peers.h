/*
 * routes_peers.h - the nodes whose traffic goes over the rails, as they are written down:
 * a line a node.
 *
 *	# NODE   ADDRESSES         RAILS, in one order on all nodes
 *	node1    10.99.0.1         192.168.0.1          192.168.1.1
 *	node2    10.99.0.2,fd99::2 192.168.0.2,fd00::2  down:192.168.1.2
 *	node3    10.99.0.3         -                    192.168.1.3
 *
 * ADDRESSES are the node's ordinary ones, to which the traffic goes; then a word a rail,
 * with the node's address there (several: one a family). "down:" says that the rail has
 * no link now, "-" that it has no address. A word with a "=" in it is a later version's
 * and is passed over. A # begins a comment. A shared store holds one such line a file.
 *
 * Whoever wrote it may be mistaken or worse: here the form is checked, in routes_want.h
 * what is claimed.
 */
#ifndef SRIOV_ROUTES_PEERS_H
#define SRIOV_ROUTES_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/cleanup.h"
#include "pkg/err.h"
#include "pkg/ip.h"

#define PEERS_MAX      16384
#define PEER_NAME      201 /* and its NUL: it becomes a file name with a suffix */
#define PEER_ADDRESSES 8
#define PEER_RAILS     16
#define RAIL_ADDRESSES 4
#define PEER_LINE      4096 /* the longest that peer_format() makes, and its NUL */

struct peer_rail {
	bool down;
	int n;
	struct ip addresses[RAIL_ADDRESSES];
};

struct peer {
	char name[PEER_NAME];
	int n_addresses, n_rails;
	struct ip addresses[PEER_ADDRESSES];
	struct peer_rail rails[PEER_RAILS];
};

struct peers {
	struct peer *list;
	int count;
};

/* Letters, digits, dots, dashes and underscores, of which a dot or dash is not first. */
bool peer_valid_name(const char *name);

/* Parse one line, which is neither empty nor a comment. */
int peer_parse(const char *line, struct peer *ret, struct err *err);

/* Parse a file; errors name the line. A node must not stand there twice. */
int peers_parse(const char *text, struct peers *ret, struct err *err);

/* The line of a node, without newline; returns buf. */
char *peer_format(const struct peer *peer, char buf[PEER_LINE]);

int peers_add(struct peers *peers, const struct peer *peer, struct err *err);
const struct peer *peers_find(const struct peers *peers, const char *name);
void peers_clear(struct peers *peers);
#define _autopeers_ _cleanup_(peers_clear)

#endif
