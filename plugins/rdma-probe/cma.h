/*
 * cma.h - librdmacm, loaded when it is needed, so that an image without it can still do
 * all the rest. It never closes a device that it has used (see cm_child.h), so it stays
 * loaded: loaded anew it would open them once more.
 *
 *	struct cma cma;
 *
 *	if (!cma_load(&cma))
 *		... it is not installed
 *	cma.create_channel() ...
 */
#ifndef PROBE_CMA_H
#define PROBE_CMA_H

#include <stdbool.h>
#include <rdma/rdma_cma.h>

#include "pkg/ip.h"

/* What is used of it, without the "rdma_" in front. */
struct cma {
	struct rdma_event_channel *(*create_channel)(void);
	void (*destroy_channel)(struct rdma_event_channel *);
	int (*create_id)(struct rdma_event_channel *, struct rdma_cm_id **, void *,
			 enum rdma_port_space);
	int (*destroy_id)(struct rdma_cm_id *);
	int (*set_option)(struct rdma_cm_id *, int, int, void *, size_t);
	int (*bind_addr)(struct rdma_cm_id *, struct sockaddr *);
	int (*listen)(struct rdma_cm_id *, int);
	int (*accept)(struct rdma_cm_id *, struct rdma_conn_param *);
	int (*reject)(struct rdma_cm_id *, const void *, uint8_t);
	int (*resolve_addr)(struct rdma_cm_id *, struct sockaddr *, struct sockaddr *,
			    int);
	int (*resolve_route)(struct rdma_cm_id *, int);
	int (*connect)(struct rdma_cm_id *, struct rdma_conn_param *);
	int (*get_event)(struct rdma_event_channel *, struct rdma_cm_event **);
	int (*ack_event)(struct rdma_cm_event *);
};

bool cma_load(struct cma *ret);

/* The address at this end of an identifier; family AF_UNSPEC if it has none. */
struct ip cma_local_address(struct rdma_cm_id *id);

#endif
