/* admin.c - what an operator asks of rail-sriov at a shell: commands and their options.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pkg/json.h"
#include "pkg/table.h"
#include "plugins/sriov/admin.h"
#include "plugins/sriov/routes.h"

static const struct command {
	const char *name, *args, *help;
	bool takes_file, takes_dry_run;
	int (*run)(const struct options *options, struct err *err);
} commands[] = {
	{ "list", "[--json]", "the attachments of this node", false, false, admin_list },
	{ "doctor", "[CONF] [--json]", "what here would keep an ADD from working", true,
	  false, admin_doctor },
	{ "repair", "[--dry-run] [--json]", "undo what ended containers left behind",
	  false, true, admin_repair },
};

void admin_show(const struct options *options, const struct table *table,
		const struct cJSON *list, const char *none)
{
	if (options->json) {
		_autofree_ char *text = cJSON_Print(list);

		puts(text ? text : "[]");
	} else if (!cJSON_GetArraySize(list)) {
		puts(none);
	} else {
		table_print(table, stdout);
	}
}

static void usage(FILE *out)
{
	fputs("rail-sriov " VERSION
	      ": gives pods VFs of SR-IOV NICs, with addresses, routes and RDMA\n"
	      "\n"
	      "It is a CNI plugin: a container runtime runs it, with CNI_COMMAND and "
	      "other\n"
	      "variables in its environment and a network configuration on standard "
	      "input.\n"
	      "CNI versions 0.1.0 to 1.1.0. For people:\n"
	      "\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  rail-sriov %-6s %-20s %s\n", commands[i].name,
			commands[i].args, commands[i].help);
	fputs("  rail-sriov routes sync|show|publish|withdraw   traffic between nodes "
	      "over "
	      "the rails:\n"
	      "                                      rail-sriov routes --help\n"
	      "  rail-sriov --help | --version\n"
	      "\n"
	      "CONF is a configuration file such as /etc/cni/net.d/10-rail0.conflist: "
	      "doctor then\n"
	      "checks what that needs, too. rail-sriov COMMAND --help tells the "
	      "options.\n",
	      out);
}

static void command_help(const struct command *command)
{
	printf("usage: rail-sriov %s %s\n\n%s\n\n", command->name, command->args,
	       command->help);
	if (command->takes_dry_run)
		puts("  --dry-run            only tell, and change nothing");
	puts("  --json               for programs\n"
	     "  --help               this text");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int parse(const struct command *command, char **argv, struct options *ret,
		 struct err *err)
{
	for (; *argv; argv++) {
		if (!strcmp(*argv, "--json"))
			ret->json = true;
		else if (!strcmp(*argv, "--dry-run") && command->takes_dry_run)
			ret->dry_run = true;
		else if (!strcmp(*argv, "--help"))
			ret->help = true;
		else if (**argv != '-' && command->takes_file && !ret->file)
			ret->file = *argv;
		else
			return err_set(err, 0, "unexpected argument %s", *argv);
	}
	return 0;
}

/* What was printed must have arrived. */
static int finish(int r, struct err *err)
{
	return r >= 0 && fflush(stdout) ? err_set(err, errno, "write the output") : r;
}

static int run(const struct command *command, char **argv, struct err *err)
{
	struct options options = { 0 };

	if (parse(command, argv, &options, err))
		return err_hint(err, "usage: rail-sriov %s %s", command->name,
				command->args);
	if (!options.help)
		return finish(command->run(&options, err), err);
	command_help(command);
	return finish(0, err);
}

int admin_main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	struct err err = { 0 };
	int r = -1;

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
		puts("rail-sriov " VERSION);
		return 0;
	}
	if (!strcmp(argv[1], "routes"))
		r = finish(admin_routes(argv + 2, &err), &err);
	else if (!command)
		err_set(&err, 0, "unknown command; see rail-sriov --help");
	else
		r = run(command, argv + 2, &err);
	if (r < 0) {
		fprintf(stderr, "rail-sriov: %s: %s\n", argv[1], err.msg);
		if (*err.hint)
			fprintf(stderr, "  %s\n", err.hint);
	}
	return r ? 1 : 0;
}
