/*
 * rdma_tos.h - the type of service that RoCE packets of a device bear by default.
 *
 * Two places: configfs has what connections made by rdma_cm get
 * (rdma_cm/DEVICE/ports/1/default_roce_tos, Linux 4.8); drivers of MLNX_OFED and DOCA
 * have tc/1/traffic_class in sysfs, for all queue pairs.
 */
#ifndef SRIOV_RDMA_TOS_H
#define SRIOV_RDMA_TOS_H

#include "pkg/err.h"

struct rdma_tos {
	int cm; /* 0-255; -1: not there, or not to be changed */
	int tc;
};

/* What is there; never fails: what cannot be read is -1. sys shows the device. */
struct rdma_tos rdma_tos_get(int sys, const char *rdma);

/* Set what is not -1. */
int rdma_tos_set(int sys, const char *rdma, const struct rdma_tos *tos, struct err *err);

#endif
