/*
 * stopwatch.c - run a command once, and tell what it and all that it waited for cost.
 *
 *	stopwatch FILE COMMAND [ARG...]
 *
 * Appends a line to FILE: microseconds that passed, microseconds in user mode, in the
 * kernel, and the peak memory of the largest process in KiB. Standard input and output
 * are the command's. Exit status: the command's, or 125 when it could not be measured.
 *
 * It starts the command with vfork(), as the clock runs: fork() would count the copying
 * of our own memory.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long us(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage use;
	long long begin, end;
	int fd, status;
	pid_t pid;

	if (argc < 3)
		errx(125, "usage: stopwatch FILE COMMAND [ARG...]");
	fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		err(125, "%s", argv[1]);
	begin = now_us();
	if (posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ))
		errx(125, "cannot run %s", argv[2]);
	if (wait4(pid, &status, 0, &use) < 0)
		err(125, "wait for %s", argv[2]);
	end = now_us();
	if (dprintf(fd, "%lld %lld %lld %ld\n", end - begin, us(use.ru_utime),
		    us(use.ru_stime), use.ru_maxrss) < 0)
		err(125, "%s", argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
