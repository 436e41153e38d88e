/* state.c - what this node remembers, until it reboots. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "pkg/cni.h"
#include "pkg/file.h"
#include "pkg/name.h"
#include "ipam/digest.h"
#include "ipam/state.h"

#define LOCK_POLL_MS 10

int state_open(struct state *ret, struct err *err)
{
	_autoclose_ int dir = dir_open(STATE_DIR, err);
	int lock;

	if (dir < 0)
		return err_wrap(err, "state of this node");
	lock = openat(dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock < 0)
		return err_set(err, errno, "state of this node: open %s/lock", STATE_DIR);
	*ret = (struct state){ .dir = take_fd(dir), .lock = lock };
	return 0;
}

void state_close(struct state *state)
{
	closep(&state->dir);
	closep(&state->lock);
	*state = (struct state)STATE_CLOSED;
}

char *state_key(const char *container, const char *ifname, const char *network,
		char buf[STATE_KEY_LEN])
{
	char name[64] = "", whole[600];
	int n;

	(void)name_escape(ifname, "", name, sizeof(name));
	n = snprintf(whole, sizeof(whole), "%s,%s,%s", container, name, network);
	if (n < STATE_KEY_LEN)
		return strcpy(buf, whole);
	strcpy(buf, "h,");
	digest_hex(whole, buf + 2, DIGEST_HEX);
	return buf;
}

char *state_hashed(const char *kind, const char *a, const char *b,
		   char buf[STATE_KEY_LEN])
{
	char whole[PATH_MAX + 256], hash[17];

	snprintf(whole, sizeof(whole), "%s\n%s", a, b);
	digest_hex(whole, hash, sizeof(hash));
	snprintf(buf, STATE_KEY_LEN, "%s=%s", kind, hash);
	return buf;
}

/* One byte of the lock file stands for a key. Two keys that share one by chance only
 * wait for each other. */
static int set_lock(const struct state *state, const char *key, short type)
{
	struct flock lock = { .l_type = type,
			      .l_whence = SEEK_SET,
			      .l_start = digest_u64(key) >> 2,
			      .l_len = 1 };

	/* Of the open file, not of the process: threads and forks do not matter, and
	 * closing another descriptor of the file does not drop it. */
	return fcntl(state->lock, F_OFD_SETLK, &lock);
}

static int try_lock(const struct state *state, const char *key, short type,
		    struct err *err)
{
	if (!set_lock(state, key, type))
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return 1;
	return err_set(err, errno, "lock %s/lock", STATE_DIR);
}

static int wait_lock(const struct state *state, const char *key, short type,
		     struct worker *worker, struct err *err)
{
	int r;

	while ((r = try_lock(state, key, type, err)) > 0)
		if (!worker_awaited(worker, LOCK_POLL_MS))
			return err_cni(err, CNI_TRY_LATER,
				       "another process on this node still works on %s",
				       key);
	return r;
}

int state_trylock(const struct state *state, const char *key, struct err *err)
{
	return try_lock(state, key, F_WRLCK, err);
}

int state_lock(const struct state *state, const char *key, struct worker *worker,
	       struct err *err)
{
	return wait_lock(state, key, F_WRLCK, worker, err);
}

int state_share(const struct state *state, const char *key, struct worker *worker,
		struct err *err)
{
	return wait_lock(state, key, F_RDLCK, worker, err);
}

void state_unlock(const struct state *state, const char *key)
{
	(void)set_lock(state, key, F_UNLCK);
}

int state_nonce(char ret[9], struct err *err)
{
	uint32_t n;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		return err_set(err, errno, "get random bytes");
	sprintf(ret, "%08x", n);
	return 0;
}

int state_pending(int dir, bool make, struct err *err)
{
	int fd;

	if (make && mkdirat(dir, STATE_PENDING, 0755) && errno != EEXIST)
		return err_set(err, errno, "make %s/%s", STATE_DIR, STATE_PENDING);
	fd = openat(dir, STATE_PENDING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 ? fd : err_set(err, errno, "open %s/%s", STATE_DIR, STATE_PENDING);
}

bool state_pending_key(const char *name, char ret[STATE_KEY_LEN])
{
	size_t len = strlen(name);

	if (name[0] == '.' || len < 10 || len - 9 >= STATE_KEY_LEN ||
	    name[len - 9] != '.')
		return false;
	memcpy(ret, name, len - 9);
	ret[len - 9] = '\0';
	return true;
}

/* A new name each time: an earlier record of the same attachment may wait there. */
int state_defer(int dir, const char *key, struct err *err)
{
	char nonce[9], name[sizeof(STATE_PENDING) + STATE_KEY_LEN + 9];

	if (state_nonce(nonce, err))
		return -1;
	snprintf(name, sizeof(name), "%s/%s.%s", STATE_PENDING, key, nonce);
	/* pending/ goes when it is empty, perhaps just now. */
	for (int i = 0; i < 10; i++) {
		if (!renameat(dir, key, dir, name))
			return 1;
		if (errno != ENOENT)
			break;
		if (faccessat(dir, key, F_OK, AT_SYMLINK_NOFOLLOW))
			return 0;
		if (mkdirat(dir, STATE_PENDING, 0755) && errno != EEXIST)
			break;
	}
	return err_set(err, errno, "remember to release %s", key);
}
