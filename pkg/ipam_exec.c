/* ipam_exec.c - delegate to an IPAM plugin (CNI specification, section 4). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/cleanup.h"
#include "pkg/clock.h"
#include "pkg/file.h"
#include "pkg/ipam_exec.h"

#define TIMEOUT_MS 45000 /* below the minute that a runtime gives a DEL */
#define MAX_ANSWER (1u << 20)

struct ipam {
	char type[64];
	enum cni_version version;
	pid_t pid;
	int out;   /* what it writes */
	int pidfd; /* readable when it has ended */
	int status;
};

struct ipam_run ipam_run_of(const struct cni_call *call, const char *type,
			    const char *verb)
{
	return (struct ipam_run){
		.type = type,
		.verb = verb,
		.path = call->path,
		.container = call->container,
		.netns = call->netns,
		.ifname = call->ifname,
		.args = call->args,
		.text = call->text,
		.len = call->len,
		.version = call->version,
	};
}

static int not_executable(const char *file, struct err *err)
{
	err_cni(err, CNI_BAD_CONFIG, "ipam.type: %s is not executable", file);
	return err_hint(err, "chmod +x %s", file);
}

int ipam_find(const struct ipam_run *run, char *ret, size_t size, struct err *err)
{
	struct stat st;

	if (!*run->type || strchr(run->type, '/') || strlen(run->type) >= 64)
		return err_cni(err, CNI_BAD_CONFIG, "ipam.type: not a plugin name: '%s'",
			       run->type);
	if (!*run->path)
		return err_cni(err, CNI_BAD_ENV,
			       "required env variables [CNI_PATH] missing: where is "
			       "IPAM plugin %s?",
			       run->type);
	for (const char *dir = run->path, *end; *dir; dir = *end ? end + 1 : end) {
		end = strchrnul(dir, ':');
		if (*dir != '/')
			continue; /* relative to whose working directory? */
		if (snprintf(ret, size, "%.*s/%s", (int)(end - dir), dir, run->type) <
			    (int)size &&
		    !stat(ret, &st) && S_ISREG(st.st_mode))
			return st.st_mode & 0111 ? 0 : not_executable(ret, err);
	}
	err_cni(err, CNI_BAD_CONFIG, "ipam.type: no plugin %s in CNI_PATH %s", run->type,
		run->path);
	return err_hint(err, "install %s there, or correct ipam.type", run->type);
}

static bool is_ours(const char *var, const char *const ours[][2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(ours[i][0]);

		if (!strncmp(var, ours[i][0], len) && var[len] == '=')
			return true;
	}
	return false;
}

/* The environment with the CNI variables replaced: a vector, and the text of ours,
 * which the caller frees both. NULL when memory is out. */
static char **make_env(const struct ipam_run *run, char **text)
{
	const char *const ours[][2] = {
		{ "CNI_COMMAND", run->verb }, { "CNI_CONTAINERID", run->container },
		{ "CNI_NETNS", run->netns },  { "CNI_IFNAME", run->ifname },
		{ "CNI_ARGS", run->args },    { "CNI_PATH", run->path },
	};
	size_t n = 0, size = 0;
	char **env, *p;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		size += strlen(ours[i][0]) + strlen(ours[i][1]) + 2;
	while (environ && environ[n])
		n++;
	env = calloc(n + ARRAY_SIZE(ours) + 1, sizeof(*env));
	*text = p = malloc(size);
	if (!env || !p)
		return env;

	n = 0;
	for (char **e = environ; e && *e; e++)
		if (!is_ours(*e, ours, ARRAY_SIZE(ours)))
			env[n++] = *e;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		env[n++] = p;
		p += sprintf(p, "%s=%s", ours[i][0], ours[i][1]) + 1;
	}
	return env;
}

/* stdin as a file in memory: no pipe to fill, so neither side can block the other. */
static int text_fd(const struct ipam_run *run, struct err *err)
{
	_autoclose_ int fd = memfd_create("cni-stdin", MFD_CLOEXEC);

	if (fd < 0 || write_all(fd, run->text, run->len) || lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, errno, "hand the configuration over");
	return take_fd(fd);
}

