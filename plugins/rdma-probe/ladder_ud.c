/* ladder_ud.c - datagrams to the peer and back: which of them get lost, and where? */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "plugins/rdma-probe/run.h"

#define PROBES	    10
#define PAUSE_NS    (2 * NS_MS)
#define PATIENCE_NS (200 * NS_MS) /* for the last answer */

/* The peer's answer to "expect these datagrams". */
static int ask_peer(struct run *run, const struct hub_prober *prober, struct ud_end *ret)
{
	struct proto_request request = { .op = PROTO_OPEN_UD, .prober = *prober };
	const char *answer;
	struct fault refusal;
	struct err err;
	size_t len;
	int r;

	if (run_ask(run, &request, &answer, &len, &err))
		return run_control_failed(run, &err);
	r = proto_read_opened_ud(answer, len, ret, &refusal, &err);
	return run_refused(run, r, &refusal, &err);
}

static void count_answer(struct tally *tally, const struct ud_msg *msg)
{
	tally->answered++;
	tally->counted = true;
	if ((int)msg->arrived > tally->arrived)
		tally->arrived = (int)msg->arrived;
	tally->tos = msg->tos;
	tally->ttl = msg->ttl;
}

static int take_answers(struct run *run, uint32_t token)
{
	struct ud_arrival arrivals[UD_BURST];
	int n;

	do {
		n = ud_receive(&run->ud, arrivals, UD_BURST, run->fault);
		for (int i = 0; i < n; i++)
			if (arrivals[i].msg.type == UD_ANSWER &&
			    arrivals[i].msg.token == token)
				count_answer(&run->tally, &arrivals[i].msg);
	} while (n == UD_BURST);
	return n < 0 ? -1 : 0;
}

/* Receive until `when`, or until everything has been answered. */
static int receive_until(struct run *run, uint32_t token, int64_t when)
{
	struct until limit = run_until(run, when);
	struct err err;

	while (run->tally.answered < run->tally.sent || run->tally.sent < PROBES) {
		if (ud_arm(&run->ud, false) || take_answers(run, token))
			return fault_set(run->fault, REASON_PORT_DOWN, 0,
					 "the datagram queue pair of %s broke",
					 run->mine->dev);
		if (run->tally.answered == run->tally.sent && run->tally.sent == PROBES)
			return 0;
		if (wire_wait(run->ud.channel->fd, POLLIN, &limit, &err))
			return err.no == ECANCELED ? fault_interrupted(run->fault) : 0;
		ud_ack_event(&run->ud);
	}
	return 0;
}

static int exchange(struct run *run, struct ibv_ah *ah, const struct ud_end *peer,
		    uint32_t token)
{
	struct ud_msg msg = { .type = UD_PROBE, .token = token, .prompt = true };

	for (int i = 0; i < PROBES; i++) {
		int no;

		msg.sequence = (uint32_t)i;
		no = ud_send(&run->ud, ah, peer, &msg);
		if (no)
			return fault_set(run->fault, REASON_NONE, no,
					 "send a datagram on %s", run->mine->dev);
		run->tally.sent++;
		if (receive_until(run, token, clock_ns() + PAUSE_NS))
			return -1;
	}
	return receive_until(run, token, clock_ns() + PATIENCE_NS);
}

/* Where no answer told how many came, the peer can be asked. */
static void ask_count(struct run *run, uint32_t token)
{
	struct proto_request request = { .op = PROTO_COUNT_UD,
					 .prober = { .token = token } };
	const char *answer;
	uint32_t arrived;
	struct err err;
	size_t len;

	if (run->tally.answered == run->tally.sent ||
	    run_ask(run, &request, &answer, &len, &err) ||
	    proto_read_counted(answer, len, &arrived, &err))
		return;
	run->tally.arrived = (int)arrived;
	run->tally.counted = true;
}

static void keep(struct run *run)
{
	const struct tally *tally = &run->tally;

	run->path->ud_sent = tally->sent;
	run->path->ud_arrived = tally->counted ? tally->arrived : -1;
	run->path->ud_answered = tally->answered;
	run_note(run, CHECK_OK, "%d sent, %d arrived, %d answered", tally->sent,
		 tally->arrived, tally->answered);
}

int ladder_ud(struct run *run)
{
	struct hub_prober prober = { .tc = run->params.tc };
	struct ud_end peer;
	struct ibv_ah *ah;
	int r;

	if (getrandom(&prober.token, sizeof(prober.token), 0) < 0)
		prober.token = (uint32_t)clock_ns();
	if (ud_open(&run->ud, run->mine, UD_DEPTH_LEAST, run->fault))
		return -1;
	prober.end = ud_end(&run->ud);
	if (ask_peer(run, &prober, &peer))
		return -1;
	ah = ud_address(&run->ud, peer.gid, run->params.tc, run->params.flow_label,
			run->fault);
	if (!ah)
		return -1;
	r = exchange(run, ah, &peer, prober.token);
	(void)ibv_destroy_ah(ah);
	if (r)
		return -1;
	ask_count(run, prober.token);
	keep(run);
	return tally_conclude(&run->tally, run->plan->peer_host, run->mine->netdev,
			      run->fault);
}
