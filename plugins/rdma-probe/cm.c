/* cm.c - does rdma_cm reach the peer by this rail? */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <rdma/rdma_cma.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/cm.h"
#include "plugins/rdma-probe/sockaddr.h"

#define TRIES	3
#define SERVICE 4791 /* nobody's: the answer that nobody serves it is what we want */

/* What is used of librdmacm. */
struct cma {
	void *library;
	struct rdma_event_channel *(*create_channel)(void);
	void (*destroy_channel)(struct rdma_event_channel *);
	int (*create_id)(struct rdma_event_channel *, struct rdma_cm_id **, void *,
			 enum rdma_port_space);
	int (*destroy_id)(struct rdma_cm_id *);
	int (*resolve_addr)(struct rdma_cm_id *, struct sockaddr *, struct sockaddr *,
			    int);
	int (*resolve_route)(struct rdma_cm_id *, int);
	int (*connect)(struct rdma_cm_id *, struct rdma_conn_param *);
	int (*get_event)(struct rdma_event_channel *, struct rdma_cm_event **);
	int (*ack_event)(struct rdma_cm_event *);
};

static bool load(struct cma *ret)
{
	struct {
		const char *name;
		void *to;
	} symbols[] = {
		{ "rdma_create_event_channel", &ret->create_channel },
		{ "rdma_destroy_event_channel", &ret->destroy_channel },
		{ "rdma_create_id", &ret->create_id },
		{ "rdma_destroy_id", &ret->destroy_id },
		{ "rdma_resolve_addr", &ret->resolve_addr },
		{ "rdma_resolve_route", &ret->resolve_route },
		{ "rdma_connect", &ret->connect },
		{ "rdma_get_cm_event", &ret->get_event },
		{ "rdma_ack_cm_event", &ret->ack_event },
	};

	ret->library = dlopen("librdmacm.so.1", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; ret->library && i < ARRAY_SIZE(symbols); i++) {
		void *address = dlsym(ret->library, symbols[i].name);

		if (!address)
			return false;
		memcpy(symbols[i].to, &address, sizeof(address));
	}
	return ret->library;
}

struct attempt {
	struct cma cma;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	const struct rail *rail;
	struct until until;
	struct fault *fault;
};

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
	try->cma.ack_event(event);
	return 0;
}

static int expect(struct attempt *try, enum rdma_cm_event_type wanted, const char *what)
{
	enum rdma_cm_event_type event;
	int status;

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

static int ask(struct attempt *try)
{
	struct rdma_conn_param nothing = { 0 };
	enum rdma_cm_event_type event;
	int status;

	if (try->cma.connect(try->id, &nothing))
		return fault_set(try->fault, REASON_CM_UNREACHABLE, errno,
				 "send a service request");
	if (next_event(try, &event, &status))
		return -1;
	/* A positive status is the peer's; a negative one our own kernel's. */
	if (event == RDMA_CM_EVENT_ESTABLISHED || event == RDMA_CM_EVENT_REJECTED ||
	    (event == RDMA_CM_EVENT_UNREACHABLE && status > 0))
		return 0;
	return fault_set(try->fault, REASON_CM_UNREACHABLE, status < 0 ? -status : 0,
			 "service request on %s (event %d)", try->rail->netdev, event);
}

static int attempt(struct attempt *try, const struct ip *dst)
{
	struct sockaddr_storage from, to;
	int ms = (int)((try->until.deadline - clock_ns()) / NS_MS), r = -1;

	ms = ms < 1 ? 1 : ms;
	(void)sockaddr_make(&try->rail->ip.ip, 0, try->rail->ifindex, &from);
	(void)sockaddr_make(dst, SERVICE, try->rail->ifindex, &to);
	if (try->cma.create_id(try->channel, &try->id, NULL, RDMA_PS_UDP))
		return fault_set(try->fault, REASON_CM_UNREACHABLE, errno,
				 "make an rdma_cm identifier");
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

static int cannot_ask(struct fault *fault, int no, const char *what)
{
	fault_set(fault, REASON_NONE, no, "%s", what);
	return 0;
}

/* A datagram may get lost, and the kernel would ask again only after seconds. */
static int try_often(struct attempt *try, const struct ip *dst, const struct until *until)
{
	int r = -1;

	for (int i = 0; i < TRIES && r && !fault_is_interruption(try->fault); i++) {
		int64_t now = clock_ns();

		try->until = (struct until){ now + (until->deadline - now) / (TRIES - i),
					     until->stop };
		r = attempt(try, dst);
	}
	return r ? -1 : 1;
}

int cm_reach(const struct rail *rail, const struct ip *dst, const struct until *until,
	     struct fault *fault)
{
	struct attempt try = { .rail = rail, .fault = fault };
	int r;

	*fault = (struct fault){ 0 };
	if (!load(&try.cma)) {
		r = cannot_ask(fault, 0, "librdmacm is not installed here");
	} else {
		try.channel = try.cma.create_channel();
		r = try.channel
			    ? try_often(&try, dst, until)
			    : cannot_ask(fault, errno, "open /dev/infiniband/rdma_cm");
	}
	if (try.channel)
		try.cma.destroy_channel(try.channel);
	/* It keeps every device open for as long as it is loaded, also one that is gone.
	 */
	if (try.cma.library)
		dlclose(try.cma.library);
	return r;
}
