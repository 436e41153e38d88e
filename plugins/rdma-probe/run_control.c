/* run_control.c - a path's control channel: ask the peer to open its end. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/run.h"

void run_note(struct run *run, enum check_status status, const char *fmt, ...)
{
	va_list ap;

	run->rung->status = status;
	va_start(ap, fmt);
	vsnprintf(run->rung->value, sizeof(run->rung->value), fmt, ap);
	va_end(ap);
}

/* It answered when it was greeted, a moment ago. */
static int control_failed(struct run *run, const struct err *err)
{
	switch (err->no) {
	case ECANCELED:
		return fault_interrupted(run->fault);
	case ETIMEDOUT:
		return fault_set(run->fault, REASON_DEADLINE, 0,
				 "%s did not open its end by the deadline",
				 run->plan->peer_host);
	case ECONNREFUSED:
	case ECONNRESET:
		return fault_from_err(run->fault, REASON_PEER_DEAD, err);
	default:
		return fault_from_err(run->fault, REASON_PEER_ABSENT, err);
	}
}

int run_ask(struct run *run, struct proto_request *request, const char **answer,
	    size_t *len, struct err *err)
{
	struct until limit = run_until(run, run->verdict_by);
	int64_t left = (limit.deadline - clock_ns()) / NS_MS;
	_autofree_ char *line = NULL;
	int r;

	request->budget_ms = left < 0		       ? 0
			     : left > PROTO_BUDGET_MAX ? PROTO_BUDGET_MAX
						       : (int)left;
	memcpy(request->rail, run->theirs->name, sizeof(request->rail));
	line = proto_make_request(request);
	if (!line)
		return err_set(err, ENOMEM, "ask the peer");
	if ((run->wire.fd < 0 &&
	     wire_connect(&run->wire, &run->plan->peer, PROTO_ANSWER_MAX, &limit, err)) ||
	    wire_send(&run->wire, line, &limit, err))
		return -1;
	r = wire_line(&run->wire, &limit, answer, len, err);
	return r > 0 ? 0 : r ? -1 : err_set(err, ECONNRESET, "control channel");
}

/* The peer's end of what the request asks for: into rc, or else into ud. */
static int open_peer(struct run *run, struct proto_request *request, struct rc_end *rc,
		     struct ud_end *ud)
{
	const char *answer;
	struct fault refusal;
	struct err err;
	size_t len;
	int r;

	if (run_ask(run, request, &answer, &len, &err))
		return control_failed(run, &err);
	r = rc ? proto_read_opened(answer, len, rc, &refusal, &err)
	       : proto_read_opened_ud(answer, len, ud, &refusal, &err);
	if (r > 0)
		return 0;
	if (r < 0)
		return control_failed(run, &err);
	*run->fault = refusal;
	fault_blame(run->fault, run->plan->peer_host);
	return -1;
}

int run_open_rc(struct run *run, int id, const struct rc *rc,
		const struct rc_path *params, struct rc_end *ret)
{
	struct proto_request request = {
		.op = PROTO_OPEN_RC, .id = id, .end = rc_end(rc), .path = *params
	};

	if (open_peer(run, &request, ret, NULL))
		return -1;
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): an answer was read */
	if (memcmp(ret->gid, run->theirs->gid, sizeof(ret->gid)))
		return fault_set(run->fault, REASON_NO_ROCEV2_GID, 0,
				 "the GID of %s changed while it was being tested",
				 run->theirs->name);
	return 0;
}

int run_open_ud(struct run *run, const struct hub_prober *prober, struct ud_end *ret)
{
	struct proto_request request = { .op = PROTO_OPEN_UD, .prober = *prober };

	return open_peer(run, &request, NULL, ret);
}
