/* ud.c - one unreliable datagram queue pair of a rail. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/nic.h"
#include "plugins/rdma-probe/ud.h"

#define SLOT	  (UD_GRH_LEN + UD_MSG_LEN)
#define HOP_LIMIT 64

static uint8_t *receive_slot(const struct ud *ud, int i)
{
	return ud->memory + (size_t)i * SLOT;
}

static uint8_t *send_slot(const struct ud *ud, int i)
{
	return ud->memory + (size_t)ud->depth * SLOT + (size_t)i * UD_MSG_LEN;
}

size_t ud_pinned(const struct ud *ud)
{
	return (size_t)ud->depth * (SLOT + UD_MSG_LEN);
}

/* Half as much, and so on, where locked memory is scarce. */
static int make_memory(struct ud *ud, int depth, struct fault *fault)
{
	long page = sysconf(_SC_PAGESIZE);
	int no = ENOMEM;

	for (; depth >= UD_DEPTH_LEAST; depth /= 2) {
		ud->depth = depth;
		if (posix_memalign((void **)&ud->memory, page, ud_pinned(ud))) {
			ud->memory = NULL;
			break;
		}
		ud->mr = ibv_reg_mr(ud->pd, ud->memory, ud_pinned(ud),
				    IBV_ACCESS_LOCAL_WRITE);
		if (ud->mr)
			return 0;
		no = errno;
		free(ud->memory);
		ud->memory = NULL;
	}
	return fault_set(fault, nic_memory_reason(no), no, "register %zu bytes with %s",
			 ud_pinned(ud), ud->rail->dev);
}

static int make_queues(struct ud *ud, struct fault *fault)
{
	struct ibv_qp_init_attr attr = { .qp_type = IBV_QPT_UD,
					 .cap = { .max_send_wr = ud->depth,
						  .max_recv_wr = ud->depth,
						  .max_send_sge = 1,
						  .max_recv_sge = 1 } };

	ud->channel = ibv_create_comp_channel(ud->ctx);
	if (ud->channel)
		ud->received = ibv_create_cq(ud->ctx, ud->depth, NULL, ud->channel, 0);
	if (ud->received)
		ud->sent = ibv_create_cq(ud->ctx, ud->depth, NULL, NULL, 0);
	if (ud->sent) {
		attr.recv_cq = ud->received;
		attr.send_cq = ud->sent;
		ud->qp = ibv_create_qp(ud->pd, &attr);
	}
	if (!ud->qp)
		return fault_set(fault, nic_reason(errno), errno,
				 "create a datagram queue pair on %s", ud->rail->dev);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): its queue pair is there */
	(void)fcntl(ud->channel->fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static int start_queues(struct ud *ud, struct fault *fault)
{
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_INIT,
				    .port_num = ud->rail->port,
				    .qkey = ud->qkey };
	int no = ibv_modify_qp(ud->qp, &attr,
			       IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
				       IBV_QP_QKEY);

	attr.qp_state = IBV_QPS_RTR;
	if (!no)
		no = ibv_modify_qp(ud->qp, &attr, IBV_QP_STATE);
	attr.qp_state = IBV_QPS_RTS;
	attr.sq_psn = 0;
	if (!no)
		no = ibv_modify_qp(ud->qp, &attr, IBV_QP_STATE | IBV_QP_SQ_PSN);
	return no ? fault_set(fault, nic_reason(no), no,
			      "start a datagram queue pair on %s", ud->rail->dev)
		  : 0;
}

/* Give slots to the device, by one call. */
static int post_receives(struct ud *ud, const uint64_t *slots, int n)
{
	struct ibv_recv_wr *bad, wr[UD_BURST];
	struct ibv_sge sge[UD_BURST];

	for (int i = 0; i < n; i++) {
		sge[i] = (struct ibv_sge){ (uintptr_t)receive_slot(ud, (int)slots[i]),
					   SLOT, ud->mr->lkey };
		wr[i] = (struct ibv_recv_wr){ .wr_id = slots[i],
					      .next = i + 1 < n ? &wr[i + 1] : NULL,
					      .sg_list = &sge[i],
					      .num_sge = 1 };
	}
	return n ? ibv_post_recv(ud->qp, wr, &bad) : 0;
}

