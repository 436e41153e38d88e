/*
 * comment.h - what a lease's file says to people. Nothing depends on it.
 *
 *	pod ml/train-0
 *	container 3f9c0c5d...
 *	interface net1
 *	leased 2026-11-22T09:30:00Z
 *	nonce a81c44d0
 *
 * Writing it takes an NFS server three more requests than the lease itself, as many as
 * all of an ADD may take. So there it is only written when the lease's name lacks
 * something that it can tell: a container whose id did not fit.
 */
#ifndef IPAM_COMMENT_H
#define IPAM_COMMENT_H

#include "ipam/session.h"

#define COMMENT_POD_LEN 320

void comment_write(const struct session *session, int dir, const char *lease);

/* The pod, if the file has a comment that belongs to this lease and not to an earlier
 * one; else "". */
char *comment_pod(int dir, const char *lease, const char *nonce,
		  char buf[COMMENT_POD_LEN]);

/* "NAMESPACE/NAME" of the pod that a call is for, or "". */
char *comment_call_pod(const struct cni_call *call, char buf[COMMENT_POD_LEN]);

#endif
