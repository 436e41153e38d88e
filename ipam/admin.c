/* admin.c - what an operator does with stores: commands and their options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/cni.h"
#include "ipam/admin.h"

static const struct command commands[] = {
	{ "init", "DIR", "make a store of a directory on shared storage, once", 1, 1,
	  admin_init },
	{ "list", "[TARGET] [--all] [--json]", "who holds which address", 0, 1,
	  admin_list },
	{ "fence", "NODE TARGET", "free all leases of a node that will not come back", 2,
	  2, admin_fence },
};

static void usage(FILE *out)
{
	fputs("rail-ipam " VERSION
	      ": cluster-wide addresses from lease files on shared storage\n"
	      "\n"
	      "It is a CNI IPAM plugin: a container runtime runs it, with CNI_COMMAND "
	      "and "
	      "other\n"
	      "variables in its environment and a network configuration on standard "
	      "input.\n"
	      "CNI versions 0.1.0 to 1.1.0. For people:\n"
	      "\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  rail-ipam %-5s %-26s %s\n", commands[i].name,
			commands[i].args, commands[i].help);
	fputs("  rail-ipam --help                           this text\n"
	      "  rail-ipam --version                        its version\n"
	      "\n"
	      "TARGET is a store's directory, a pool's directory in it, or a pool's "
	      "name; "
	      "without\n"
	      "one, all pools of the stores that this node uses. --all shows free "
	      "addresses too.\n"
	      "\n"
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

static int parse_option(const char *text, struct options *ret, struct err *err)
{
	if (!strcmp(text, "--json"))
		ret->json = true;
	else if (!strcmp(text, "--all"))
		ret->all = true;
	else
		return err_set(err, 0, "unknown option %s", text);
	return 0;
}

static int parse(const struct command *command, char **argv, struct options *ret,
		 struct err *err)
{
	for (; *argv; argv++) {
		if (**argv == '-') {
			if (parse_option(*argv, ret, err))
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
	if (!command)
		err_set(&err, 0, "unknown command; see rail-ipam --help");
	if (!command || run(command, argv + 2, &err))
		return complain(argv[1], &err);
	return 0;
}
