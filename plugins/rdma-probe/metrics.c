/* metrics.c - the text of a monitor's /metrics, with a bounded number of series. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "pkg/clock.h"
#include "pkg/text.h"
#include "plugins/rdma-probe/monitor.h"

static const char *const scope_names[] = { "link", "routed" };

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP rdma_probe_%s %s\n# TYPE rdma_probe_%s %s\n", name, help,
		name, type);
}

/* A label's value: quotes and backslashes would end or change it. */
static const char *label(const char *text, char buf[256])
{
	size_t n = 0;

	for (; *text && n < 250; text++) {
		if (*text == '"' || *text == '\\')
			buf[n++] = '\\';
		buf[n++] = *text >= 0x20 && *text < 0x7f ? *text : '?';
	}
	buf[n] = '\0';
	return buf;
}

static void put_rtt(const struct monitor *monitor, FILE *out)
{
	head(out, "rtt_seconds", "histogram", "Round trips of datagrams.");
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++) {
			const struct rail_state *rail = &monitor->rails[i];
			const struct hist *hist = &rail->scopes[k].rtt;
			uint64_t sum = 0;

			for (int b = 0; b < HIST_BUCKETS; b++) {
				char bound[32] = "+Inf";

				sum += hist->count[b];
				if (b < HIST_BUCKETS - 1)
					snprintf(bound, sizeof(bound), "%g",
						 (double)hist_bound(b) / NS_S);
				fprintf(out,
					"rdma_probe_rtt_seconds_bucket{rail=\"%s\","
					"scope=\"%s\",le=\"%s\"} %llu\n",
					rail->name, scope_names[k], bound,
					(unsigned long long)sum);
			}
			fprintf(out,
				"rdma_probe_rtt_seconds_sum{rail=\"%s\",scope=\"%s\"} "
				"%g\n"
				"rdma_probe_rtt_seconds_count{rail=\"%s\",scope=\"%s\"} "
				"%llu\n",
				rail->name, scope_names[k], (double)hist->sum_ns / NS_S,
				rail->name, scope_names[k], (unsigned long long)sum);
		}
}

static void put_loss(const struct monitor *monitor, FILE *out)
{
	head(out, "loss_ratio", "gauge", "Lost of the latest datagrams, by direction.");
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++) {
			const struct scope *scope = &monitor->rails[i].scopes[k];

			if (!scope->sent)
				continue;
			fprintf(out,
				"rdma_probe_loss_ratio{rail=\"%s\",scope=\"%s\",dir="
				"\"fwd\"} "
				"%g\nrdma_probe_loss_ratio{rail=\"%s\",scope=\"%s\",dir="
				"\"rev\"} %g\n",
				monitor->rails[i].name, scope_names[k],
				scope->ratio_there, monitor->rails[i].name,
				scope_names[k], scope->ratio_back);
		}
	head(out, "lost_total", "counter", "Datagrams without an answer.");
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++)
			fprintf(out,
				"rdma_probe_lost_total{rail=\"%s\",scope=\"%s\"} %llu\n",
				monitor->rails[i].name, scope_names[k],
				(unsigned long long)monitor->rails[i].scopes[k].lost);
}

static void put_failures(const struct monitor *monitor, FILE *out)
{
	head(out, "failures_total", "counter", "Failures of paths and rails, by reason.");
	for (int i = 0; i < monitor->nrails; i++)
		for (int r = REASON_NONE + 1; r < REASON_COUNT; r++)
			if (monitor->rails[i].failures[r])
				fprintf(out,
					"rdma_probe_failures_total{rail=\"%s\",layer=\"%"
					"s\","
					"reason=\"%s\"} %llu\n",
					monitor->rails[i].name, reason_layer(r),
					reason_code(r),
					(unsigned long long)monitor->rails[i]
						.failures[r]);
}

static void put_peers(const struct monitor *monitor, FILE *out)
{
	static const char *const states[] = { "new", "up", "down" };

	head(out, "peers", "gauge", "Paths of a rail, by state.");
	for (int i = 0; i < monitor->nrails; i++) {
		int count[3] = { 0 };

		for (int k = 0; k < monitor->ntargets; k++)
			if (!strcmp(monitor->targets[k].rail, monitor->rails[i].name))
				count[monitor->targets[k].state]++;
		for (int s = 0; s < 3; s++)
			fprintf(out, "rdma_probe_peers{rail=\"%s\",state=\"%s\"} %d\n",
				monitor->rails[i].name, states[s], count[s]);
	}
}

