/* rc.c: queue pairs without a device; what verbs answer, and what is made of it. */
#include "tests/test.h"
#include "tests/fake_device.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/rc.h"
#include "plugins/rdma-probe/sport.h"
#include "plugins/rdma-probe/rail_json.h"

static struct fault fault;
static struct ibv_qp_attr seen; /* of the last ibv_modify_qp() to RTR, then RTS */
static struct ibv_gid_entry entry;
static enum ibv_wc_status status;
static int completions;

static struct ibv_comp_channel channel;
static struct ibv_cq cq = { .context = &verbs.context };
static struct ibv_qp qp = { .context = &verbs.context, .qp_num = 17 };

struct ibv_context *__wrap_ibv_open_device(struct ibv_device *dev)
{
	assert_ptr_equal(dev, &device);
	errno = mock_type(int);
	return errno ? NULL : &verbs.context;
}

int __wrap_ibv_close_device(struct ibv_context *ctx)
{
	assert_ptr_equal(ctx, &verbs.context);
	function_called();
	return 0;
}

int __wrap__ibv_query_gid_ex(struct ibv_context *ctx, uint32_t port, uint32_t index,
			     struct ibv_gid_entry *ret, uint32_t flags, size_t size)
{
	(void)ctx;
	(void)flags;
	(void)size;
	assert_int_equal(port, 1);
	assert_int_equal(index, 7);
	*ret = entry;
	return mock_type(int);
}

struct ibv_pd *__wrap_ibv_alloc_pd(struct ibv_context *ctx)
{
	(void)ctx;
	errno = ENOMEM;
	return NULL;
}

int __wrap_ibv_modify_qp(struct ibv_qp *to, struct ibv_qp_attr *attr, int mask)
{
	assert_ptr_equal(to, &qp);
	assert_true(mask & IBV_QP_STATE);
	seen = *attr;
	return mock_type(int);
}

static int post_send(struct ibv_qp *to, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	(void)bad;
	assert_ptr_equal(to, &qp);
	assert_int_equal(wr->opcode, IBV_WR_RDMA_WRITE);
	assert_int_equal(wr->num_sge, 0);
	return 0;
}

static int poll_cq(struct ibv_cq *from, int n, struct ibv_wc *wc)
{
	assert_ptr_equal(from, &cq);
	assert_int_equal(n, 1);
	if (!completions)
		return 0;
	completions--;
	*wc = (struct ibv_wc){ .status = status, .vendor_err = status ? 0x81 : 0 };
	return 1;
}

static int req_notify_cq(struct ibv_cq *on, int solicited)
{
	(void)on;
	(void)solicited;
	return 0;
}

static struct rc rc;

static int begin(void **state)
{
	(void)state;
	verbs.context.ops = (struct ibv_context_ops){ .poll_cq = poll_cq,
						      .post_send = post_send,
						      .req_notify_cq = req_notify_cq };
	channel.fd = eventfd(0, 0);
	rc = (struct rc){ .ctx = &verbs.context,
			  .channel = &channel,
			  .cq = &cq,
			  .qp = &qp,
			  .rail = &rail,
			  .psn = 5 };
	gid_parse_unicast("::ffff:10.0.1.2", rail.gid);
	entry = fake_gid_entry();
	completions = 1;
	status = IBV_WC_SUCCESS;
	return 0;
}

static int end(void **state)
{
	(void)state;
	close(channel.fd);
	return 0;
}

static void assert_not_opened(enum reason reason)
{
	struct rc none;

	assert_int_equal(rc_open(&none, &rail, RC_RESPONDER, &fault), -1);
	assert_int_equal(fault.reason, reason);
	assert_null(none.ctx);
}

static void a_device_that_may_not_be_opened_is_told_from_one_that_is_missing(void **state)
{
	(void)state;
	will_return(__wrap_ibv_open_device, EPERM);
	assert_not_opened(REASON_UVERBS_DENIED);
	will_return(__wrap_ibv_open_device, ENOENT);
	assert_not_opened(REASON_UVERBS_MISSING);
}

static void a_gid_that_changed_since_it_was_found_is_not_used(void **state)
{
	(void)state;
	for (int change = 0; change < 4; change++) {
		begin(NULL);
		entry.gid.raw[15] += change == 0;
		if (change == 1)
			entry.gid_type = IBV_GID_TYPE_ROCE_V1;
		entry.ndev_ifindex += change == 2;
		will_return(__wrap_ibv_open_device, 0);
		will_return(__wrap__ibv_query_gid_ex, change == 3 ? ENODATA : 0);
		expect_function_call(__wrap_ibv_close_device);
		assert_not_opened(REASON_NO_ROCEV2_GID);
		end(NULL);
	}
}

