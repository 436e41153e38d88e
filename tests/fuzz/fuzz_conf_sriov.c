/* fuzz_conf_sriov.c - the configuration of rail-sriov: CNI_ARGS in the first line, JSON
 * behind it.
 *
 * links: plugins/sriov/conf.c plugins/sriov/conf_vf.c plugins/sriov/conf_routes.c
 * plugins/sriov/conf_rdma.c */
#include "tests/fuzz/fuzz.h"

#include "pkg/sysfs.h"
#include "plugins/sriov/conf.h"

/* What becomes part of a path, or goes to the kernel. */
static void must_be_in_range(const struct conf *conf)
{
	must(!strchr(conf->device, '/') && *conf->device != '.');
	must(!*conf->pf || !cni_ifname_problem(conf->pf));
	must(!conf->rdma.name || cni_valid_name(conf->rdma.name));
	must(!conf->device_info || *conf->device_info == '/');
	must(conf->mtu == 0 || (conf->mtu >= 68 && conf->mtu <= 65535));
	must(conf->admin.vlan >= 0 && conf->admin.vlan <= 4094);
	must(conf->rdma.tos >= -1 && conf->rdma.tos <= 255);
	must(conf->n_routes >= 0 && conf->n_routes <= CONF_MAX_ROUTES);
	for (int i = 0; i < conf->n_routes; i++) {
		const struct conf_route *route = &conf->routes[i];

		must(route->weight >= 0 && route->weight <= 256);
		must(route->route.dst.prefix <= ip_bits(route->route.dst.ip.family));
		must(!route->route.gw.family ||
		     route->route.gw.family == route->route.dst.ip.family);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf conf, lenient;
	_autofuzz_ struct fuzz fuzz = fuzz_begin(data, size);
	const char *args = fuzz_line(&fuzz);
	_cleanup_(fuzz_call_end) struct cni_call call = { 0 };
	struct err err;

	if (!fuzz_call(args, fuzz_rest(&fuzz), &call, &err))
		return 0;
	conf_parse_leniently(&call, &lenient);
	if (fuzz_told(conf_parse(&call, &conf, &err), &err))
		return 0;
	must_be_in_range(&conf);
	must(*conf.device || *conf.pf);
	/* What ADD understood, DEL understands. */
	must(!strcmp(conf.device, lenient.device));
	must((!conf.ipam && !lenient.ipam) || !strcmp(conf.ipam, lenient.ipam));
	return 0;
}
