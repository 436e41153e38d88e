/* conf.c - JSON to struct conf: every check that needs no system. */
#include <stdio.h>
#include <string.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "pkg/sysfs.h"
#include "plugins/sriov/conf.h"

/* runtimeConfig may hold what the runtime was asked for; it wins over the conf. */
static int get_runtime_string(const struct json *root, const char *key, const char **ret,
			      struct err *err)
{
	struct json runtime;
	int r = json_get_object(root, "runtimeConfig", &runtime, err);

	return r > 0 ? json_get_string(&runtime, key, ret, err) : r;
}

/* Devices that are no PCI function are named on the auxiliary bus: "mlx5_core.sf.4". */
static bool is_auxiliary(const char *text)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_.-";

	return strlen(text) < DEVICE_LEN && strspn(text, allowed) == strlen(text) &&
	       text[0] != '.' && strchr(text, '.');
}

/* Multus sets deviceID and pciBusID alike, and runtimeConfig.deviceID on request. */
static int parse_device(const struct json *root, struct conf *ret, struct err *err)
{
	const char *text = "", *key = "runtimeConfig.deviceID";
	int r = get_runtime_string(root, "deviceID", &text, err);

	if (r == 0)
		r = json_get_string(root, key = "deviceID", &text, err);
	if (r == 0)
		r = json_get_string(root, key = "pciBusID", &text, err);
	if (r < 0 || !*text)
		return r < 0 ? -1 : 0;
	if (pci_address_parse(text, ret->device))
		return 0;
	if (!is_auxiliary(text))
		return err_cni(err, CNI_BAD_CONFIG,
			       "%s: expected a PCI address such as 0000:03:10.2, got "
			       "\"%.80s\"",
			       key, text);
	snprintf(ret->device, sizeof(ret->device), "%s", text);
	return 0;
}

static int parse_which(const struct json *root, struct conf *ret, struct err *err)
{
	const char *pf = "", *problem;

	if (parse_device(root, ret, err) || json_get_string(root, "pf", &pf, err) < 0)
		return -1;
	if (*ret->device)
		return 0;
	if (!*pf) {
		err_cni(err, CNI_BAD_CONFIG,
			"deviceID: missing, and so is pf: which VF?");
		return err_hint(err,
				"name the VF's PCI address in deviceID (Multus takes it "
				"from the pod's resources when the "
				"NetworkAttachmentDefinition is annotated with "
				"k8s.v1.cni.cncf.io/resourceName), or a PF's interface "
				"in pf");
	}
	problem = cni_ifname_problem(pf);
	if (problem)
		return err_cni(err, CNI_BAD_CONFIG, "pf: interface name '%.80s' %s", pf,
			       problem);
	snprintf(ret->pf, sizeof(ret->pf), "%s", pf);
	return 0;
}

static int bad_mac(const char *key, const char *text, struct err *err)
{
	return err_cni(err, CNI_BAD_CONFIG,
		       "%s: expected the MAC address of one interface such as "
		       "02:00:00:00:00:09, got \"%.80s\"",
		       key, text);
}

/* runtimeConfig.mac over CNI_ARGS MAC over mac. */
static int parse_mac(const struct cni_call *call, struct conf *ret, struct err *err)
{
	const char *text = "", *key = "runtimeConfig.mac";
	char arg[64];
	int r = get_runtime_string(&call->conf, "mac", &text, err);

	if (r == 0 && cni_arg(call, "MAC", arg, sizeof(arg))) {
		key = "MAC in CNI_ARGS";
		text = arg;
	} else if (r == 0) {
		r = json_get_string(&call->conf, key = "mac", &text, err);
	}
	if (r < 0 || !*text)
		return r < 0 ? -1 : 0;
	if (!mac_parse(text, ret->admin.mac))
		return bad_mac(key, text, err);
	ret->has_mac = true;
	ret->admin.has |= VF_MAC;
	return 0;
}

struct word {
	const char *text;
	int value;
};

