/* admin.c - what an operator does with stores: commands and their options. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/cni.h"
#include "ipam/admin.h"
#include "ipam/guard.h"

#define DEADLINE     30 /* seconds: what is run every minute must not pile up */
#define MAX_DEADLINE 86400
#define MAX_NODES    999999

static const struct command commands[] = {
	{ "init", "DIR", "make a store of a directory on shared storage, once", 1, 1,
	  OPT_JSON, admin_init },
	{ "doctor", "[TARGET]", "would addresses be handed out here, and safely?", 0, 1,
	  OPT_JSON, admin_doctor },
	{ "list", "[TARGET] [--all]", "who holds which address", 0, 1, OPT_JSON | OPT_ALL,
	  admin_list },
	{ "show", "POOL [--map]", "a pool: its ranges, nodes and blocks; a picture", 1, 1,
	  OPT_JSON | OPT_MAP, admin_show },
	{ "release", "ADDRESS|LEASE POOL",
	  "free a leased or reserved address, whoever holds it", 2, 2,
	  OPT_JSON | OPT_DRY_RUN, admin_release },
	{ "reserve", "ADDRESSES POOL [WHY]", "set aside free addresses: A, A-B or A/LEN",
	  2, 3, OPT_JSON | OPT_DRY_RUN, admin_reserve },
	{ "fence", "NODE TARGET", "free all that a node holds that will not come back", 1,
	  2, OPT_JSON | OPT_DRY_RUN | OPT_ALL_POOLS | OPT_EXCEPT | OPT_AT_MOST,
	  admin_fence },
	{ "fsck", "[TARGET] [--repair]", "has every address exactly one file?", 0, 1,
	  OPT_JSON | OPT_REPAIR, admin_fsck },
	{ "import", "SOURCE CONF", "lease what another plugin has allocated already", 2,
	  2, OPT_JSON | OPT_DRY_RUN, admin_import },
	{ "stats", "[TARGET] [--prometheus]", "how full, by node; what is pending", 0, 1,
	  OPT_JSON | OPT_PROMETHEUS, admin_stats },
};

static const struct {
	const char *name;
	enum option option;
	const char *arg, *help;
} option_names[] = {
	{ "--all", OPT_ALL, "", "free and reserved addresses, too" },
	{ "--map", OPT_MAP, "", "a picture: a character an address" },
	{ "--repair", OPT_REPAIR, "", "mend what is certain" },
	{ "--prometheus", OPT_PROMETHEUS, "", "as metrics, for a textfile collector" },
	{ "--all-pools", OPT_ALL_POOLS, "", "of the store, whose directory TARGET is" },
	{ "--except", OPT_EXCEPT, "FILE",
	  "all nodes but those in FILE (-: standard input), which takes NODE's place" },
	{ "--at-most", OPT_AT_MOST, "N", "none at all if that would be more nodes" },
	{ "--dry-run", OPT_DRY_RUN, "", "only tell, and change nothing" },
	{ "--json", OPT_JSON, "", "for programs" },
};

static void print_commands(FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  rail-ipam %-7s %-25s %s\n", commands[i].name,
			commands[i].args, commands[i].help);
}

static void usage(FILE *out)
{
	fputs("rail-ipam " VERSION
	      ": cluster-wide addresses from lease files on shared storage\n\n"
	      "It is a CNI IPAM plugin: a container runtime runs it, with CNI_COMMAND "
	      "and other\n"
	      "variables in its environment and a network configuration on standard "
	      "input.\n"
	      "CNI versions 0.1.0 to 1.1.0. For people:\n\n",
	      out);
	print_commands(out);
	fputs("  rail-ipam --help | --version\n\n"
	      "rail-ipam COMMAND --help tells the options of a command.\n\n"
	      "TARGET is a store's directory, a pool's directory in it (a POOL), or a "
	      "pool's name;\n"
	      "without one, all pools of the stores that this node uses. --json: for "
	      "programs.\n"
	      "--deadline SECONDS: how long a store may answer nothing before a command "
	      "gives up (30).\n"
	      "What frees or sets aside acts on the pool named, and tells what it did; "
	      "--dry-run\n"
	      "only tells. fence --all-pools acts on a whole store; fence --except FILE "
	      "TARGET reads the\n"
	      "nodes that live (kubectl get nodes -o name; - is standard input) and "
	      "fences the others,\n"
	      "with --at-most N none at all if those are more.\n"
	      "import takes a directory of host-local's, or a list (CSV, JSON; - is "
	      "standard input),\n"
	      "and the network configuration that says where to.\n\n"
	      "A first configuration, in \"ipam\" of a network's:\n"
	      "  {\"type\": \"rail-ipam\", \"store\": \"/mnt/ipam\", \"range\": "
	      "\"192.168.1.0/24\"}\n"
	      "after, on one node that has /mnt/ipam mounted: rail-ipam init /mnt/ipam\n",
	      out);
}

