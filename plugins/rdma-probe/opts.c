/* opts.c - the command line: one table of options for all commands and their help. */
#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/networks.h"
#include "plugins/rdma-probe/opts_value.h"
#include "plugins/rdma-probe/peers.h"
#include "plugins/rdma-probe/proto.h"

/* Commands that test one peer, that test paths, and that deal with rails. */
#define CMD_PEER  (CMD_PING | CMD_DIAGNOSE | CMD_BW)
#define CMD_TESTS (CMD_PEER | CMD_MESH | CMD_MONITOR)
#define CMD_RAILS (CMD_GIDS | CMD_CHECK | CMD_SERVE | CMD_TESTS)

static const struct option_def defs[] = {
	{ "json", 0, FLAG, CMD_ANY, offsetof(struct opts, json), 0, 0, NULL,
	  "one JSON document (schema rdma-probe/v1) on standard output" },
	{ "jsonl", 0, FLAG, CMD_ANY, offsetof(struct opts, jsonl), 0, 0, NULL,
	  "a JSON object a line: for everything found, or (monitor) that happens" },
	{ "quiet", 'q', FLAG, CMD_ANY, offsetof(struct opts, quiet), 0, 0, NULL,
	  "only the verdict, in a line" },
	{ "exit-style", 0, STYLE, CMD_ANY, offsetof(struct opts, style), 0, 0,
	  "npd|nagios",
	  "exit status 0 ok, 1 failed, 2 unknown; or 0, 2 and 3, and 1 for warnings "
	  "(default: npd)" },
	{ "expect", 0, TEXT, CMD_CHECK, offsetof(struct opts, expect), 0, 0, "FILE",
	  "JSON of what this node should have: rails, gbps, netdev_mtu, active_mtu, "
	  "pfc" },
	{ "peers", 'p', TEXT, CMD_MESH | CMD_MONITOR, offsetof(struct opts, peers), 0, 0,
	  "FROM",
	  "FILE (HOST[:PORT] a line, - for standard input), k8s:FILE (pods as JSON), "
	  "dns:NAME[:PORT] or leases:DIR" },
	{ "serve", 0, FLAG, CMD_MESH, offsetof(struct opts, serve), 0, 0, NULL,
	  "also serve, until every peer is through with us or --wait is over" },
	{ "wait", 'w', DURATION, CMD_MESH, offsetof(struct opts, wait), 0, 86400 * NS_S,
	  "TIME", "so long for peers that are not there yet (default 0)" },
	{ "metrics", 'm', METRICS, CMD_MONITOR | CMD_SERVE, 0, 0, 0, "[IP]:PORT",
	  "/metrics and /healthz for Prometheus (monitor: 127.0.0.1:9479 by default)" },
	{ "rate", 0, NUMBER, CMD_MONITOR, offsetof(struct opts, rate), 1, 600, "N",
	  "probes a second to every peer on a rail's own link (default 10)" },
	{ "far-rate", 0, NUMBER, CMD_MONITOR, offsetof(struct opts, far_rate), 1, 600,
	  "N", "probes a second to every sampled peer behind routers (default 1)" },
	{ "far-peers", 0, NUMBER, CMD_MONITOR, offsetof(struct opts, far_peers), 0,
	  PEERS_MAX, "N",
	  "sample so many of them on every rail, others in turn, 20 % an hour (default "
	  "5; 0: all)" },
	{ "rail-rate", 0, NUMBER, CMD_MONITOR, offsetof(struct opts, rail_rate), 1, 600,
	  "N", "probes a second by one rail at most, to peers in turn (default 150)" },
	{ "audit", 0, DURATION, CMD_MONITOR, offsetof(struct opts, audit), NS_S,
	  86400 * NS_S, "TIME",
	  "test a reliable connection to some peer that often (default 60s)" },
	{ "window", 0, DURATION, CMD_MONITOR, offsetof(struct opts, window), NS_S,
	  3600 * NS_S, "TIME",
	  "a path without any answer for so long is down (default 5s)" },
	{ "mode", 0, MODE, CMD_MESH, offsetof(struct opts, mode), 0, 0,
	  "rail|cross|sample",
	  "rail to rail of the same kind; every rail to every rail; to 8 peers at most "
	  "(default: rail)" },
	{ "schedule", 0, FLAG, CMD_MESH, offsetof(struct opts, schedule), 0, 0, NULL,
	  "only tell who meets whom in which round, and test nothing" },
	{ "html", 0, TEXT, CMD_MESH | CMD_COLLECT, offsetof(struct opts, html), 0, 0,
	  "FILE", "also write a page with the heat map" },
	{ "duration", 0, DURATION, CMD_BW | CMD_DIAGNOSE, offsetof(struct opts, duration),
	  0, 600 * NS_S, "TIME",
	  "measure bandwidth for so long (default: bw 2s, diagnose 1s; there 0: do "
	  "not)" },
	{ "size", 's', NUMBER, CMD_BW, offsetof(struct opts, size), 1, PROTO_ROOM_MAX,
	  "N", "bytes of a write (default 65536)" },
	{ "min", 0, GBPS, CMD_BW, offsetof(struct opts, min_gbps), 0, 0, "GBPS",
	  "fail below so many Gb/s on a rail: 180, 0.5" },
	{ "npd", 0, FLAG, CMD_CHECK, offsetof(struct opts, npd), 0, 0, NULL,
	  "one line of 80 bytes at most, for node-problem-detector" },
	{ "all", 'a', FLAG, CMD_DEVICES | CMD_GIDS, offsetof(struct opts, all), 0, 0,
	  NULL, "also what belongs to other network namespaces" },
	{ "rail", 'r', RAIL, CMD_RAILS, 0, 0, 0, "NAME=WHAT",
	  "only this rail; WHAT: interface, address, subnet or RDMA device "
	  "(repeatable)" },
	{ "af", 0, FAMILY, CMD_RAILS, offsetof(struct opts, family), 0, 0, "4|6",
	  "only GIDs of this address family (default: IPv4 before IPv6)" },
	{ "gid-index", 0, NUMBER, CMD_RAILS, offsetof(struct opts, gid_index), 0, 255,
	  "N",
	  "insist on this GID index (default: the right one is found on every rail)" },
	{ "networks", 0, TEXT, CMD_RAILS, offsetof(struct opts, networks), 0, 0, "FILE",
	  "Multus's network-status, to name rails by (default: " NETWORKS_FILE
	  ", if it is there)" },
	{ "mtu", 0, MTU, CMD_PEER | CMD_MESH, offsetof(struct opts, mtu), 256, 4096, "N",
	  "at most this RoCE MTU: 256, 512, 1024, 2048, 4096" },
	{ "listen", 'l', LISTEN, CMD_SERVE | CMD_MESH | CMD_MONITOR, 0, 0, 0, "[IP]:PORT",
	  "control address, or the /PATH of a UNIX socket (default: every address, TCP "
	  "port " PROTO_PORT ")" },
	{ "rc", 0, FLAG, CMD_PING, offsetof(struct opts, rc), 0, 0, NULL,
	  "ping by writes of no bytes on a reliable connection (the default)" },
	{ "ud", 0, FLAG, CMD_PING, offsetof(struct opts, ud), 0, 0, NULL,
	  "ping by datagrams, each of which the peer's program answers" },
	{ "cm", 0, FLAG, CMD_PING | CMD_SERVE, offsetof(struct opts, cm), 0, 0, NULL,
	  "by rdma_cm: ping by datagrams without any TCP; serve answers that, too" },
	{ "count", 'c', NUMBER, CMD_PING | CMD_DIAGNOSE | CMD_MESH,
	  offsetof(struct opts, count), 0, 1000000000, "N",
	  "pings a rail; 0: until interrupted (default 10)" },
	{ "interval", 'i', DURATION, CMD_PING | CMD_DIAGNOSE | CMD_MESH,
	  offsetof(struct opts, interval), 0, 3600 * NS_S, "TIME",
	  "rest between two pings: 10ms, 0.5s (default 1ms)" },
	{ "deadline", 'd', DURATION, CMD_TESTS, offsetof(struct opts, deadline),
	  10 * NS_MS, 60 * NS_S, "TIME",
	  "verdict on a rail after that much silence at most (default 1s)" },
	{ "timeout", 0, NUMBER, CMD_TESTS, offsetof(struct opts, timeout), 1, 20, "N",
	  "send a packet again after 4.096 us << N (default 14: 67 ms)" },
	{ "retry", 0, NUMBER, CMD_TESTS, offsetof(struct opts, retry), 0, 6, "N",
	  "so many times (default 2); 7 would be for ever on Soft-RoCE" },
	{ "fast", 0, FAST, CMD_TESTS, 0, 0, 0, NULL,
	  "the same as --timeout 12 --retry 1" },
	{ "sizes", 0, FLAG, CMD_PING, offsetof(struct opts, sizes), 0, 0, NULL,
	  "also write from 256 bytes up to the path's MTU" },
	{ "paths", 0, NUMBER, CMD_PING | CMD_DIAGNOSE | CMD_MESH | CMD_MONITOR,
	  offsetof(struct opts, paths), 0, 256, "N",
	  "also try so many other flow labels, each a path of ECMP (default: diagnose 8, "
	  "audits of monitor 4, else 0)" },
	{ "dscp", 0, DSCP, CMD_TESTS, offsetof(struct opts, tc), 0, 63, "N",
	  "the same as --tc N*4" },
	{ "tc", 0, NUMBER, CMD_TESTS, offsetof(struct opts, tc), 0, 255, "N",
	  "traffic class, DSCP << 2 (default 0)" },
	{ "flow-label", 0, NUMBER, CMD_PEER | CMD_MESH, offsetof(struct opts, flow_label),
	  1, 0xfffff, "N",
	  "decides the UDP source port, and so the ECMP path (default: random)" },
	{ "help", 'h', FLAG, CMD_ANY, offsetof(struct opts, help), 0, 0, NULL,
	  "this text" },
};

