/* rc_stream.c - writes one after the other, as many as the NIC takes. */
#include <errno.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/rc.h"

static int post(struct rc *rc, size_t size, struct fault *fault)
{
	struct ibv_sge sge = { (uintptr_t)rc->room, (uint32_t)size, rc->mr->lkey };
	struct ibv_send_wr *bad, wr = { .opcode = IBV_WR_RDMA_WRITE,
					.send_flags = IBV_SEND_SIGNALED,
					.sg_list = &sge,
					.num_sge = 1,
					.wr.rdma = { rc->to, rc->to_key } };
	int no = ibv_post_send(rc->qp, &wr, &bad);

	return no ? fault_set(fault, REASON_NONE, no, "post a write on %s", rc->rail->dev)
		  : 0;
}

int rc_stream(struct rc *rc, size_t size, int64_t duration, const struct until *until,
	      struct rc_flow *ret, struct fault *fault)
{
	int64_t begin = clock_ns(), now = begin;
	struct ibv_wc wc;
	int under_way = 0;

	*ret = (struct rc_flow){ 0 };
	for (;;) {
		while (under_way < RC_DEPTH && now - begin < duration) {
			if (post(rc, size, fault))
				return -1;
			under_way++;
		}
		if (!under_way)
			return 0;
		if (rc_await(rc, until, &wc, fault) || rc_check(rc, &wc, fault))
			return -1;
		under_way--;
		now = clock_ns();
		ret->bytes += (int64_t)size;
		ret->ns = now - begin;
	}
}
