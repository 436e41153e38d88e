/* mesh_cmd.c - rdma-probe mesh: does RoCEv2 work to every peer, on every rail? */
#include <errno.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/command.h"
#include "plugins/rdma-probe/mesh_show.h"
#include "plugins/rdma-probe/service.h"
#include "plugins/rdma-probe/wire.h"

#define POLL_NS (20 * NS_MS)
#define SAMPLE	8 /* peers to meet, when not all */

/* What the run refers to for as long as the program lives: a thread may be stuck. */
static struct job {
	struct path_plan plan;
	struct peers peers;
	struct service service;
	int most; /* of the peers to meet, 0 for all */
	bool schedule;
} job;

static int count(struct report *report, const struct mesh *mesh)
{
	struct summary *s = &report->summary;
	int n = 0;

	s->peers = mesh->n;
	for (int i = 0; i < mesh->n; i++)
		s->pairs += mesh->meets[i].n;
	report->outcomes = calloc(s->pairs + 1, sizeof(*report->outcomes));
	if (!report->outcomes)
		return -1;
	for (int i = 0; i < mesh->n; i++)
		for (int k = 0; k < mesh->meets[i].n; k++) {
			const struct outcome *outcome = &mesh->meets[i].outcomes[k];

			s->ok += outcome->result == VERDICT_OK;
			s->fail += outcome->result == VERDICT_FAIL;
			s->unknown += outcome->result == VERDICT_UNKNOWN;
			report->outcomes[n++] = *outcome;
		}
	report->noutcomes = n;
	return 0;
}

static void sum_up(struct report *report, const struct mesh *mesh)
{
	const struct summary *s = &report->summary;
	enum verdict verdict = report_worst(report);
	int met = 0;

	for (int i = 0; i < mesh->n; i++)
		met += mesh->meets[i].over && !mesh->meets[i].absent;
	if (met < mesh->n && verdict == VERDICT_OK)
		verdict = VERDICT_UNKNOWN;
	if (!mesh->n)
		report_say(report, VERDICT_UNKNOWN, "there is no peer but ourselves");
	else if (!report->rails.n)
		command_no_rails(report);
	else
		report_say(report, verdict,
			   "%d of %d paths to %d peers work, %d fail, %d unknown%s",
			   s->ok, s->pairs, mesh->n, s->fail, s->unknown,
			   mesh->ending ? "; interrupted" : "");
}

/* Others may still have to test us. */
static void linger(const struct mesh *mesh, int64_t until)
{
	int expected = 0;

	for (int i = 0; i < mesh->n; i++)
		expected += mesh->meets[i].over && !mesh->meets[i].absent;
	while (job.service.server.ndone < expected && clock_ns() < until) {
		struct until nap = { clock_ns() + POLL_NS, mesh->signals };
		struct err err;

		if (wire_wait(-1, 0, &nap, &err) && err.no == ECANCELED)
			return;
	}
}

static int serve(const struct opts *opts, const struct report *report, struct err *err)
{
	if (opts->serve && service_open(&job.service, opts, report->host, err))
		return -1;
	command_confine(opts);
	return opts->serve ? service_start(&job.service, err) : 0;
}

static int plan_only(struct report *report)
{
	int self = peers_self(&job.peers), rounds = 0;

	while (mesh_round(job.peers.n, job.most, rounds) >= 0)
		rounds++;
	report_say(report, rounds ? VERDICT_OK : VERDICT_UNKNOWN,
		   "%d rounds for %d peers; we are %s", rounds, job.peers.n,
		   self < 0 ? "not among them, and would meet them all"
			    : job.peers.v[self].at.host);
	return 0;
}

static int run_mesh(const struct opts *opts, int signals, struct report *report,
		    struct err *err)
{
	int64_t until = clock_ns() + opts->wait;
	struct mesh *mesh;

	if (command_scan(opts, &report->local, &report->rails, err) ||
	    peers_load(&job.peers, opts->peers, &report->local, report->host, err))
		return -1;
	job.most = opts->mode == MESH_SAMPLE ? SAMPLE : 0;
	job.schedule = opts->schedule;
	if (job.schedule)
		return plan_only(report);
	if (serve(opts, report, err))
		return -1;
	command_plan(&job.plan, opts, report);
	mesh = report->mesh = mesh_new(&job.plan, &job.peers, job.most);
	if (!mesh)
		return err_set(err, ENOMEM, "plan the paths");
	mesh->signals = signals;
	mesh->patience = opts->wait;
	if (!opts->quiet && !opts->json)
		mesh->progress = mesh_show_progress;
	if (report->rails.n && mesh_run(mesh, err))
		return -1;
	if (count(report, mesh))
		return err_set(err, ENOMEM, "sum up");
	sum_up(report, mesh);
	if (opts->serve) {
		mesh_say_done(mesh);
		if (!mesh->ending)
			linger(mesh, until);
		service_stop(&job.service);
	}
	return opts->html ? mesh_write_html(report, opts->html, err) : 0;
}

static void print_mesh(const struct report *report, FILE *out)
{
	if (job.schedule)
		(void)mesh_show_schedule(&job.peers, job.most, out);
	if (report->mesh)
		mesh_show(report, out);
	report_print_verdict(report, out);
}

const struct command command_mesh = {
	.name = "mesh",
	.bit = CMD_MESH,
	.args = "--peers FROM",
	.summary = "does RoCEv2 work to every peer, on every rail",
	.about = "Tests every rail to every peer that runs serve, or mesh --serve: each "
		 "node\n"
		 "by itself, in the order of a tournament, all rails of a peer side by "
		 "side.\n"
		 "Peers that are dead cost one deadline each, and hold up nobody else.\n"
		 "As a gate, run mesh --serve --wait 60s in every pod at about the same "
		 "time.\n",
	.run = run_mesh,
	.print = print_mesh,
};
