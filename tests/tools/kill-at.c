/*
 * kill-at.c - run a command, and kill it or fail it at its N-th system call.
 *
 *	kill-at WHAT PROCESS N COMMAND [ARG...]
 *
 * PROCESS is 1 for the command, 2 for the first process it starts, and so on. WHAT is
 *
 *	it	that process alone gets SIGKILL; the others go on to their end
 *	all	all of them do: a whole container, or a power cut
 *	EIO	(or another error's name) the call is not made, and fails with that
 *	lost-EIO	the call is made, but its answer is lost: it fails all the same
 *
 * To kill, every system call counts twice: N odd is before one, N even behind one. To
 * fail, those count once that work on files, but for the standard ones. What strace's
 * injection cannot do: it counts each system call for itself, and the same in every
 * process.
 *
 * Exit status 0: it was killed, or what failed was done all the same. 3: the process
 *ended before; 2: something else is wrong; else the status of a command that failed.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>

#define MAX_PROCESSES 16
#define LENGTH(a)     (sizeof(a) / sizeof((a)[0]))

enum what { KILL_IT, KILL_ALL, FAIL, LOSE };

static struct {
	enum what what;
	int error; /* of FAIL and LOSE */
	pid_t pid[MAX_PROCESSES];
	int n;
	long seen;    /* calls or stops of the process in question */
	bool done;    /* nothing else is to happen */
	bool failing; /* in the call that fails */
} run;

static const struct {
	const char *name;
	int no;
} errors[] = {
	{ "EIO", EIO },
	{ "ENOSPC", ENOSPC },
	{ "EACCES", EACCES },
	{ "EROFS", EROFS },
	{ "ESTALE", ESTALE },
	{ "EDQUOT", EDQUOT },
	{ "ETIMEDOUT", ETIMEDOUT },
	{ "ENOENT", ENOENT },
};

/* Calls whose first argument is a descriptor; of the others it is a path. */
static const long with_fd[] = {
	SYS_openat,	SYS_read,      SYS_pread64,    SYS_write,
	SYS_pwrite64,	SYS_writev,    SYS_close,      SYS_fstat,
	SYS_newfstatat, SYS_statx,     SYS_fstatfs,    SYS_getdents64,
	SYS_fsync,	SYS_fdatasync, SYS_ftruncate,  SYS_lseek,
	SYS_fcntl,	SYS_mkdirat,   SYS_unlinkat,   SYS_renameat,
	SYS_renameat2,	SYS_linkat,    SYS_faccessat,  SYS_faccessat2,
	SYS_fchmod,	SYS_fchownat,  SYS_readlinkat, SYS_name_to_handle_at,
};

#ifdef __x86_64__
static const long with_path[] = {
	SYS_open,  SYS_stat,   SYS_lstat,  SYS_access, SYS_mkdir,
	SYS_rmdir, SYS_unlink, SYS_rename, SYS_link,
};
#else
static const long with_path[] = { SYS_statfs };
#endif

static bool is_among(long nr, const long *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == nr)
			return true;
	return false;
}

/* At the entry of a system call that works on files? */
static bool enters_file_call(pid_t pid)
{
	struct ptrace_syscall_info info;
	long nr;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	nr = info.entry.nr;
	return is_among(nr, with_path, LENGTH(with_path)) ||
	       (is_among(nr, with_fd, LENGTH(with_fd)) &&
		(info.entry.args[0] > 2 || (int)info.entry.args[0] < 0));
}

/* Before a call: make it none. Behind it: let it have failed. */
static void spoil(pid_t pid, bool entry)
{
#if defined(__x86_64__)
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs))
		exit(2);
	if (entry)
		regs.orig_rax = -1;
	else
		regs.rax = -run.error;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &regs))
		exit(2);
#elif defined(__aarch64__)
	struct user_regs_struct regs;
	int none = -1;
	struct iovec io = { &none, sizeof(none) };

	if (entry) {
		if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &io))
			exit(2);
		return;
	}
	io = (struct iovec){ &regs, sizeof(regs) };
	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &io))
		exit(2);
	regs.regs[0] = -run.error;
	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &io))
		exit(2);
#else
	(void)pid;
	(void)entry;
	fputs("kill-at: cannot fail system calls on this processor\n", stderr);
	exit(2);
#endif
}

static int number_of(pid_t pid)
{
	for (int i = 0; i < run.n; i++)
		if (run.pid[i] == pid)
			return i + 1;
	if (run.n == MAX_PROCESSES)
		exit(2);
	run.pid[run.n++] = pid;
	return run.n;
}

static pid_t start(char **command)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(command[0], command);
		_exit(2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		exit(2);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))
		exit(2);
	/* Up to its execve() it is this program. */
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	if (waitpid(pid, &status, 0) != pid ||
	    status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		exit(2);
	return pid;
}

static void kill_whom(pid_t pid)
{
	for (int i = 0; i < run.n; i++)
		if (run.what == KILL_ALL || run.pid[i] == pid)
			kill(run.pid[i], SIGKILL);
	run.done = true;
}

/* The process in question stops before or behind a system call. */
static void at_stop(pid_t pid, long at)
{
	if (run.what <= KILL_ALL) {
		if (++run.seen == at)
			kill_whom(pid);
		return;
	}
	if (run.failing) {
		spoil(pid, false);
		run.done = true;
	} else if (enters_file_call(pid) && ++run.seen == at) {
		if (run.what == FAIL)
			spoil(pid, true);
		run.failing = true;
	}
}

/* The signal that a stopped process shall get when it goes on. */
static int signal_of(int status)
{
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80) || status >> 16 || sig == SIGSTOP)
		return 0;
	return sig;
}

static void resume(pid_t pid, int status)
{
	ptrace(run.done ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL,
	       (void *)(long)signal_of(status));
}

static int error_of(const char *name)
{
	for (size_t i = 0; i < LENGTH(errors); i++)
		if (!strcmp(name, errors[i].name))
			return errors[i].no;
	return 0;
}

static bool parse_what(const char *text)
{
	bool lost = !strncmp(text, "lost-", 5);

	run.what = lost ? LOSE : FAIL;
	run.error = error_of(lost ? text + 5 : text);
	if (!strcmp(text, "it"))
		run.what = KILL_IT;
	else if (!strcmp(text, "all"))
		run.what = KILL_ALL;
	return run.what <= KILL_ALL || run.error;
}

/* Until all have ended: the exit status of the first. */
static int follow(int whose, long at)
{
	int status, result = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid == run.pid[0] && WIFEXITED(status))
			result = WEXITSTATUS(status);
		if (!WIFSTOPPED(status))
			continue;
		if (number_of(pid) == whose && WSTOPSIG(status) == (SIGTRAP | 0x80) &&
		    !run.done)
			at_stop(pid, at);
		resume(pid, status);
	}
	return result;
}

int main(int argc, char **argv)
{
	int result;
	pid_t pid;

	if (argc < 5 || !parse_what(argv[1])) {
		fputs("usage: kill-at it|all|[lost-]ERROR PROCESS N COMMAND [ARG...]\n",
		      stderr);
		return 2;
	}
	pid = start(argv + 4);
	number_of(pid);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	result = follow(atoi(argv[2]), atol(argv[3]));
	if (!run.done)
		return 3;
	return run.what <= KILL_ALL ? 0 : result;
}