static const struct opts defaults = {
	.count = 10,
	.interval = NS_MS,
	.deadline = NS_S,
	.timeout = 14,
	.retry = 2,
	.gid_index = -1,
	.window = 5 * NS_S,
	.size = 65536,
	.duration = 2 * NS_S,
	.rate = 10,
	.far_rate = 1,
	.far_peers = 5,
	.rail_rate = 150,
	.audit = 60 * NS_S,
};

/* What getopt_long() wants to be told, for the options of one command. */
struct getopt_args {
	char letters[2 * ARRAY_SIZE(defs) + 2];
	struct option longs[ARRAY_SIZE(defs) + 1];
};

static struct getopt_args getopt_args(enum command_bit command)
{
	struct getopt_args args = { .letters = ":" };
	size_t letters = 1, longs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(defs); i++) {
		const struct option_def *def = &defs[i];

		if (!(def->commands & command))
			continue;
		args.longs[longs++] =
			(struct option){ def->name,
					 def->value ? required_argument : no_argument,
					 NULL, 256 + (int)i };
		if (!def->letter)
			continue;
		args.letters[letters++] = def->letter;
		if (def->value)
			args.letters[letters++] = ':';
	}
	return args;
}

/* NULL for '?', which is what getopt_long() says to what it does not know. */
static const struct option_def *def_of(int c)
{
	if (c >= 256)
		return &defs[c - 256];
	for (size_t i = 0; i < ARRAY_SIZE(defs); i++)
		if (defs[i].letter == c)
			return &defs[i];
	return NULL;
}

