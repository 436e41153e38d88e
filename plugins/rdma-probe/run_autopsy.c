/* run_autopsy.c - see what is left of a connection that died. */
#include <string.h>

#include "plugins/rdma-probe/autopsy.h"
#include "plugins/rdma-probe/run.h"

#define ASK_NS (200 * NS_MS) /* for a peer that is alive to say so */

static bool is_silence(const struct fault *fault)
{
	return fault->reason == REASON_RC_RETRY_EXCEEDED ||
	       fault->reason == REASON_DEADLINE || fault->wc_status;
}

/* Ask the peer for its rails again; false when it does not answer in time. */
static bool ask_peer(struct run *run, struct rails *ret)
{
	struct proto_request request = { .op = PROTO_HELLO, .family = run->plan->family };
	struct until limit = run_until(run, clock_ns() + ASK_NS);
	_autofree_ char *line = NULL;
	char host[PROTO_HOST_LEN];
	const char *answer;
	struct err err;
	size_t len;

	memcpy(request.host, run->plan->host, sizeof(request.host));
	line = proto_make_request(&request);
	return line && !wire_send(&run->wire, line, &limit, &err) &&
	       wire_line(&run->wire, &limit, &answer, &len, &err) > 0 &&
	       !proto_read_hello(answer, len, host, ret, &err);
}

static void see_peer(struct run *run, struct autopsy *seen)
{
	_autofree_ struct rails *rails = malloc(sizeof(*rails));

	seen->closed = wire_is_closed(&run->wire);
	if (seen->closed || !rails)
		return;
	if (!ask_peer(run, rails)) {
		seen->closed = wire_is_closed(&run->wire);
		return;
	}
	for (int i = 0; i < rails->n; i++)
		if (!strcmp(rails->v[i].name, run->theirs->name)) {
			seen->answered = true;
			seen->rail = rails->v[i];
		}
}

void run_autopsy(struct run *run)
{
	const struct ip *hop = run->route.gateway.family ? &run->route.gateway : NULL;
	struct autopsy seen = { .peer_host = run->plan->peer_host };

	if (!run->rc.qp || !is_silence(run->fault))
		return;
	if (!hop)
		hop = &run->theirs->ip.ip;
	seen.netdev = run->mine->netdev;
	seen.port_state = rc_port_state(&run->rc);
	ip_format(hop, seen.hop);
	(void)neigh_get(run->mine->ifindex, hop, &seen.neigh);
	see_peer(run, &seen);
	autopsy_conclude(&seen, run->fault);
}
