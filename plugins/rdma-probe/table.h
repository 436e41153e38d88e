/* table.h - the colours of verdicts in tables. */
#ifndef PROBE_TABLE_H
#define PROBE_TABLE_H

#include "pkg/table.h"
#include "plugins/rdma-probe/reason.h"

enum colour verdict_colour(enum verdict verdict);

#endif