static void no_memory_to_pin_is_a_limit(void **state)
{
	(void)state;
	will_return(__wrap_ibv_open_device, 0);
	will_return(__wrap__ibv_query_gid_ex, 0);
	expect_function_call(__wrap_ibv_close_device);
	assert_not_opened(REASON_MEMLOCK);
}

static void every_errno_of_rtr_has_its_reason(void **state)
{
	static const struct {
		int no;
		enum reason reason;
	} cases[] = {
		{ ENODATA, REASON_NO_ROCEV2_GID },  { ENODEV, REASON_PORT_DOWN },
		{ ENETUNREACH, REASON_NO_ROUTE },   { EHOSTUNREACH, REASON_NO_ROUTE },
		{ ETIMEDOUT, REASON_NEIGH_FAILED }, { EACCES, REASON_UVERBS_DENIED },
		{ ENOMEM, REASON_MEMLOCK },	    { EINVAL, REASON_NONE }
	};
	struct rc_end peer = { .qpn = 18, .mtu = 1024 };
	struct rc_path path = { .timeout = 14, .retry = 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		will_return(__wrap_ibv_modify_qp, cases[i].no);
		assert_int_equal(rc_connect(&rc, &peer, &path, &fault), -1);
		assert_int_equal(fault.reason, cases[i].reason);
		assert_int_equal(fault.no, cases[i].no);
	}
}

static void the_path_is_set_up_as_agreed(void **state)
{
	struct rc_end peer = { .qpn = 18, .psn = 99, .mtu = 1024 };
	struct rc_path path = {
		.flow_label = 0x12345, .tc = 104, .timeout = 14, .retry = 2
	};

	(void)state;
	gid_parse_unicast("::ffff:10.0.1.3", peer.gid);
	will_return(__wrap_ibv_modify_qp, 0);
	will_return(__wrap_ibv_modify_qp,
		    EIO); /* RTS: stop there, and look at RTR first */
	seen.qp_state = 0;
	assert_int_equal(rc_connect(&rc, &peer, &path, &fault), -1);
	assert_int_equal(seen.qp_state, IBV_QPS_RTS);
	assert_int_equal(seen.timeout, 14);
	assert_int_equal(seen.retry_cnt, 2);
	assert_int_equal(seen.rnr_retry, 0);
	assert_int_equal(seen.sq_psn, 5);

	will_return(__wrap_ibv_modify_qp, EIO);
	assert_int_equal(rc_connect(&rc, &peer, &path, &fault), -1);
	assert_int_equal(seen.qp_state, IBV_QPS_RTR);
	assert_int_equal(seen.path_mtu, IBV_MTU_1024); /* the smaller of both ends */
	assert_int_equal(seen.dest_qp_num, 18);
	assert_int_equal(seen.rq_psn, 99);
	assert_int_equal(seen.ah_attr.grh.sgid_index, 7);
	assert_int_equal(seen.ah_attr.grh.flow_label, 0x12345);
	assert_int_equal(seen.ah_attr.grh.traffic_class, 104);
	assert_int_equal(seen.ah_attr.grh.hop_limit, 64);
	assert_memory_equal(seen.ah_attr.grh.dgid.raw, peer.gid, 16);
}

