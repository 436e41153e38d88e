/* opts_value.h - an option: what it is called, whose it is, what its value may be. */
#ifndef PROBE_OPTS_VALUE_H
#define PROBE_OPTS_VALUE_H

#include <stddef.h>

#include "plugins/rdma-probe/opts.h"

#define METRICS_PORT "9479"

enum kind {
	FLAG,
	NUMBER,
	GBPS,
	MTU,
	DURATION,
	FAMILY,
	STYLE,
	MODE,
	DSCP,
	FAST,
	TEXT,
	RAIL,
	LISTEN,
	METRICS
};

struct option_def {
	const char *name;
	char letter; /* or 0 */
	enum kind kind;
	unsigned int commands;
	size_t offset; /* in struct opts */
	int64_t min, max;
	const char *value, *help;
};

/* Set what the option stands for; value is NULL for one that takes none. */
int option_apply(const struct option_def *def, const char *value, struct opts *opts,
		 struct err *err);

#endif
