/* input.c - read a file that somebody names on the command line. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "plugins/rdma-probe/input.h"

char *input_read(const char *path, size_t max, size_t *ret_len, struct err *err)
{
	_autoclose_ int fd =
		strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	_autofree_ char *text = malloc(max + 2);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0 || !text) {
		err_set(err, errno, "open %s", path);
		return NULL;
	}
	while (n > 0 && len <= max) {
		n = read(fd, text + len, max + 1 - len);
		len += n > 0 ? n : 0;
	}
	if (n < 0 || len > max) {
		err_set(err, n < 0 ? errno : EFBIG, "read %s", path);
		return NULL;
	}
	text[len] = '\0';
	*ret_len = len;
	return take_ptr(text);
}
