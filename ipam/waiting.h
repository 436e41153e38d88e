/* waiting.h - releases that this node could not do yet. */
#ifndef IPAM_WAITING_H
#define IPAM_WAITING_H

struct waiting {
	int n;
	long oldest; /* seconds; 0 when there is none */
};

struct waiting waiting_now(void);

#endif