static int spawn(const char *file, char **env, int in, int out, int keeps, pid_t *ret)
{
	char *argv[] = { (char *)file, NULL };
	posix_spawn_file_actions_t actions;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (keeps) /* last: the others may be number IPAM_KEEPS */
		posix_spawn_file_actions_adddup2(&actions, keeps, IPAM_KEEPS);
	r = posix_spawn(ret, file, &actions, NULL, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

int ipam_start(const struct ipam_run *run, struct ipam **ret, struct err *err)
{
	_autofree_ struct ipam *ipam = calloc(1, sizeof(*ipam));
	_autoclose_ int in = -1, out = -1, child_out = -1;
	_autofree_ char *text = NULL;
	_autofree_ char **env = make_env(run, &text);
	char file[PATH_MAX];
	int pipe_fds[2], r;

	if (ipam_find(run, file, sizeof(file), err))
		return -1;
	if (!ipam || !env || !text)
		return err_set(err, ENOMEM, "run %s", file);
	in = text_fd(run, err);
	if (in < 0)
		return err_wrap(err, "run %s", file);
	if (pipe2(pipe_fds, O_CLOEXEC))
		return err_set(err, errno, "run %s: pipe", file);
	out = pipe_fds[0];
	child_out = pipe_fds[1];

	r = spawn(file, env, in, child_out, run->keeps, &ipam->pid);
	if (r)
		return err_set(err, r, "run IPAM plugin %s", file);
	snprintf(ipam->type, sizeof(ipam->type), "%s", run->type);
	ipam->version = run->version;
	ipam->pidfd = syscall(SYS_pidfd_open, ipam->pid, 0);
	ipam->out = take_fd(out);
	*ret = take_ptr(ipam);
	return 0;
}

void ipam_stop(struct ipam **ipam)
{
	struct ipam *p = take_ptr(*ipam);

	if (!p)
		return;
	if (p->pid) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	close(p->out);
	if (p->pidfd >= 0)
		close(p->pidfd);
	free(p);
}

struct answer {
	char *text; /* MAX_ANSWER + 1 bytes */
	size_t len;
};

/* One read; 1 more may come, 0 the end, -1 failed. */
static int read_some(struct ipam *ipam, struct answer *answer, struct err *err)
{
	ssize_t n = read(ipam->out, answer->text + answer->len, MAX_ANSWER - answer->len);

	if (n < 0)
		return err_set(err, errno, "read its answer");
	answer->len += n;
	if (answer->len == MAX_ANSWER)
		return err_set(err, 0, "answered more than %u bytes", MAX_ANSWER);
	return n > 0;
}

/*
 * Read until it closes its output or ends. A grandchild that it left behind may hold
 * the output open: once the plugin has ended, what is in the pipe is all.
 */
static int read_answer(struct ipam *ipam, struct answer *answer, struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = ipam->out, .events = POLLIN },
		{ .fd = ipam->pidfd, .events = POLLIN }, /* ignored when -1 */
	};
	long deadline = clock_ms() + TIMEOUT_MS;
	int r;

	do {
		long left = deadline - clock_ms();

		r = left > 0 ? poll(fds, ARRAY_SIZE(fds), left) : 0;
		if (r < 0)
			return err_set(err, errno, "wait for its answer");
		if (r == 0) {
			err_cni(err, CNI_TRY_LATER, "gave no answer within %d s",
				TIMEOUT_MS / 1000);
			return -1;
		}
		if (!(fds[0].revents & (POLLIN | POLLHUP)))
			return 0; /* it has ended, and the pipe is empty */
		r = read_some(ipam, answer, err);
	} while (r > 0);
	return r;
}

static int reap(struct ipam *ipam, struct err *err)
{
	struct pollfd ended = { .fd = ipam->pidfd, .events = POLLIN };

	/* It closed its output; give it a moment to end by itself. */
	if (ipam->pidfd >= 0 && poll(&ended, 1, 2000) == 0)
		return err_set(err, 0, "answered, but does not end");
	if (waitpid(ipam->pid, &ipam->status, 0) < 0)
		return err_set(err, errno, "wait for its end");
	ipam->pid = 0;
	return 0;
}

/* Make the plugin's error ours: code, message and details. */
static int its_error(const struct json *obj, const struct ipam *ipam, struct err *err)
{
	const char *msg = "", *details = "";
	struct err ignored;
	int64_t code = 0;

	(void)json_get_int(obj, "code", 1, INT32_MAX, &code, &ignored);
	(void)json_get_string(obj, "msg", &msg, &ignored);
	(void)json_get_string(obj, "details", &details, &ignored);
	err_cni(err, code ? code : CNI_FAILED, "%s",
		*msg ? msg : "failed without a message");
	if (*details)
		err_hint(err, "%s", details);
	if (WIFSIGNALED(ipam->status))
		return err_wrap(err, "killed by signal %d", WTERMSIG(ipam->status));
	return -1;
}

static int failed_silently(const struct ipam *ipam, struct err *err)
{
	if (WIFSIGNALED(ipam->status))
		return err_set(err, 0, "killed by signal %d", WTERMSIG(ipam->status));
	return err_set(err, 0, "failed without a word, exit status %d",
		       WEXITSTATUS(ipam->status));
}

static int understand(struct ipam *ipam, const struct answer *answer,
		      struct cni_result *ret, struct err *err)
{
	_autojson_ struct cJSON *doc = NULL;
	struct json root;

	if (!ipam->status && !ret)
		return 0;
	if (ipam->status && !answer->len)
		return failed_silently(ipam, err);
	doc = json_parse(answer->text, answer->len, err);
	if (!doc)
		return err_wrap(err, "answered '%.100s'", answer->text);
	root = json_root(doc);
	if (ipam->status)
		return its_error(&root, ipam, err);
	if (cni_result_parse(&root, ipam->version, ret, err))
		return -1;
	ret->doc = take_ptr(doc);
	return 0;
}

int ipam_finish(struct ipam *ipam, struct cni_result *ret, struct err *err)
{
	_autofree_ char *text = malloc(MAX_ANSWER + 1);
	struct answer answer = { .text = text };

	if (!text)
		return err_set(err, ENOMEM, "read the answer of IPAM plugin %s",
			       ipam->type);
	if (read_answer(ipam, &answer, err) || reap(ipam, err))
		return err_wrap(err, "IPAM plugin %s", ipam->type);
	text[answer.len] = '\0';
	if (understand(ipam, &answer, ret, err))
		return err_wrap(err, "IPAM plugin %s", ipam->type);
	return 0;
}

int ipam_call(const struct ipam_run *run, struct cni_result *ret, struct err *err)
{
	_cleanup_(ipam_stop) struct ipam *ipam = NULL;

	if (ipam_start(run, &ipam, err))
		return -1;
	return ipam_finish(ipam, ret, err);
}
