/* cleanup.h - resources that release themselves when they go out of scope. */
#ifndef PKG_CLEANUP_H
#define PKG_CLEANUP_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _autofree_   _cleanup_(freep)
#define _autoclose_  _cleanup_(closep)
#define _autodir_    _cleanup_(closedirp)

static inline void freep(void *p)
{
	free(*(void **)p);
}

/* Early, too: then there is nothing left to close at the end. */
static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static inline void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Hand ownership to the caller: the local no longer cleans up. */
#define take_ptr(p)                                                                      \
	({                                                                               \
		__typeof__(p) p_ = (p);                                                  \
		(p) = NULL;                                                              \
		p_;                                                                      \
	})
#define take_fd(fd)                                                                      \
	({                                                                               \
		int fd_ = (fd);                                                          \
		(fd) = -1;                                                               \
		fd_;                                                                     \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
