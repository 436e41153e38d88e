/* metrics.c - the text that Prometheus reads, and what monitor and serve both tell. */
#include <sys/resource.h>

#include "plugins/rdma-probe/metrics.h"

void metrics_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP rdma_probe_%s %s\n# TYPE rdma_probe_%s %s\n", name, help,
		name, type);
}

const char *metrics_label(const char *text, char buf[METRICS_LABEL])
{
	size_t n = 0;

	for (; *text && n < METRICS_LABEL - 6; text++) {
		if (*text == '"' || *text == '\\')
			buf[n++] = '\\';
		buf[n++] = *text >= 0x20 && *text < 0x7f ? *text : '?';
	}
	buf[n] = '\0';
	return buf;
}

static void put_gid(FILE *out, const struct rail *rail)
{
	char gid[GID_LEN];

	fprintf(out,
		"rdma_probe_gid_info{rail=\"%s\",dev=\"%s\",port=\"%d\",gid_index=\"%d\","
		"gid=\"%s\",netdev=\"%s\"} 1\n",
		rail->name, rail->dev, rail->port, rail->gid_index,
		gid_format(rail->gid, gid), rail->netdev);
}

void metrics_rails(FILE *out, const struct rail *const *rails, int n)
{
	metrics_head(out, "rail_usable", "gauge", "1 if the rail has a RoCEv2 GID.");
	for (int i = 0; i < n; i++)
		fprintf(out, "rdma_probe_rail_usable{rail=\"%s\"} %d\n", rails[i]->name,
			rail_usable(rails[i]));
	metrics_head(out, "gid_info", "gauge", "The GID of a rail.");
	for (int i = 0; i < n; i++)
		if (rail_usable(rails[i]))
			put_gid(out, rails[i]);
}

static size_t pinned(struct server *server, int *hubs)
{
	size_t bytes = 0;

	*hubs = 0;
	pthread_mutex_lock(&server->hubs_lock);
	for (int i = 0; i < RAIL_MAX; i++)
		if (server->hubs[i]) {
			bytes += ud_pinned(&server->hubs[i]->ud);
			++*hubs;
		}
	pthread_mutex_unlock(&server->hubs_lock);
	return bytes + (size_t)server->room;
}

void metrics_self(FILE *out, struct server *server)
{
	struct rusage usage;
	int hubs;
	size_t bytes = pinned(server, &hubs);

	(void)getrusage(RUSAGE_SELF, &usage);
	metrics_head(out, "self_cpu_seconds_total", "counter",
		     "CPU time of this program.");
	fprintf(out, "rdma_probe_self_cpu_seconds_total %.3f\n",
		(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
	metrics_head(out, "pinned_bytes", "gauge", "Memory registered with devices.");
	fprintf(out, "rdma_probe_pinned_bytes %zu\n", bytes);
	metrics_head(out, "qps", "gauge", "Queue pairs open.");
	fprintf(out, "rdma_probe_qps %d\n", hubs + server->queue_pairs);
}

static void put_count(FILE *out, const char *name, const char *type, const char *help,
		      int value)
{
	metrics_head(out, name, type, help);
	fprintf(out, "rdma_probe_%s %d\n", name, value);
}

static void put_clients(const struct server *server, FILE *out)
{
	put_count(out, "clients", "gauge", "Control connections open.", server->clients);
	put_count(out, "clients_total", "counter", "Control connections accepted.",
		  server->served);
	put_count(out, "opened_total", "counter", "Ends of paths opened for clients.",
		  server->opened);
	put_count(out, "refused_total", "counter", "Ends of paths refused to clients.",
		  server->refused);
}

void metrics_serve(struct server *server, FILE *out)
{
	_autofree_ struct rails *rails = malloc(sizeof(*rails));
	const struct rail *list[RAIL_MAX];
	struct err ignored;

	if (rails && !server_rails(server, 0, rails, &ignored)) {
		for (int i = 0; i < rails->n; i++)
			list[i] = &rails->v[i];
		metrics_rails(out, list, rails->n);
	}
	put_clients(server, out);
	metrics_self(out, server);
}
