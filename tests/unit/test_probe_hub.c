/* ud.c, hub.c: datagrams without a device; who is woken, answered, and what a call does.
 */
#include "tests/test.h"
#include "tests/fake_device.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/hub.h"
#include "plugins/rdma-probe/rail_json.h"
#include "plugins/rdma-probe/server.h"

#define RECEIVES 2048

static struct ibv_pd pd = { .context = &verbs.context };
static struct ibv_mr mr = { .context = &verbs.context, .lkey = 5 };
static struct ibv_comp_channel channel = { .context = &verbs.context };
static struct ibv_cq received = { .context = &verbs.context },
		     sent = { .context = &verbs.context };
static struct ibv_qp qp = { .context = &verbs.context, .qp_num = 17 };
static struct ibv_ah ah = { .context = &verbs.context };

/* What the device was told. The hub's thread and the test take turns. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
	int sends, messages, signalled, solicited, fail_at;
	uint64_t last_signalled;
	struct ud_msg last;
	int receive_calls, receives;
	struct ibv_sge free[RECEIVES]; /* slots the device may write to, oldest first */
	uint64_t ids[RECEIVES];
	int nfree;
	struct ibv_wc came[64];
	int ncame, npolls;
	uint64_t done; /* sends that are reported as done; 0 none */
	int armed_any, armed_prompt;
	enum ibv_event_type event;
} dev;

struct ibv_context *__wrap_ibv_open_device(struct ibv_device *of)
{
	assert_ptr_equal(of, &device);
	return &verbs.context;
}

int __wrap_ibv_close_device(struct ibv_context *ctx)
{
	(void)ctx;
	return 0;
}

int __wrap__ibv_query_gid_ex(struct ibv_context *ctx, uint32_t port, uint32_t index,
			     struct ibv_gid_entry *ret, uint32_t flags, size_t size)
{
	(void)ctx;
	(void)port;
	(void)index;
	(void)flags;
	(void)size;
	*ret = fake_gid_entry();
	return 0;
}

struct ibv_pd *__wrap_ibv_alloc_pd(struct ibv_context *ctx)
{
	(void)ctx;
	return &pd;
}

struct ibv_mr *__wrap_ibv_reg_mr(struct ibv_pd *of, void *addr, size_t length, int access)
{
	(void)of;
	(void)addr;
	(void)length;
	(void)access;
	return &mr;
}

struct ibv_comp_channel *__wrap_ibv_create_comp_channel(struct ibv_context *ctx)
{
	(void)ctx;
	return &channel;
}

struct ibv_cq *__wrap_ibv_create_cq(struct ibv_context *ctx, int cqe, void *context,
				    struct ibv_comp_channel *on, int vector)
{
	(void)ctx;
	(void)cqe;
	(void)context;
	(void)vector;
	return on ? &received : &sent;
}

struct ibv_qp *__wrap_ibv_create_qp(struct ibv_pd *of, struct ibv_qp_init_attr *attr)
{
	(void)of;
	assert_false(attr->sq_sig_all);
	return &qp;
}

int __wrap_ibv_modify_qp(struct ibv_qp *of, struct ibv_qp_attr *attr, int mask)
{
	(void)of;
	(void)attr;
	(void)mask;
	return 0;
}

int __wrap_ibv_get_cq_event(struct ibv_comp_channel *from, struct ibv_cq **cq, void **ctx)
{
	eventfd_t count;

	(void)ctx;
	*cq = &received;
	return eventfd_read(from->fd, &count);
}

void __wrap_ibv_ack_cq_events(struct ibv_cq *cq, unsigned int n)
{
	(void)cq;
	(void)n;
}

int __wrap_ibv_get_async_event(struct ibv_context *ctx, struct ibv_async_event *ret)
{
	eventfd_t count;

	ret->event_type = dev.event;
	return eventfd_read(ctx->async_fd, &count);
}

void __wrap_ibv_ack_async_event(struct ibv_async_event *event)
{
	(void)event;
}

#define GONE(name, type)                                                                 \
	int name(struct type *it)                                                        \
	{                                                                                \
		(void)it;                                                                \
		return 0;                                                                \
	}
GONE(__wrap_ibv_destroy_qp, ibv_qp)
GONE(__wrap_ibv_destroy_cq, ibv_cq)
GONE(__wrap_ibv_destroy_comp_channel, ibv_comp_channel)
GONE(__wrap_ibv_dereg_mr, ibv_mr)
GONE(__wrap_ibv_dealloc_pd, ibv_pd)
GONE(__wrap_ibv_destroy_ah, ibv_ah)