static int post_all_receives(struct ud *ud, struct fault *fault)
{
	uint64_t slots[UD_BURST];
	int no = 0;

	for (int i = 0; i < ud->depth && !no; i += UD_DEPTH_LEAST) {
		for (int k = 0; k < UD_DEPTH_LEAST; k++)
			slots[k] = (uint64_t)i + k;
		no = post_receives(ud, slots, UD_DEPTH_LEAST);
	}
	return no ? fault_set(fault, nic_reason(no), no, "post receives on %s",
			      ud->rail->dev)
		  : 0;
}

int ud_open(struct ud *ret, const struct rail *rail, int depth, struct fault *fault)
{
	*ret = (struct ud){ .rail = rail, .lock = PTHREAD_MUTEX_INITIALIZER };
	if (getrandom(&ret->qkey, sizeof(ret->qkey), 0) != sizeof(ret->qkey))
		ret->qkey = (uint32_t)clock_ns();
	ret->qkey &= 0x7fffffff; /* with the top bit they are the kernel's own */
	ret->ctx = nic_open(rail, fault);
	if (!ret->ctx)
		return -1;
	ret->pd = ibv_alloc_pd(ret->ctx);
	if (!ret->pd)
		fault_set(fault, nic_reason(errno), errno, "protection domain on %s",
			  rail->dev);
	if (!ret->pd || make_memory(ret, depth, fault) || make_queues(ret, fault) ||
	    start_queues(ret, fault) || post_all_receives(ret, fault)) {
		ud_close(ret);
		return -1;
	}
	return 0;
}

struct ud_end ud_end(const struct ud *ud)
{
	struct ud_end end = { .qpn = ud->qp->qp_num, .qkey = ud->qkey };

	memcpy(end.gid, ud->rail->gid, sizeof(end.gid));
	return end;
}

struct ibv_ah *ud_address(struct ud *ud, const uint8_t gid[16], int tc, int flow_label,
			  struct fault *fault)
{
	struct ibv_ah_attr attr = { .is_global = 1,
				    .port_num = ud->rail->port,
				    .grh = { .sgid_index = ud->rail->gid_index,
					     .hop_limit = HOP_LIMIT,
					     .traffic_class = tc,
					     .flow_label = flow_label } };
	struct ibv_ah *ah;
	char text[GID_LEN];

	memcpy(attr.grh.dgid.raw, gid, 16);
	ah = ibv_create_ah(ud->pd, &attr);
	if (!ah)
		fault_set(fault,
			  errno == ETIMEDOUT ? REASON_NEIGH_FAILED : nic_reason(errno),
			  errno, "address handle on %s for %s", ud->rail->dev,
			  gid_format(gid, text));
	return ah;
}

/* Only the last message of a burst is signalled, and tells how many are done by then.
 * Called with the lock held. */
static void reclaim(struct ud *ud)
{
	struct ibv_wc wc[16];
	int n;

	do {
		n = ibv_poll_cq(ud->sent, ARRAY_SIZE(wc), wc);
		for (int i = 0; i < n; i++)
			if (wc[i].wr_id > ud->done)
				ud->done = wc[i].wr_id;
	} while (n == ARRAY_SIZE(wc));
}

static bool has_room(const struct ud *ud, int n)
{
	return ud->posted + (uint64_t)n - ud->done <= (uint64_t)ud->depth;
}

/* What only the moment of sending knows. */
static void stamp(struct ud_shot *shot, int64_t now)
{
	int64_t held = now - shot->since;

	if (shot->msg.type == UD_PROBE)
		shot->msg.sent = now;
	else
		shot->msg.held = held < 0	     ? 0
				 : held > UINT32_MAX ? UINT32_MAX
						     : (uint32_t)held;
}

/* Fill the slot of message number i, and make its request. */
static void load(struct ud *ud, const struct ud_shot *shot, uint64_t i,
		 struct ibv_sge *sge, struct ibv_send_wr *wr)
{
	uint8_t *slot = send_slot(ud, (int)(i % (uint64_t)ud->depth));

	ud_msg_write(&shot->msg, slot);
	*sge = (struct ibv_sge){ (uintptr_t)slot, UD_MSG_LEN, ud->mr->lkey };
	*wr = (struct ibv_send_wr){
		.wr_id = i + 1,
		.opcode = IBV_WR_SEND,
		.send_flags = shot->msg.prompt ? IBV_SEND_SOLICITED : 0,
		.sg_list = sge,
		.num_sge = 1,
		.wr.ud = { shot->ah, shot->end->qpn, shot->end->qkey }
	};
}

