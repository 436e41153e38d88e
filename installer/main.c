/* main.c - rail-install: puts the plugins beside it into a node's plugin directory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pkg/cleanup.h"
#include "pkg/table.h"
#include "installer/change.h"
#include "installer/program.h"

#define DIRECTORY "/host/opt/cni/bin"

/* Done with the plugin directory as current directory, and locked; `image` is where this
 * program is. Returns the exit status, or -1. */
struct command {
	const char *name, *args, *help;
	int (*run)(int image, struct err *err);
	bool looks; /* it changes nothing: no need to lock, or to complete anything */
};

static bool is_installed(int image)
{
	for (int i = 0; programs[i]; i++)
		if (!program_same(image, AT_FDCWD, programs[i]))
			return false;
	return true;
}

static int install(int image, struct err *err)
{
	for (int i = 0; programs[i]; i++)
		if (faccessat(image, programs[i], F_OK, 0))
			return err_set(err, errno, "%s, beside this program",
				       programs[i]);
	if (is_installed(image)) {
		puts("already installed: " VERSION);
		return 0;
	}
	if (change_to(image, err))
		return -1;
	puts("installed: " VERSION);
	return 0;
}

/* So many programs are there to go back to. */
static int count_previous(int previous)
{
	int n = 0;

	for (int i = 0; programs[i]; i++)
		n += !faccessat(previous, programs[i], F_OK, AT_SYMLINK_NOFOLLOW);
	return n;
}

static int rollback(int image, struct err *err)
{
	_autoclose_ int previous = open(PREVIOUS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)image;
	if (previous < 0 ? errno == ENOENT : !count_previous(previous)) {
		err_set(err, 0, "there were none before these");
		return err_hint(err, "uninstall removes them");
	}
	if (previous < 0)
		return err_set(err, errno, "open " PREVIOUS);
	if (change_to(previous, err))
		return -1;
	puts("rolled back; another rollback goes forward again");
	return 0;
}

static int uninstall(int image, struct err *err)
{
	(void)image;
	if (change_uninstall(err))
		return -1;
	puts("uninstalled");
	return 0;
}

static void cell_version(struct table *table, int dir, const char *name)
{
	char version[VERSION_LEN] = "";

	if (dir >= 0 || dir == AT_FDCWD)
		program_version(dir, name, version);
	table_cell(table, "%s", version);
}

static int status(int image, struct err *err)
{
	_autoclose_ int previous = open(PREVIOUS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autotable_ struct table table = { .columns = 5 };
	static const char *const heading[] = { "PROGRAM", "INSTALLED", "HERE", "SAME",
					       "BEFORE" };

	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(heading); i++)
		table_cell(&table, "%s", heading[i]);
	for (int i = 0; programs[i]; i++) {
		table_cell(&table, "%s", programs[i]);
		cell_version(&table, AT_FDCWD, programs[i]);
		cell_version(&table, image, programs[i]);
		table_cell(&table,
			   program_same(image, AT_FDCWD, programs[i]) ? "yes" : "no");
		cell_version(&table, previous, programs[i]);
	}
	table_print(&table, stdout);
	if (!access(CHANGE, F_OK))
		puts("A change was interrupted: install completes it.");
	return !is_installed(image);
}

static const struct command commands[] = {
	{ "install", "[--stay] [DIRECTORY]", "put them there; what was is kept", install,
	  false },
	{ "status", "[DIRECTORY]", "what is there; exit status 0: these", status, true },
	{ "rollback", "[DIRECTORY]", "put back what was there before", rollback, false },
	{ "uninstall", "[DIRECTORY]", "remove them, and what is kept", uninstall, false },
};

static void usage(FILE *out)
{
	fputs("rail-install " VERSION ": puts rail-sriov and rail-ipam, which lie beside "
	      "it, into a node's\nplugin directory (" DIRECTORY ")\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  rail-install %-9s %-21s %s\n", commands[i].name,
			commands[i].args, commands[i].help);
	fputs("\nEach program is replaced by a rename, so a runtime finds the old one or "
	      "the new one at\nany time. Killed anywhere, the next command completes "
	      "what "
	      "had begun. --stay: having\ninstalled, wait until told to end, as the only "
	      "program of a pod does.\n",
	      out);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* The directory of this very file. */
static int open_image(struct err *err)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	int fd;

	if (len < 0)
		return err_set(err, errno, "find this program in /proc");
	path[len] = '\0';
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_set(err, errno, "open %s", path) : fd;
}

static int run(const struct command *command, const char *directory, struct err *err)
{
	_autoclose_ int image = open_image(err), lock = -1;

	if (image < 0)
		return -1;
	if (chdir(directory)) {
		err_set(err, errno, "%s", directory);
		return err_hint(err, "is the node's plugin directory mounted there?");
	}
	if (!command->looks && (change_lock(&lock, err) || change_complete(err)))
		return err_wrap(err, "%s", directory);
	return command->run(image, err);
}

static void endings(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
}

/* A signal that comes before stay() waits for it: the first process would never see it.
 */
static void hold_endings(void)
{
	sigset_t set;

	endings(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Until told to end. Children that others left are taken in, as the first process must.
 */
static void stay(void)
{
	sigset_t set;
	int which;

	signal(SIGCHLD, SIG_IGN);
	endings(&set);
	sigwait(&set, &which);
}

/* Whether to stay, and where to work; anything else is none of the command's. */
static int parse(const struct command *command, char **argv, bool *ret_stay,
		 const char **ret_directory, struct err *err)
{
	for (; *argv; argv++) {
		if (!strcmp(*argv, "--stay") && command->run == install)
			*ret_stay = true;
		else if (**argv != '-' && !*ret_directory)
			*ret_directory = *argv;
		else {
			err_set(err, 0, "unexpected argument %s", *argv);
			return err_hint(err, "usage: rail-install %s %s", command->name,
					command->args);
		}
	}
	return 0;
}

static int run_and_stay(const struct command *command, char **argv, struct err *err)
{
	const char *directory = NULL;
	bool stays = false;
	int r;

	if (parse(command, argv, &stays, &directory, err))
		return -1;
	if (stays)
		hold_endings();
	r = run(command, directory ? directory : DIRECTORY, err);
	if (r >= 0 && fflush(stdout))
		return err_set(err, errno, "write the output");
	if (!r && stays)
		stay();
	return r;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	struct err err = { 0 };
	int r;

	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
		return usage(stdout), 0;
	if (!strcmp(argv[1], "--version"))
		return puts("rail-install " VERSION), 0;
	r = command ? run_and_stay(command, argv + 2, &err)
		    : err_set(&err, 0, "unknown command; see rail-install --help");
	if (r < 0) {
		fprintf(stderr, "rail-install: %s: %s\n", argv[1], err.msg);
		if (*err.hint)
			fprintf(stderr, "  %s\n", err.hint);
	}
	return r ? 1 : 0;
}
