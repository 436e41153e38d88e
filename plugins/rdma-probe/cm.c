/* cm.c - ask a peer by rdma_cm, over a rail and nothing else. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/cm.h"
#include "plugins/rdma-probe/cma.h"
#include "plugins/rdma-probe/sockaddr.h"

#define TRIES 3

struct attempt {
	struct cma cma;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	const struct rail *rail;
	struct cm_talk *talk;
	struct until until;
	struct fault *fault;
};

static void keep_reply(struct cm_talk *talk, const struct rdma_ud_param *param)
{
	talk->reply_len = param->private_data_len < sizeof(talk->reply)
				  ? param->private_data_len
				  : sizeof(talk->reply);
	memcpy(talk->reply, param->private_data, talk->reply_len);
}

/* 0 with the event and its status, or -1 with *fault. */
static int next_event(struct attempt *try, enum rdma_cm_event_type *ret, int *status)
{
	struct rdma_cm_event *event;
	struct err err;

	if (wire_wait(try->channel->fd, POLLIN, &try->until, &err))
		return err.no == ECANCELED
			       ? fault_interrupted(try->fault)
			       : fault_set(try->fault, REASON_CM_UNREACHABLE, 0,
					   "no answer from the peer's queue pair 1 on %s",
					   try->rail->netdev);
	if (try->cma.get_event(try->channel, &event))
		return fault_set(try->fault, REASON_CM_UNREACHABLE, errno, "rdma_cm");
	*ret = event->event;
	*status = event->status;
	if (event->event == RDMA_CM_EVENT_ESTABLISHED && event->param.ud.private_data)
		keep_reply(try->talk, &event->param.ud);
	try->cma.ack_event(event);
	return 0;
}

static int expect(struct attempt *try, enum rdma_cm_event_type wanted, const char *what)
{
	enum rdma_cm_event_type event = RDMA_CM_EVENT_ADDR_ERROR;
	int status = 0;

	if (next_event(try, &event, &status))
		return -1;
	if (event == wanted)
		return 0;
	return fault_set(try->fault, REASON_CM_UNREACHABLE, status < 0 ? -status : 0,
			 "rdma_cm could not resolve the %s (event %d)", what, event);
}

/* rdma_cm finds the device itself; a program that relies on that has to get this one. */
static int check_device(struct attempt *try)
{
	const char *name = try->id->verbs ? try->id->verbs->device->name : "none";

	if (!strcmp(name, try->rail->dev) && try->id->port_num == try->rail->port)
		return 0;
	return fault_set(try->fault, REASON_CM_UNREACHABLE, 0,
			 "rdma_cm takes device %s for %s, not %s", name,
			 try->rail->netdev, try->rail->dev);
}

static enum cm_result ask(struct attempt *try)
{
	struct rdma_conn_param param = { .private_data = try->talk->request,
					 .private_data_len = (uint8_t)try->talk->len };
	enum rdma_cm_event_type event;
	int status;

	if (try->cma.connect(try->id, &param)) {
		fault_set(try->fault, REASON_CM_UNREACHABLE, errno,
			  "send a service request");
		return CM_FAILED;
	}
	if (next_event(try, &event, &status))
		return CM_FAILED;
	if (event == RDMA_CM_EVENT_ESTABLISHED)
		return CM_ANSWERED;
	/* A positive status is the peer's; a negative one our own kernel's. */
	if (event == RDMA_CM_EVENT_REJECTED ||
	    (event == RDMA_CM_EVENT_UNREACHABLE && status > 0))
		return CM_NOBODY;
	fault_set(try->fault, REASON_CM_UNREACHABLE, status < 0 ? -status : 0,
		  "service request on %s (event %d)", try->rail->netdev, event);
	return CM_FAILED;
}

static enum cm_result cannot_ask(struct fault *fault, int no, const char *what)
{
	fault_set(fault, REASON_NONE, no, "%s", what);
	return CM_CANNOT;
}

static enum cm_result attempt(struct attempt *try, const struct ip *dst)
{
	struct sockaddr_storage from, to;
	int ms = (int)((try->until.deadline - clock_ns()) / NS_MS);
	enum cm_result r = CM_FAILED;

	ms = ms < 1 ? 1 : ms;
	(void)sockaddr_make(&try->rail->ip.ip, 0, try->rail->ifindex, &from);
	(void)sockaddr_make(dst, try->talk->port, try->rail->ifindex, &to);
	if (try->cma.create_id(try->channel, &try->id, NULL, RDMA_PS_UDP))
		return cannot_ask(try->fault, errno, "make an rdma_cm identifier");
	if (try->cma.resolve_addr(try->id, (struct sockaddr *)&from,
				  (struct sockaddr *)&to, ms))
		fault_set(try->fault, REASON_CM_UNREACHABLE, errno,
			  "rdma_cm could not bind to %s", try->rail->netdev);
	else if (!expect(try, RDMA_CM_EVENT_ADDR_RESOLVED, "address") &&
		 !check_device(try) &&
		 (!try->cma.resolve_route(try->id, ms) ||
		  fault_set(try->fault, REASON_CM_UNREACHABLE, errno, "rdma_cm route")) &&
		 !expect(try, RDMA_CM_EVENT_ROUTE_RESOLVED, "route"))
		r = ask(try);
	try->cma.destroy_id(try->id);
	return r;
}

/* A datagram may get lost, and the kernel would ask again only after seconds. */
static enum cm_result try_often(struct attempt *try, const struct ip *dst,
				const struct until *until)
{
	enum cm_result r = CM_FAILED;

	for (int i = 0;
	     i < TRIES && r == CM_FAILED && !(i && fault_is_interruption(try->fault));
	     i++) {
		int64_t now = clock_ns();

		*try->fault = (struct fault){ 0 }; /* of the time before */
		try->until = (struct until){ now + (until->deadline - now) / (TRIES - i),
					     until->stop };
		r = attempt(try, dst);
	}
	return r;
}

enum cm_result cm_ask(const struct rail *rail, const struct ip *dst, struct cm_talk *talk,
		      const struct until *until, struct fault *fault)
{
	struct attempt try = { .rail = rail, .talk = talk, .fault = fault };
	enum cm_result r;

	*fault = (struct fault){ 0 };
	if (!cma_load(&try.cma))
		return cannot_ask(fault, 0, "librdmacm is not installed here");
	try.channel = try.cma.create_channel();
	r = try.channel ? try_often(&try, dst, until)
			: cannot_ask(fault, errno, "open /dev/infiniband/rdma_cm");
	if (try.channel)
		try.cma.destroy_channel(try.channel);
	return r;
}
