/* routes.c - rail-sriov routes: its commands and their options. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/file.h"
#include "pkg/node_name.h"
#include "plugins/sriov/routes.h"

#define EVERY_DEFAULT 10
#define EVERY_MAX     3600

enum { SYNC = 1, SHOW = 2, PUBLISH = 4, WITHDRAW = 8 };

static const struct command {
	const char *name;
	int bit;
	const char *args, *help;
	int (*run)(const struct routes_options *options, struct err *err);
} commands[] = {
	{ "sync", SYNC, "--peers FILE | --store DIR | --clear",
	  "make this node's routes what they shall be", routes_sync },
	{ "show", SHOW, "[--peers FILE | --store DIR]",
	  "every peer: its routes, which rails they take and why not", routes_show },
	{ "publish", PUBLISH, "--store DIR --rails LIST --address LIST",
	  "write this node's line into the store", routes_publish },
	{ "withdraw", WITHDRAW, "--store DIR [--node NAME]",
	  "remove it, or that of a node that is gone", routes_withdraw },
};

static const struct option {
	const char *name, *arg, *help;
	int commands;
	size_t offset; /* of a string, or of a bool when arg is NULL */
} options_known[] = {
#define TEXT(name, arg, help, commands, field)                                           \
	{                                                                                \
		name, arg, help, commands, offsetof(struct routes_options, field)        \
	}
#define FLAG(name, help, commands, field) TEXT(name, NULL, help, commands, field)
	TEXT("--peers", "FILE", "a line a node: NODE ADDRESSES RAIL RAIL...; see below",
	     SYNC | SHOW, peers),
	TEXT("--store", "DIR",
	     "a directory that all nodes share, with such a line a file",
	     SYNC | SHOW | PUBLISH | WITHDRAW, store),
	TEXT("--node", "NAME",
	     "this node's name there (/etc/rail-cni/node-name, or the host's)",
	     SYNC | SHOW | PUBLISH | WITHDRAW, node),
	TEXT("--rails", "LIST",
	     "its rails: interfaces, in the same order on all nodes\n"
	     "(those with the addresses in its line)",
	     SYNC | SHOW | PUBLISH, rails),
	TEXT("--address", "LIST",
	     "its ordinary addresses, or the interface that has them\n"
	     "(those in its line)",
	     SYNC | SHOW | PUBLISH, address),
	TEXT("--within", "LIST", "believe only addresses of peers in these networks",
	     SYNC | SHOW, within),
	FLAG("--watch", "go on: when a link or an address changes, or who the peers are",
	     SYNC, watch),
	TEXT("--every", "SECONDS", "how often --watch reads the peers anew (10)", SYNC,
	     every),
	FLAG("--dry-run", "say what would change, and change nothing", SYNC, dry_run),
	FLAG("--clear", "remove all routes and next hops that are ours", SYNC, clear),
	FLAG("--allow-empty", "that there are no other nodes is no mistake", SYNC,
	     allow_empty),
	FLAG("--json", "for programs", SYNC | SHOW, json),
	FLAG("--help", "this text", SYNC | SHOW | PUBLISH | WITHDRAW, help),
};

static const char about[] =
	"Traffic between nodes' ordinary addresses (overlay tunnels, storage) is sent "
	"over\n"
	"the rails: to each address of every peer goes a host route with a next hop a "
	"rail,\n"
	"in a next hop group. Only routes and next hops of protocol 211 are touched. A "
	"line\n"
	"\"211 rail-routes\" in /etc/iproute2/rt_protos.d/rail-cni.conf names it for "
	"ip(8).\n"
	"\n"
	"The kernel takes the next hops of a rail away when it loses its carrier, and "
	"the\n"
	"route with the last one: traffic then takes its ordinary way. --watch brings "
	"them\n"
	"back. Rails must be networks of their own that all nodes are in.\n";

static const char format[] =
	"FILE has a line a node, the same file on all of them:\n"
	"\n"
	"  # NODE  ADDRESSES           RAILS, in the same order on all nodes\n"
	"  node1   10.99.0.1           192.168.0.1          192.168.1.1\n"
	"  node2   10.99.0.2,fd99::2   192.168.0.2,fd00::2  192.168.1.2,fd01::2\n"
	"\n"
	"In a store each node has a file with its line, NODE.peer, which publish writes, "
	"and\n"
	"sync too if it is told --rails and --address; \"down:\" in front of a rail "
	"says\n"
	"that it has no link. Addresses that are this node's own, in the network of a "
	"rail,\n"
	"claimed by two nodes, or not --within are refused: sync says so, and exits 1.\n"
	"\n"
	"With net.ipv4.fib_multipath_hash_policy 0 all that goes from one address to "
	"another\n"
	"takes one rail; 1 spreads connections (net.ipv6 likewise). rp_filter must not "
	"be 1\n"
	"on rails, as peers that are not in step with us would be dropped.\n"
	"\n"
	"Exit status: 0; 1 when something is not as it should be, or failed.\n";

static void print_help(const char *help)
{
	for (const char *p = help; *p; p++)
		printf("%c%s", *p, *p == '\n' ? "                       " : "");
	putchar('\n');
}

