/*
 * udmsg.h - the datagrams probes send each other, and what arrives in front of them.
 *
 * 64 bytes, so that a frame is as small as a frame gets. The answer echoes what the
 * prober needs, and tells how many of its probes have arrived so far: so a loss on the
 * way there can be told from one on the way back without asking anybody. No I/O.
 *
 * A prompt message wakes who receives it, and so tells a round trip. The others are found
 * there when something else does, or within HUB_TICK, and only count.
 */
#ifndef PROBE_UDMSG_H
#define PROBE_UDMSG_H

#include <stdbool.h>
#include <stdint.h>

#define UD_MSG_LEN 64
#define UD_GRH_LEN 40 /* verbs put that in front of every datagram received */

enum ud_type { UD_PROBE = 1, UD_ANSWER = 2 };

struct ud_msg {
	enum ud_type type;
	uint32_t token;	   /* of the prober, for this peer and rail */
	uint32_t sequence; /* from 0 */
	uint32_t arrived;  /* answer: probes of this token seen so far */
	uint8_t tos, ttl;  /* answer: as the probe arrived with; ttl 0 unknown */
	int64_t sent;	   /* the prober's clock, ns */
	uint32_t held;	   /* answer: ns from when the probe was seen to this */
	bool prompt;	   /* answer: as the probe */
};

void ud_msg_write(const struct ud_msg *msg, uint8_t ret[UD_MSG_LEN]);

/* False for anything else that may have come to this queue pair. */
bool ud_msg_read(const uint8_t *data, int len, struct ud_msg *ret);

/* What the network put in front of a datagram. */
struct ud_from {
	uint8_t gid[16];
	uint8_t tos, ttl;
};

/* False if it is neither an IPv4 nor an IPv6 header. */
bool ud_from_read(const uint8_t grh[UD_GRH_LEN], struct ud_from *ret);

#endif
