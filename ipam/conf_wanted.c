/* conf_wanted.c - the addresses that a call asks for. */
#include <stdio.h>
#include <string.h>

#include "ipam/conf.h"

static int not_to_be_had(const struct conf *conf, const struct ip *ip, struct err *err)
{
	char text[IP_LEN], ranges[CONF_RANGES_LEN];
	const char *why = "is in none of the ranges";

	for (int i = 0; i < conf->n_ranges; i++) {
		struct range part = range_part(&conf->ranges[i], ip);

		if (!span_contains(&conf->ranges[i].span, ip) &&
		    !ip_equal(ip, &conf->ranges[i].gateway))
			continue;
		why = ip_equal(ip, &part.gateway)     ? "is the gateway of"
		      : span_contains(&part.span, ip) ? "is excluded from"
						      : "is no host's in a block of";
	}
	return err_cni(err, CNI_NO_ADDRESS, "requested address %s %s %s",
		       ip_format(ip, text), why, conf_ranges(conf, ", ", ranges));
}

static bool is_usable(const struct range *range, const struct ip *ip)
{
	struct range part = range_part(range, ip);

	return span_contains(&range->span, ip) && range_usable(&part, ip);
}

static int want(struct conf *conf, const struct ip *ip, struct err *err)
{
	char one[IP_LEN], two[IP_LEN];
	struct ip *wanted;
	int i = 0;

	while (i < conf->n_ranges && !is_usable(&conf->ranges[i], ip))
		i++;
	if (i == conf->n_ranges)
		return not_to_be_had(conf, ip, err);
	wanted = &conf->wanted[conf->ranges[i].set];
	if (wanted->family && !ip_equal(wanted, ip))
		return err_cni(err, CNI_BAD_CONFIG,
			       "requested addresses %s and %s are of one range, which "
			       "gives one",
			       ip_format(wanted, one), ip_format(ip, two));
	*wanted = *ip;
	return 0;
}

/* The prefix length, if one is given, is the range's business. */
static int want_text(struct conf *conf, const char *where, const char *text,
		     struct err *err)
{
	struct cidr cidr;

	if (!cidr_parse_or_host(text, &cidr))
		return err_cni(err, CNI_BAD_CONFIG,
			       "%s: expected an address such as 192.168.1.7, got "
			       "\"%.80s\"",
			       where, text);
	return want(conf, &cidr.ip, err);
}

/* 1 when the key is there, and so decides. */
static int want_list(struct conf *conf, const struct json *obj, struct err *err)
{
	struct json list, item = { 0 };
	const char *text;
	int r = json_get_array(obj, "ips", &list, err);

	if (r <= 0)
		return r;
	while (json_next(&list, &item))
		if (json_string(&item, &text, err) < 0 ||
		    want_text(conf, item.path, text, err))
			return -1;
	return json_size(&list) > 0;
}

static int want_args(const struct cni_call *call, struct conf *conf, struct err *err)
{
	char text[1024], *next = text, *one;

	if (!cni_arg(call, "IP", text, sizeof(text)))
		return 0;
	while ((one = strsep(&next, ",")))
		if (*one && want_text(conf, "IP in CNI_ARGS", one, err))
			return -1;
	return 0;
}

static int want_runtime(const struct cni_call *call, struct conf *conf, struct err *err)
{
	struct json runtime;
	int r = json_get_object(&call->conf, "runtimeConfig", &runtime, err);

	return r > 0 ? want_list(conf, &runtime, err) : r;
}

static int want_cni_args(const struct cni_call *call, struct conf *conf, struct err *err)
{
	struct json args, cni;
	int r = json_get_object(&call->conf, "args", &args, err);

	if (r > 0)
		r = json_get_object(&args, "cni", &cni, err);
	return r > 0 ? want_list(conf, &cni, err) : r;
}

int conf_wanted(const struct cni_call *call, struct conf *conf, struct err *err)
{
	int r = want_runtime(call, conf, err);

	if (r == 0)
		r = want_cni_args(call, conf, err);
	if (r == 0)
		r = want_args(call, conf, err);
	return r < 0 ? -1 : 0;
}
