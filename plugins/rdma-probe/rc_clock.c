/* rc_clock.c - when a completion happened, by the NIC's own clock, where it has one. */
#include <errno.h>

#include "plugins/rdma-probe/rc_clock.h"

bool rc_clock_open(struct rc_clock *ret, struct ibv_context *ctx, int depth,
		   struct ibv_comp_channel *channel)
{
	struct ibv_cq_init_attr_ex wanted = {
		.cqe = (uint32_t)depth,
		.channel = channel,
		.wc_flags = IBV_WC_EX_WITH_COMPLETION_TIMESTAMP,
	};
	struct ibv_device_attr_ex attr = { 0 };

	*ret = (struct rc_clock){ 0 };
	if (ibv_query_device_ex(ctx, NULL, &attr) || !attr.completion_timestamp_mask ||
	    !attr.hca_core_clock)
		return false;
	ret->cq = ibv_create_cq_ex(ctx, &wanted);
	ret->mask = attr.completion_timestamp_mask;
	ret->khz = attr.hca_core_clock;
	return ret->cq;
}

int rc_clock_poll(const struct rc_clock *clock, struct ibv_wc *wc, uint64_t *ret)
{
	struct ibv_poll_cq_attr attr = { 0 };
	int no = ibv_start_poll(clock->cq, &attr);

	if (no == ENOENT)
		return 0;
	if (no) {
		errno = no;
		return -1;
	}
	*wc = (struct ibv_wc){ .wr_id = clock->cq->wr_id, .status = clock->cq->status };
	if (wc->status == IBV_WC_SUCCESS)
		*ret = ibv_wc_read_completion_ts(clock->cq);
	else
		wc->vendor_err = ibv_wc_read_vendor_err(clock->cq);
	ibv_end_poll(clock->cq);
	return 1;
}

bool rc_clock_now(struct ibv_context *ctx, uint64_t *ret)
{
	struct ibv_values_ex values = { .comp_mask = IBV_VALUES_MASK_RAW_CLOCK };

	if (ibv_query_rt_values_ex(ctx, &values) ||
	    !(values.comp_mask & IBV_VALUES_MASK_RAW_CLOCK))
		return false;
	/* Cycles, in spite of the type. */
	*ret = (uint64_t)values.raw_clock.tv_nsec;
	return true;
}

int64_t rc_clock_ns(const struct rc_clock *clock, uint64_t from, uint64_t to)
{
	return (int64_t)((double)((to - from) & clock->mask) * 1e6 / (double)clock->khz);
}