/* A string that must be one of a few; 1 found, 0 absent. */
static int get_word(const struct json *root, const char *key, const struct word *words,
		    int *ret, struct err *err)
{
	char wanted[80] = "";
	const char *text;
	struct json value;
	size_t n = 0;
	int r = json_get_string(root, key, &text, err);

	if (r <= 0)
		return r;
	for (const struct word *w = words; w->text; w++) {
		if (!strcasecmp(text, w->text)) {
			*ret = w->value;
			return 1;
		}
		n += snprintf(wanted + n, sizeof(wanted) - n, "%s\"%s\"", n ? " or " : "",
			      w->text);
	}
	(void)json_get(root, key, &value, err);
	return json_bad(&value, wanted, err);
}

static int get_switch(const struct json *root, const char *key, enum vf_setting setting,
		      bool *ret, struct vf_settings *admin, struct err *err)
{
	static const struct word words[] = { { "on", 1 }, { "off", 0 }, { 0 } };
	int value;
	int r = get_word(root, key, words, &value, err);

	if (r > 0) {
		*ret = value;
		admin->has |= setting;
	}
	return r < 0 ? -1 : 0;
}

static int parse_vlan(const struct json *root, struct vf_settings *admin, struct err *err)
{
	static const struct word protocols[] = { { "802.1q", ETH_P_8021Q },
						 { "802.1ad", ETH_P_8021AD },
						 { 0 } };
	int64_t vlan = -1, qos = 0;
	int has_vlan = json_get_int(root, "vlan", 0, 4094, &vlan, err);
	int has_qos = json_get_int(root, "vlanQoS", 0, 7, &qos, err);
	int has_proto;

	admin->vlan_proto = ETH_P_8021Q;
	if (has_vlan < 0 || has_qos < 0)
		return -1;
	has_proto = get_word(root, "vlanProto", protocols, &admin->vlan_proto, err);
	if (has_proto < 0)
		return -1;
	if ((qos || admin->vlan_proto == ETH_P_8021AD) && vlan <= 0)
		return err_cni(err, CNI_BAD_CONFIG, "%s: needs a vlan from 1 to 4094",
			       qos ? "vlanQoS" : "vlanProto");
	if (!has_vlan)
		return 0;
	admin->vlan = vlan;
	admin->qos = qos;
	admin->has |= VF_VLAN;
	return 0;
}

static int parse_rates(const struct json *root, struct vf_settings *admin,
		       struct err *err)
{
	int64_t min = 0, max = 0;
	int has_min = json_get_int(root, "min_tx_rate", 0, INT32_MAX, &min, err);
	int has_max = json_get_int(root, "max_tx_rate", 0, INT32_MAX, &max, err);

	if (has_min < 0 || has_max < 0)
		return -1;
	if (max && min > max)
		return err_cni(err, CNI_BAD_CONFIG,
			       "min_tx_rate: %lld is more than max_tx_rate %lld",
			       (long long)min, (long long)max);
	admin->min_rate = min;
	admin->max_rate = max;
	if (has_min || has_max)
		admin->has |= VF_RATE;
	return 0;
}

static int parse_admin(const struct json *root, struct vf_settings *admin,
		       struct err *err)
{
	static const struct word states[] = { { "auto", IFLA_VF_LINK_STATE_AUTO },
					      { "enable", IFLA_VF_LINK_STATE_ENABLE },
					      { "disable", IFLA_VF_LINK_STATE_DISABLE },
					      { 0 } };
	int r;

	if (parse_vlan(root, admin, err) || parse_rates(root, admin, err) ||
	    get_switch(root, "spoofchk", VF_SPOOFCHK, &admin->spoofchk, admin, err) ||
	    get_switch(root, "trust", VF_TRUST, &admin->trust, admin, err))
		return -1;
	r = get_word(root, "link_state", states, &admin->link_state, err);
	if (r > 0)
		admin->has |= VF_LINK_STATE;
	return r < 0 ? -1 : 0;
}

