/* session.c - one call at work: who calls, what for, and what it works on. */
#include "ipam/session.h"

int session_open(const struct cni_call *call, const struct conf *conf,
		 struct worker *worker, struct session *ret, struct err *err)
{
	struct session session = { .call = call,
				   .conf = conf,
				   .worker = worker,
				   .state = STATE_CLOSED,
				   .store = STORE_CLOSED };

	if (node_identify(conf->node, &session.node, err) ||
	    state_open(&session.state, err))
		return -1;
	if (call->verb <= CNI_CHECK) {
		state_key(call->container, call->ifname, call->network, session.key);
		owner_format(session.node.name, session.node.boot, call->container,
			     call->ifname, session.owner);
	}
	*ret = session;
	ret->pool = (struct pool){ .store = &ret->store,
				   .name = conf->pool,
				   .node = ret->node.name };
	return 0;
}

void session_close(struct session *session)
{
	known_clear(&session->known);
	store_close(&session->store);
	state_close(&session->state);
}
