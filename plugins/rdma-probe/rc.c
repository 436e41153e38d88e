/* rc.c - one reliable connection of a rail, and the zero-length RDMA WRITE as its ping.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/nic.h"
#include "plugins/rdma-probe/rc.h"

#define LOOKS	  1000 /* for a completion before sleeping: 10 to 20 us on hardware */
#define HOP_LIMIT 64
#define RNR_TIMER 12 /* 0.64 ms; no receives are involved, but the field must be set */
#define RNR_RETRY 0

/* What errno means when a queue pair is to know its peer. ETIMEDOUT would also stand
 * for no route and for a port that is down, but those were looked at before. */
static enum reason connect_reason(int no)
{
	switch (no) {
	case ENODATA:
		return REASON_NO_ROCEV2_GID;
	case ENODEV:
		return REASON_PORT_DOWN;
	case ENETUNREACH:
	case EHOSTUNREACH:
		return REASON_NO_ROUTE;
	case ETIMEDOUT:
		return REASON_NEIGH_FAILED;
	default:
		return nic_reason(no);
	}
}

static struct ibv_cq *make_completions(struct rc *rc)
{
	if (rc->channel && rc_clock_open(&rc->clock, rc->ctx, 2 * RC_DEPTH, rc->channel))
		return ibv_cq_ex_to_cq(rc->clock.cq);
	return ibv_create_cq(rc->ctx, 2 * RC_DEPTH, NULL, rc->channel, 0);
}

static int make_queues(struct rc *rc, enum rc_role role, struct fault *fault)
{
	struct ibv_qp_init_attr attr = {
		.qp_type = IBV_QPT_RC,
		.cap = { .max_send_wr = role == RC_INITIATOR ? RC_DEPTH : 1,
			 .max_recv_wr = 1,
			 .max_send_sge = 1,
			 .max_recv_sge = 1 }
	};
	const char *what = "protection domain";

	rc->pd = ibv_alloc_pd(rc->ctx);
	if (rc->pd && role == RC_INITIATOR) {
		what = "completion channel";
		rc->channel = ibv_create_comp_channel(rc->ctx);
	}
	if (rc->pd && (rc->channel || role == RC_RESPONDER)) {
		what = "completion queue";
		rc->cq = make_completions(rc);
	}
	if (rc->cq) {
		what = "queue pair";
		attr.send_cq = attr.recv_cq = rc->cq;
		rc->qp = ibv_create_qp(rc->pd, &attr);
	}
	if (!rc->qp)
		return fault_set(fault, nic_reason(errno), errno, "create a %s on %s",
				 what, rc->rail->dev);
	return 0;
}

static int to_init(struct rc *rc, enum rc_role role, struct fault *fault)
{
	/* The right to be written to is needed even for no bytes, and there is nothing
	 * else here that could be written. */
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_INIT,
		.port_num = rc->rail->port,
		.qp_access_flags = role == RC_RESPONDER ? IBV_ACCESS_REMOTE_WRITE : 0,
	};
	int no = ibv_modify_qp(rc->qp, &attr,
			       IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
				       IBV_QP_ACCESS_FLAGS);

	return no ? fault_set(fault, nic_reason(no), no, "queue pair to INIT on %s",
			      rc->rail->dev)
		  : 0;
}

/* On a single CPU, looking keeps a software device from doing what is looked for, unless
 * it is let work in between. */
static void plan_looks(struct rc *rc)
{
	cpu_set_t set;

	rc->yields = !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) < 2;
	rc->looks = LOOKS;
}

int rc_open(struct rc *ret, const struct rail *rail, enum rc_role role,
	    struct fault *fault)
{
	*ret = (struct rc){ .rail = rail };
	plan_looks(ret);
	if (getrandom(&ret->psn, sizeof(ret->psn), 0) != sizeof(ret->psn))
		ret->psn = (uint32_t)clock_ns();
	ret->psn &= 0xffffff;
	ret->ctx = nic_open(rail, fault);
	if (!ret->ctx || make_queues(ret, role, fault) || to_init(ret, role, fault)) {
		rc_close(ret);
		return -1;
	}
	return 0;
}

struct rc_end rc_end(const struct rc *rc)
{
	struct rc_end end = { .qpn = rc->qp->qp_num,
			      .psn = rc->psn,
			      .mtu = rc->rail->active_mtu ? rc->rail->active_mtu : 1024 };

	memcpy(end.gid, rc->rail->gid, sizeof(end.gid));
	if (rc->mtu && rc->mtu < end.mtu)
		end.mtu = rc->mtu;
	if (rc->mr) {
		end.room = (int)rc->mr->length;
		end.addr = (uintptr_t)rc->room;
		end.rkey = rc->mr->rkey;
	}
	return end;
}

