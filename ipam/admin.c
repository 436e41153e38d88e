/* admin.c - what an operator does with stores: commands and their options. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "pkg/clock.h"
#include "pkg/cni.h"
#include "ipam/admin.h"

#define GUARD 30 /* seconds: what is run every minute must not pile up */

static const struct command commands[] = {
	{ "init", "DIR", "make a store of a directory on shared storage, once", 1, 1,
	  OPT_JSON, 0, admin_init },
	{ "doctor", "[TARGET]", "would addresses be handed out here, and safely?", 0, 1,
	  OPT_JSON, GUARD, admin_doctor },
	{ "list", "[TARGET] [--all]", "who holds which address", 0, 1, OPT_JSON | OPT_ALL,
	  0, admin_list },
	{ "show", "POOL [--map]", "a pool: its ranges, nodes and blocks; a picture", 1, 1,
	  OPT_JSON | OPT_MAP, 0, admin_show },
	{ "release", "ADDRESS POOL",
	  "free a leased or reserved address, whoever holds it", 2, 2,
	  OPT_JSON | OPT_DRY_RUN, 0, admin_release },
	{ "reserve", "ADDRESSES POOL [WHY]", "set aside free addresses: A, A-B or A/LEN",
	  2, 3, OPT_JSON | OPT_DRY_RUN, 0, admin_reserve },
	{ "fence", "NODE TARGET", "free all that a node holds that will not come back", 1,
	  2, OPT_JSON | OPT_DRY_RUN | OPT_ALL_POOLS | OPT_EXCEPT, 0, admin_fence },
	{ "fsck", "[TARGET] [--repair]", "has every address exactly one file?", 0, 1,
	  OPT_JSON | OPT_REPAIR, 0, admin_fsck },
	{ "stats", "[TARGET] [--prometheus]", "how full, by node; what is pending", 0, 1,
	  OPT_JSON | OPT_PROMETHEUS, GUARD, admin_stats },
};

static const struct {
	const char *name;
	enum option option;
} option_names[] = {
	{ "--json", OPT_JSON },
	{ "--all", OPT_ALL },
	{ "--map", OPT_MAP },
	{ "--prometheus", OPT_PROMETHEUS },
	{ "--repair", OPT_REPAIR },
	{ "--dry-run", OPT_DRY_RUN },
	{ "--all-pools", OPT_ALL_POOLS },
	{ "--except", OPT_EXCEPT },
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
	      "TARGET is a store's directory, a pool's directory in it (a POOL), or a "
	      "pool's name;\n"
	      "without one, all pools of the stores that this node uses. --json: for "
	      "programs.\n"
	      "What frees or sets aside acts on the pool named, and tells what it did; "
	      "--dry-run\n"
	      "only tells. fence --all-pools acts on a whole store; fence --except - "
	      "TARGET takes the\n"
	      "nodes that live from standard input (kubectl get nodes -o name) and "
	      "fences the others.\n\n"
	      "A first configuration, in \"ipam\" of a network's:\n"
	      "  {\"type\": \"rail-ipam\", \"store\": \"/mnt/ipam\", \"range\": "
	      "\"192.168.1.0/24\"}\n"
	      "after, on one node that has /mnt/ipam mounted: rail-ipam init /mnt/ipam\n",
	      out);
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

static int parse(const struct command *command, char **argv, struct options *ret,
		 struct err *err)
{
	for (; *argv; argv++) {
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

static int run(const struct command *command, char **argv, struct err *err)
{
	struct options options = { 0 };

	if (parse(command, argv, &options, err))
		return err_hint(err, "usage: rail-ipam %s %s", command->name,
				command->args);
	if (command->run(&options, err))
		return -1;
	return fflush(stdout) ? err_set(err, errno, "write the output") : 0;
}

static int run_and_tell(const struct command *command, char **argv)
{
	struct err err = { 0 };

	return run(command, argv, &err) ? complain(command->name, &err) : 0;
}

/* A store that hangs stops a process for good; so another one does the waiting. */
static int run_guarded(const struct command *command, char **argv)
{
	long until = clock_ms() + command->seconds * 1000;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return run_and_tell(command, argv);
	if (pid == 0)
		exit(run_and_tell(command, argv));
	while (clock_ms() < until) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		sleep_ms(5);
	}
	(void)kill(pid, SIGKILL);
	fprintf(stderr, "rail-ipam: %s: no answer within %d s: a store hangs\n",
		command->name, command->seconds);
	return 1;
}

int admin_main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	struct err err = { 0 };

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
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
	return command->seconds ? run_guarded(command, argv + 2)
				: run_and_tell(command, argv + 2);
}