static int check_together(const struct opts *opts, struct err *err)
{
	if (opts->command == CMD_BW && opts->duration < 10 * NS_MS)
		return err_set(err, 0, "--duration: less than 10ms");
	if (opts->rc + opts->ud + opts->cm > 1)
		return err_set(err, 0, "--rc, --ud, --cm: one of them");
	if ((opts->ud || opts->cm) && (opts->sizes || opts->paths))
		return err_set(err, 0, "--%s: only with --rc",
			       opts->sizes ? "sizes" : "paths");
	if (opts->schedule && (opts->json || opts->jsonl || opts->serve || opts->html))
		return err_set(err, 0,
			       "--schedule: without --json, --jsonl, --serve, --html");
	return 0;
}

static int parse_peer(int argc, char *argv[], struct opts *ret, struct err *err)
{
	if (argc > 1)
		return err_set(err, 0, "%s: one argument too many", argv[1]);
	if (!endpoint_parse(argv[0], PROTO_PORT, &ret->peer) || !*ret->peer.host)
		return err_set(err, 0, "\"%s\" is no HOST[:PORT][@RAIL]", argv[0]);
	return 0;
}

static void set_defaults(enum command_bit command, struct opts *ret)
{
	*ret = defaults;
	ret->command = command;
	if (command == CMD_DIAGNOSE || command == CMD_MESH)
		ret->count = 3;
	if (command == CMD_DIAGNOSE) {
		ret->paths = 8;
		ret->duration = NS_S;
		ret->all = true; /* to see whose a GID is that is not ours */
	}
	if (command == CMD_BW)
		ret->count = 1;
	(void)endpoint_parse("", PROTO_PORT, &ret->listen);
	if (command == CMD_MONITOR) {
		ret->paths = 4;
		(void)endpoint_parse("127.0.0.1", METRICS_PORT, &ret->metrics);
	}
}

