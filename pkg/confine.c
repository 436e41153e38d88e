/* confine.c - give up what a process does not need, before it reads what others wrote. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "pkg/cleanup.h"
#include "pkg/confine.h"

void confine_caps(uint64_t keep)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	if (syscall(SYS_capget, &head, sets))
		return;
	for (int i = 0; i < 2; i++) {
		sets[i].permitted &= (uint32_t)(keep >> 32 * i);
		sets[i].effective &= sets[i].permitted;
		sets[i].inheritable = 0; /* takes the ambient ones along */
	}
	(void)syscall(SYS_capset, &head, sets);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The leak sanitizer looks into the process from another one. */
#if defined(__SANITIZE_ADDRESS__)
#elif defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif
#ifdef ARCH
#define X32_BIT 0x40000000 /* the same calls once more, by other numbers */

/* Numbers that are the same everywhere, for headers older than the call. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static const struct {
	int nr;
	unsigned int unless;
} refused[] = {
	{ SYS_execve, 0 },
	{ SYS_execveat, 0 },
	{ SYS_kill, 0 },
	{ SYS_tkill, 0 },
	{ SYS_rt_sigqueueinfo, 0 },
	{ SYS_rt_tgsigqueueinfo, 0 },
	{ SYS_pidfd_send_signal, 0 },
	{ SYS_pidfd_getfd, 0 },
	{ SYS_ptrace, 0 },
	{ SYS_process_vm_readv, 0 },
	{ SYS_process_vm_writev, 0 },
	{ SYS_unshare, 0 },
	{ SYS_setns, 0 },
#ifdef SYS_chmod
	{ SYS_chmod, 0 },
	{ SYS_fork, 0 },
	{ SYS_vfork, 0 },
#endif
	{ SYS_fchmod, 0 },
	{ SYS_fchmodat, 0 },
	{ SYS_fchmodat2, 0 },
	{ SYS_setxattr, 0 },
	{ SYS_lsetxattr, 0 },
	{ SYS_fsetxattr, 0 },
	{ SYS_io_uring_setup, 0 },
	{ SYS_bpf, 0 },
	{ SYS_perf_event_open, 0 },
	{ SYS_userfaultfd, 0 },
	{ SYS_add_key, 0 },
	{ SYS_request_key, 0 },
	{ SYS_keyctl, 0 },
	{ SYS_clone, CONFINE_THREADS },
	{ SYS_clone3, CONFINE_THREADS },
	{ SYS_tgkill, CONFINE_THREADS },
	{ SYS_socket, CONFINE_SOCKETS },
	{ SYS_socketpair, CONFINE_SOCKETS },
};

#define LOAD(member)                                                                     \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE	     RETURN(SECCOMP_RET_ERRNO | EPERM)

/* Halves of what is refused, until one number is left, which jumps to either end of the
 * program: when a filter is loaded, the kernel asks it about each of its system calls
 * (seccomp_cache_prepare(), Linux 5.11), which costs more than all of ours do later. */
static void search(struct sock_fprog *program, const int *nr, int n, int end)
{
	struct sock_filter *here = &program->filter[program->len++];

	if (n == 1) {
		*here = (struct sock_filter){ .code = BPF_JMP | BPF_JEQ | BPF_K,
					      .k = *nr };
		here->jt = end - program->len;
		here->jf = end + 1 - program->len;
		return;
	}
	search(program, nr, n / 2, end);
	*here = (struct sock_filter){ .code = BPF_JMP | BPF_JGE | BPF_K, .k = nr[n / 2] };
	here->jt = &program->filter[program->len] - here - 1;
	search(program, nr + n / 2, n - n / 2, end);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void confine_calls(unsigned int needs)
{
	struct sock_filter code[2 * ARRAY_SIZE(refused) + 8] = {
		LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),	REFUSE,
		LOAD(nr),   BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1), REFUSE,
	};
	struct sock_fprog program = { .len = 6, .filter = code };
	int nr[ARRAY_SIZE(refused)] = { 0 }, n = 0;

	_Static_assert(ARRAY_SIZE(code) <= 256, "a jump goes no further");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (!(refused[i].unless & needs))
			nr[n++] = refused[i].nr;
	qsort(nr, n, sizeof(*nr), by_number);
	search(&program, nr, n, program.len + 2 * n - 1);
	code[program.len++] = (struct sock_filter)REFUSE;
	code[program.len++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	(void)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
#else
void confine_calls(unsigned int needs)
{
	(void)needs;
}
#endif

/* Rights that came later than the oldest headers that this is built with. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

#define FILES_FIRST                                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                    \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |                    \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                    \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                    \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                  \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
#define FILES_NEEDED                                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |                  \
	 LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |                   \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                  \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER |                        \
	 LANDLOCK_ACCESS_FS_TRUNCATE)

void confine_files(const int *dirs, int n)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr all = {
		.handled_access_fs = FILES_FIRST |
				     (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) |
				     (abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0),
	};
	struct landlock_path_beneath_attr below = {
		.allowed_access = all.handled_access_fs & FILES_NEEDED,
	};
	_autoclose_ int rules = -1;

	if (abi < 1)
		return;
	rules = syscall(SYS_landlock_create_ruleset, &all, sizeof(all.handled_access_fs),
			0);
	for (int i = 0; i < n; i++) {
		below.parent_fd = dirs[i];
		if (rules < 0 || syscall(SYS_landlock_add_rule, rules,
					 LANDLOCK_RULE_PATH_BENEATH, &below, 0))
			return; /* or nothing at all could be opened any more */
	}
	(void)syscall(SYS_landlock_restrict_self, rules, 0);
}
