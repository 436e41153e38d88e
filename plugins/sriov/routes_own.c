/* routes_own.c - this node: its rails and ordinary addresses as they are now. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/if_addr.h>

#include "plugins/sriov/routes_own.h"

/* Addresses that others may know: neither temporary ones nor further ones in the same
 * network, for which the kernel has the same flag, nor those that somebody else has. */
static bool is_public(const struct addr *addr)
{
	return !(addr->flags & (IFA_F_SECONDARY | IFA_F_DADFAILED)) &&
	       !ip_is_link_local(&addr->cidr.ip);
}

static int read_rail(struct nl *nl, const struct own *own, int ifindex,
		     struct own_rail *ret, struct err *err)
{
	struct link link;

	if (link_get(nl, ifindex, &link, err))
		return -1;
	*ret = (struct own_rail){ .ifindex = ifindex,
				  .up = (link.flags & IFF_UP) && link.carrier };
	strcpy(ret->name, link.name);
	for (int i = 0; i < own->all.count; i++) {
		const struct addr *addr = &own->all.list[i];

		if (addr->ifindex == ifindex && is_public(addr) &&
		    ret->n < RAIL_ADDRESSES)
			ret->nets[ret->n++] = addr->cidr;
	}
	return 0;
}

/* "rail0,rail1": a word of a list that is cut on the way; false at its end. */
static bool next_name(const char **list, char ret[IFNAMSIZ])
{
	size_t len = strcspn(*list, ",");

	if (!**list)
		return false;
	snprintf(ret, IFNAMSIZ, "%.*s", (int)len, *list);
	*list += len + ((*list)[len] == ',');
	return true;
}

static int rails_by_name(struct nl *nl, const char *list, struct own *own,
			 struct err *err)
{
	char name[IFNAMSIZ];

	while (next_name(&list, name)) {
		struct own_rail *rail = &own->rails[own->n_rails];
		struct link link;

		if (own->n_rails == PEER_RAILS)
			return err_set(err, 0, "--rails: more than %d", PEER_RAILS);
		*rail = (struct own_rail){ 0 };
		strcpy(rail->name, name);
		/* One that is not there now may come; the others work meanwhile. */
		if (link_get_by_name(nl, name, &link, err)
			    ? err->no != ENODEV
			    : read_rail(nl, own, link.index, rail, err))
			return -1;
		own->n_rails++;
	}
	return 0;
}

static int interface_with(const struct own *own, const struct ip *ip)
{
	for (int i = 0; i < own->all.count; i++)
		if (ip_equal(&own->all.list[i].cidr.ip, ip))
			return own->all.list[i].ifindex;
	return 0;
}

static int rails_by_line(struct nl *nl, const struct peer *line, struct own *own,
			 struct err *err)
{
	for (int i = 0; i < line->n_rails; i++) {
		struct own_rail *rail = &own->rails[own->n_rails++];
		int ifindex = 0;

		*rail = (struct own_rail){ 0 };
		for (int j = 0; j < line->rails[i].n && !ifindex; j++)
			ifindex = interface_with(own, &line->rails[i].addresses[j]);
		if (ifindex && read_rail(nl, own, ifindex, rail, err) &&
		    err->no != ENODEV)
			return -1;
	}
	return 0;
}

static int add_address(struct own *own, const struct ip *ip, struct err *err)
{
	if (own->n_addresses == PEER_ADDRESSES)
		return err_set(err, 0, "this node has more than %d addresses",
			       PEER_ADDRESSES);
	own->addresses[own->n_addresses++] = *ip;
	return 0;
}

static int addresses_of(struct nl *nl, const char *ifname, struct own *own,
			struct err *err)
{
	int before = own->n_addresses;
	struct link link;

	if (link_get_by_name(nl, ifname, &link, err))
		return -1;
	for (int i = 0; i < own->all.count; i++)
		if (own->all.list[i].ifindex == link.index &&
		    is_public(&own->all.list[i]) &&
		    add_address(own, &own->all.list[i].cidr.ip, err))
			return -1;
	if (own->n_addresses == before)
		return err_set(err, EADDRNOTAVAIL, "interface %s has no address", ifname);
	return 0;
}

