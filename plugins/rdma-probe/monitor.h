/*
 * monitor.h - probe many peers for ever, and know which paths work.
 *
 * Three things run side by side. The beat (monitor.c) sends a few datagrams to the next
 * targets ten times a second, the first of each ring prompt (udmsg.h), and counts losses
 * (monitor_judge.c).
 * The keeper (monitor_keep.c) meets peers
 * on their control channel, which may take its time: it makes targets, asks again for
 * those that fall silent, finds out why, tests a reliable connection now and then, and
 * looks at our own rails. Hubs (hub.h) answer peers and bring in their answers.
 *
 * A target is one rail of ours to one peer. Those on the link are all probed, and a ring
 * (monitor_index.c) has them in turn. Of those behind routers only a sample is
 * (sample.h), and whoever is in doubt: new, down, with a new end or a failed audit. The
 * others are as they were when they were probed last; the keeper goes on meeting them,
 * and audits find them. Everything is bounded by PEERS_MAX and RAIL_MAX, and what is told
 * per peer by MONITOR_TOLD.
 */
#ifndef PROBE_MONITOR_H
#define PROBE_MONITOR_H

#include "pkg/clock.h"
#include "plugins/rdma-probe/check.h"
#include "plugins/rdma-probe/hist.h"
#include "plugins/rdma-probe/hub.h"
#include "plugins/rdma-probe/outcome.h"
#include "plugins/rdma-probe/peers.h"
#include "plugins/rdma-probe/sample.h"
#include "plugins/rdma-probe/service.h"
#include "plugins/rdma-probe/window.h"

#define MONITOR_REFRESH (60 * NS_S) /* peers move, and so do neighbours */
#define MONITOR_TOLD	32	    /* failing paths that have series of their own */

enum target_state { TARGET_NEW, TARGET_UP, TARGET_DOWN };

struct target {
	int peer;
	char rail[RAIL_NAME_LEN];
	bool routed;  /* through a gateway */
	bool doubted; /* to be probed until it answers, in the sample or not */
	bool sampled, probed;
	struct hub *hub; /* held; NULL: nothing can be sent yet */
	struct ibv_ah *ah;
	struct ud_end end;
	uint32_t token;
	struct window window;
	enum target_state state;
	int down;	     /* windows without any answer, one after the other */
	struct fault fault;  /* unless it is up */
	int64_t met, judged; /* when it was met, and when its fault was looked for */
	int64_t success;     /* seconds since 1970; 0 never */
	int64_t heard;	     /* clock_ns() of the same */
	int64_t lost;	     /* when it went down, */
	bool asked;	     /* and others were asked about that */
	int paths_covered, paths_failed; /* flow labels of the last audit */
};

struct scope {
	struct hist rtt;
	uint64_t sent, lost;
	struct {
		int sent, there, back;
	} latest;			/* of the windows that were closed last */
	double ratio_there, ratio_back; /* of the last that had any */
};

enum scope_id { SCOPE_LINK, SCOPE_ROUTED, SCOPES };

/* Targets that are probed in turn. */
struct ring {
	int first, n; /* in monitor->rings */
	int next;     /* of them, to begin with at the next beat */
	double credit;
};

struct rail_state {
	char name[RAIL_NAME_LEN];
	struct rail rail;
	struct scope scopes[SCOPES];
	struct ring rings[SCOPES];
	struct sample sample;
	struct ranked head; /* with which it begins */
	bool sampled;	    /* not all that are routed are in it */
	uint64_t failures[REASON_COUNT];
};

struct token {
	uint32_t token;
	int target;
};

struct monitor {
	const struct opts *opts;
	char host[PROTO_HOST_LEN];
	int signals;
	struct service *service;
	struct peers peers;
	struct path_plan plan;
	pthread_mutex_t lock; /* of all that follows */
	struct target *targets;
	int ntargets;
	struct token *tokens; /* sorted; with rings all that the beat needs to find */
	int ntokens, *rings;
	struct ranked *order; /* room for that of a rail */
	bool stale; /* since then targets were connected, or have to be probed or not */
	struct rail_state rails[RAIL_MAX];
	int nrails;
	struct checks checks;
	char (*peer_hosts)[PROTO_HOST_LEN];
	int64_t *due; /* when the keeper shall meet a peer */
	uint64_t probes, audits;
	int64_t beat_at;	      /* of the last beat, for /healthz */
	_Atomic bool ending, changed; /* changed: the keeper shall look at our rails */
	int wake, stop; /* eventfds: the keeper has something to do; all shall end */
};

/* The beat: until a signal comes. */
int monitor_beat(struct monitor *monitor, struct err *err);

/* For hub_new(): arg is the monitor. */
void monitor_answers(void *arg, const struct ud_arrival *arrivals, int n, int64_t now);
void monitor_event(void *arg);

/* With the lock held. Choose and find targets again after some came or went, or it is
 * time for others; then by token: NULL for one of nobody, or of one that is not
 * connected. */
void monitor_index(struct monitor *monitor, int64_t now);
struct target *monitor_find(struct monitor *monitor, uint32_t token);

/* With the lock held. A window is over. */
void monitor_judge(struct monitor *monitor);

/* The keeper has something to do now. */
void monitor_rouse(struct monitor *monitor);

/* The keeper: a thread's function; arg is the monitor. Ends soon after `ending`. */
void *monitor_keep(void *arg);

/* Its parts. Meeting a peer: true if every rail of ours reaches it, as far as can be
 * told without a datagram. */
void monitor_look_at_rails(struct monitor *monitor, bool thoroughly);
bool monitor_meet(struct monitor *monitor, int peer);

/* Ask others how they reach both ends of a path to this peer that has failed. */
void monitor_ask_others(struct monitor *monitor, int peer);

/* For a server's path_to: what we answer to that; arg is the monitor. */
void monitor_path_to(void *arg, const uint8_t gid[16], struct proto_path *ret);

/* With the lock held. What an audit, or else the ladder, found out about a path. */
void monitor_take_over(struct monitor *monitor, int peer, const struct path *path,
		       bool ladder);

/* With the lock held. */
struct rail_state *monitor_rail(struct monitor *monitor, const char *name, bool make);
struct target *monitor_target(struct monitor *monitor, int peer, const char *rail,
			      bool make);
void target_disconnect(struct target *target);
void monitor_doubt(struct monitor *monitor, struct target *target);
void monitor_set_state(struct monitor *monitor, struct target *target,
		       enum target_state state);

/* One JSON object, or a line for people, on standard output. */
void monitor_tell(const struct monitor *monitor, const char *event, const char *rail,
		  const char *peer, const struct fault *fault);

/* The text of /metrics. */
void monitor_metrics(struct monitor *monitor, FILE *out);

#endif
