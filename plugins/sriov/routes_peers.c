/* routes_peers.c - the nodes whose traffic goes over the rails, as they are written down.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "pkg/text.h"
#include "plugins/sriov/routes_peers.h"

#define DOWN  "down:"
#define SPACE " \t\r\n"

bool peer_valid_name(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= PEER_NAME || *name == '.' || *name == '-')
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			return false;
	return true;
}

/* Addresses that no node can be reached by. NULL when it is none of these. */
static const char *unfit(const struct ip *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t loopback[16] = { [15] = 1 };
	bool v4 = ip->family == AF_INET;

	if (v4 ? ip->b[0] == 0 : ip_is_any(ip))
		return "the unspecified address";
	if (v4 ? ip->b[0] == 127 : !memcmp(ip->b, loopback, sizeof(loopback)))
		return "a loopback address";
	if (v4 ? ip->b[0] >= 224 && ip->b[0] < 240 : ip->b[0] == 0xff)
		return "a multicast address";
	if (v4 && ip->b[0] >= 240)
		return "a reserved address";
	if (!v4 && !memcmp(ip->b, mapped, sizeof(mapped)))
		return "an IPv4 address in IPv6 clothes";
	if (ip_is_link_local(ip))
		return "a link-local address";
	return NULL;
}

/* "A,B,C"; how many, or -1. The word is cut in pieces. */
static int parse_addresses(char *word, struct ip *ret, int max, struct err *err)
{
	int n = 0;

	for (char *rest = word, *text; (text = strsep(&rest, ","));) {
		char clean[64];
		const char *why;

		text_clean(clean, sizeof(clean), text);
		if (n == max)
			return err_set(err, 0, "more than %d addresses", max);
		if (!ip_parse(text, &ret[n]))
			return err_set(err, 0, "\"%s\" is no address", clean);
		why = unfit(&ret[n]);
		if (why)
			return err_set(err, 0, "%s is %s", clean, why);
		n++;
	}
	return n;
}

static int parse_rail(char *word, struct peer_rail *ret, struct err *err)
{
	*ret = (struct peer_rail){ 0 };
	if (!strcmp(word, "-"))
		return 0;
	ret->down = !strncmp(word, DOWN, strlen(DOWN));
	if (ret->down)
		word += strlen(DOWN);
	ret->n = parse_addresses(word, ret->addresses, RAIL_ADDRESSES, err);
	return ret->n < 0 ? -1 : 0;
}

static int parse_rails(char *rest, struct peer *peer, struct err *err)
{
	for (char *word; (word = strsep(&rest, SPACE));) {
		if (!*word || strchr(word, '='))
			continue;
		if (peer->n_rails == PEER_RAILS)
			return err_set(err, 0, "more than %d rails", PEER_RAILS);
		if (parse_rail(word, &peer->rails[peer->n_rails], err))
			return err_wrap(err, "rail %d", peer->n_rails + 1);
		peer->n_rails++;
	}
	return 0;
}

static char *next_word(char **rest)
{
	char *word;

	while ((word = strsep(rest, SPACE)) && !*word)
		;
	return word;
}

static int parse_words(char *rest, struct peer *ret, struct err *err)
{
	char *name = next_word(&rest), *addresses = next_word(&rest), clean[64];

	if (!name || !addresses)
		return err_set(err, 0, "expected NODE ADDRESSES RAIL...");
	if (!peer_valid_name(name))
		return err_set(err, 0, "\"%s\" is no name of a node",
			       text_clean(clean, sizeof(clean), name));
	strcpy(ret->name, name);
	ret->n_addresses =
		parse_addresses(addresses, ret->addresses, PEER_ADDRESSES, err);
	if (ret->n_addresses < 0 || parse_rails(rest, ret, err))
		return err_wrap(err, "node %s", ret->name);
	if (!ret->n_rails)
		return err_set(err, 0, "node %s: it has no rails", ret->name);
	return 0;
}