static void command_help(const struct command *command)
{
	printf("usage: rail-ipam %s [OPTION...] %s\n\n%s\n\n", command->name,
	       command->args, command->help);
	for (size_t i = 0; i < ARRAY_SIZE(option_names); i++)
		if (command->options & option_names[i].option)
			printf("  %s %-*s %s\n", option_names[i].name,
			       19 - (int)strlen(option_names[i].name),
			       option_names[i].arg, option_names[i].help);
	puts("  --deadline SECONDS   give up when the store answers nothing for so long "
	     "(30)\n"
	     "  --help               this text");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int parse_option(const struct command *command, const char *text,
			struct options *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_names); i++)
		if (!strcmp(text, option_names[i].name) &&
		    command->options & option_names[i].option) {
			ret->set |= option_names[i].option;
			return 0;
		}
	return err_set(err, 0, "unknown option %s", text);
}

static int parse_number(const char *option, const char *text, long max, long *ret,
			struct err *err)
{
	size_t len = text ? strspn(text, "0123456789") : 0;
	long number = len && len < 7 && !text[len] ? strtol(text, NULL, 10) : 0;

	if (number < 1 || number > max)
		return err_set(err, 0, "%s: expected 1 to %ld, got %s", option, max,
			       text ? text : "nothing");
	*ret = number;
	return 0;
}

/* An option that a number follows: 1 if *argv is one, which is taken from it then. */
static int parse_numbered(const struct command *command, char ***argv,
			  struct options *ret, struct err *err)
{
	if (!strcmp(**argv, "--deadline")) {
		if (parse_number("--deadline", *++*argv, MAX_DEADLINE, &ret->deadline,
				 err))
			return -1;
		ret->deadline *= 1000;
		return 1;
	}
	if (strcmp(**argv, "--at-most") != 0 || !(command->options & OPT_AT_MOST))
		return 0;
	ret->set |= OPT_AT_MOST;
	return parse_number("--at-most", *++*argv, MAX_NODES, &ret->at_most, err) ? -1
										  : 1;
}

static int parse(const struct command *command, char **argv, struct options *ret,
		 struct err *err)
{
	for (; *argv; argv++) {
		int r = parse_numbered(command, &argv, ret, err);

		if (r < 0)
			return -1;
		if (r > 0)
			continue;
		if (!strncmp(*argv, "--", 2)) {
			if (parse_option(command, *argv, ret, err))
				return -1;
			continue;
		}
		if (ret->n_args == command->max_args)
			return err_set(err, 0, "'%s' is one argument too many", *argv);
		ret->args[ret->n_args++] = *argv;
	}
	if (ret->n_args < command->min_args)
		return err_set(err, 0, "too few arguments");
	return 0;
}

static int complain(const char *what, const struct err *err)
{
	fprintf(stderr, "rail-ipam: %s: %s\n", what, err->msg);
	if (*err->hint)
		fprintf(stderr, "  %s\n", err->hint);
	return 1;
}

struct call {
	const struct command *command;
	const struct options *options;
};

static int run(const struct call *call, struct err *err)
{
	int r = call->command->run(call->options, err);

	/* What it told comes before what went wrong. */
	if (fflush(stdout) && !r)
		return err_set(err, errno, "write the output");
	return r;
}

static int run_and_tell(void *arg)
{
	const struct call *call = arg;
	struct err err = { 0 };

	return run(call, &err) ? complain(call->command->name, &err) : 0;
}

static int run_guarded(const struct command *command, char **argv)
{
	struct options options = { .deadline = DEADLINE * 1000 };
	struct call call = { command, &options };
	struct err err = { 0 };
	int status;

	if (parse(command, argv, &options, &err)) {
		err_hint(&err, "usage: rail-ipam %s %s", command->name, command->args);
		return complain(command->name, &err);
	}
	status = guard_run(run_and_tell, &call, options.deadline, &err);
	return status < 0 ? complain(command->name, &err) : status;
}

static bool asks_for_help(char **argv)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, "--help"))
			return true;
	return false;
}

int admin_main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	struct err err = { 0 };

	/* Nobody asked: a runtime that forgot CNI_COMMAND must not take it for a result.
	 */
	if (argc < 2) {
		usage(stderr);
		return 0;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("rail-ipam " VERSION);
		return 0;
	}
	if (!command) {
		err_set(&err, 0, "unknown command; see rail-ipam --help");
		return complain(argv[1], &err);
	}
	if (asks_for_help(argv + 2)) {
		command_help(command);
		return 0;
	}
	return run_guarded(command, argv + 2);
}