static int parse_ipam(const struct json *root, struct conf *ret, struct err *err)
{
	const char *type = "";
	struct json ipam;
	int r = json_get_object(root, "ipam", &ipam, err);

	if (r > 0)
		r = json_get_string(&ipam, "type", &type, err);
	if (r < 0)
		return -1;
	ret->ipam = *type ? type : NULL;
	return 0;
}

static int parse_log(const struct json *root, struct conf *ret, struct err *err)
{
	static const struct word levels[] = { { "error", LOG_ERROR },
					      { "warning", LOG_WARNING },
					      { "info", LOG_INFO },
					      { "debug", LOG_DEBUG },
					      { "panic",
						LOG_ERROR }, /* of other plugins */
					      { 0 } };
	int level = LOG_INFO;

	if (get_word(root, "logLevel", levels, &level, err) < 0 ||
	    json_get_string(root, "logFile", &ret->log_file, err) < 0)
		return -1;
	ret->log_level = level;
	return 0;
}

static int parse_route(const struct json *obj, struct route *ret, struct err *err)
{
	struct cni_route cni = { .mtu = CNI_UNSET,
				 .advmss = CNI_UNSET,
				 .priority = CNI_UNSET,
				 .table = CNI_UNSET,
				 .scope = CNI_UNSET };
	const char *src = NULL;

	if (cni_route_parse(obj, &cni, err) ||
	    json_get_string(obj, "src", &src, err) < 0 ||
	    json_get_bool(obj, "onlink", &ret->onlink, err) < 0)
		return -1;
	*ret = (struct route){ .dst = cni.dst,
			       .gw = cni.gw,
			       .onlink = ret->onlink,
			       .mtu = cni.mtu,
			       .advmss = cni.advmss,
			       .priority = cni.priority,
			       .table = cni.table,
			       .scope = cni.scope };
	if (src && (!ip_parse(src, &ret->src) || ret->src.family != cni.dst.ip.family))
		return err_cni(err, CNI_BAD_CONFIG,
			       "%s.src: expected an address of dst's family, got "
			       "\"%.80s\"",
			       obj->path, src);
	if (cni.gw.family && cni.gw.family != cni.dst.ip.family)
		return err_cni(err, CNI_BAD_CONFIG, "%s.gw: is not of dst's family",
			       obj->path);
	return 0;
}

static int parse_routes(const struct json *root, struct conf *ret, struct err *err)
{
	struct json list, item = { 0 };
	int r = json_get_array(root, "routes", &list, err);

	if (r <= 0)
		return r;
	while (json_next(&list, &item)) {
		if (ret->n_routes == CONF_MAX_ROUTES)
			return err_cni(err, CNI_BAD_CONFIG, "routes: more than %d",
				       CONF_MAX_ROUTES);
		if (parse_route(&item, &ret->routes[ret->n_routes++], err))
			return -1;
	}
	return 0;
}

int conf_parse(const struct cni_call *call, struct conf *ret, struct err *err)
{
	const struct json *root = &call->conf;
	int64_t mtu = 0;

	*ret = (struct conf){ .log_level = LOG_INFO };
	if (parse_log(root, ret, err) || parse_which(root, ret, err) ||
	    parse_mac(call, ret, err) || parse_admin(root, &ret->admin, err) ||
	    json_get_int(root, "mtu", 68, 65535, &mtu, err) < 0 ||
	    parse_routes(root, ret, err) || parse_ipam(root, ret, err))
		return -1;
	ret->mtu = mtu;
	return 0;
}

void conf_parse_leniently(const struct cni_call *call, struct conf *ret)
{
	struct err ignored;

	*ret = (struct conf){ .log_level = LOG_INFO };
	(void)parse_log(&call->conf, ret, &ignored);
	(void)parse_device(&call->conf, ret, &ignored);
	(void)parse_ipam(&call->conf, ret, &ignored);
}
