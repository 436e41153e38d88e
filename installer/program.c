/* program.c - what a program's file tells about it, without running it. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "pkg/cleanup.h"
#include "installer/program.h"

struct image {
	const char *data;
	size_t len;
};

static void image_close(struct image *image)
{
	if (image->data)
		munmap((void *)image->data, image->len);
}

/* Nothing when it cannot be read, or is empty. */
static struct image image_open(int dirfd, const char *name)
{
	_autoclose_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct image image = { 0 };
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size == 0)
		return image;
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data != MAP_FAILED)
		image = (struct image){ data, st.st_size };
	return image;
}

/* Its --version and --help are in it: "rail-ipam 1.2.3". */
void program_version(int dirfd, const char *name, char ret[VERSION_LEN])
{
	_cleanup_(image_close) struct image image = image_open(dirfd, name);
	const char *at = image.data, *end = at + image.len;
	size_t len = strlen(name) + 1;
	char word[64];

	snprintf(ret, VERSION_LEN, "%s", image.data ? "unknown" : "");
	snprintf(word, sizeof(word), "%s ", name);
	while (at && (at = memmem(at, end - at, word, len)) && end - (at += len) > 8) {
		size_t n = 0;

		while (n < VERSION_LEN - 1 && at + n < end &&
		       (isalnum((unsigned char)at[n]) || strchr(".+~-", at[n])) && at[n])
			n++;
		if (isdigit((unsigned char)*at)) {
			snprintf(ret, VERSION_LEN, "%.*s", (int)n, at);
			return;
		}
	}
}

bool program_same(int a, int b, const char *name)
{
	_cleanup_(image_close) struct image one = image_open(a, name);
	_cleanup_(image_close) struct image other = image_open(b, name);

	return one.data && other.data && one.len == other.len &&
	       !memcmp(one.data, other.data, one.len);
}