static void usage(void)
{
	puts("rail-sriov routes: traffic between nodes goes over the rails\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  rail-sriov routes %-8s %s\n      %s\n", commands[i].name,
		       commands[i].args, commands[i].help);
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(options_known); i++) {
		const struct option *option = &options_known[i];
		char name[40];

		snprintf(name, sizeof(name), "%s %s", option->name,
			 option->arg ? option->arg : "");
		printf("  %-20s ", name);
		print_help(option->help);
	}
	printf("\n%s\n%s", about, format);
}

static const struct option *find_option(const char *text, int command)
{
	for (size_t i = 0; i < ARRAY_SIZE(options_known); i++)
		if (!strcmp(text, options_known[i].name) &&
		    (options_known[i].commands & command))
			return &options_known[i];
	return NULL;
}

static int parse(char **argv, int command, struct routes_options *ret, struct err *err)
{
	for (; *argv; argv++) {
		const struct option *option = find_option(*argv, command);
		char *field = (char *)ret + (option ? option->offset : 0);

		if (!option)
			return err_set(err, 0, "unexpected argument %s", *argv);
		if (!option->arg) {
			*(bool *)field = true;
			continue;
		}
		if (!argv[1] || !*argv[1] || *argv[1] == '-')
			return err_set(err, 0, "%s: expected %s", *argv, option->arg);
		*(const char **)field = *++argv;
	}
	return 0;
}

static int check_within(struct routes_options *options, struct err *err)
{
	for (const char *at = options->within; at && *at;) {
		size_t len = strcspn(at, ",");
		char word[CIDR_LEN];

		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		if (options->n_within == WITHIN_MAX)
			return err_set(err, 0, "--within: more than %d networks",
				       WITHIN_MAX);
		if (len >= sizeof(word) ||
		    !cidr_parse(word, &options->within_list[options->n_within++]))
			return err_set(err, 0, "--within: %s is no network", word);
		at += len + (at[len] == ',');
	}
	return 0;
}

static int check_rails(const struct routes_options *options, struct err *err)
{
	for (const char *at = options->rails; at && *at;) {
		size_t len = strcspn(at, ",");
		char word[64];
		const char *why;

		snprintf(word, sizeof(word), "%.*s", (int)len, at);
		why = cni_ifname_problem(word);
		if (why)
			return err_set(err, 0, "--rails: %s: %s", word, why);
		at += len + (at[len] == ',');
	}
	return 0;
}

static int check_every(struct routes_options *options, struct err *err)
{
	const char *text = options->every;
	size_t len = text ? strlen(text) : 0;

	options->every_seconds = text ? atoi(text) : EVERY_DEFAULT;
	if (text && (len > 4 || strspn(text, "0123456789") != len ||
		     options->every_seconds < 1 || options->every_seconds > EVERY_MAX))
		return err_set(err, 0, "--every %s: expected 1 to %d seconds", text,
			       EVERY_MAX);
	return 0;
}

static int check_name(struct routes_options *options, struct err *err)
{
	char name[NODE_NAME_LEN];

	if (node_name(options->node ? options->node : "", name, err))
		return -1;
	if (!peer_valid_name(name))
		return err_set(err, 0, "a node cannot be called \"%s\"", name);
	strcpy(options->name, name);
	return 0;
}

/* What goes together, and what does not. */
static int check_set(const struct routes_options *options, int command, struct err *err)
{
	bool named = options->rails && options->address;

	if (options->peers && options->store)
		return err_set(err, 0, "--peers or --store, not both");
	if (options->clear)
		return options->peers || options->store || options->watch
			       ? err_set(err, 0, "--clear takes no peers")
			       : 0;
	if ((command == SYNC && !options->peers && !options->store) ||
	    (command & (PUBLISH | WITHDRAW) && !options->store))
		return err_set(err, 0, "expected %s",
			       command == SYNC ? "--peers FILE, --store DIR or --clear"
					       : "--store DIR");
	if (command == PUBLISH && !named)
		return err_set(err, 0, "expected --rails and --address");
	if (options->watch && (options->dry_run || options->json))
		return err_set(err, 0, "--watch goes with neither --dry-run nor --json");
	return 0;
}

static int run(const struct command *command, char **argv, struct err *err)
{
	struct routes_options options = { 0 };

	if (parse(argv, command->bit, &options, err) || check_within(&options, err) ||
	    check_rails(&options, err) || check_every(&options, err) ||
	    check_name(&options, err) ||
	    (!options.help && check_set(&options, command->bit, err)))
		return err_hint(err, "usage: rail-sriov routes %s %s", command->name,
				command->args);
	if (options.help)
		return usage(), 0;
	return command->run(&options, err);
}

int admin_routes(char **argv, struct err *err)
{
	if (!*argv || !strcmp(*argv, "--help") || !strcmp(*argv, "help"))
		return usage(), 0;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int r;

		if (strcmp(*argv, commands[i].name))
			continue;
		r = run(&commands[i], argv + 1, err);
		return r < 0 ? err_wrap(err, "%s", *argv) : r;
	}
	return err_set(err, 0, "unknown command %s; see rail-sriov routes --help", *argv);
}

int routes_lock(const char *name, int timeout_ms, struct err *err)
{
	_autoclose_ int dir = dir_open(ROUTES_DIR, err);

	return dir < 0 ? -1 : file_lock(dir, name, timeout_ms, err);
}
