/* main.c - rdma-probe: does RoCEv2 work, and if not, which layer and what to do? */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>

#include "plugins/rdma-probe/command.h"
#include "pkg/text.h"

static const struct command *const commands[] = { &command_devices, &command_gids,
						  &command_check,   &command_serve,
						  &command_ping,    &command_diagnose,
						  &command_bw,	    &command_collect,
						  &command_mesh,    &command_monitor };

/* How many words of the command line name it; 0: it is another one. Those of two words
 * come before those that are their first word. */
static int match(const struct command *command, int argc, char *argv[])
{
	size_t len = strcspn(command->name, " ");

	if (argc < 2 || strlen(argv[1]) != len || strncmp(argv[1], command->name, len))
		return 0;
	if (!command->name[len])
		return 1;
	return argc > 2 && !strcmp(argv[2], command->name + len + 1) ? 2 : 0;
}

static const struct command *find_command(int argc, char *argv[], int *words)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		*words = match(commands[i], argc, argv);
		if (*words)
			return commands[i];
	}
	return NULL;
}

static void print_usage(FILE *out)
{
	fprintf(out,
		"usage: rdma-probe COMMAND [OPTION...]\n\n"
		"Does RoCEv2 work here and to a peer, on every rail; and if not, which "
		"layer is it?\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-12s %-13s %s\n", commands[i]->name, commands[i]->args,
			commands[i]->summary);
	fprintf(out, "\n"
		     "rdma-probe COMMAND --help tells the options of a command.\n"
		     "Exit status: 0 all is well, 1 something failed, 2 could not tell,\n"
		     "64 wrong usage, 70 the program itself failed.\n");
}

static void print_help(const struct command *command, FILE *out)
{
	fprintf(out, "usage: rdma-probe %s [OPTION...]%s%s\n\n%s\n", command->name,
		*command->args ? " " : "", command->args, command->about);
	opts_print_help(command->bit, out);
}

/* Also when the command line is wrong, somebody may wait for a document. */
static bool asks_for(char *argv[], const char *option)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, option))
			return true;
	return false;
}

static void complain(const char *command, const struct err *err)
{
	char clean[sizeof(err->msg)];

	fprintf(stderr, "rdma-probe%s%s: %s\n", command ? " " : "",
		command ? command : "", text_clean(clean, sizeof(clean), err->msg));
	if (*err->hint)
		fprintf(stderr, "  to do: %s\n",
			text_clean(clean, sizeof(clean), err->hint));
}

static void note_error(struct report *report, const struct err *err)
{
	report->error = *err;
	report_say(report, VERDICT_UNKNOWN, "%s", err->msg);
}

static int usage_error(const struct command *command, char *argv[], const struct err *err)
{
	const char *name = command ? command->name : NULL;
	_autoreport_ struct report report;

	complain(name, err);
	fprintf(stderr, "  to do: see rdma-probe %s%s--help\n", name ? name : "",
		name ? " " : "");
	report_init(&report, name);
	note_error(&report, err);
	if (asks_for(argv, "--json"))
		(void)report_print_json(&report, stdout);
	else if (asks_for(argv, "--jsonl"))
		(void)report_print_jsonl(&report, stdout);
	return EX_USAGE;
}

/* Signals that mean "end now" are read, so that the output is whole in any case. */
static int open_signals(struct err *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(err, errno, "signalfd") : fd;
}

static int print_report(const struct command *command, const struct opts *opts,
			const struct report *report)
{
	if (opts->json)
		return report_print_json(report, stdout);
	if (opts->jsonl)
		return report_print_jsonl(report, stdout);
	if (opts->npd)
		report_print_npd(report, stdout);
	else if (opts->quiet)
		report_print_verdict(report, stdout);
	else
		command->print(report, stdout);
	return fflush(stdout) || ferror(stdout) ? -1 : 0;
}

static int run(const struct command *command, const struct opts *opts)
{
	static struct report report; /* large, and left to tasks that are stuck */
	struct err err;
	int code, signals;

	report_init(&report, command->name);
	if (opts->gid_index >= 0)
		fprintf(stderr,
			"rdma-probe %s: --gid-index: an index differs from pod to "
			"pod, and with the order of addresses\n",
			command->name);
	signals = open_signals(&err);
	if (signals < 0 || command->run(opts, signals, &report, &err)) {
		note_error(&report, &err);
		complain(command->name, &err);
	}
	code = report_exit_status(&report, opts->style == EXIT_NAGIOS);
	if (print_report(command, opts, &report)) {
		err_set(&err, errno, "print the report");
		complain(command->name, &err);
		code = EX_SOFTWARE;
	}
	return code;
}

/* Or a socket could become standard output, and get the report. */
static void occupy_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char *argv[])
{
	int words = 0;
	const struct command *command = find_command(argc, argv, &words);
	struct opts opts;
	struct err err;

	occupy_standard_descriptors();
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "help"))) {
		print_usage(stdout);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("rdma-probe " VERSION);
		return 0;
	}
	if (argc < 2)
		err_set(&err, 0, "which command?");
	else if (!command)
		err_set(&err, 0, "%s: no such command", argv[1]);
	if (!command || opts_parse(argc - words, argv + words, command->bit, &opts, &err))
		return usage_error(command, argv, &err);
	if (opts.help) {
		print_help(command, stdout);
		return 0;
	}
	return run(command, &opts);
}
