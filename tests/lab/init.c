/*
 * init.c - process 1 of a lab node: put its files together, run the script, report how it
 * ended
 *
 * Lives in the initramfs, so it is linked statically and needs nothing but the modules
 * beside it. What the kernel does not understand of its command line (NODE=1 ...) it
 * hands us as environment, and the script inherits it.
 *
 * The script writes to a pipe, not to the virtio port behind it: a port can be opened
 * only once, and /dev/stderr must stay usable. When the script has ended, what it left in
 * the background is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define P9	     "trans=virtio,version=9p2000.L,msize=262144"
#define LAYERS                                                                           \
	"lowerdir=/lab/programs:/lab/kernel:/machine,upperdir=/own/upper,workdir=/own/"  \
	"work"

struct filesystem {
	const char *source, *target, *type, *options;
	unsigned long flags;
};

/* The machine's root at the bottom, what the lab adds to it above, the node's own writes
 * on top. */
static const struct filesystem layers[] = {
	{ "machine", "/machine", "9p", P9 ",cache=loose", MS_RDONLY },
	{ "lab", "/lab", "9p", P9 ",cache=loose", MS_RDONLY },
	{ "tmpfs", "/own", "tmpfs", NULL, 0 },
};

static const struct filesystem merged = { "overlay", "/root", "overlay", LAYERS, 0 };

static const struct filesystem fresh[] = {
	{ "proc", "/proc", "proc", NULL, 0 },
	{ "sysfs", "/sys", "sysfs", NULL, 0 },
	{ "devtmpfs", "/dev", "devtmpfs", NULL, 0 },
	{ "devpts", "/dev/pts", "devpts", "gid=5,mode=620,ptmxmode=666", 0 },
	{ "tmpfs", "/dev/shm", "tmpfs", NULL, MS_NOSUID | MS_NODEV },
	{ "tmpfs", "/run", "tmpfs", "mode=755", MS_NOSUID | MS_NODEV },
	{ "share", "/run/lab", "9p", P9 ",cache=none", 0 },
	{ "cgroup2", "/sys/fs/cgroup", "cgroup2", NULL, 0 },
	{ "configfs", "/sys/kernel/config", "configfs", NULL, 0 },
	{ "debugfs", "/sys/kernel/debug", "debugfs", NULL, 0 },
};

/* What udev adds to a devtmpfs elsewhere. */
static const struct {
	const char *name, *to;
} links[] = {
	{ "/dev/fd", "/proc/self/fd" },
	{ "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" },
	{ "/dev/stderr", "/proc/self/fd/2" },
};

/* An orderly power-off shuts every device down, which takes a second and a half: reset
 * instead. */
static void __attribute__((noreturn)) stop(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	sync();
	(void)!write(fd, "b", 1);
	abort(); /* a panic: that stops the machine too */
}

/* The runner looks for this line in the console's log. */
static void __attribute__((noreturn)) die(const char *what, const char *on)
{
	fprintf(stderr, "lab: %s %s: %s\n", what, on, strerror(errno));
	stop();
}

static void load_module(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("open", file);
	if (syscall(SYS_finit_module, fd, "", 0))
		die("load", file);
	close(fd);
}

/* A line of the list is a file; what a module needs comes before it. */
static void load_modules(const char *list)
{
	char line[256];
	FILE *f = fopen(list, "re");

	if (!f)
		die("open", list);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		load_module(line);
	}
	fclose(f);
}

static void mount_one(const struct filesystem *fs)
{
	(void)mkdir(fs->target, 0755);
	if (mount(fs->source, fs->target, fs->type, fs->flags, fs->options))
		die("mount", fs->target);
}

static void mount_root(void)
{
	for (size_t i = 0; i < COUNT(layers); i++)
		mount_one(&layers[i]);
	if (mkdir("/own/upper", 0755) || mkdir("/own/work", 0755))
		die("make", "/own");
	mount_one(&merged);
	if (chdir(merged.target) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
		die("enter", merged.target);
	for (size_t i = 0; i < COUNT(fresh); i++)
		mount_one(&fresh[i]);
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlink(links[i].to, links[i].name))
			die("make", links[i].name);
}

static pid_t start_script(int output)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	const struct rlimit none = { 0, 0 };
	sigset_t all;
	int input = open("/dev/null", O_RDONLY);

	setrlimit(RLIMIT_CORE, &none);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	setsid();
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execl("/bin/bash", "bash", "/run/lab/script", (char *)NULL);
	die("run", "/bin/bash");
}

/* Passes on what there is. Return: false when nobody has the other end of the pipe any
 * more. */
static bool relay(int from, int to)
{
	char buf[65536];
	ssize_t n = read(from, buf, sizeof(buf));

	for (ssize_t done = 0, w; done < n; done += w) {
		w = write(to, buf + done, (size_t)(n - done));
		if (w < 0)
			die("write", "output port");
	}
	return n > 0;
}

/* Return: true when the script was among the dead; ret is then its wait status. */
static bool reap(int signals, pid_t script, int *ret)
{
	struct signalfd_siginfo info;
	bool found = false;
	int status;

	(void)!read(signals, &info, sizeof(info));
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid != script)
			continue;
		found = true;
		*ret = status;
	}
	return found;
}

/* Until the script has ended and its output is passed on. Return: its wait status. */
static int supervise(pid_t script, int output, int port, int signals)
{
	struct pollfd fds[] = { { output, POLLIN, 0 }, { signals, POLLIN, 0 } };
	bool ended = false;
	int status = 0;

	/* a process stuck in the kernel may survive SIGKILL: then wait no longer than a
	 * second for it */
	while ((!ended || fds[0].fd >= 0) &&
	       poll(fds, COUNT(fds), ended ? 1000 : -1) > 0) {
		if (fds[0].revents && !relay(output, port))
			fds[0].fd = -1;
		if (fds[1].revents && reap(signals, script, &status)) {
			ended = true;
			kill(-1, SIGKILL);
		}
	}
	return status;
}

static int run_script(void)
{
	int output[2], port, signals;
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC);
	port = open("/dev/vport0p1", O_WRONLY | O_CLOEXEC);
	if (signals < 0 || port < 0 || pipe2(output, O_CLOEXEC))
		die("open", "output port");
	pid = start_script(output[1]);
	if (pid < 0)
		die("start", "the script");
	close(output[1]);
	return supervise(pid, output[0], port, signals);
}

/* Others may look at any time: the file counts once it is not empty. */
static void report(int status)
{
	char name[64];
	FILE *f;

	snprintf(name, sizeof(name), "/run/lab/exit.%s", getenv("NODE"));
	f = fopen(name, "we");
	if (!f ||
	    fprintf(f, "%d\n",
		    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)) <
		    0 ||
	    fclose(f))
		die("write", name);
}

int main(void)
{
	load_modules("/modules");
	mount_root();
	report(run_script());
	stop();
}