/* The series that name a peer: only those that fail, and not all of them. */
static void put_failing(const struct monitor *monitor, FILE *out)
{
	char peer[256];
	int told = 0;

	head(out, "up", "gauge", "0 for a path that fails; the first 32 only.");
	for (int i = 0; i < monitor->ntargets && told < MONITOR_TOLD; i++) {
		const struct target *target = &monitor->targets[i];
		const char *code = reason_code(target->fault.reason);

		if (target->state != TARGET_DOWN)
			continue;
		told++;
		label(monitor->peer_hosts[target->peer], peer);
		fprintf(out,
			"rdma_probe_up{rail=\"%s\",peer=\"%s\",reason=\"%s\"} 0\n"
			"rdma_probe_last_success_timestamp_seconds{rail=\"%s\",peer=\"%"
			"s\"} "
			"%lld\n",
			target->rail, peer, code ? code : "", target->rail, peer,
			(long long)target->success);
	}
}

static void put_rails(const struct monitor *monitor, FILE *out)
{
	char gid[GID_LEN];

	head(out, "rail_usable", "gauge", "1 if the rail has a RoCEv2 GID.");
	for (int i = 0; i < monitor->nrails; i++)
		fprintf(out, "rdma_probe_rail_usable{rail=\"%s\"} %d\n",
			monitor->rails[i].name, rail_usable(&monitor->rails[i].rail));
	head(out, "gid_info", "gauge", "The GID of a rail.");
	for (int i = 0; i < monitor->nrails; i++) {
		const struct rail *rail = &monitor->rails[i].rail;

		if (rail_usable(rail))
			fprintf(out,
				"rdma_probe_gid_info{rail=\"%s\",dev=\"%s\",port=\"%d\","
				"gid_index=\"%d\",gid=\"%s\",netdev=\"%s\"} 1\n",
				rail->name, rail->dev, rail->port, rail->gid_index,
				gid_format(rail->gid, gid), rail->netdev);
	}
	head(out, "check_status", "gauge",
	     "Checks of check-local: 0 ok, 1 warn, 2 fail, 3 unknown.");
	for (int i = 0; i < monitor->checks.n; i++) {
		static const int values[] = { [CHECK_OK] = 0,
					      [CHECK_WARN] = 1,
					      [CHECK_FAIL] = 2,
					      [CHECK_UNKNOWN] = 3 };
		const struct check *check = &monitor->checks.v[i];

		fprintf(out, "rdma_probe_check_status{id=\"%s\",rail=\"%s\"} %d\n",
			check->label, check->rail, values[check->status]);
	}
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

static void put_self(struct monitor *monitor, FILE *out)
{
	struct rusage usage;
	int hubs;
	size_t bytes = pinned(&monitor->service->server, &hubs);

	(void)getrusage(RUSAGE_SELF, &usage);
	head(out, "self_cpu_seconds_total", "counter", "CPU time of this program.");
	fprintf(out, "rdma_probe_self_cpu_seconds_total %.3f\n",
		(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
	head(out, "pinned_bytes", "gauge", "Memory registered with devices.");
	fprintf(out, "rdma_probe_pinned_bytes %zu\n", bytes);
	head(out, "qps", "gauge", "Queue pairs open.");
	fprintf(out, "rdma_probe_qps %d\n", hubs + monitor->service->server.queue_pairs);
	head(out, "probes_total", "counter", "Datagrams sent as probes.");
	fprintf(out, "rdma_probe_probes_total %llu\n",
		(unsigned long long)monitor->probes);
	head(out, "audits_total", "counter", "Peers tested by reliable connections.");
	fprintf(out, "rdma_probe_audits_total %llu\n",
		(unsigned long long)monitor->audits);
}

void monitor_metrics(struct monitor *monitor, FILE *out)
{
	pthread_mutex_lock(&monitor->lock);
	put_rails(monitor, out);
	put_peers(monitor, out);
	put_failing(monitor, out);
	put_loss(monitor, out);
	put_failures(monitor, out);
	put_rtt(monitor, out);
	put_self(monitor, out);
	pthread_mutex_unlock(&monitor->lock);
}
