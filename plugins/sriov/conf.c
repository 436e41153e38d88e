/* conf.c - JSON to struct conf: every check that needs no system. */
#include <stdio.h>
#include <string.h>

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
	if (*ret->device || !*pf)
		return 0;
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

int conf_get_word(const struct json *obj, const char *key, const struct word *words,
		  int *ret, struct err *err)
{
	char wanted[80] = "";
	const char *text;
	struct json value;
	size_t n = 0;
	int r = json_get_string(obj, key, &text, err);

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
	(void)json_get(obj, key, &value, err);
	return json_bad(&value, wanted, err);
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

	if (conf_get_word(root, "logLevel", levels, &level, err) < 0 ||
	    json_get_string(root, "logFile", &ret->log_file, err) < 0)
		return -1;
	ret->log_level = level;
	return 0;
}

/* Where Multus wants to read what the device is (device-info specification). */
static int parse_device_info(const struct json *root, struct conf *ret, struct err *err)
{
	const char *file = "";

	if (get_runtime_string(root, "CNIDeviceInfoFile", &file, err) < 0)
		return -1;
	if (*file && *file != '/')
		return err_cni(
			err, CNI_BAD_CONFIG,
			"runtimeConfig.CNIDeviceInfoFile: expected an absolute path, "
			"got \"%.200s\"",
			file);
	ret->device_info = *file ? file : NULL;
	return 0;
}

static int parse_switches(const struct json *root, struct conf *ret, struct err *err)
{
	ret->announce = true;
	return json_get_bool(root, "announce", &ret->announce, err) < 0 ||
			       json_get_bool(root, "dad", &ret->dad, err) < 0 ||
			       json_get_bool(root, "flr", &ret->flr, err) < 0
		       ? -1
		       : 0;
}

int conf_parse_any(const struct cni_call *call, struct conf *ret, struct err *err)
{
	const struct json *root = &call->conf;
	int64_t mtu = 0;

	*ret = (struct conf){ .log_level = LOG_INFO };
	if (parse_log(root, ret, err) || parse_which(root, ret, err) ||
	    parse_mac(call, ret, err) || conf_parse_admin(root, &ret->admin, err) ||
	    json_get_int(root, "mtu", 68, 65535, &mtu, err) < 0 ||
	    conf_parse_rdma(root, &ret->rdma, err) ||
	    conf_parse_rail(root, &ret->rail, err) || parse_switches(root, ret, err) ||
	    conf_parse_routes(root, ret, err) || parse_ipam(root, ret, err) ||
	    parse_device_info(root, ret, err))
		return -1;
	ret->mtu = mtu;
	return 0;
}

int conf_parse(const struct cni_call *call, struct conf *ret, struct err *err)
{
	if (conf_parse_any(call, ret, err))
		return -1;
	if (*ret->device || *ret->pf)
		return 0;
	err_cni(err, CNI_BAD_CONFIG, "deviceID: missing, and so is pf: which VF?");
	return err_hint(err, "name the VF's PCI address in deviceID (Multus takes it "
			     "from the pod's resources when the "
			     "NetworkAttachmentDefinition is annotated with "
			     "k8s.v1.cni.cncf.io/resourceName), or a PF's interface "
			     "in pf");
}

void conf_parse_leniently(const struct cni_call *call, struct conf *ret)
{
	struct err ignored;

	*ret = (struct conf){ .log_level = LOG_INFO };
	(void)parse_log(&call->conf, ret, &ignored);
	(void)parse_device(&call->conf, ret, &ignored);
	(void)parse_ipam(&call->conf, ret, &ignored);
}
