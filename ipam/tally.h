/*
 * tally.h - count what failed on this node, for stats: a byte a time.
 *
 * A file "failed=VERB" of the node's state has as many bytes as there were failures since
 * the node booted. Appending needs no lock, and what fails to be counted is not counted.
 */
#ifndef IPAM_TALLY_H
#define IPAM_TALLY_H

/* Nothing happens with what is no verb that can fail, or NULL. */
void tally_failure(const char *verb);

/* Called with each verb that failed since boot. */
void tally_each(void (*visit)(void *ctx, const char *verb, long count), void *ctx);

#endif
