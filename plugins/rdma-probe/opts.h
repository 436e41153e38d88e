/*
 * opts.h - the command line: one table of options for all commands and their help.
 */
#ifndef PROBE_OPTS_H
#define PROBE_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "plugins/rdma-probe/endpoint.h"

/* Bits, so that an option can belong to several commands. */
enum command_bit {
	CMD_DEVICES = 1 << 0,
	CMD_GIDS = 1 << 1,
	CMD_SERVE = 1 << 2,
	CMD_PING = 1 << 3,
	CMD_CHECK = 1 << 4,
	CMD_DIAGNOSE = 1 << 5,
	CMD_MESH = 1 << 6,
	CMD_MONITOR = 1 << 7,
	CMD_BW = 1 << 8,
	CMD_COLLECT = 1 << 9,
	CMD_ANY = ~0,
};

/* What the exit status means: 0, 1, 2 as node-problem-detector has it, or as Nagios. */
enum exit_style { EXIT_NPD, EXIT_NAGIOS };

/* Which paths a mesh tests: each rail to its own kind; every rail to every rail; each
 * rail to its own kind at some of the peers. */
enum mesh_mode { MESH_RAIL, MESH_CROSS, MESH_SAMPLE };

struct opts {
	enum command_bit command;
	bool help, json, all, npd, quiet, sizes, schedule;
	const char *expect, *peers, *html, *networks;
	bool serve, jsonl, rc, ud, cm;
	double min_gbps;
	int64_t gid_index; /* -1: the right one is found */
	int64_t mtu, window, size, duration, wait, audit;
	int64_t rate, far_rate, far_peers, rail_rate;
	struct endpoint metrics; /* port "": none */
	int64_t style;		 /* enum exit_style */
	int64_t mode;		 /* enum mesh_mode */
	int64_t family;		 /* AF_INET, AF_INET6 or 0 */
	struct rail_spec specs[RAIL_MAX];
	int nspecs;
	struct endpoint listen, peer;
	char **files; /* mesh collect: in argv */
	int nfiles;
	int64_t count, interval, deadline; /* the times in ns */
	int64_t timeout, retry, tc, flow_label, paths;
};

/* Parse what follows the command's name in argv[0..]. Strings point into argv. */
int opts_parse(int argc, char *argv[], enum command_bit command, struct opts *ret,
	       struct err *err);

/* The options of a command, one a line. */
void opts_print_help(enum command_bit command, FILE *out);

/* "10ms", "1.5s", "200us"; a bare number is seconds, as in ping(8). */
bool duration_parse(const char *text, int64_t *ret);

#endif
