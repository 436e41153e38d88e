/*
 * pool-fill.c - a pool of many shards in which so many addresses are leased to others.
 *
 *	pool-fill POOL-DIRECTORY SHARDS PERCENT
 *
 * The pool is 10.1.0.0-24, 10.1.1.0-24 and so on, up to SHARDS of them. Files that are
 * missing are made, free ones of addresses that shall be leased are renamed; so the same
 * pool can be filled further. For benchmarks: a hundred thousand addresses take seconds,
 * where ADDs take hours.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "pool-fill: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The same address is leased at all higher percentages, and they lie scattered. */
static bool is_leased(unsigned int address, int percent)
{
	return (address * 2654435761u >> 8) % 1000 < (unsigned int)percent * 10;
}

/* What a shard has: by slot "" for no file, the name of a free one, or anything else. */
struct files {
	char names[256][32];
};

static void look(int dir, struct files *ret)
{
	DIR *list = fdopendir(dup(dir));
	struct dirent *entry;
	unsigned int slot;

	memset(ret, 0, sizeof(*ret));
	if (!list)
		die("list");
	while ((entry = readdir(list)))
		if (sscanf(entry->d_name, "10.1.%*u.%u", &slot) == 1 && slot < 256)
			snprintf(ret->names[slot], sizeof(ret->names[slot]), "%s",
				 entry->d_name);
	closedir(list);
}

static void fill_one(int dir, unsigned int address, const char *has, int percent)
{
	char name[32], lease[96];
	int fd;

	snprintf(name, sizeof(name), "10.1.%u.%u", address >> 8, address & 255);
	snprintf(lease, sizeof(lease), "%s=other,00000000,c%u,net1,00000000", name,
		 address);
	if (!is_leased(address, percent))
		strcpy(lease, name);
	if (*has) {
		if (strcmp(lease, name) && !strchr(has, '=') &&
		    renameat(dir, has, dir, lease))
			die(has);
		return;
	}
	fd = openat(dir, lease, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		die(lease);
	close(fd);
}

static void fill_shard(int pool, unsigned int shard, unsigned int shards, int percent)
{
	struct files files;
	char name[32];
	int dir;

	snprintf(name, sizeof(name), "10.1.%u.0-24", shard);
	if (mkdirat(pool, name, 0755) && errno != EEXIST)
		die(name);
	dir = openat(pool, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		die(name);
	look(dir, &files);
	for (unsigned int i = 0; i < 256; i++)
		if ((shard || i) && (shard + 1 < shards || i < 255))
			fill_one(dir, shard << 8 | i, files.names[i], percent);
	close(dir);
}

static void describe(int pool, unsigned int shards)
{
	int prefix = 24,
	    fd = openat(pool, "pool.json", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	for (unsigned int n = shards; n > 1; n /= 2)
		prefix--;
	if (fd < 0 ||
	    dprintf(fd, "{\"format\":1,\"ranges\":[\"10.1.0.1-10.1.%u.254/%d\"]}\n",
		    shards - 1, prefix) < 0)
		die("pool.json");
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned int shards = argc == 4 ? atoi(argv[2]) : 0;
	int pool;

	if (!shards || shards > 256) {
		fputs("usage: pool-fill POOL-DIRECTORY SHARDS PERCENT\n", stderr);
		return 2;
	}
	if (mkdir(argv[1], 0755) && errno != EEXIST)
		die(argv[1]);
	pool = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pool < 0)
		die(argv[1]);
	describe(pool, shards);
	for (unsigned int i = 0; i < shards; i++)
		fill_shard(pool, i, shards, atoi(argv[3]));
	return 0;
}
