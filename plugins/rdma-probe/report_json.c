/* report_json.c - a report as one JSON document, schema rdma-probe/v1. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "pkg/clock.h"
#include "pkg/json.h"
#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/outcome_json.h"
#include "plugins/rdma-probe/rail_json.h"
#include "plugins/rdma-probe/report.h"

static const char *access_name(int access)
{
	if (access < 0)
		return NULL;
	return access == 0 ? "ok" : access == ENOENT ? "missing" : "denied";
}

static const char *port_owner(const struct port *port)
{
	if (port->ifindex > 0)
		return gid_owner_name(GID_MINE);
	if (port->infiniband || port->ifindex < 0)
		return NULL;
	return gid_owner_name(GID_FOREIGN);
}

static struct cJSON *port_json(const struct local *local, const struct port *port)
{
	const struct netdev *netdev = local_netdev(local, port->ifindex);
	struct cJSON *obj = cJSON_CreateObject();

	jout_str(obj, "dev", port->dev);
	jout_int(obj, "port", port->port, true);
	jout_str(obj, "state", port->state ? port_state_name(port->state) : NULL);
	jout_int(obj, "phys_state", port->phys_state, port->phys_state);
	jout_str(obj, "link_layer",
		 port->ethernet	    ? "ethernet"
		 : port->infiniband ? "infiniband"
				    : NULL);
	jout_num(obj, "gbps", port->gbps, port->gbps > 0);
	jout_int(obj, "active_mtu", port->active_mtu, port->active_mtu);
	jout_str(obj, "netdev", netdev ? netdev->name : NULL);
	jout_int(obj, "ifindex", port->ifindex, netdev != NULL);
	jout_str(obj, "owner", port_owner(port));
	jout_str(obj, "pci", port->pci);
	jout_int(obj, "numa", port->numa, port->numa >= 0);
	jout_str(obj, "function", port->function);
	jout_str(obj, "uverbs", port->uverbs);
	jout_str(obj, "access", access_name(port->access));
	jout_str(obj, "fw", port->fw);
	jout_str(obj, "guid", port->guid);
	return obj;
}

static const char *rail_of(const struct report *report, const struct gid *gid)
{
	const struct port *port = &report->local.ports[gid->port];

	for (int i = 0; gid->why == WHY_CHOSEN && i < report->rails.n; i++) {
		const struct rail *rail = &report->rails.v[i];

		if (rail->gid_index == gid->index && rail->port == port->port &&
		    !strcmp(rail->dev, port->dev))
			return rail->name;
	}
	return NULL;
}

static struct cJSON *gid_json(const struct report *report, const struct gid *gid)
{
	const struct netdev *netdev = gid->owner == GID_MINE
					      ? local_netdev(&report->local, gid->ifindex)
					      : NULL;
	struct cJSON *obj = cJSON_CreateObject();
	char text[GID_LEN];

	jout_str(obj, "dev", report->local.ports[gid->port].dev);
	jout_int(obj, "port", report->local.ports[gid->port].port, true);
	jout_int(obj, "index", gid->index, true);
	jout_str(obj, "type", gid_type_name(gid->type));
	jout_str(obj, "gid", gid_format(gid->raw, text));
	jout_str(obj, "ip", gid->type == GID_IB ? NULL : ip_format(&gid->ip, text));
	jout_str(obj, "netdev", netdev ? netdev->name : NULL);
	jout_int(obj, "ifindex", gid->ifindex, gid->ifindex);
	jout_str(obj, "owner", gid_owner_name(gid->owner));
	jout_bool(obj, "chosen", gid->why == WHY_CHOSEN);
	jout_str(obj, "rail", rail_of(report, gid));
	jout_str(obj, "why_not", gid_why_text(gid->why));
	return obj;
}

static struct cJSON *check_json(const struct check *check)
{
	struct cJSON *obj = cJSON_CreateObject();

	jout_str(obj, "id", check->label);
	jout_str(obj, "name", check->name);
	jout_str(obj, "rail", check->rail);
	jout_str(obj, "status", check_status_name(check->status));
	jout_str(obj, "value", check->value);
	jout_str(obj, "want", check->want);
	jout_str(obj, "source", check->source);
	jout_str(obj, "fix", check->fix);
	return obj;
}

static void put_time(struct cJSON *doc)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	jout_str(doc, "time", text);
}

static void put_head(struct cJSON *doc, const struct report *report)
{
	static const char *const modes[] = { NULL, "exclusive", "shared" };

	jout_str(doc, "schema", "rdma-probe/v1");
	jout_str(doc, "tool", VERSION);
	jout_str(doc, "command", report->command);
	jout_str(doc, "host", report->host);
	jout_str(doc, "pod", report->pod);
	jout_str(doc, "netns_mode", modes[report->local.mode]);
	put_time(doc);
	jout_str(doc, "verdict", verdict_name(report->verdict));
	jout_str(doc, "headline", report->headline);
	jout_str(doc, "error", report->error.msg);
}

static void put_lists(struct cJSON *doc, const struct report *report)
{
	struct cJSON *rails = cJSON_AddArrayToObject(doc, "rails"),
		     *devices = cJSON_AddArrayToObject(doc, "devices"),
		     *gids = cJSON_AddArrayToObject(doc, "gids"), *checks, *paths;

	for (int i = 0; i < report->rails.n; i++)
		cJSON_AddItemToArray(rails, rail_to_json(&report->rails.v[i]));
	for (int i = 0; report->devices && i < report->local.nports; i++)
		cJSON_AddItemToArray(devices,
				     port_json(&report->local, &report->local.ports[i]));
	for (int i = 0; report->gids && i < report->local.ngids; i++)
		cJSON_AddItemToArray(gids, gid_json(report, &report->local.gids[i]));
	checks = cJSON_AddArrayToObject(doc, "checks");
	for (int i = 0; i < report->checks.n; i++)
		cJSON_AddItemToArray(checks, check_json(&report->checks.v[i]));
	paths = cJSON_AddArrayToObject(doc, "paths");
	for (int i = 0; report->visit && i < report->visit->n; i++) {
		struct outcome outcome;

		outcome_of(&report->visit->paths[i], report->peer, &outcome);
		cJSON_AddItemToArray(paths, outcome_to_json(&outcome, report->host));
		outcome_clear(&outcome);
	}
	for (int i = 0; i < report->noutcomes; i++)
		cJSON_AddItemToArray(paths,
				     outcome_to_json(&report->outcomes[i], report->host));
}

static void put_summary(struct cJSON *doc, const struct report *report)
{
	const struct summary *s = &report->summary;
	struct cJSON *obj = cJSON_AddObjectToObject(doc, "summary");

	jout_int(obj, "rails", s->rails ? s->rails : report->rails.n, true);
	jout_int(obj, "peers", s->peers, true);
	jout_int(obj, "pairs", s->pairs, true);
	jout_int(obj, "ok", s->ok, true);
	jout_int(obj, "fail", s->fail, true);
	jout_int(obj, "unknown", s->unknown, true);
	jout_int(obj, "duration_ms", (clock_ns() - report->started) / NS_MS, true);
}

static struct cJSON *make_document(const struct report *report)
{
	struct cJSON *doc = cJSON_CreateObject();

	put_head(doc, report);
	put_lists(doc, report);
	put_summary(doc, report);
	return doc;
}

/* The document is gone afterwards. */
static int print(struct cJSON *doc, FILE *out)
{
	_autofree_ char *text = cJSON_PrintUnformatted(doc);

	cJSON_Delete(doc);
	if (text)
		fprintf(out, "%s\n", text);
	return text && !fflush(out) && !ferror(out) ? 0 : -1;
}

int report_print_json(const struct report *report, FILE *out)
{
	return print(make_document(report), out);
}

static int print_line(const struct report *report, const char *kind, struct cJSON *item,
		      FILE *out)
{
	struct cJSON *line = cJSON_CreateObject();

	jout_str(line, "schema", "rdma-probe/line/v1");
	put_time(line);
	jout_str(line, "host", report->host);
	jout_str(line, "command", report->command);
	jout_str(line, "kind", kind);
	cJSON_AddItemToObject(line, "item", item);
	return print(line, out);
}

int report_print_jsonl(const struct report *report, FILE *out)
{
	static const char *const lists[][2] = { { "rails", "rail" },
						{ "devices", "device" },
						{ "gids", "gid" },
						{ "checks", "check" },
						{ "paths", "path" } };
	struct cJSON *doc = make_document(report);
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		_autojson_ struct cJSON *list =
			cJSON_DetachItemFromObject(doc, lists[i][0]);

		while (list && list->child && !r)
			r = print_line(report, lists[i][1],
				       cJSON_DetachItemFromArray(list, 0), out);
	}
	if (!r)
		return print_line(report, "end", doc, out);
	cJSON_Delete(doc);
	return -1;
}