static int post_send(struct ibv_qp *to, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	(void)to;
	pthread_mutex_lock(&lock);
	dev.sends++;
	for (; wr; wr = wr->next) {
		if (dev.fail_at && dev.messages + 1 >= dev.fail_at)
			break;
		dev.messages++;
		dev.solicited += (wr->send_flags & IBV_SEND_SOLICITED) != 0;
		if (wr->send_flags & IBV_SEND_SIGNALED) {
			dev.signalled++;
			dev.last_signalled = wr->wr_id;
		}
		assert_true(ud_msg_read((uint8_t *)(uintptr_t)wr->sg_list->addr,
					(int)wr->sg_list->length, &dev.last));
	}
	*bad = wr;
	pthread_mutex_unlock(&lock);
	return wr ? ENOMEM : 0;
}

static int post_recv(struct ibv_qp *to, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	(void)to;
	(void)bad;
	pthread_mutex_lock(&lock);
	dev.receive_calls++;
	for (; wr; wr = wr->next, dev.receives++) {
		dev.free[dev.nfree] = *wr->sg_list;
		dev.ids[dev.nfree++] = wr->wr_id;
	}
	pthread_mutex_unlock(&lock);
	return 0;
}

static int poll_cq(struct ibv_cq *from, int max, struct ibv_wc *wc)
{
	int n = 0;

	pthread_mutex_lock(&lock);
	dev.npolls++;
	if (from == &sent && dev.done) {
		wc[n++] = (struct ibv_wc){ .wr_id = dev.done };
		dev.done = 0;
	}
	if (from == &received) {
		n = dev.ncame < max ? dev.ncame : max;
		memcpy(wc, dev.came, n * sizeof(*wc));
		dev.ncame -= n;
		memmove(dev.came, dev.came + n, dev.ncame * sizeof(*wc));
	}
	pthread_mutex_unlock(&lock);
	return n;
}

static int req_notify_cq(struct ibv_cq *on, int solicited)
{
	assert_ptr_equal(on, &received);
	pthread_mutex_lock(&lock);
	if (solicited)
		dev.armed_prompt++;
	else
		dev.armed_any++;
	pthread_mutex_unlock(&lock);
	return 0;
}

/* A datagram from 10.0.1.9 lands in the oldest slot; or something that is none of ours.
 */
static void arrive(const struct ud_msg *msg, bool wake)
{
	uint8_t *slot, ip4[20] = { 0x45, [1] = 104, [8] = 63, [12] = 10, 0, 1, 9 };

	pthread_mutex_lock(&lock);
	slot = (uint8_t *)(uintptr_t)dev.free[0].addr;
	memset(slot, 0, UD_GRH_LEN + UD_MSG_LEN);
	memcpy(slot + 20, ip4, sizeof(ip4));
	if (msg)
		ud_msg_write(msg, slot + UD_GRH_LEN);
	dev.came[dev.ncame++] = (struct ibv_wc){ .wr_id = dev.ids[0],
						 .byte_len = UD_GRH_LEN + UD_MSG_LEN,
						 .wc_flags = IBV_WC_GRH,
						 .src_qp = 99 };
	dev.nfree--;
	memmove(dev.free, dev.free + 1, dev.nfree * sizeof(dev.free[0]));
	memmove(dev.ids, dev.ids + 1, dev.nfree * sizeof(dev.ids[0]));
	pthread_mutex_unlock(&lock);
	if (wake)
		eventfd_write(channel.fd, 1);
}

static struct ud ud;
static struct fault fault;
static struct ud_end end_of_peer = { .qpn = 99, .qkey = 3 };
static struct ud_shot shots[UD_BURST];

static int begin(void **state)
{
	(void)state;
	memset(&dev, 0, sizeof(dev));
	verbs.context.ops = (struct ibv_context_ops){ .poll_cq = poll_cq,
						      .post_send = post_send,
						      .post_recv = post_recv,
						      .req_notify_cq = req_notify_cq };
	verbs.context.async_fd = eventfd(0, EFD_NONBLOCK);
	channel.fd = eventfd(0, EFD_NONBLOCK);
	gid_parse_unicast("::ffff:10.0.1.2", rail.gid);
	gid_parse_unicast("::ffff:10.0.1.9", end_of_peer.gid);
	for (int i = 0; i < UD_BURST; i++)
		shots[i] = (struct ud_shot){ .ah = &ah,
					     .end = &end_of_peer,
					     .msg = { .type = UD_PROBE,
						      .sequence = (uint32_t)i,
						      .prompt = i == 0 } };
	return 0;
}

static int finish(void **state)
{
	(void)state;
	close(channel.fd);
	close(verbs.context.async_fd);
	return 0;
}

