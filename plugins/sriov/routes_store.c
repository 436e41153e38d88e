/* routes_store.c - a directory that all nodes share, with a file a node. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/file.h"
#include "pkg/grow.h"
#include "plugins/sriov/routes_store.h"

#define SUFFIX	 ".peer"
#define FILE_MAX (4 << 20) /* of --peers */

int listing_add(struct listing *listing, const struct published *published,
		struct err *err)
{
	struct published *grown;

	if (listing->count == PEERS_MAX)
		return err_set(err, 0, "more than %d nodes", PEERS_MAX);
	grown = grow(listing->list, listing->count, sizeof(*grown));
	if (!grown)
		return err_set(err, ENOMEM, "list of peers");
	listing->list = grown;
	listing->list[listing->count++] = *published;
	return 0;
}

void listing_clear(struct listing *listing)
{
	for (int i = 0; i < listing->count; i++)
		free(listing->list[i].text);
	free(listing->list);
	*listing = (struct listing){ 0 };
}

int routes_store_open(const char *path, struct err *err)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		return dir;
	err_set(err, errno, "open store %s", path);
	if (err->no == ENOENT)
		err_hint(err, "mount the shared storage there, and make the directory "
			      "once, on any node");
	return -1;
}

static struct stamp stamp_of(const struct stat *st)
{
	return (struct stamp){ st->st_ino, st->st_size, st->st_mtim.tv_sec,
			       st->st_mtim.tv_nsec };
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->inode == b->inode && a->size == b->size && a->seconds == b->seconds &&
	       a->nanoseconds == b->nanoseconds;
}

/* "NODE.peer", and no name that could not be a node's. */
static bool is_published(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);
	char node[PEER_NAME];

	if (len <= suffix || len - suffix >= PEER_NAME ||
	    strcmp(name + len - suffix, SUFFIX))
		return false;
	snprintf(node, sizeof(node), "%.*s", (int)(len - suffix), name);
	return peer_valid_name(node);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct published *)a)->name,
		      ((const struct published *)b)->name);
}

static const struct published *known_as(const struct listing *known, const char *name,
					const struct stamp *stamp)
{
	struct published key = { 0 };
	const struct published *found;

	strcpy(key.name, name);
	found = known->count
			? bsearch(&key, known->list, known->count, sizeof(key), by_name)
			: NULL;
	return found && same_stamp(&found->stamp, stamp) ? found : NULL;
}

/* Is it for what this one file is, and not for the storage, that it cannot be read? */
static bool is_its_own_fault(int no)
{
	return no == EFBIG || no == ELOOP || no == EISDIR || no == ENXIO ||
	       no == EACCES || no == EPERM;
}

/* What cannot be a line counts as an empty one, to be refused by its name: one file that
 * somebody put there keeps nobody from reading the others. */
static char *read_line(int dir, const char *name, size_t *len, struct err *err)
{
	char *text = file_read(dir, name, PEER_LINE, len, err);

	if (text || !is_its_own_fault(err->no))
		return text;
	*len = 0;
	return calloc(1, 1);
}

static int read_one(int dir, const char *name, const struct listing *known,
		    struct listing *ret, struct err *err)
{
	struct published one = { 0 };
	const struct published *same;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : err_set(err, errno, "look at %s", name);
	strcpy(one.name, name);
	one.stamp = stamp_of(&st);
	same = known_as(known, name, &one.stamp);
	one.len = same ? same->len : 0;
	one.text = same ? strndup(same->text, same->len)
			: read_line(dir, name, &one.len, err);
	if (!one.text)
		return !same && err->no == ENOENT ? 0 : -1; /* withdrawn meanwhile */
	if (!listing_add(ret, &one, err))
		return 0;
	free(one.text);
	return -1;
}

int routes_store_read(int dir, const struct listing *known, struct listing *ret,
		      struct err *err)
{
	_autolisting_ struct listing listing = { 0 };
	_autoclose_ int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autodir_ DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	if (!entries || fstat(fd, &st))
		return err_set(err, errno, "read the store");
	fd = -1; /* the DIR's now */
	listing.directory = stamp_of(&st);
	if (known->count && same_stamp(&listing.directory, &known->directory))
		return 0;
	while (errno = 0, (entry = readdir(entries)))
		if (is_published(entry->d_name) &&
		    read_one(dir, entry->d_name, known, &listing, err))
			return err_wrap(err, "read the store");
	if (errno)
		return err_set(err, errno, "read the store");
	if (listing.count)
		qsort(listing.list, listing.count, sizeof(*listing.list), by_name);
	*ret = listing;
	listing = (struct listing){ 0 };
	return 1;
}

static void file_of(const char *node, char ret[PEER_NAME + 8])
{
	snprintf(ret, PEER_NAME + 8, "%s" SUFFIX, node);
}

int routes_store_publish(int dir, const struct peer *peer, struct err *err)
{
	char line[PEER_LINE + 1], name[PEER_NAME + 8];
	_autofree_ char *old = NULL;
	size_t len;

	strcat(peer_format(peer, line), "\n");
	file_of(peer->name, name);
	old = file_read(dir, name, PEER_LINE, &len, err);
	if (old && !strcmp(old, line))
		return 0;
	if (file_replace(dir, name, line, strlen(line), err))
		return err_wrap(err, "publish");
	return 1;
}

int routes_store_withdraw(int dir, const char *node, struct err *err)
{
	char name[PEER_NAME + 8], temp[NAME_MAX + 1];

	file_of(node, name);
	file_temp_name(name, temp);
	(void)unlinkat(dir, temp, 0); /* of one that was killed while it published */
	if (!unlinkat(dir, name, 0))
		return 1;
	return errno == ENOENT ? 0 : err_set(err, errno, "remove %s", name);
}

int published_parse(const struct published *published, struct peer *ret, struct err *err)
{
	size_t line = strcspn(published->text, "\n");
	size_t name = strlen(published->name) - strlen(SUFFIX);
	struct peer peer;

	if (!published->len || strlen(published->text) != published->len ||
	    line + 1 < published->len)
		return err_set(err, 0, "%s: is not one line", published->name);
	if (peer_parse(published->text, &peer, err))
		return err_wrap(err, "%s", published->name);
	if (strlen(peer.name) != name || strncmp(peer.name, published->name, name))
		return err_set(err, 0, "%s: speaks for another node, %s", published->name,
			       peer.name);
	*ret = peer;
	return 0;
}

int routes_file_read(const char *path, struct listing *ret, struct err *err)
{
	_autoclose_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct published one = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_set(err, errno, "open %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return err_set(err, EFBIG, "%s is no file of at most %d bytes", path,
			       FILE_MAX);
	one.text = calloc(1, st.st_size + 1);
	if (!one.text)
		return err_set(err, ENOMEM, "%s", path);
	while (one.len < (size_t)st.st_size) {
		ssize_t n = read(fd, one.text + one.len, st.st_size - one.len);

		if (n <= 0)
			break;
		one.len += n;
	}
	if (one.len == (size_t)st.st_size && !listing_add(ret, &one, err))
		return 0;
	free(one.text);
	return err_set(err, EIO, "read %s", path);
}
