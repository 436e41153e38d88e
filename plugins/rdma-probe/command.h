/* command.h - what main.c needs to know of a command. */
#ifndef PROBE_COMMAND_H
#define PROBE_COMMAND_H

#include <stdio.h>

#include "plugins/rdma-probe/opts.h"
#include "plugins/rdma-probe/report.h"

struct command {
	const char *name; /* a word, or "mesh collect" */
	enum command_bit bit;
	const char *args;    /* "PEER[@RAIL]", or "" */
	const char *summary; /* a line */
	const char *about;   /* some more */

	/* Fill the report. -1 with *err if the command itself could not do its work; what
	 * was found until then is printed all the same. `signals` is a signalfd of what
	 * means "end now". */
	int (*run)(const struct opts *opts, int signals, struct report *report,
		   struct err *err);
	void (*print)(const struct report *report, FILE *out);
};

extern const struct command command_devices, command_gids, command_check, command_serve,
	command_ping, command_diagnose, command_bw, command_mesh, command_collect,
	command_monitor;

/* The verdict when there is no rail. */
void command_no_rails(struct report *report);

/* Take stock of this namespace, and make the rails that were asked for. */
int command_scan(const struct opts *opts, struct local *local, struct rails *rails,
		 struct err *err);

/* From here on strangers are heard: keep only the privileges that testing takes. Before
 * any thread is started, and after what only root can read or listen on. */
void command_confine(const struct opts *opts);

/* What is the same for all paths to a peer; the peer itself is opts->peer. */
void command_plan(struct path_plan *ret, const struct opts *opts,
		  const struct report *report);

/* Test all rails to opts->peer, and sum up. ladder: every step of path.c. */
int command_ask_peer(const struct opts *opts, bool ladder, int signals,
		     struct report *report, struct err *err);

#endif
