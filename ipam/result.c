/* result.c - what ADD answers. */
#include "ipam/result.h"

static int put_ip(const struct cidr *address, const struct ip *gateway,
		  struct cni_result *ret, struct err *err)
{
	struct cni_ip *ip = cni_result_ip(ret, err);

	if (!ip)
		return -1;
	ip->address = *address;
	ip->gateway = *gateway;
	return 0;
}

static int put_ips(const struct conf *conf, const struct answer *answer,
		   struct cni_result *ret, struct err *err)
{
	for (int i = 0; i < answer->n_given; i++)
		if (put_ip(&answer->given[i].address, &answer->given[i].gateway, ret,
			   err))
			return -1;
	for (int i = 0; i < conf->n_fixed; i++)
		if (put_ip(&conf->fixed[i].address, &conf->fixed[i].gateway, ret, err))
			return -1;
	return 0;
}

/* Of the range that an address is from. */
static const struct range *range_of(const struct conf *conf, const struct ip *ip)
{
	for (int i = 0; i < conf->n_ranges; i++)
		if (span_contains(&conf->ranges[i].span, ip))
			return &conf->ranges[i];
	return NULL;
}

/* A block is a network of its own: the rest of the range is behind its gateway. */
static int put_block_routes(const struct conf *conf, const struct answer *answer,
			    struct cni_result *ret, struct err *err)
{
	for (int i = 0; i < answer->n_given; i++) {
		const struct ip *ip = &answer->given[i].address.ip;
		const struct range *range = range_of(conf, ip);
		struct cni_route *route;

		if (!range || !range->block || !answer->given[i].gateway.family)
			continue;
		route = cni_result_route(ret, err);
		if (!route)
			return -1;
		route->dst = range->subnet;
		route->gw = answer->given[i].gateway;
	}
	return 0;
}

static int put_routes(const struct conf *conf, struct cni_result *ret, struct err *err)
{
	for (int i = 0; i < conf->n_routes; i++) {
		struct cni_route *route = cni_result_route(ret, err);

		if (!route)
			return -1;
		*route = conf->routes[i];
	}
	return 0;
}

int result_fill(const struct conf *conf, const struct answer *answer,
		struct cni_result *ret, struct err *err)
{
	ret->dns = conf->dns;
	return put_ips(conf, answer, ret, err) || put_routes(conf, ret, err) ||
			       put_block_routes(conf, answer, ret, err)
		       ? -1
		       : 0;
}