int ud_send_burst(struct ud *ud, struct ud_shot *shots, int n)
{
	struct ibv_send_wr *bad = NULL, wr[UD_BURST];
	struct ibv_sge sge[UD_BURST];
	int64_t now = clock_ns();
	int sent = 0;

	pthread_mutex_lock(&ud->lock);
	if (!has_room(ud, ud->depth / 2))
		reclaim(ud);
	for (; sent < n && sent < UD_BURST && has_room(ud, sent + 1); sent++) {
		stamp(&shots[sent], now);
		load(ud, &shots[sent], ud->posted + (uint64_t)sent, &sge[sent],
		     &wr[sent]);
		if (sent)
			wr[sent - 1].next = &wr[sent];
	}
	if (sent)
		wr[sent - 1].send_flags |= IBV_SEND_SIGNALED;
	if (sent && ibv_post_send(ud->qp, wr, &bad))
		for (; bad; bad = bad->next)
			sent--;
	ud->posted += (uint64_t)sent;
	pthread_mutex_unlock(&ud->lock);
	return sent;
}

int ud_send(struct ud *ud, struct ibv_ah *ah, const struct ud_end *to,
	    const struct ud_msg *msg)
{
	struct ud_shot shot = { .ah = ah, .end = to, .msg = *msg };

	return ud_send_burst(ud, &shot, 1) ? 0 : EAGAIN;
}

/* True if it is one of ours. */
static bool take_in(const struct ud *ud, const struct ibv_wc *wc, struct ud_arrival *ret)
{
	const uint8_t *slot = receive_slot(ud, (int)wc->wr_id);

	return (wc->wc_flags & IBV_WC_GRH) && ud_from_read(slot, &ret->from) &&
	       ud_msg_read(slot + UD_GRH_LEN, (int)wc->byte_len - UD_GRH_LEN, &ret->msg);
}

/* As many as one call gives; how many that were. Those of ours are added to *ours. */
static int receive_some(struct ud *ud, struct ud_arrival *ret, int max, int *ours,
			struct fault *fault)
{
	struct ibv_wc wc[UD_BURST];
	uint64_t slots[UD_BURST];
	int n = ibv_poll_cq(ud->received, max, wc);

	if (n < 0)
		return fault_set(fault, REASON_NONE, errno,
				 "poll the completion queue of %s", ud->rail->dev);
	for (int i = 0; i < n; i++) {
		if (wc[i].status != IBV_WC_SUCCESS)
			return fault_set(fault, REASON_PORT_DOWN, 0,
					 "datagrams on %s: %s (status %d)", ud->rail->dev,
					 ibv_wc_status_str(wc[i].status), wc[i].status);
		*ours += take_in(ud, &wc[i], &ret[*ours]);
		slots[i] = wc[i].wr_id;
	}
	(void)post_receives(ud, slots, n);
	return n;
}

int ud_receive(struct ud *ud, struct ud_arrival *ret, int max, struct fault *fault)
{
	int n = 0, came, asked;

	do {
		asked = max - n;
		came = receive_some(ud, ret, asked, &n, fault);
	} while (came == asked && n < max);
	return came < 0 ? -1 : n;
}

int ud_arm(struct ud *ud, bool prompt_only)
{
	return ibv_req_notify_cq(ud->received, prompt_only);
}

void ud_ack_event(struct ud *ud)
{
	struct ibv_cq *cq;
	void *context;

	if (!ibv_get_cq_event(ud->channel, &cq, &context))
		ibv_ack_cq_events(cq, 1);
}

void ud_close(struct ud *ud)
{
	if (ud->qp)
		(void)ibv_destroy_qp(ud->qp);
	if (ud->sent)
		(void)ibv_destroy_cq(ud->sent);
	if (ud->received)
		(void)ibv_destroy_cq(ud->received);
	if (ud->channel)
		(void)ibv_destroy_comp_channel(ud->channel);
	if (ud->mr)
		(void)ibv_dereg_mr(ud->mr);
	free(ud->memory);
	if (ud->pd)
		(void)ibv_dealloc_pd(ud->pd);
	if (ud->ctx)
		(void)ibv_close_device(ud->ctx);
	*ud = (struct ud){ 0 };
}
