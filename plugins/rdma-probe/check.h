/*
 * check.h - the list of local checks, L01 to L24, and what each found.
 *
 *	check_add(&checks, L06, rail, CHECK_FAIL, "port %s", state);
 *	check_fix(&checks, "ip link set %s up", rail->netdev);
 *
 * What a check is called, where its value comes from, what is wanted and what to do
 * about it stand in one table; a result adds what was seen. Plain data: who judges
 * (judge.h) does no I/O.
 */
#ifndef PROBE_CHECK_H
#define PROBE_CHECK_H

#include "plugins/rdma-probe/rail.h"

enum check_id {
	L01,
	L02,
	L03,
	L04,
	L05,
	L06,
	L07,
	L08,
	L09,
	L10,
	L11,
	L12,
	L13,
	L14,
	L15,
	L16,
	L17,
	L18,
	L19,
	L20,
	L21,
	L22,
	L23,
	L24,
	CHECK_IDS
};

enum check_status { CHECK_OK, CHECK_WARN, CHECK_UNKNOWN, CHECK_FAIL };

struct check {
	enum check_id id;
	const char *label; /* "L06"; a rung of a ladder has one of its own */
	const char *name;
	const char *source;
	char rail[RAIL_NAME_LEN]; /* "" for the whole namespace */
	enum check_status status;
	bool essential; /* "unknown" leaves the verdict open */
	char value[200], want[120], fix[240];
};

struct checks {
	struct check *v;
	int n;
};

/* rail may be NULL. What stands in the table for want is taken; its fix is, unless the
 * status is CHECK_OK. Without memory the result is dropped, and checks_verdict() is
 * VERDICT_UNKNOWN. */
void check_add(struct checks *checks, enum check_id id, const struct rail *rail,
	       enum check_status status, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* A line that is on no list: a rung of a ladder. */
void check_add_rung(struct checks *checks, const char *label, const char *name,
		    const char *source, const char *rail, enum check_status status);

/* Replace what the table says, for the result added last. */
void check_want(struct checks *checks, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void check_fix(struct checks *checks, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

const char *check_status_name(enum check_status status); /* "ok", "warn", ... */
enum verdict checks_verdict(const struct checks *checks);

/* The first of the worst results, or NULL when all are fine. */
const struct check *checks_worst(const struct checks *checks);
int checks_count(const struct checks *checks, enum check_status status);

void checks_clear(struct checks *checks);

#define _autochecks_ _cleanup_(checks_clear)

#endif