static void a_burst_is_one_call_and_one_completion(void **state)
{
	(void)state;
	assert_int_equal(ud_open(&ud, &rail, UD_DEPTH, &fault), 0);
	assert_int_equal(ud_send_burst(&ud, shots, 15), 15);
	assert_int_equal(dev.sends, 1);
	assert_int_equal(dev.messages, 15);
	assert_int_equal(dev.signalled, 1);
	assert_int_equal(dev.last_signalled, 15);
	assert_int_equal(dev.solicited, 1); /* the prompt one wakes its receiver */
	ud_close(&ud);
}

static void slots_are_used_again_once_they_are_done(void **state)
{
	(void)state;
	assert_int_equal(ud_open(&ud, &rail, UD_DEPTH_LEAST, &fault), 0);
	assert_int_equal(ud_send_burst(&ud, shots, 60), 60);
	assert_int_equal(ud_send_burst(&ud, shots, 10), 4); /* none is done yet */
	assert_int_equal(ud_send_burst(&ud, shots, 10), 0);
	dev.done = 60;
	assert_int_equal(ud_send_burst(&ud, shots, 64), 60);
	ud_close(&ud);
}

static void what_the_device_does_not_take_uses_no_slot(void **state)
{
	(void)state;
	assert_int_equal(ud_open(&ud, &rail, UD_DEPTH_LEAST, &fault), 0);
	dev.fail_at = 4;
	assert_int_equal(ud_send_burst(&ud, shots, 10), 3);
	assert_int_equal(ud_send(&ud, &ah, &end_of_peer, &shots[0].msg), EAGAIN);
	dev.fail_at = 0;
	assert_int_equal(ud_send_burst(&ud, shots, 64), 61);
	ud_close(&ud);
}

static void what_came_is_given_back_by_one_call(void **state)
{
	struct ud_arrival arrivals[UD_BURST];

	(void)state;
	assert_int_equal(ud_open(&ud, &rail, UD_DEPTH, &fault), 0);
	assert_int_equal(dev.receives, UD_DEPTH);
	assert_int_equal(dev.receive_calls, UD_DEPTH / UD_BURST);
	for (int i = 0; i < 20; i++)
		arrive(i == 7 ? NULL : &shots[i].msg, false);
	dev.receive_calls = 0;
	assert_int_equal(ud_receive(&ud, arrivals, UD_BURST, &fault), 19);
	assert_int_equal(dev.receive_calls, 1);
	assert_int_equal(dev.nfree, UD_DEPTH);
	assert_int_equal(arrivals[6].msg.sequence, 6);
	assert_int_equal(arrivals[7].msg.sequence, 8); /* a stranger's is passed over */
	assert_int_equal(arrivals[7].from.tos, 104);
	ud_close(&ud);
}

static void fewer_than_asked_for_means_that_nothing_is_left(void **state)
{
	struct ud_arrival arrivals[4];

	(void)state;
	assert_int_equal(ud_open(&ud, &rail, UD_DEPTH, &fault), 0);
	for (int i = 0; i < 6; i++)
		arrive(i < 4 ? NULL : &shots[i].msg, false);
	assert_int_equal(ud_receive(&ud, arrivals, 4, &fault), 2);
	assert_int_equal(dev.ncame, 0);
	dev.came[0].status = IBV_WC_WR_FLUSH_ERR;
	dev.ncame = 1;
	assert_int_equal(ud_receive(&ud, arrivals, 4, &fault), -1);
	assert_int_equal(fault.reason, REASON_PORT_DOWN);
	ud_close(&ud);
}

/* --- the hub's thread */

static struct hub *hub;
static _Atomic int answers, events;
static _Atomic bool dead_when_told;

static void on_answers(void *arg, const struct ud_arrival *arrivals, int n, int64_t now)
{
	(void)arg;
	(void)now;
	for (int i = 0; i < n; i++)
		answers += arrivals[i].msg.type == UD_ANSWER;
}

static void on_event(void *arg)
{
	(void)arg;
	dead_when_told = hub->dead;
	events++;
}

static int begin_hub(void **state)
{
	static const struct hub_owner owner = { on_answers, on_event, NULL };

	begin(state);
	answers = events = 0;
	hub = hub_new(&rail, UD_DEPTH, &owner, &fault);
	assert_non_null(hub);
	hub->peers = calloc(1, sizeof(*hub->peers));
	hub->peers[0] = (struct hub_peer){ .who = { .token = 77, .end = end_of_peer },
					   .ah = &ah };
	hub->npeers = 1;
	return 0;
}

static int end_hub(void **state)
{
	int64_t deadline = clock_ns() + NS_S;

	hub->parts++; /* so that its end can be seen */
	hub_put(hub);
	while (hub->parts > 1 && clock_ns() < deadline)
		sleep_ms(1);
	ud_close(&hub->ud);
	close(hub->stop);
	free(hub->peers);
	free(hub);
	return finish(state);
}