/* What stands behind the options. */
static int parse_words(int argc, char *argv[], struct opts *ret, struct err *err)
{
	if (argc && ret->command & CMD_PEER)
		return parse_peer(argc, argv, ret, err);
	if (argc && ret->command & CMD_COLLECT) {
		ret->files = argv;
		ret->nfiles = argc;
		return 0;
	}
	if (argc)
		return err_set(err, 0, "%s: one argument too many", argv[0]);
	if (ret->help)
		return 0;
	if (ret->command & (CMD_MESH | CMD_MONITOR) && !ret->peers)
		return err_set(err, 0, "--peers: which peers?");
	if (ret->command & CMD_COLLECT)
		return err_set(err, 0, "which files?");
	return ret->command & CMD_PEER ? err_set(err, 0, "which peer?") : 0;
}

int opts_parse(int argc, char *argv[], enum command_bit command, struct opts *ret,
	       struct err *err)
{
	struct getopt_args args = getopt_args(command);
	const struct option_def *def;
	int c;

	set_defaults(command, ret);
	opterr = 0;
	optind = 0; /* forget an earlier run */
	while ((c = getopt_long(argc, argv, args.letters, args.longs, NULL)) != -1) {
		if (c == ':')
			return err_set(err, 0, "%s: a value is missing",
				       argv[optind - 1]);
		def = def_of(c);
		if (!def)
			return err_set(err, 0, "%s: no such option", argv[optind - 1]);
		if (option_apply(def, optarg, ret, err))
			return -1;
	}
	if (check_together(ret, err))
		return -1;
	return parse_words(argc - optind, argv + optind, ret, err);
}

void opts_print_help(enum command_bit command, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(defs); i++) {
		const struct option_def *def = &defs[i];
		char name[40];

		if (!(def->commands & command))
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", def->name, def->value ? " " : "",
			 def->value ? def->value : "");
		fprintf(out, "  %c%c%c %-18s  %s\n", def->letter ? '-' : ' ',
			def->letter ? def->letter : ' ', def->letter ? ',' : ' ', name,
			def->help);
	}
}
