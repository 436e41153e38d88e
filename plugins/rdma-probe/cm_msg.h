/*
 * cm_msg.h - what a prober and its peer tell each other inside of rdma_cm's messages.
 *
 * A service request (SIDR) has room for 180 bytes, its answer for 136. No I/O.
 */
#ifndef PROBE_CM_MSG_H
#define PROBE_CM_MSG_H

#include "plugins/rdma-probe/hub.h"

#define CM_REQUEST_LEN 36
#define CM_REPLY_LEN   16

/* "Expect datagrams of mine": the peer needs what it would else hear over TCP. */
void cm_request_write(const struct hub_prober *prober, uint8_t ret[CM_REQUEST_LEN]);
bool cm_request_read(const uint8_t *data, size_t len, struct hub_prober *ret);

/* "Send them there"; the GID is the one that was asked. */
void cm_reply_write(const struct ud_end *end, uint8_t ret[CM_REPLY_LEN]);
bool cm_reply_read(const uint8_t *data, size_t len, struct ud_end *ret);

#endif
