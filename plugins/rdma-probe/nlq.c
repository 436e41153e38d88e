/* nlq.c - ask the kernel one question over netlink. libnl-3, for the reason in nlq.h. */
#include <errno.h>

#include "plugins/rdma-probe/nlq.h"

struct nl_sock *nlq_open(int protocol, struct err *err)
{
	_autonlq_ struct nl_sock *sk = nl_socket_alloc();
	int r;

	if (!sk) {
		err_set(err, ENOMEM, "netlink socket");
		return NULL;
	}
	nl_socket_disable_auto_ack(sk); /* the answer, or the error, is enough */
	r = nl_connect(sk, protocol);
	if (r < 0) {
		err_set(err, 0, "netlink socket: %s", nl_geterror(r));
		return NULL;
	}
	return take_ptr(sk);
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *answer, void *arg)
{
	int *no = arg;

	(void)from;
	*no = -answer->error;
	return NL_STOP;
}

int nlq_ask(struct nl_sock *sk, struct nl_msg *msg, nl_recvmsg_msg_cb_t cb, void *arg)
{
	int r, no = 0;
	struct nl_cb *set = nl_cb_alloc(NL_CB_DEFAULT);

	if (!set)
		return ENOMEM;
	nl_cb_set(set, NL_CB_VALID, NL_CB_CUSTOM, cb, arg);
	nl_cb_err(set, NL_CB_CUSTOM, on_error, &no);
	r = nl_send_auto(sk, msg);
	if (r >= 0)
		r = nl_recvmsgs(sk, set);
	nl_cb_put(set);
	if (no)
		return no;
	return r == -NLE_DUMP_INTR ? EINTR : r < 0 ? EIO : 0;
}