int rc_make_room(struct rc *rc, size_t bytes, struct fault *fault)
{
	int access = rc->channel ? 0 : IBV_ACCESS_REMOTE_WRITE;

	if (posix_memalign(&rc->room, sysconf(_SC_PAGESIZE), bytes)) {
		rc->room = NULL;
		return fault_set(fault, REASON_NONE, ENOMEM, "%zu bytes", bytes);
	}
	memset(rc->room, 0, bytes); /* nobody gets to see what was there before */
	rc->mr = ibv_reg_mr(rc->pd, rc->room, bytes, IBV_ACCESS_LOCAL_WRITE | access);
	if (!rc->mr)
		return fault_set(fault, nic_memory_reason(errno), errno,
				 "register %zu bytes with %s", bytes, rc->rail->dev);
	return 0;
}

static enum ibv_mtu to_mtu(int bytes)
{
	enum ibv_mtu mtu = IBV_MTU_256;

	while (mtu < IBV_MTU_4096 && 256 << mtu <= bytes)
		mtu++;
	return mtu;
}

static int to_rtr(struct rc *rc, const struct rc_end *peer, const struct rc_path *path)
{
	struct rc_end end = rc_end(rc);
	struct ibv_qp_attr attr = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = to_mtu(peer->mtu < end.mtu ? peer->mtu : end.mtu),
		.dest_qp_num = peer->qpn,
		.rq_psn = peer->psn,
		.min_rnr_timer = RNR_TIMER,
		.ah_attr = { .is_global = 1,
			     .port_num = rc->rail->port,
			     .grh = { .sgid_index = rc->rail->gid_index,
				      .hop_limit = HOP_LIMIT,
				      .traffic_class = path->tc,
				      .flow_label = path->flow_label } },
	};

	memcpy(attr.ah_attr.grh.dgid.raw, peer->gid, sizeof(peer->gid));
	return ibv_modify_qp(rc->qp, &attr,
			     IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU |
				     IBV_QP_DEST_QPN | IBV_QP_RQ_PSN |
				     IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER);
}

static int to_rts(struct rc *rc, const struct rc_path *path)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_RTS,
				    .sq_psn = rc->psn,
				    .timeout = path->timeout,
				    .retry_cnt = path->retry,
				    .rnr_retry = RNR_RETRY };

	return ibv_modify_qp(rc->qp, &attr,
			     IBV_QP_STATE | IBV_QP_SQ_PSN | IBV_QP_TIMEOUT |
				     IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY |
				     IBV_QP_MAX_QP_RD_ATOMIC);
}

int rc_port_state(const struct rc *rc)
{
	struct ibv_port_attr attr;

	return ibv_query_port(rc->ctx, rc->rail->port, &attr) ? 0 : (int)attr.state;
}

int rc_connect(struct rc *rc, const struct rc_end *peer, const struct rc_path *path,
	       struct fault *fault)
{
	char text[GID_LEN];
	int no = to_rtr(rc, peer, path);

	rc->to = peer->addr;
	rc->to_key = peer->rkey;
	if (no)
		return fault_set(fault, connect_reason(no), no,
				 "queue pair to RTR from %s to %s", rc->rail->dev,
				 gid_format(peer->gid, text));
	no = to_rts(rc, path);
	if (no)
		return fault_set(fault, connect_reason(no), no, "queue pair to RTS on %s",
				 rc->rail->dev);
	return 0;
}

static enum reason wc_reason(enum ibv_wc_status status)
{
	switch (status) {
	case IBV_WC_RETRY_EXC_ERR:
		return REASON_RC_RETRY_EXCEEDED;
	case IBV_WC_RNR_RETRY_EXC_ERR:
		return REASON_RC_RNR;
	case IBV_WC_REM_ACCESS_ERR:
		return REASON_RC_ACCESS;
	case IBV_WC_REM_INV_REQ_ERR:
	case IBV_WC_LOC_LEN_ERR:
		return REASON_MTU_PEER_MISMATCH;
	default:
		return REASON_NONE;
	}
}

int rc_check(const struct rc *rc, const struct ibv_wc *wc, struct fault *fault)
{
	if (wc->status == IBV_WC_SUCCESS)
		return 0;
	fault_set(fault, wc_reason(wc->status), 0, "write on %s: %s (status %d)",
		  rc->rail->dev, ibv_wc_status_str(wc->status), wc->status);
	fault->wc_status = wc->status;
	fault->vendor = wc->vendor_err;
	if (wc->vendor_err)
		fault_note(fault, "vendor syndrome 0x%x", wc->vendor_err);
	return -1;
}

