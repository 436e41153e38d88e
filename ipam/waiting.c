/* waiting.c - releases that this node could not do yet. */
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "pkg/cleanup.h"
#include "ipam/listing.h"
#include "ipam/state.h"
#include "ipam/waiting.h"

struct look {
	struct waiting *waiting;
	int dir;
};

static int note(void *ctx, const char *name, struct err *err)
{
	struct look *look = ctx;
	struct stat st;
	long age;

	(void)err;
	if (fstatat(look->dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	/* Moving the record there set its ctime. */
	age = time(NULL) - st.st_ctime;
	look->waiting->n++;
	if (age > look->waiting->oldest)
		look->waiting->oldest = age;
	return 0;
}

struct waiting waiting_now(void)
{
	struct waiting waiting = { 0 };
	_autoclose_ int dir =
		open(STATE_DIR "/" STATE_PENDING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct look look = { &waiting, dir };
	struct err ignored;

	if (dir >= 0)
		(void)list_names(dir, note, &look, &ignored);
	return waiting;
}