/* Until *what is at least n, for a second at most. */
static bool comes_to(const int *what, int n)
{
	int64_t deadline = clock_ns() + NS_S;
	int now = -1;

	while (now < n && clock_ns() < deadline) {
		pthread_mutex_lock(&lock);
		now = *what;
		pthread_mutex_unlock(&lock);
		sleep_ms(1);
	}
	return now >= n;
}

static const struct ud_msg probe = { .type = UD_PROBE, .token = 77, .prompt = true };

static void who_was_admitted_is_answered_and_nobody_else(void **state)
{
	struct ud_msg stranger = probe;

	(void)state;
	stranger.token = 78;
	arrive(&stranger, false);
	arrive(&probe, true);
	assert_true(comes_to(&dev.messages, 1));
	sleep_ms(20);
	assert_int_equal(dev.messages, 1);
	assert_int_equal(dev.last.type, UD_ANSWER);
	assert_int_equal(dev.last.arrived, 1);
	assert_int_equal(dev.last.tos, 104);
	assert_true(dev.last.prompt);
	assert_int_equal(dev.solicited, 1); /* who probed is woken, too */
}

static void an_idle_hub_is_woken_by_anything_a_busy_one_by_what_is_prompt(void **state)
{
	(void)state;
	assert_true(comes_to(&dev.armed_any, 1));
	assert_int_equal(dev.armed_prompt, 0);
	arrive(&probe, true);
	assert_true(comes_to(&dev.armed_prompt, 1));
	assert_int_equal(dev.armed_any, 1);
	/* Two ticks without anything, and it is idle. */
	assert_true(comes_to(&dev.armed_any, 2));
}

static void what_wakes_nobody_is_answered_within_a_tick(void **state)
{
	struct ud_msg quiet = probe;

	(void)state;
	quiet.prompt = false;
	arrive(&probe, true);
	assert_true(comes_to(&dev.armed_prompt, 1));
	for (int i = 0; i < 5; i++)
		arrive(&quiet, false);
	assert_true(comes_to(&dev.messages, 6));
	assert_int_equal(dev.sends, 2); /* all by one call */
	assert_false(dev.last.prompt);
}

static void answers_go_to_the_owner(void **state)
{
	struct ud_msg msg = { .type = UD_ANSWER, .token = 5, .prompt = true };
	int64_t deadline = clock_ns() + NS_S;

	(void)state;
	arrive(&msg, true);
	while (!answers && clock_ns() < deadline)
		sleep_ms(1);
	assert_int_equal(answers, 1);
	assert_int_equal(dev.messages, 0);
}

static void what_the_device_tells_goes_to_the_owner(void **state)
{
	int64_t deadline = clock_ns() + NS_S;

	(void)state;
	dev.event = IBV_EVENT_GID_CHANGE;
	eventfd_write(verbs.context.async_fd, 1);
	while (!events && clock_ns() < deadline)
		sleep_ms(1);
	assert_int_equal(events, 1);
	assert_false(hub->dead);
}

static void a_device_that_goes_ends_its_hub(void **state)
{
	int64_t deadline = clock_ns() + NS_S;

	(void)state;
	dev.event = IBV_EVENT_DEVICE_FATAL;
	eventfd_write(verbs.context.async_fd, 1);
	while (!events && clock_ns() < deadline)
		sleep_ms(1);
	assert_true(dead_when_told);
	sleep_ms(20);
	assert_int_equal(events, 1);
}

/* Its node in a container would open nothing else as long as it is held. */
static void a_server_lets_go_of_a_dead_device(void **state)
{
	static struct server server;

	(void)state;
	pthread_mutex_init(&server.hubs_lock, NULL);
	server.hubs[3] = hub_get(hub);
	server_event(&server);
	assert_ptr_equal(server.hubs[3], hub);
	hub->dead = true;
	server_event(&server);
	assert_null(server.hubs[3]);
	assert_int_equal(server.changes, 2);
	assert_int_equal(hub->users, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define UD(test)  cmocka_unit_test_setup_teardown(test, begin, finish)
#define HUB(test) cmocka_unit_test_setup_teardown(test, begin_hub, end_hub)
		UD(a_burst_is_one_call_and_one_completion),
		UD(slots_are_used_again_once_they_are_done),
		UD(what_the_device_does_not_take_uses_no_slot),
		UD(what_came_is_given_back_by_one_call),
		UD(fewer_than_asked_for_means_that_nothing_is_left),
		HUB(who_was_admitted_is_answered_and_nobody_else),
		HUB(an_idle_hub_is_woken_by_anything_a_busy_one_by_what_is_prompt),
		HUB(what_wakes_nobody_is_answered_within_a_tick),
		HUB(answers_go_to_the_owner),
		HUB(what_the_device_tells_goes_to_the_owner),
		HUB(a_device_that_goes_ends_its_hub),
		HUB(a_server_lets_go_of_a_dead_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
