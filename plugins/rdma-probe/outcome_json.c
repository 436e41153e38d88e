/* outcome_json.c - a path's outcome as an item of "paths", written and read back. */
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/outcome_json.h"
#include "plugins/rdma-probe/proto_parts.h"
#include "plugins/rdma-probe/rail_json.h"
#include "plugins/rdma-probe/sport.h"

#define COUNT_MAX ((int64_t)1 << 53)

static void put_rtt(struct cJSON *obj, const struct outcome *outcome)
{
	struct cJSON *rtt = cJSON_AddObjectToObject(obj, "rtt_ns");

	jout_int(rtt, "min", outcome->min, outcome->timed);
	jout_int(rtt, "p50", outcome->p50, outcome->timed);
	jout_int(rtt, "p99", outcome->p99, outcome->timed);
	jout_int(rtt, "max", outcome->max, outcome->timed);
}

static void put_completion(struct cJSON *obj, const struct fault *fault)
{
	char vendor[16];

	jout_int(obj, "wc_status", fault->wc_status, fault->wc_status);
	snprintf(vendor, sizeof(vendor), "0x%x", fault->vendor);
	jout_str(obj, "vendor_err", fault->wc_status ? vendor : NULL);
}

struct cJSON *outcome_to_json(const struct outcome *path, const char *host)
{
	struct cJSON *obj = cJSON_CreateObject();

	jout_str(obj, "src", *path->src ? path->src : host);
	jout_str(obj, "dst", path->dst);
	jout_str(obj, "peer", path->peer);
	jout_str(obj, "rail_src", path->rail_src);
	jout_str(obj, "rail_dst", path->rail_dst);
	jout_str(obj, "op", path->op);
	jout_int(obj, "sport", sport_of(path->flow_label), path->flow_label);
	jout_int(obj, "flow_label", path->flow_label, path->flow_label);
	jout_int(obj, "dscp", path->dscp, true);
	jout_int(obj, "mtu", path->mtu, path->mtu);
	jout_int(obj, "sent", path->sent, true);
	jout_int(obj, "ok", path->ok, true);
	jout_int(obj, "lost", path->sent - path->ok, true);
	jout_int(obj, "lost_fwd", path->lost_fwd, path->lost_fwd >= 0);
	jout_int(obj, "lost_rev", path->lost_rev, path->lost_rev >= 0);
	put_rtt(obj, path);
	jout_num(obj, "gbps", path->gbps, path->gbps > 0);
	jout_str(obj, "ts_source", path->by_nic ? "hw" : "sw");
	jout_str(obj, "result", verdict_name(path->result));
	put_completion(obj, outcome_fault(path));
	fault_to_json(outcome_fault(path), obj);
	return obj;
}

/* --- and back */

static int get_result(const struct json *obj, enum verdict *ret, struct err *err)
{
	const char *text;

	if (proto_need_string(obj, "result", &text, err))
		return -1;
	for (*ret = VERDICT_OK; *ret <= VERDICT_FAIL; ++*ret)
		if (!strcmp(text, verdict_name(*ret)))
			return 0;
	return err_set(err, 0, "result: expected ok, unknown or fail");
}

static int get_op(const struct json *obj, const char **ret, struct err *err)
{
	const char *text;

	if (proto_need_string(obj, "op", &text, err))
		return -1;
	*ret = outcome_op(text);
	return *ret ? 0 : err_set(err, 0, "op: %.32s is none that is known here", text);
}

static int get_rtt(const struct json *obj, struct outcome *ret, struct err *err)
{
	struct json rtt;
	int r = json_get_object(obj, "rtt_ns", &rtt, err);

	if (r <= 0)
		return r;
	r = json_get_int(&rtt, "p50", 0, COUNT_MAX, &ret->p50, err);
	ret->timed = r > 0;
	return r < 0 || json_get_int(&rtt, "min", 0, COUNT_MAX, &ret->min, err) < 0 ||
			       json_get_int(&rtt, "p99", 0, COUNT_MAX, &ret->p99, err) <
				       0 ||
			       json_get_int(&rtt, "max", 0, COUNT_MAX, &ret->max, err) < 0
		       ? -1
		       : 0;
}

static int get_gbps(const struct json *obj, double *ret, struct err *err)
{
	struct json value;
	int r = json_get(obj, "gbps", &value, err);

	if (r <= 0)
		return r;
	if (!cJSON_IsNumber(value.node) || !(value.node->valuedouble >= 0))
		return json_bad(&value, "a number of Gb/s", err);
	*ret = value.node->valuedouble;
	return 0;
}

static int get_fault(const struct json *obj, struct outcome *ret, struct err *err)
{
	const char *vendor = "";

	if (ret->result == VERDICT_OK)
		return 0;
	ret->fault = calloc(1, sizeof(*ret->fault));
	if (!ret->fault)
		return err_set(err, ENOMEM, "paths");
	if (fault_from_json(obj, ret->fault, err) ||
	    number_from_json(obj, "wc_status", 0, 255, &ret->fault->wc_status, err) ||
	    json_get_string(obj, "vendor_err", &vendor, err) < 0)
		return -1;
	ret->fault->vendor = (uint32_t)strtoul(vendor, NULL, 16);
	return 0;
}

static int get_source(const struct json *obj, bool *ret, struct err *err)
{
	const char *text = "sw";

	if (json_get_string(obj, "ts_source", &text, err) < 0)
		return -1;
	*ret = !strcmp(text, "hw");
	return 0;
}

static int get_numbers(const struct json *obj, struct outcome *ret, struct err *err)
{
	return json_get_int(obj, "sent", 0, COUNT_MAX, &ret->sent, err) < 0 ||
			       json_get_int(obj, "ok", 0, COUNT_MAX, &ret->ok, err) < 0 ||
			       json_get_int(obj, "lost_fwd", 0, COUNT_MAX, &ret->lost_fwd,
					    err) < 0 ||
			       json_get_int(obj, "lost_rev", 0, COUNT_MAX, &ret->lost_rev,
					    err) < 0 ||
			       number_from_json(obj, "mtu", 0, 4096, &ret->mtu, err) ||
			       number_from_json(obj, "flow_label", 0, 0xfffff,
						&ret->flow_label, err) ||
			       number_from_json(obj, "dscp", 0, 63, &ret->dscp, err) ||
			       get_gbps(obj, &ret->gbps, err) || get_rtt(obj, ret, err) ||
			       get_source(obj, &ret->by_nic, err)
		       ? -1
		       : 0;
}

int outcome_from_json(const struct json *obj, struct outcome *ret, struct err *err)
{
	*ret = (struct outcome){ .lost_fwd = -1, .lost_rev = -1 };
	if (text_from_json(obj, "src", ret->src, sizeof(ret->src), err) ||
	    text_from_json(obj, "dst", ret->dst, sizeof(ret->dst), err) ||
	    text_from_json(obj, "peer", ret->peer, sizeof(ret->peer), err) ||
	    text_from_json(obj, "rail_src", ret->rail_src, sizeof(ret->rail_src), err) ||
	    text_from_json(obj, "rail_dst", ret->rail_dst, sizeof(ret->rail_dst), err) ||
	    get_op(obj, &ret->op, err) || get_result(obj, &ret->result, err) ||
	    get_numbers(obj, ret, err) || get_fault(obj, ret, err))
		return -1;
	if (!*ret->src || !*ret->dst)
		return err_set(err, 0, "src, dst: a path has two ends");
	return 0;
}
