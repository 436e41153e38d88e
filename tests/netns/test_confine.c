/* confine.c: what a process has given up, it cannot do, nor get back. */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>

#include "pkg/cleanup.h"
#include "pkg/confine.h"

static char dir[] = "/tmp/test-confine-XXXXXX", outside[] = "/tmp/test-outside-XXXXXX";
static char other[sizeof(outside) + 8]; /* a file in there */
static int dir_fd;

/* The number of the child's line that failed, or 0. */
static int in_child(int (*f)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(f());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define must(what)                                                                       \
	do {                                                                             \
		errno = 0;                                                               \
		if (!(what))                                                             \
			return __LINE__ % 256;                                           \
	} while (0)

/* A number in /proc/self/status. */
static unsigned long long told(const char *key, int base)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long value = ~0ULL;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			value = strtoull(line + strlen(key) + 1, NULL, base);
	if (f)
		fclose(f);
	return value;
}

static int drop_capabilities(void)
{
	confine_caps(UINT64_C(1) << CAP_NET_RAW | UINT64_C(1) << CAP_FOWNER);
	must(told("CapEff:", 16) == (1 << CAP_NET_RAW | 1 << CAP_FOWNER));
	must(told("CapPrm:", 16) == told("CapEff:", 16));
	must(told("CapInh:", 16) == 0 && told("CapAmb:", 16) == 0);
	must(told("NoNewPrivs:", 10) == 1);
	must(unshare(CLONE_NEWNET) && errno == EPERM);
	/* A program run by root would get all of them. */
	return WEXITSTATUS(system("grep -q 'CapEff:.*0000002008$' /proc/self/status"));
}

static void capabilities_are_gone_for_programs_that_are_run_as_well(void **state)
{
	(void)state;
	assert_int_equal(in_child(drop_capabilities), 0);
}

static void *nothing(void *arg)
{
	return arg;
}

static int drop_calls(void)
{
	char *argv[] = { (char *)"true", NULL };
	pthread_t thread;

	confine_caps(0);
	confine_calls(CONFINE_ALL);
	must(told("Seccomp:", 10) == 2);
	must(execv("/bin/true", argv) && errno == EPERM);
	must(fork() < 0 && errno == EPERM);
	must(pthread_create(&thread, NULL, nothing, NULL) == EPERM);
	must(kill(getppid(), 0) && errno == EPERM);
	must(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EPERM);
	must(unshare(CLONE_NEWUSER) && errno == EPERM);
	must(fchmod(dir_fd, 0777) && errno == EPERM);
	must(syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EPERM);
#ifdef __x86_64__
	must(syscall(0x40000000 | SYS_getpid) < 0 && errno == EPERM); /* x32 */
#endif
	must(getpid() > 0 && access(dir, F_OK) == 0);
	return 0;
}

static int drop_but_sockets_and_threads(void)
{
	pthread_t thread;
	int fd;

	confine_caps(0);
	confine_calls(CONFINE_SOCKETS | CONFINE_THREADS);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	must(fd >= 0);
	must(!pthread_create(&thread, NULL, nothing, NULL) &&
	     !pthread_join(thread, NULL));
	must(execl("/bin/true", "true", NULL) && errno == EPERM);
	must(kill(getppid(), 0) && errno == EPERM);
	return 0;
}

static bool shall_be_refused(int nr)
{
	static const int refused[] = {
#ifdef __x86_64__
		SYS_chmod,
		SYS_fork,
		SYS_vfork,
#endif
		SYS_execve,
		SYS_execveat,
		SYS_clone,
		SYS_clone3,
		SYS_socket,
		SYS_socketpair,
		SYS_kill,
		SYS_tkill,
		SYS_tgkill,
		SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo,
		SYS_pidfd_send_signal,
		SYS_pidfd_getfd,
		SYS_ptrace,
		SYS_process_vm_readv,
		SYS_process_vm_writev,
		SYS_unshare,
		SYS_setns,
		SYS_fchmod,
		SYS_fchmodat,
		452 /* fchmodat2 */,
		SYS_setxattr,
		SYS_lsetxattr,
		SYS_fsetxattr,
		SYS_io_uring_setup,
		SYS_bpf,
		SYS_perf_event_open,
		SYS_userfaultfd,
		SYS_add_key,
		SYS_request_key,
		SYS_keyctl,
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (nr == refused[i])
			return true;
	return false;
}

/* A second filter hands all that the first allows to a tracer; as there is none, nothing
 * is done, and the answer is ENOSYS. */
static int try_all_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(*code),
				      .filter = code };

	confine_caps(0);
	confine_calls(CONFINE_ALL);
	must(!syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
	for (int nr = 0; nr < 1000; nr++) {
		/* 335 and 336 are for the kernel's own trampolines, and pass every
		 * filter. */
		if (nr == SYS_exit_group || nr == 335 || nr == 336)
			continue;
		must(syscall(nr, -1, -1, -1, -1, -1, -1) == -1 &&
		     errno == (shall_be_refused(nr) ? EPERM : ENOSYS));
	}
	return 0;
}

static void calls_that_are_not_needed_are_refused_and_no_others(void **state)
{
	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip();
#endif
	assert_int_equal(in_child(drop_calls), 0);
	assert_int_equal(in_child(drop_but_sockets_and_threads), 0);
	assert_int_equal(in_child(try_all_calls), 0);
}

static int drop_files(void)
{
	int file = openat(dir_fd, "before", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	must(file >= 0 && !mkdirat(dir_fd, "sub", 0700));
	confine_caps(~UINT64_C(0));
	confine_files(&dir_fd, 1);
	must(open(other, O_RDONLY) < 0 && errno == EACCES);
	must(open(outside, O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
	must(truncate(other, 0) && errno == EACCES);
	must(unlink(other) && errno == EACCES);
	must(symlinkat(other, dir_fd, "link") && errno == EACCES);
	must(!access(other, F_OK));
	must(write(file, "x", 1) == 1);
	must(openat(dir_fd, "new", O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600) >= 0);
	must(!renameat(dir_fd, "new", dir_fd, "newer"));
	must(!renameat(dir_fd, "newer", dir_fd, "sub/newest"));
	must(!linkat(dir_fd, "before", dir_fd, "after", 0));
	must(openat(dir_fd, "sub", O_RDONLY | O_DIRECTORY) >= 0);
	must(!unlinkat(dir_fd, "after", 0) && !unlinkat(dir_fd, "before", 0));
	must(!unlinkat(dir_fd, "sub/newest", 0) &&
	     !unlinkat(dir_fd, "sub", AT_REMOVEDIR));
	return 0;
}

static void files_elsewhere_are_out_of_reach(void **state)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	(void)state;
	if (abi < 3) /* the first that this asks for all of */
		skip();
	assert_int_equal(in_child(drop_files), 0);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || !mkdtemp(outside))
		return -1;
	snprintf(other, sizeof(other), "%s/file", outside);
	dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0 || close(creat(other, 0600));
}

static int remove_dir(void **state)
{
	(void)state;
	return close(dir_fd) | rmdir(dir) | unlink(other) | rmdir(outside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_are_gone_for_programs_that_are_run_as_well),
		cmocka_unit_test(calls_that_are_not_needed_are_refused_and_no_others),
		cmocka_unit_test(files_elsewhere_are_out_of_reach),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