/* "10.99.0.1,fd99::1" or "eth0". */
static int addresses_by_option(struct nl *nl, const char *list, struct own *own,
			       struct err *err)
{
	for (const char *at = list; *at;) {
		size_t len = strcspn(at, ",");
		char word[IP_LEN];
		struct ip ip;

		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		if (ip_parse(word, &ip) ? add_address(own, &ip, err)
					: addresses_of(nl, word, own, err))
			return err_wrap(err, "--address %s", list);
		at += len + (at[len] == ',');
	}
	return 0;
}

/* Whoever answers us must find us there, and not on a rail: that would be the loop. */
static int check_addresses(const struct own *own, struct err *err)
{
	for (int i = 0; i < own->n_addresses; i++) {
		int ifindex = interface_with(own, &own->addresses[i]);
		char text[IP_LEN];

		ip_format(&own->addresses[i], text);
		if (!ifindex)
			return err_set(err, EADDRNOTAVAIL,
				       "no interface of this node has its address %s",
				       text);
		for (int j = 0; j < own->n_rails; j++)
			if (own->rails[j].ifindex == ifindex)
				return err_set(err, 0,
					       "this node's ordinary address %s is on "
					       "%s, which is a rail",
					       text, own->rails[j].name);
	}
	return 0;
}

static int check_rails(const struct own *own, struct err *err)
{
	for (int i = 0; i < own->n_rails; i++)
		for (int j = 0; j < i; j++)
			if (own->rails[i].ifindex &&
			    own->rails[i].ifindex == own->rails[j].ifindex)
				return err_set(err, 0, "rails %d and %d are both %s",
					       j + 1, i + 1, own->rails[i].name);
	return 0;
}

static int no_line(const struct routes_options *options, struct err *err)
{
	err_set(err, 0, "node %s is not in %s%s", options->name,
		options->peers ? options->peers : "store ",
		options->peers ? "" : options->store);
	return err_hint(err,
			"say who this node is, as it stands there: --node NAME; or what "
			"it has: --rails INTERFACE,... --address ADDRESS|INTERFACE");
}

int own_read(struct nl *nl, const struct routes_options *options, const struct peer *line,
	     struct own *ret, struct err *err)
{
	_autoown_ struct own own = { .n_within = options->n_within };
	static const struct peer none;

	if (!line && (!options->rails || !options->address))
		return no_line(options, err);
	if (!line)
		line = &none;
	strcpy(own.name, options->name);
	memcpy(own.within, options->within_list, sizeof(own.within));
	if (addrs_get(nl, &own.all, err))
		return -1;
	if (options->rails ? rails_by_name(nl, options->rails, &own, err)
			   : rails_by_line(nl, line, &own, err))
		return -1;
	if (options->address) {
		if (addresses_by_option(nl, options->address, &own, err))
			return -1;
	} else {
		own.n_addresses = line->n_addresses;
		memcpy(own.addresses, line->addresses, sizeof(own.addresses));
	}
	if (check_rails(&own, err) || check_addresses(&own, err))
		return -1;
	*ret = own;
	own = (struct own){ 0 };
	return 0;
}

static void own_peer(const struct own *own, struct peer *ret)
{
	*ret = (struct peer){ .n_addresses = own->n_addresses, .n_rails = own->n_rails };
	strcpy(ret->name, own->name);
	memcpy(ret->addresses, own->addresses, sizeof(ret->addresses));
	for (int i = 0; i < own->n_rails; i++) {
		ret->rails[i].down = !own->rails[i].up;
		ret->rails[i].n = own->rails[i].n;
		for (int j = 0; j < own->rails[i].n; j++)
			ret->rails[i].addresses[j] = own->rails[i].nets[j].ip;
	}
}

bool own_publishes(const struct routes_options *options)
{
	return options->store && options->rails && options->address;
}

char *own_format(const struct own *own, char buf[PEER_LINE])
{
	struct peer peer;

	own_peer(own, &peer);
	return peer_format(&peer, buf);
}

int own_line(struct nl *nl, const struct routes_options *options, struct peer *ret,
	     struct err *err)
{
	_autoown_ struct own own = { 0 };
	char line[PEER_LINE];
	struct peer again;

	if (!own_publishes(options))
		return 0;
	if (own_read(nl, options, NULL, &own, err))
		return -1;
	own_peer(&own, ret);
	/* Others would refuse what we would. */
	if (peer_parse(peer_format(ret, line), &again, err))
		return err_wrap(err, "this node");
	return 1;
}
