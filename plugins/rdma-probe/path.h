/*
 * path.h - test one rail against its partner at a peer.
 *
 * Steps, each of which can tell something that the later ones could not tell apart: are
 * both ends usable, does the route leave by this rail, does the neighbour answer, does
 * the peer open its end, does the queue pair connect, does it carry traffic.
 */
#ifndef PROBE_PATH_H
#define PROBE_PATH_H

#include "plugins/rdma-probe/check.h"
#include "plugins/rdma-probe/crew.h"
#include "plugins/rdma-probe/endpoint.h"
#include "plugins/rdma-probe/proto.h"
#include "plugins/rdma-probe/stats.h"

/* What a ping is: a write of no bytes on a reliable connection; or a datagram and its
 * answer, to a queue pair that the control channel or rdma_cm tells. */
enum path_op { PATH_RC, PATH_UD, PATH_CM };

/* What is the same for all paths to a peer. */
struct path_plan {
	enum path_op op;
	struct endpoint peer;
	char host[PROTO_HOST_LEN], peer_host[PROTO_HOST_LEN];
	const struct local *local; /* what mine were made of */
	struct rails mine, theirs;
	int family; /* of the GIDs to ask the peer for; 0: as it likes */
	struct rc_path params;
	bool ladder; /* take every step, each with a deadline of its own */
	bool cm;     /* also ask by rdma_cm */
	bool cross;  /* every rail to every rail of the peer */
	bool sizes;  /* also write from 256 bytes up to the path's MTU */
	bool bw;     /* also measure: `size` bytes a write, for `duration` ns */
	int64_t size, duration;
	double min_gbps;
	int mtu;       /* at most this one; 0: as the ports have it */
	int paths;     /* so many flow labels besides the first */
	int64_t count; /* 0: until stopped */
	int64_t interval, deadline;
	int stop;
};

#define PATH_STEPS 15

/* What a step saw. */
struct rung {
	bool reached;
	enum check_status status;
	char value[160];
};

struct path {
	const struct path_plan *plan;
	const struct rail *mine, *theirs; /* NULL: no such rail on that side */
	_Atomic int step;		  /* where it is, for who waits in vain */

	/* The outcome: valid once the task is done, or after path_give_up(). */
	enum verdict result;
	struct fault fault;
	int64_t sent, ok;
	int mtu, flow_label;
	double gbps; /* 0: not measured */
	struct stats rtt;
	bool by_nic;		    /* rtt: by the NIC's clock */
	int labels_ok, labels_lost; /* flow labels besides the first */
	struct rung rungs[PATH_STEPS];
	int ud_sent, ud_arrived, ud_answered; /* datagrams; ud_sent 0: none were */
};

const char *path_step_id(int step);   /* "R3" */
const char *path_step_name(int step); /* "neighbour" */

void path_init(struct path *ret, const struct path_plan *plan, const struct rail *mine,
	       const struct rail *theirs);

/* For crew_start(); arg is the path. */
void path_test(struct task *task);

/* The outcome of a path whose task was left behind, and of one that was not tried. */
void path_give_up(struct path *ret, const struct path *path);
void path_untested(struct path *ret, const struct path *path, const struct fault *why);

#endif
