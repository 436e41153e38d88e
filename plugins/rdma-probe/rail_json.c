/* rail_json.c - rails and faults as JSON, in reports and between peers. */
#include <stdio.h>
#include <string.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/rail_json.h"
#include "pkg/text.h"

void fault_to_json(const struct fault *fault, struct cJSON *obj)
{
	struct cJSON *notes;
	char clean[sizeof(fault->note[0])];

	jout_str(obj, "reason", reason_code(fault->reason));
	jout_str(obj, "layer", reason_layer(fault->reason));
	jout_int(obj, "errno", fault->no, fault->no != 0);
	notes = cJSON_AddArrayToObject(obj, "evidence");
	for (int i = 0; i < fault->notes; i++)
		cJSON_AddItemToArray(notes,
				     cJSON_CreateString(text_clean(clean, sizeof(clean),
								   fault->note[i])));
	jout_str(obj, "fix", fault_advice(fault));
}

int text_from_json(const struct json *obj, const char *key, char *buf, size_t size,
		   struct err *err)
{
	const char *text = "";

	if (json_get_string(obj, key, &text, err) < 0)
		return -1;
	text_clean(buf, size, text);
	return 0;
}

int number_from_json(const struct json *obj, const char *key, int64_t min, int64_t max,
		     int *ret, struct err *err)
{
	int64_t value = *ret;

	if (json_get_int(obj, key, min, max, &value, err) < 0)
		return -1;
	*ret = (int)value;
	return 0;
}

static int get_evidence(const struct json *obj, struct fault *ret, struct err *err)
{
	struct json list, item = { 0 };
	const char *text;
	int r = json_get_array(obj, "evidence", &list, err);

	if (r <= 0)
		return r;
	while (ret->notes < FAULT_NOTES && json_next(&list, &item)) {
		if (json_string(&item, &text, err) < 0)
			return -1;
		text_clean(ret->note[ret->notes++], sizeof(ret->note[0]), text);
	}
	return 0;
}

int fault_from_json(const struct json *obj, struct fault *ret, struct err *err)
{
	struct fault fault = { 0 };
	const char *code = "";

	if (json_get_string(obj, "reason", &code, err) < 0 ||
	    number_from_json(obj, "errno", 0, 4095, &fault.no, err) ||
	    text_from_json(obj, "fix", fault.fix, sizeof(fault.fix), err) ||
	    get_evidence(obj, &fault, err))
		return -1;
	fault.reason = reason_parse(code);
	*ret = fault;
	return 0;
}

static void put_ip(struct cJSON *obj, const struct cidr *ip)
{
	char text[CIDR_LEN];

	jout_str(obj, "ip", ip->ip.family ? cidr_format(ip, text) : NULL);
}

struct cJSON *rail_to_json(const struct rail *rail)
{
	struct cJSON *obj = cJSON_CreateObject();
	bool usable = rail_usable(rail);
	static const struct fault none;
	char gid[GID_LEN];

	jout_str(obj, "rail", rail->name);
	jout_str(obj, "netdev", rail->netdev);
	jout_int(obj, "ifindex", rail->ifindex, rail->ifindex);
	jout_str(obj, "mac", rail->mac);
	put_ip(obj, &rail->ip);
	jout_str(obj, "dev", rail->dev);
	jout_int(obj, "port", rail->port, rail->port);
	jout_str(obj, "uverbs", rail->uverbs);
	jout_str(obj, "gid", usable ? gid_format(rail->gid, gid) : NULL);
	jout_int(obj, "gid_index", rail->gid_index, usable);
	jout_str(obj, "gid_type", usable ? gid_type_name(GID_ROCE_V2) : NULL);
	jout_int(obj, "netdev_mtu", rail->netdev_mtu, rail->netdev_mtu);
	jout_int(obj, "active_mtu", rail->active_mtu, rail->active_mtu);
	jout_str(obj, "state", rail->state ? port_state_name(rail->state) : NULL);
	jout_num(obj, "gbps", rail->gbps, rail->gbps > 0);
	jout_int(obj, "numa", rail->numa, rail->numa >= 0);
	jout_str(obj, "status",
		 verdict_name(usable ? VERDICT_OK : reason_verdict(rail->fault.reason)));
	fault_to_json(usable ? &none : &rail->fault, obj);
	return obj;
}

bool gid_parse_unicast(const char *text, uint8_t ret[16])
{
	static const uint8_t loopback6[16] = { [15] = 1 };
	uint8_t raw[16];
	struct ip ip;

	if (inet_pton(AF_INET6, text, raw) != 1)
		return false;
	ip = gid_to_ip(raw);
	if (ip_is_any(&ip) || !memcmp(raw, loopback6, sizeof(raw)))
		return false;
	if (ip.family == AF_INET ? ip.b[0] == 127 || ip.b[0] == 0 || ip.b[0] >= 224
				 : ip.b[0] == 0xff)
		return false;
	memcpy(ret, raw, sizeof(raw));
	return true;
}

static int get_ip(const struct json *obj, struct cidr *ret, struct err *err)
{
	struct json value;
	int r = json_get(obj, "ip", &value, err);

	if (r > 0 &&
	    (!cJSON_IsString(value.node) || !cidr_parse(value.node->valuestring, ret)))
		return json_bad(&value, "ADDRESS/BITS", err);
	return r < 0 ? -1 : 0;
}

/* The GID has to be that of the address: routes and neighbours are looked up for one,
 * traffic goes to the other. */
static int get_gid(const struct json *obj, struct rail *ret, struct err *err)
{
	struct json value;
	struct ip ip;
	int r = json_get(obj, "gid", &value, err);

	if (r <= 0)
		return r;
	if (!cJSON_IsString(value.node) ||
	    !gid_parse_unicast(value.node->valuestring, ret->gid))
		return json_bad(&value, "a unicast GID", err);
	ip = gid_to_ip(ret->gid);
	if (!ip_equal(&ip, &ret->ip.ip))
		return json_bad(&value, "the GID of the rail's address", err);
	ret->gid_index = 0;
	return number_from_json(obj, "gid_index", 0, GID_INDEX_MAX, &ret->gid_index, err);
}

int rail_from_json(const struct json *obj, struct rail *ret, struct err *err)
{
	struct rail rail = { .gid_index = -1, .numa = -1 };
	char state[16];

	if (text_from_json(obj, "rail", rail.name, sizeof(rail.name), err) ||
	    text_from_json(obj, "netdev", rail.netdev, sizeof(rail.netdev), err) ||
	    text_from_json(obj, "mac", rail.mac, sizeof(rail.mac), err) ||
	    text_from_json(obj, "state", state, sizeof(state), err) ||
	    text_from_json(obj, "dev", rail.dev, sizeof(rail.dev), err) ||
	    number_from_json(obj, "port", 1, 255, &rail.port, err) ||
	    number_from_json(obj, "netdev_mtu", 0, 1 << 24, &rail.netdev_mtu, err) ||
	    number_from_json(obj, "active_mtu", 256, 4096, &rail.active_mtu, err) ||
	    get_ip(obj, &rail.ip, err) || get_gid(obj, &rail, err))
		return -1;
	if (!rail_usable(&rail) && fault_from_json(obj, &rail.fault, err))
		return -1;
	rail.state = port_state_parse(state);
	*ret = rail;
	return 0;
}