static int ip_order(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

/* A group of next hops takes none twice, and an address is no next hop to itself. */
static int refuse_twice(const struct peer *peer, struct err *err)
{
	struct ip all[PEER_ADDRESSES + PEER_RAILS * RAIL_ADDRESSES];
	char text[IP_LEN];
	int n = peer->n_addresses;

	memcpy(all, peer->addresses, n * sizeof(*all));
	for (int i = 0; i < peer->n_rails; i++) {
		memcpy(all + n, peer->rails[i].addresses,
		       peer->rails[i].n * sizeof(*all));
		n += peer->rails[i].n;
	}
	qsort(all, n, sizeof(*all), ip_order);
	for (int i = 1; i < n; i++)
		if (ip_equal(&all[i - 1], &all[i]))
			return err_set(err, 0, "node %s: %s stands there twice",
				       peer->name, ip_format(&all[i], text));
	return 0;
}

int peer_parse(const char *line, struct peer *ret, struct err *err)
{
	_autofree_ char *copy = strndup(line, strcspn(line, "#\n"));
	struct peer peer = { 0 };

	if (!copy)
		return err_set(err, ENOMEM, "a line of peers");
	if (parse_words(copy, &peer, err) || refuse_twice(&peer, err))
		return -1;
	*ret = peer;
	return 0;
}

int peers_add(struct peers *peers, const struct peer *peer, struct err *err)
{
	struct peer *grown;

	if (peers->count == PEERS_MAX)
		return err_set(err, 0, "more than %d nodes", PEERS_MAX);
	grown = grow(peers->list, peers->count, sizeof(*grown));
	if (!grown)
		return err_set(err, ENOMEM, "list of peers");
	peers->list = grown;
	peers->list[peers->count++] = *peer;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int refuse_twins(const struct peers *peers, struct err *err)
{
	_autofree_ const char **names = calloc(peers->count + 1, sizeof(*names));

	if (!names)
		return err_set(err, ENOMEM, "list of peers");
	for (int i = 0; i < peers->count; i++)
		names[i] = peers->list[i].name;
	qsort(names, peers->count, sizeof(*names), by_name);
	for (int i = 1; i < peers->count; i++)
		if (!strcmp(names[i - 1], names[i]))
			return err_set(err, 0, "node %s stands there twice", names[i]);
	return 0;
}

int peers_parse(const char *text, struct peers *ret, struct err *err)
{
	_autopeers_ struct peers peers = { 0 };
	int number = 1;

	for (const char *line = text; *line; number++) {
		size_t len = strcspn(line, "\n");
		size_t first = strspn(line, " \t\r");
		struct peer peer;

		if (first < len && line[first] != '#' &&
		    (peer_parse(line, &peer, err) || peers_add(&peers, &peer, err)))
			return err_wrap(err, "line %d", number);
		line += len + (line[len] == '\n');
	}
	if (refuse_twins(&peers, err))
		return -1;
	*ret = peers;
	peers = (struct peers){ 0 };
	return 0;
}

static size_t put_addresses(const struct ip *ips, int n, char *buf, size_t room)
{
	size_t used = 0;
	char text[IP_LEN];

	for (int i = 0; i < n; i++)
		used += snprintf(buf + used, room - used, "%s%s", i ? "," : "",
				 ip_format(&ips[i], text));
	return used;
}

/* Sixteen rails of four addresses and eight more, of IP_LEN each, fit into PEER_LINE. */
char *peer_format(const struct peer *peer, char buf[PEER_LINE])
{
	size_t n = snprintf(buf, PEER_LINE, "%s ", peer->name);

	n += put_addresses(peer->addresses, peer->n_addresses, buf + n, PEER_LINE - n);
	for (int i = 0; i < peer->n_rails; i++) {
		const struct peer_rail *rail = &peer->rails[i];

		n += snprintf(buf + n, PEER_LINE - n, " %s",
			      !rail->n	   ? "-"
			      : rail->down ? DOWN
					   : "");
		n += put_addresses(rail->addresses, rail->n, buf + n, PEER_LINE - n);
	}
	return buf;
}

const struct peer *peers_find(const struct peers *peers, const char *name)
{
	for (int i = 0; i < peers->count; i++)
		if (!strcmp(peers->list[i].name, name))
			return &peers->list[i];
	return NULL;
}

void peers_clear(struct peers *peers)
{
	free(peers->list);
	*peers = (struct peers){ 0 };
}
