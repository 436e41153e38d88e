/* monitor_metrics.c - the text of a monitor's /metrics; the number of series is bounded.
 */
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/metrics.h"
#include "plugins/rdma-probe/monitor.h"

static const char *const scope_names[] = { "link", "routed" };

static void put_rtt(const struct monitor *monitor, FILE *out)
{
	metrics_head(out, "rtt_seconds", "histogram", "Round trips of datagrams.");
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
	metrics_head(out, "loss_ratio", "gauge",
		     "Lost of the latest datagrams, by direction.");
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
	metrics_head(out, "lost_total", "counter", "Datagrams without an answer.");
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++)
			fprintf(out,
				"rdma_probe_lost_total{rail=\"%s\",scope=\"%s\"} %llu\n",
				monitor->rails[i].name, scope_names[k],
				(unsigned long long)monitor->rails[i].scopes[k].lost);
}

static void put_failures(const struct monitor *monitor, FILE *out)
{
	metrics_head(out, "failures_total", "counter",
		     "Failures of paths and rails, by reason.");
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

	metrics_head(out, "peers", "gauge", "Paths of a rail, by state as last probed.");
	for (int i = 0; i < monitor->nrails; i++) {
		int count[3] = { 0 };

		for (int k = 0; k < monitor->ntargets; k++)
			if (!strcmp(monitor->targets[k].rail, monitor->rails[i].name))
				count[monitor->targets[k].state]++;
		for (int s = 0; s < 3; s++)
			fprintf(out, "rdma_probe_peers{rail=\"%s\",state=\"%s\"} %d\n",
				monitor->rails[i].name, states[s], count[s]);
	}
	metrics_head(out, "peers_probed", "gauge",
		     "Paths that get datagrams now; of those behind routers a sample, "
		     "and all in doubt.");
	for (int i = 0; i < monitor->nrails; i++)
		for (int k = 0; k < SCOPES; k++)
			fprintf(out,
				"rdma_probe_peers_probed{rail=\"%s\",scope=\"%s\"} %d\n",
				monitor->rails[i].name, scope_names[k],
				monitor->rails[i].rings[k].n);
}

/* Series that name a peer are few, however many peers there are. */
static int choose(const struct monitor *monitor, bool (*fits)(const struct target *),
		  const struct target *ret[MONITOR_TOLD], int n)
{
	for (int i = 0; i < monitor->ntargets && n < MONITOR_TOLD; i++)
		if (fits(&monitor->targets[i]))
			ret[n++] = &monitor->targets[i];
	return n;
}

static void put_labels(const struct monitor *monitor, const struct target *target,
		       const char *name, FILE *out)
{
	char peer[METRICS_LABEL];

	metrics_label(monitor->peer_hosts[target->peer], peer);
	fprintf(out, "rdma_probe_%s{rail=\"%s\",peer=\"%s\"", name, target->rail, peer);
}

static bool is_down(const struct target *target)
{
	return target->state == TARGET_DOWN;
}

static void put_failing(const struct monitor *monitor, FILE *out)
{
	const struct target *list[MONITOR_TOLD];
	int n = choose(monitor, is_down, list, 0);

	metrics_head(out, "up", "gauge", "0 for a path that fails; the first 32 only.");
	for (int i = 0; i < n; i++) {
		const char *code = reason_code(list[i]->fault.reason);

		put_labels(monitor, list[i], "up", out);
		fprintf(out, ",reason=\"%s\"} 0\n", code ? code : "");
	}
	metrics_head(out, "last_success_timestamp_seconds", "gauge",
		     "When such a path answered last; 0 never.");
	for (int i = 0; i < n; i++) {
		put_labels(monitor, list[i], "last_success_timestamp_seconds", out);
		fprintf(out, "} %lld\n", (long long)list[i]->success);
	}
}

static bool loses_paths(const struct target *target)
{
	return target->paths_failed > 0;
}

static bool has_all_paths(const struct target *target)
{
	return target->paths_covered && !target->paths_failed;
}

static void put_paths(const struct monitor *monitor, FILE *out)
{
	const struct target *list[MONITOR_TOLD];
	int n = choose(monitor, loses_paths, list, 0);

	n = choose(monitor, has_all_paths, list, n);
	metrics_head(out, "paths_covered", "gauge",
		     "Flow labels that worked in the last audit; 32 peers only, those "
		     "that lose some first.");
	for (int i = 0; i < n; i++) {
		put_labels(monitor, list[i], "paths_covered", out);
		fprintf(out, "} %d\n", list[i]->paths_covered);
	}
	metrics_head(out, "paths_failed", "gauge", "And those that were lost.");
	for (int i = 0; i < n; i++) {
		put_labels(monitor, list[i], "paths_failed", out);
		fprintf(out, "} %d\n", list[i]->paths_failed);
	}
}

static void put_checks(const struct monitor *monitor, FILE *out)
{
	static const int values[] = {
		[CHECK_OK] = 0, [CHECK_WARN] = 1, [CHECK_FAIL] = 2, [CHECK_UNKNOWN] = 3
	};

	metrics_head(out, "check_status", "gauge",
		     "Checks of check-local: 0 ok, 1 warn, 2 fail, 3 unknown.");
	for (int i = 0; i < monitor->checks.n; i++) {
		const struct check *check = &monitor->checks.v[i];

		fprintf(out, "rdma_probe_check_status{id=\"%s\",rail=\"%s\"} %d\n",
			check->label, check->rail, values[check->status]);
	}
}

static void put_rails(const struct monitor *monitor, FILE *out)
{
	const struct rail *rails[RAIL_MAX];

	for (int i = 0; i < monitor->nrails; i++)
		rails[i] = &monitor->rails[i].rail;
	metrics_rails(out, rails, monitor->nrails);
}

static void put_work(const struct monitor *monitor, FILE *out)
{
	metrics_head(out, "probes_total", "counter", "Datagrams sent as probes.");
	fprintf(out, "rdma_probe_probes_total %llu\n",
		(unsigned long long)monitor->probes);
	metrics_head(out, "audits_total", "counter",
		     "Peers tested by reliable connections.");
	fprintf(out, "rdma_probe_audits_total %llu\n",
		(unsigned long long)monitor->audits);
}

void monitor_metrics(struct monitor *monitor, FILE *out)
{
	pthread_mutex_lock(&monitor->lock);
	put_rails(monitor, out);
	put_checks(monitor, out);
	put_peers(monitor, out);
	put_failing(monitor, out);
	put_paths(monitor, out);
	put_loss(monitor, out);
	put_failures(monitor, out);
	put_rtt(monitor, out);
	put_work(monitor, out);
	metrics_self(out, &monitor->service->server);
	pthread_mutex_unlock(&monitor->lock);
}
