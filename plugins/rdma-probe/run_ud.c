/* run_ud.c - datagrams to a path's peer and back: which of them get lost, and where? */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "plugins/rdma-probe/run.h"

int run_ud_begin(struct run *run)
{
	struct hub_prober prober = { .tc = run->params.tc };

	if (getrandom(&run->token, sizeof(run->token), 0) < 0)
		run->token = (uint32_t)clock_ns();
	if (ud_open(&run->ud, run->mine, UD_DEPTH_LEAST, run->fault))
		return -1;
	prober.token = run->token;
	prober.end = ud_end(&run->ud);
	if (run->plan->op == PATH_CM ? run_cm_ask(run, &prober)
				     : run_open_ud(run, &prober, &run->ud_peer))
		return -1;
	run->ah = ud_address(&run->ud, run->ud_peer.gid, run->params.tc,
			     run->params.flow_label, run->fault);
	return run->ah ? 0 : -1;
}

int run_ud_send(struct run *run, uint32_t sequence)
{
	struct ud_msg msg = { .type = UD_PROBE,
			      .token = run->token,
			      .sequence = sequence,
			      .prompt = true };
	int no = ud_send(&run->ud, run->ah, &run->ud_peer, &msg);

	if (no)
		return fault_set(run->fault, REASON_NONE, no, "send a datagram on %s",
				 run->mine->dev);
	run->tally.sent++;
	return 0;
}

static void count_answer(struct run *run, const struct ud_msg *msg, struct stats *rtt)
{
	struct tally *tally = &run->tally;

	if (msg->type != UD_ANSWER || msg->token != run->token)
		return;
	tally->answered++;
	tally->counted = true;
	if ((int)msg->arrived > tally->arrived)
		tally->arrived = (int)msg->arrived;
	tally->tos = msg->tos;
	tally->ttl = msg->ttl;
	if (rtt)
		stats_add(rtt, clock_ns() - msg->sent - msg->held);
}

static int take_answers(struct run *run, struct stats *rtt)
{
	struct ud_arrival arrivals[UD_BURST];
	struct fault why;
	int n;

	do {
		n = ud_receive(&run->ud, arrivals, UD_BURST, &why);
		for (int i = 0; i < n; i++)
			count_answer(run, &arrivals[i].msg, rtt);
	} while (n == UD_BURST);
	return n < 0 ? -1 : 0;
}

int run_ud_receive(struct run *run, int64_t when, struct stats *rtt)
{
	struct until limit = run_until(run, when);
	struct tally *tally = &run->tally;
	struct err err;

	for (;;) {
		if (ud_arm(&run->ud, false) || take_answers(run, rtt))
			return fault_set(run->fault, REASON_PORT_DOWN, 0,
					 "the datagram queue pair of %s broke",
					 run->mine->dev);
		if (tally->answered >= tally->sent)
			return 0;
		if (wire_wait(run->ud.channel->fd, POLLIN, &limit, &err))
			return err.no == ECANCELED ? fault_interrupted(run->fault) : 0;
		ud_ack_event(&run->ud);
	}
}

/* Where no answer told how many came, the peer can be asked, if we talk to it at all. */
static void ask_count(struct run *run)
{
	struct proto_request request = { .op = PROTO_COUNT_UD,
					 .prober = { .token = run->token } };
	const char *answer;
	uint32_t arrived;
	struct err err;
	size_t len;

	if (run->plan->op == PATH_CM || run->tally.answered == run->tally.sent ||
	    run_ask(run, &request, &answer, &len, &err) ||
	    proto_read_counted(answer, len, &arrived, &err))
		return;
	run->tally.arrived = (int)arrived;
	run->tally.counted = true;
}

int run_ud_conclude(struct run *run)
{
	const struct tally *tally = &run->tally;

	ask_count(run);
	run->path->ud_sent = tally->sent;
	run->path->ud_arrived = tally->counted ? tally->arrived : -1;
	run->path->ud_answered = tally->answered;
	run_note(run, CHECK_OK, "%d sent, %d arrived, %d answered", tally->sent,
		 tally->arrived, tally->answered);
	return tally_conclude(tally, run->plan->peer_host, run->mine->netdev, run->fault);
}