static int poll_once(struct rc *rc, struct ibv_wc *wc, struct fault *fault)
{
	int n = rc->clock.cq ? rc_clock_poll(&rc->clock, wc, &rc->stamp)
			     : ibv_poll_cq(rc->cq, 1, wc);

	return n < 0 ? fault_set(fault, REASON_NONE, errno,
				 "poll the completion queue of %s", rc->rail->dev)
		     : n;
}

/* Sleep until the channel says that a completion came: 0, or 1 and a completion. */
static int sleep_for_event(struct rc *rc, const struct until *until, struct ibv_wc *wc,
			   struct fault *fault)
{
	struct ibv_cq *cq;
	struct err err;
	void *context;
	int n, no = ibv_req_notify_cq(rc->cq, 0);

	if (no)
		return fault_set(fault, REASON_NONE, no, "arm the completion queue of %s",
				 rc->rail->dev);
	n = poll_once(rc, wc, fault); /* one that came before raises no event */
	if (n)
		return n;
	if (wire_wait(rc->channel->fd, POLLIN, until, &err))
		return err.no == ECANCELED
			       ? fault_interrupted(fault)
			       : fault_set(fault, REASON_DEADLINE, err.no,
					   "no acknowledgement on %s by the deadline",
					   rc->rail->dev);
	if (!ibv_get_cq_event(rc->channel, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	return 0;
}

/* Without a look at the clock in between: it may be a device (HPET, in emulators), and
 * then costs more than the round trip it is to measure. */
int rc_await(struct rc *rc, const struct until *until, struct ibv_wc *wc,
	     struct fault *fault)
{
	int n = 0;

	for (int i = 0; i < rc->looks && n == 0; i++) {
		if (i && rc->yields)
			(void)sched_yield();
		n = poll_once(rc, wc, fault);
	}
	while (n == 0) {
		n = sleep_for_event(rc, until, wc, fault);
		if (n == 0)
			n = poll_once(rc, wc, fault);
	}
	return n < 0 ? -1 : 0;
}

int rc_ping(struct rc *rc, const struct until *until, struct rc_trip *ret,
	    struct fault *fault)
{
	return rc_write(rc, 0, until, ret, fault);
}

bool rc_has_clock(const struct rc *rc)
{
	return rc->clock.cq && !rc->doubted;
}

/* The NIC's interval lies within ours. One that does not is no interval, and then its
 * clock is not what we take it for. */
static int64_t measure(struct rc *rc, uint64_t posted, const struct rc_trip *trip)
{
	int64_t ours = trip->acked - trip->posted,
		theirs = rc_clock_ns(&rc->clock, posted, rc->stamp);

	rc->doubted = theirs <= 0 || theirs > ours + ours / 1000 + 100;
	return rc->doubted ? ours : theirs;
}

int rc_write(struct rc *rc, size_t size, const struct until *until, struct rc_trip *ret,
	     struct fault *fault)
{
	struct ibv_sge sge = { (uintptr_t)rc->room, size, rc->mr ? rc->mr->lkey : 0 };
	struct ibv_send_wr *bad, wr = { .opcode = IBV_WR_RDMA_WRITE,
					.send_flags = IBV_SEND_SIGNALED,
					.sg_list = size ? &sge : NULL,
					.num_sge = size > 0,
					.wr.rdma = { rc->to, rc->to_key } };
	uint64_t posted = 0;
	struct ibv_wc wc;
	int no;

	ret->posted = clock_ns();
	if (rc_has_clock(rc) && !rc_clock_now(rc->ctx, &posted))
		rc->doubted = true;
	no = ibv_post_send(rc->qp, &wr, &bad);
	if (no)
		return fault_set(fault, REASON_NONE, no, "post a write on %s",
				 rc->rail->dev);
	if (rc_await(rc, until, &wc, fault))
		return -1;
	ret->acked = clock_ns();
	ret->ns = rc_has_clock(rc) && wc.status == IBV_WC_SUCCESS
			  ? measure(rc, posted, ret)
			  : ret->acked - ret->posted;
	return rc_check(rc, &wc, fault);
}

void rc_close(struct rc *rc)
{
	if (rc->qp)
		(void)ibv_destroy_qp(rc->qp);
	if (rc->mr)
		(void)ibv_dereg_mr(rc->mr);
	free(rc->room);
	if (rc->cq)
		(void)ibv_destroy_cq(rc->cq);
	if (rc->channel)
		(void)ibv_destroy_comp_channel(rc->channel);
	if (rc->pd)
		(void)ibv_dealloc_pd(rc->pd);
	if (rc->ctx)
		(void)ibv_close_device(rc->ctx);
	*rc = (struct rc){ 0 };
}
