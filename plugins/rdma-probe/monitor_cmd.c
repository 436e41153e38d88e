/* monitor_cmd.c - rdma-probe monitor: probe many peers for ever, and tell. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/http.h"
#include "plugins/rdma-probe/jout.h"
#include "plugins/rdma-probe/monitor.h"
#include "plugins/rdma-probe/rail_json.h"

#define HEALTHY_NS (5 * NS_S) /* without a beat, it is not */

/* Left to threads that are stuck: lives as long as the program. */
static struct monitor monitor = { .lock = PTHREAD_MUTEX_INITIALIZER };
static struct service service;

static void put_now(char ret[32])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void tell_json(const struct monitor *from, const char *event, const char *rail,
		      const char *peer, const struct fault *fault)
{
	struct cJSON *obj = cJSON_CreateObject();
	char now[32], *text;

	put_now(now);
	jout_str(obj, "schema", "rdma-probe/event/v1");
	jout_str(obj, "time", now);
	jout_str(obj, "host", from->host);
	jout_str(obj, "event", event);
	jout_str(obj, "rail", rail);
	jout_str(obj, "peer", peer);
	fault_to_json(fault, obj);
	text = cJSON_PrintUnformatted(obj);
	cJSON_Delete(obj);
	if (text)
		printf("%s\n", text);
	free(text);
}

void monitor_tell(const struct monitor *from, const char *event, const char *rail,
		  const char *peer, const struct fault *fault)
{
	const char *code = reason_code(fault->reason);
	char now[32];

	if (from->opts->jsonl) {
		tell_json(from, event, rail, peer, fault);
	} else if (!from->opts->json && !from->opts->quiet) {
		put_now(now);
		printf("%s %-9s %s%s%s%s%s%s%s\n", now, event, rail, peer ? " " : "",
		       peer ? peer : "", code ? " " : "", code ? code : "",
		       fault->notes ? ": " : "", fault->notes ? fault->note[0] : "");
	}
	fflush(stdout);
}

static int answer_http(void *arg, const char *path, FILE *out)
{
	bool healthy;

	(void)arg;
	if (!strcmp(path, "/metrics")) {
		monitor_metrics(&monitor, out);
		return 200;
	}
	if (strcmp(path, "/healthz"))
		return 404;
	pthread_mutex_lock(&monitor.lock);
	healthy = clock_ns() - monitor.beat_at < HEALTHY_NS;
	pthread_mutex_unlock(&monitor.lock);
	fprintf(out, "%s\n", healthy ? "ok" : "no beat");
	return healthy ? 200 : 503;
}

static struct http http = { .answer = answer_http };

static int prepare(const struct opts *opts, int signals, struct report *report,
		   struct err *err)
{
	monitor.opts = opts;
	monitor.signals = signals;
	monitor.service = &service;
	memcpy(monitor.host, report->host, sizeof(monitor.host));
	monitor.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	monitor.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (monitor.wake < 0 || monitor.stop < 0)
		return err_set(err, errno, "eventfd");
	if (command_scan(opts, &report->local, &report->rails, err) ||
	    peers_load(&monitor.peers, opts->peers, &report->local, report->host, err))
		return -1;
	command_plan(&monitor.plan, opts, report);
	monitor.plan.local = NULL; /* of a moment ago */
	monitor.plan.count = 1;
	monitor.plan.duration = 0; /* no load on a network that others use */
	monitor.peer_hosts = calloc(monitor.peers.n + 1, sizeof(*monitor.peer_hosts));
	monitor.due = calloc(monitor.peers.n + 1, sizeof(*monitor.due));
	if (!monitor.peer_hosts || !monitor.due)
		return err_set(err, ENOMEM, "remember peers");
	for (int i = 0; i < monitor.peers.n; i++)
		snprintf(monitor.peer_hosts[i], PROTO_HOST_LEN, "%.63s",
			 monitor.peers.v[i].at.host);
	if (service_open(&service, opts, report->host, err))
		return -1;
	if (http_listen(&http, &opts->metrics, err))
		return -1;
	command_confine(opts);
	service.server.owner =
		(struct hub_owner){ monitor_answers, monitor_event, &monitor };
	service.server.path_to = monitor_path_to;
	service.server.fresh = opts->window; /* as often as the keeper looks */
	return service_start(&service, err);
}

static void sum_up(struct report *report)
{
	struct summary *s = &report->summary;
	struct target *first = NULL;

	pthread_mutex_lock(&monitor.lock);
	s->peers = monitor.peers.n - (peers_self(&monitor.peers) >= 0);
	s->pairs = monitor.ntargets;
	for (int i = 0; i < monitor.ntargets; i++) {
		struct target *target = &monitor.targets[i];

		s->ok += target->state == TARGET_UP;
		s->fail += target->state == TARGET_DOWN &&
			   reason_verdict(target->fault.reason) == VERDICT_FAIL;
		if (target->state == TARGET_DOWN && !first)
			first = target;
	}
	s->unknown = s->pairs - s->ok - s->fail;
	report_say(report, report_worst(report),
		   "%d of %d paths work, %llu probes sent%s%s", s->ok, s->pairs,
		   (unsigned long long)monitor.probes,
		   first && reason_code(first->fault.reason) ? "; first failure: " : "",
		   first && reason_code(first->fault.reason)
			   ? reason_code(first->fault.reason)
			   : "");
	pthread_mutex_unlock(&monitor.lock);
}

static int run_monitor(const struct opts *opts, int signals, struct report *report,
		       struct err *err)
{
	pthread_t keeper;
	int no;

	if (prepare(opts, signals, report, err) || http_start(&http, monitor.stop, err))
		return -1;
	no = pthread_create(&keeper, NULL, monitor_keep, &monitor);
	if (no)
		return err_set(err, no, "start a thread");
	fprintf(stderr, "rdma-probe monitor: %d peers, %d rails\n", monitor.peers.n,
		report->rails.n);
	if (monitor_beat(&monitor, err))
		return -1;
	monitor.ending = true; /* the keeper may be held by the kernel: not waited for */
	eventfd_write(monitor.stop, 1);
	sum_up(report);
	service_stop(&service);
	return 0;
}

static void print_monitor(const struct report *report, FILE *out)
{
	report_print_verdict(report, out);
}

const struct command command_monitor = {
	.name = "monitor",
	.bit = CMD_MONITOR,
	.args = "--peers FROM",
	.summary = "probe every peer on every rail for ever; /metrics for Prometheus",
	.about =
		"Sends datagrams over every rail to every peer on its link that runs "
		"monitor\n"
		"or serve, and answers theirs: losses by direction, round trips, and for "
		"paths\n"
		"that fall silent the reason diagnose finds. Then it asks up to three "
		"others\n"
		"how they reach both ends: is it one of them, or the path. Of peers "
		"behind\n"
		"routers it probes a sample, and those that are new or in doubt; the "
		"others\n"
		"count as they were found last. Rails and peers may come and go.\n"
		"Tells what happens on standard output, until SIGTERM or SIGINT.\n",
	.run = run_monitor,
	.print = print_monitor,
};