/* How many are needed for 90 % and for 99 %, of 4, 8, 16 and 32 paths. */
static void so_many_labels_take_every_path(void **state)
{
	static const struct {
		int paths, likely, surely;
	} cases[] = { { 4, 13, 21 }, { 8, 33, 51 }, { 16, 78, 115 }, { 32, 181, 255 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(sport_coverage(cases[i].likely, cases[i].paths) >= 0.9);
		assert_true(sport_coverage(cases[i].likely - 1, cases[i].paths) < 0.9);
		assert_true(sport_coverage(cases[i].surely, cases[i].paths) >= 0.99);
		assert_true(sport_coverage(cases[i].surely - 1, cases[i].paths) < 0.99);
	}
	assert_true(sport_coverage(1, 1) == 1);
	assert_true(sport_coverage(3, 4) < 0.5);
}

static int ping(int64_t ns)
{
	struct until until = { clock_ns() + ns, -1 };
	struct rc_trip trip;

	if (rc_ping(&rc, &until, &trip, &fault))
		return -1;
	assert_true(trip.posted <= trip.acked);
	return 0;
}

static void a_completion_is_a_round_trip(void **state)
{
	(void)state;
	assert_int_equal(ping(NS_S), 0);
}

static void every_failed_completion_has_its_reason(void **state)
{
	static const struct {
		enum ibv_wc_status status;
		enum reason reason;
	} cases[] = { { IBV_WC_RETRY_EXC_ERR, REASON_RC_RETRY_EXCEEDED },
		      { IBV_WC_RNR_RETRY_EXC_ERR, REASON_RC_RNR },
		      { IBV_WC_REM_ACCESS_ERR, REASON_RC_ACCESS },
		      { IBV_WC_REM_INV_REQ_ERR, REASON_MTU_PEER_MISMATCH },
		      { IBV_WC_WR_FLUSH_ERR, REASON_NONE } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		completions = 1;
		status = cases[i].status;
		assert_int_equal(ping(NS_S), -1);
		assert_int_equal(fault.reason, cases[i].reason);
		assert_int_equal(fault.wc_status, cases[i].status);
		assert_int_equal(fault.vendor, 0x81);
		assert_non_null(strstr(fault.note[1], "0x81"));
	}
}

static void a_silent_device_is_waited_for_until_the_deadline_only(void **state)
{
	int64_t start = clock_ns();

	(void)state;
	completions = 0;
	assert_int_equal(ping(50 * NS_MS), -1);
	assert_int_equal(fault.reason, REASON_DEADLINE);
	assert_true(clock_ns() - start >= 50 * NS_MS);
	assert_true(clock_ns() - start < 900 * NS_MS);
}

/* As computed by the kernel: seen on the wire for these labels. */
static void a_flow_label_tells_the_source_port(void **state)
{
	(void)state;
	assert_int_equal(sport_of(0x12345), 58177);
	assert_int_equal(sport_of(1), 0xc001);
	assert_int_equal(sport_of(0xfffff), 0xc000 | (0x3fff ^ 0x3f));
}

/* --- a device that stamps completions by a clock of its own */

static uint64_t cycles,
	done_at; /* what the clock shows, and when the next write is done */
static int start_result;

static int start_poll(struct ibv_cq_ex *from, struct ibv_poll_cq_attr *attr)
{
	(void)attr;
	if (start_result || !completions)
		return start_result ? start_result : ENOENT;
	completions--;
	from->status = status;
	return 0;
}

static void end_poll(struct ibv_cq_ex *from)
{
	(void)from;
}

static uint64_t read_completion_ts(struct ibv_cq_ex *from)
{
	(void)from;
	return done_at;
}

static uint32_t read_vendor_err(struct ibv_cq_ex *from)
{
	(void)from;
	return 0x81;
}

static int query_rt_values(struct ibv_context *ctx, struct ibv_values_ex *values)
{
	(void)ctx;
	values->raw_clock = (struct timespec){ .tv_nsec = (long)cycles };
	return 0;
}

static struct ibv_cq_ex stamping = { .start_poll = start_poll,
				     .end_poll = end_poll,
				     .read_completion_ts = read_completion_ts,
				     .read_vendor_err = read_vendor_err };

static int begin_clock(void **state)
{
	begin(state);
	verbs.sz = sizeof(verbs);
	verbs.context.abi_compat = __VERBS_ABI_IS_EXTENDED;
	verbs.query_rt_values = query_rt_values;
	stamping.context = &verbs.context;
	rc.clock = (struct rc_clock){ &stamping, 0xffff, 1000000 }; /* a cycle is 1 ns */
	start_result = 0;
	return 0;
}

static int end_clock(void **state)
{
	verbs.context.abi_compat = NULL;
	return end(state);
}

static struct rc_trip timed_ping(void)
{
	struct until until = { clock_ns() + NS_S, -1 };
	struct rc_trip trip = { 0 };

	assert_int_equal(rc_ping(&rc, &until, &trip, &fault), 0);
	return trip;
}

static void a_round_trip_is_measured_by_the_nics_clock(void **state)
{
	(void)state;
	cycles = 5000;
	done_at = 5017;
	assert_int_equal(timed_ping().ns, 17);
	assert_true(rc_has_clock(&rc));
}

static void its_clock_may_begin_anew_meanwhile(void **state)
{
	(void)state;
	cycles = 0xfff0;
	done_at = 5;
	assert_int_equal(timed_ping().ns, 21);
}

/* Longer than the trip took by our own clock: then it is no clock of that kind. */
static void a_clock_that_tells_what_cannot_be_is_not_asked_again(void **state)
{
	struct rc_trip trip;

	(void)state;
	rc.clock.mask = UINT64_MAX;
	cycles = 0;
	done_at = 3600 * NS_S;
	trip = timed_ping();
	assert_int_equal(trip.ns, trip.acked - trip.posted);
	assert_false(rc_has_clock(&rc));
	completions = 1;
	cycles = 5000;
	done_at = 5017;
	trip = timed_ping();
	assert_int_equal(trip.ns, trip.acked - trip.posted);
}

static void a_failure_is_told_with_stamps_as_without(void **state)
{
	struct until until = { clock_ns() + NS_S, -1 };
	struct rc_trip trip;

	(void)state;
	status = IBV_WC_RETRY_EXC_ERR;
	assert_int_equal(rc_ping(&rc, &until, &trip, &fault), -1);
	assert_int_equal(fault.reason, REASON_RC_RETRY_EXCEEDED);
	assert_int_equal(fault.vendor, 0x81);
	start_result = EIO;
	assert_int_equal(rc_ping(&rc, &until, &trip, &fault), -1);
	assert_int_equal(fault.no, EIO);
}

static struct ibv_device_attr_ex device_attr;

static int query_device_ex(struct ibv_context *ctx,
			   const struct ibv_query_device_ex_input *in,
			   struct ibv_device_attr_ex *ret, size_t size)
{
	(void)ctx;
	(void)in;
	memcpy(ret, &device_attr, size);
	return 0;
}

static struct ibv_cq_ex *create_cq_ex(struct ibv_context *ctx,
				      struct ibv_cq_init_attr_ex *attr)
{
	(void)ctx;
	assert_true(attr->wc_flags & IBV_WC_EX_WITH_COMPLETION_TIMESTAMP);
	assert_ptr_equal(attr->channel, &channel);
	return mock_ptr_type(struct ibv_cq_ex *);
}

static void a_device_without_a_clock_needs_none(void **state)
{
	struct rc_clock clock;

	(void)state;
	verbs.query_device_ex = query_device_ex;
	verbs.create_cq_ex = create_cq_ex;
	device_attr = (struct ibv_device_attr_ex){ 0 };
	assert_false(rc_clock_open(&clock, &verbs.context, 32, &channel));
	device_attr.completion_timestamp_mask = 0xffff;
	assert_false(rc_clock_open(&clock, &verbs.context, 32, &channel)); /* how fast? */
	device_attr.hca_core_clock = 156250;
	will_return(create_cq_ex, NULL);
	assert_false(rc_clock_open(&clock, &verbs.context, 32, &channel));
	will_return(create_cq_ex, &stamping);
	assert_true(rc_clock_open(&clock, &verbs.context, 32, &channel));
	assert_int_equal(rc_clock_ns(&clock, 0, 15625), 100000);
	verbs.query_device_ex = NULL;
	verbs.create_cq_ex = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define RC(test) cmocka_unit_test_setup_teardown(test, begin, end)
		RC(a_device_that_may_not_be_opened_is_told_from_one_that_is_missing),
		cmocka_unit_test(a_gid_that_changed_since_it_was_found_is_not_used),
		RC(no_memory_to_pin_is_a_limit),
		RC(every_errno_of_rtr_has_its_reason),
		RC(the_path_is_set_up_as_agreed),
		RC(a_completion_is_a_round_trip),
		RC(every_failed_completion_has_its_reason),
		RC(a_silent_device_is_waited_for_until_the_deadline_only),
		RC(a_flow_label_tells_the_source_port),
		cmocka_unit_test(so_many_labels_take_every_path),
#define CLOCK(test) cmocka_unit_test_setup_teardown(test, begin_clock, end_clock)
		CLOCK(a_round_trip_is_measured_by_the_nics_clock),
		CLOCK(its_clock_may_begin_anew_meanwhile),
		CLOCK(a_clock_that_tells_what_cannot_be_is_not_asked_again),
		CLOCK(a_failure_is_told_with_stamps_as_without),
		CLOCK(a_device_without_a_clock_needs_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
