/* serve.c - rdma-probe serve: be there for the peers that ping. */
#include <string.h>

#include "plugins/rdma-probe/cm_serve.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/http.h"
#include "plugins/rdma-probe/metrics.h"
#include "plugins/rdma-probe/service.h"
#include "plugins/rdma-probe/show.h"

static void announce(const struct report *report, const struct opts *opts)
{
	if (!opts->json) {
		show_rails(&report->rails, stdout);
		fflush(stdout);
	}
	fprintf(stderr, "rdma-probe serve: listening on %s%s%s, %d rails\n",
		*opts->listen.host ? opts->listen.host : "every address",
		*opts->listen.port ? " port " : "", opts->listen.port, report->rails.n);
}

static int answer_http(void *arg, const char *path, FILE *out)
{
	if (!strcmp(path, "/metrics"))
		metrics_serve(arg, out);
	else if (!strcmp(path, "/healthz"))
		fprintf(out, "ok\n");
	else
		return 404;
	return 200;
}

static struct http http = { .answer = answer_http };

/* What takes privileges comes before they are given up, and threads after that. */
static int open_all(const struct opts *opts, struct service *service,
		    const struct report *report, struct err *err)
{
	if (service_open(service, opts, report->host, err))
		return -1;
	http.arg = &service->server;
	return *opts->metrics.port ? http_listen(&http, &opts->metrics, err) : 0;
}

/* rdma_cm's file is for whom it was opened by: the kernel refuses every request of a
 * process that has given up privileges since (ib_safe_file_access()). And a process has
 * to be made before there are threads. */
static int start_all(const struct opts *opts, struct service *service, struct err *err)
{
	if (opts->cm && cm_serve_start(&service->server, err))
		return -1;
	return *opts->metrics.port ? http_start(&http, service->stop, err) : 0;
}

static void sum_up(struct report *report, const struct server *server)
{
	report->summary.peers = server->served;
	report->summary.pairs = server->opened + server->refused;
	report->summary.ok = server->opened;
	report->summary.fail = server->refused;
	report_say(report, VERDICT_OK,
		   "served %d control connections: %d queue pairs opened, %d refused",
		   server->served, server->opened, server->refused);
}

static int run_serve(const struct opts *opts, int signals, struct report *report,
		     struct err *err)
{
	static struct service service; /* large, and left to clients that are stuck */

	if (command_scan(opts, &report->local, &report->rails, err))
		return -1;
	if (open_all(opts, &service, report, err))
		return -1;
	announce(report, opts);
	command_confine(opts);
	if (start_all(opts, &service, err) || service_run(&service, signals, err))
		return -1;
	sum_up(report, &service.server);
	return 0;
}

static void print_serve(const struct report *report, FILE *out)
{
	report_print_verdict(report, out);
}

const struct command command_serve = {
	.name = "serve",
	.bit = CMD_SERVE,
	.args = "",
	.summary = "answer the pings of peers until SIGTERM or SIGINT",
	.about =
		"Tells clients its rails over TCP port " PROTO_PORT
		", opens a queue pair\n"
		"for every path they test, and answers the datagrams of those that asked "
		"for\n"
		"it. Needs no root; locks memory only for tests that need it, 168 KiB a "
		"rail\n"
		"for datagrams. Looks at its rails anew for every client. Prints a "
		"summary at\n"
		"the end.\n",
	.run = run_serve,
	.print = print_serve,
};
