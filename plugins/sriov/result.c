/* result.c - what ADD answers. */
#include <string.h>

#include "plugins/sriov/result.h"

/* One that points behind their end would point at ours. */
static int check_indices(const struct cni_result *previous, struct err *err)
{
	for (int i = 0; i < previous->n_ips; i++)
		if (previous->ips[i].iface >= previous->n_ifaces)
			return err_cni(err, CNI_BAD_CONFIG,
				       "ips[%d].interface: %d, and there are %d "
				       "interfaces",
				       i, previous->ips[i].iface, previous->n_ifaces);
	return 0;
}

int result_begin(const struct cni_call *call, struct cni_result *ret, struct err *err)
{
	struct json previous, dns;
	int r = json_get_object(&call->conf, "prevResult", &previous, err);

	if (r > 0 && (cni_result_parse(&previous, call->version, ret, err) ||
		      check_indices(ret, err)))
		return err_wrap(err, "prevResult");
	if (r < 0)
		return -1;
	r = json_get_object(&call->conf, "dns", &dns, err);
	if (r > 0 && !ret->dns && dns.node->child)
		ret->dns = dns.node;
	return r < 0 ? -1 : 0;
}

int result_describe(const struct cni_call *call, const struct plan *plan,
		    const struct link *link, struct cni_result *own, struct err *err)
{
	/* The result borrows its strings, and outlives the plan. */
	static char mac[MAC_TEXT_LEN], device[DEVICE_LEN];
	struct cni_iface *iface;

	own->n_ifaces = 0;
	iface = cni_result_iface(own, err);
	if (!iface)
		return -1;
	iface->name = call->ifname;
	iface->sandbox = call->netns;
	iface->pci = strcpy(device, plan->vf.device);
	if (plan->moves) {
		iface->mac = mac_format(link->mac, mac);
		iface->mtu = link->mtu;
	} else if (plan->shall_admin.has & VF_MAC) {
		iface->mac = mac_format(plan->shall_admin.mac, mac);
	}
	for (int i = 0; i < own->n_ips; i++)
		own->ips[i].iface = 0;
	return 0;
}

static int append_ifaces(struct cni_result *ret, const struct cni_result *own,
			 struct err *err)
{
	for (int i = 0; i < own->n_ifaces; i++) {
		struct cni_iface *iface = cni_result_iface(ret, err);

		if (!iface)
			return -1;
		*iface = own->ifaces[i];
	}
	return 0;
}

static int append_ips(struct cni_result *ret, const struct cni_result *own, int offset,
		      struct err *err)
{
	for (int i = 0; i < own->n_ips; i++) {
		struct cni_ip *ip = cni_result_ip(ret, err);

		if (!ip)
			return -1;
		*ip = own->ips[i];
		ip->iface += offset;
	}
	return 0;
}

static int append_routes(struct cni_result *ret, const struct cni_result *own,
			 struct err *err)
{
	for (int i = 0; i < own->n_routes; i++) {
		struct cni_route *route = cni_result_route(ret, err);

		if (!route)
			return -1;
		*route = own->routes[i];
	}
	return 0;
}

int result_append(struct cni_result *ret, struct cni_result *own, struct err *err)
{
	int offset = ret->n_ifaces;

	if (append_ifaces(ret, own, err) || append_ips(ret, own, offset, err) ||
	    append_routes(ret, own, err))
		return -1;
	if (own->dns)
		ret->dns = own->dns;
	ret->doc = take_ptr(own->doc);
	return 0;
}
