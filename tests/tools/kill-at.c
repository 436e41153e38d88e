/*
 * kill-at.c - run a command and kill it at its N-th system call.
 *
 *	kill-at WHOM PROCESS N COMMAND [ARG...]
 *
 * PROCESS is 1 for the command, 2 for the first process it starts, and so on. Every
 * system call counts twice: N odd is before one, N even behind one. WHOM is "it" (that
 * process alone gets SIGKILL; the others go on to their end) or "all" (a whole
 * container, or a power cut). What strace's injection cannot do: it counts each system
 * call for itself, and the same in every process.
 *
 * Exit status 0: killed there. 3: the process ended before. 2: something else is wrong.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PROCESSES 16

static struct {
	pid_t pid[MAX_PROCESSES];
	int n;
	long seen; /* stops of the process in question */
	bool killed;
} run;

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

static void kill_whom(bool all, pid_t pid)
{
	for (int i = 0; i < run.n; i++)
		if (all || run.pid[i] == pid)
			kill(run.pid[i], SIGKILL);
	run.killed = true;
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
	ptrace(run.killed ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL,
	       (void *)(long)signal_of(status));
}

int main(int argc, char **argv)
{
	int status, whose = argc > 4 ? atoi(argv[2]) : 0;
	long at = argc > 4 ? atol(argv[3]) : 0;
	bool all = argc > 4 && !strcmp(argv[1], "all");
	pid_t pid;

	if (argc < 5) {
		fputs("usage: kill-at it|all PROCESS N COMMAND [ARG...]\n", stderr);
		return 2;
	}
	pid = start(argv + 4);
	number_of(pid);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (!WIFSTOPPED(status))
			continue;
		if (number_of(pid) == whose && WSTOPSIG(status) == (SIGTRAP | 0x80) &&
		    !run.killed && ++run.seen == at)
			kill_whom(all, pid);
		resume(pid, status);
	}
	return run.killed ? 0 : 3;
}
