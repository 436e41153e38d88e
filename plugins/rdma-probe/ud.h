/*
 * ud.h - one unreliable datagram queue pair of a rail.
 *
 *	_autoud_ struct ud ud = { 0 };
 *
 *	if (ud_open(&ud, rail, UD_DEPTH, &fault))
 *		return -1;
 *	ah = ud_address(&ud, peer.gid, tc, label, &fault);
 *	no = ud_send(&ud, ah, &peer, &msg);
 *	n = ud_receive(&ud, arrivals, UD_BURST, &fault);
 *
 * One queue pair reaches any number of peers, and its memory is all it ever pins:
 * depth * (104 + 64) bytes. The kernel resolves the neighbour in ud_address(): warm it
 * first. Not for two threads at a time, but for what sends, which several may call.
 */
#ifndef PROBE_UD_H
#define PROBE_UD_H

#include <pthread.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/rail.h"
#include "plugins/rdma-probe/udmsg.h"

#define UD_DEPTH       1024
#define UD_DEPTH_LEAST 64
#define UD_BURST       64 /* messages by one call */

/* How others reach it. */
struct ud_end {
	uint8_t gid[16];
	uint32_t qpn, qkey;
};

struct ud {
	const struct rail *rail;
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_comp_channel *channel; /* readable when something arrived */
	struct ibv_cq *received, *sent;
	struct ibv_qp *qp;
	uint8_t *memory;
	struct ibv_mr *mr;
	uint32_t qkey;
	int depth;
	pthread_mutex_t lock;  /* of what follows */
	uint64_t posted, done; /* messages; slots are used in turn */
};

/* With less room than asked for where the limit on locked memory wants that. */
int ud_open(struct ud *ret, const struct rail *rail, int depth, struct fault *fault);
struct ud_end ud_end(const struct ud *ud);

struct ibv_ah *ud_address(struct ud *ud, const uint8_t gid[16], int tc, int flow_label,
			  struct fault *fault);

/* One message of a burst. */
struct ud_shot {
	struct ibv_ah *ah;
	const struct ud_end *end;
	struct ud_msg msg;
	int64_t since; /* of an answer: when its probe was seen */
};

/* Send up to UD_BURST messages by one call, probes with the time of that call, answers
 * with what has passed by then; what finds no free slot is lost. Returns how many went.
 */
int ud_send_burst(struct ud *ud, struct ud_shot *shots, int n);

/* A single probe: 0, or EAGAIN when all slots are on their way. */
int ud_send(struct ud *ud, struct ibv_ah *ah, const struct ud_end *to,
	    const struct ud_msg *msg);

struct ud_arrival {
	struct ud_msg msg;
	struct ud_from from;
};

/* Up to max (no more than UD_BURST) messages that have come: how many, or -1 with *fault
 * when the queue pair is broken. What is no message of ours is passed over; fewer than
 * max: nothing is left. */
int ud_receive(struct ud *ud, struct ud_arrival *ret, int max, struct fault *fault);

/* Make the channel readable once the next one comes, or the next prompt one: 0 or a
 * positive errno. What came before has to be received first. */
int ud_arm(struct ud *ud, bool prompt_only);
void ud_ack_event(struct ud *ud); /* after the channel was readable */

size_t ud_pinned(const struct ud *ud); /* bytes */
void ud_close(struct ud *ud);

#define _autoud_ _cleanup_(ud_close)

#endif
