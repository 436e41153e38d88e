/* result.h - what ADD answers. */
#ifndef IPAM_RESULT_H
#define IPAM_RESULT_H

#include "pkg/cni_result.h"
#include "ipam/conf.h"
#include "ipam/worker.h"

/* What was given, and what the configuration adds to it. */
int result_fill(const struct conf *conf, const struct answer *answer,
		struct cni_result *ret, struct err *err);

#endif
