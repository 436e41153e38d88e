/* record.c - which leases an attachment has, or may have. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pkg/file.h"
#include "ipam/record.h"

#define MAX_RECORD (1u << 20)
#define READ_SIZE  16384 /* a record of many failed tries; a usual one has 500 bytes */

static const struct {
	const char *key;
	size_t offset; /* in struct record_head */
} fields[] = {
	{ "network", offsetof(struct record_head, network) },
	{ "container", offsetof(struct record_head, container) },
	{ "ifname", offsetof(struct record_head, ifname) },
	{ "pod", offsetof(struct record_head, pod) },
	{ "netns", offsetof(struct record_head, netns) },
	{ "netnsdir", offsetof(struct record_head, netnsdir) },
	{ "store", offsetof(struct record_head, store) },
	{ "identity", offsetof(struct record_head, identity) },
	{ "id", offsetof(struct record_head, id) },
	{ "pool", offsetof(struct record_head, pool) },
	{ "owner", offsetof(struct record_head, owner) },
};

static const char **field(struct record_head *head, size_t i)
{
	return (const char **)((char *)head + fields[i].offset);
}

static void add_claim(struct record *record, const char *shard, const char *nonce,
		      const struct ip *ip)
{
	struct claim *claim = &record->claims[record->n_claims];

	if (record->n_claims == RECORD_MAX_CLAIMS) {
		record->list = true; /* more than are worth naming */
		return;
	}
	snprintf(claim->shard, sizeof(claim->shard), "%s", shard);
	snprintf(claim->nonce, sizeof(claim->nonce), "%s", nonce);
	claim->ip = *ip;
	record->n_claims++;
}

/* Of the claims without an outcome keep the one that was won, if any. */
static void settle(struct record *record, const struct ip *won)
{
	int n = record->open;

	for (int i = n; won && i < record->n_claims; i++)
		if (ip_equal(&record->claims[i].ip, won)) {
			record->claims[n++] = record->claims[i];
			break;
		}
	record->n_claims = n;
	record->open = n;
}

static void parse_try(struct record *record, char *rest)
{
	const char *shard = strsep(&rest, " "), *nonce = strsep(&rest, " "), *text;
	struct ip ip;

	record->open = record->n_claims;
	while ((text = strsep(&rest, " ")))
		if (ip_parse(text, &ip))
			add_claim(record, shard, nonce, &ip);
}

static void parse_line(struct record *record, char *line)
{
	char *rest = line;
	const char *key = strsep(&rest, " ");
	struct ip ip;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (rest && !strcmp(key, fields[i].key))
			*field(&record->head, i) = rest;
	if (!strcmp(key, "try"))
		parse_try(record, rest);
	else if (!strcmp(key, "won") && rest && ip_parse(rest, &ip))
		settle(record, &ip);
	else if (!strcmp(key, "lost"))
		settle(record, NULL);
	else if (!strcmp(key, "list"))
		record->list = true;
}

/* Lines that were written whole; the text is cut up on the way. */
static void parse(struct record *record, char *text)
{
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		*field(&record->head, i) = "";
	while ((end = strchr(text, '\n'))) {
		*end = '\0';
		parse_line(record, text);
		text = end + 1;
	}
	/* What killed an earlier process came before it could claim anything. */
	record->open = record->n_claims;
}

int record_load(int dir, const char *name, struct record *ret, struct err *err)
{
	struct record record = RECORD_NONE;
	size_t len;

	record.text = file_read(dir, name, MAX_RECORD, &len, err);
	if (!record.text)
		return err->no == ENOENT ? 0 : -1;
	parse(&record, record.text);
	*ret = record;
	return 1;
}

bool record_is_empty(const struct record *record)
{
	return !record->n_claims && !record->list;
}

int record_open(int dir, const char *name, struct record *ret, struct err *err)
{
	_autorecord_ struct record record = RECORD_NONE;
	ssize_t n;

	record.fd = openat(dir, name,
			   O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	record.text = malloc(READ_SIZE);
	if (record.fd < 0 || !record.text)
		return err_set(err, errno, "open the record %s", name);
	n = read(record.fd, record.text, READ_SIZE - 1);
	if (n < 0)
		return err_set(err, errno, "read the record %s", name);
	record.text[n] = '\0';
	parse(&record, record.text);
	if (n == READ_SIZE - 1)
		record.list = true; /* the rest may name more */
	record.written = !record_is_empty(&record);
	if (n && !record.written && ftruncate(record.fd, 0))
		return err_set(err, errno, "start the record %s anew", name);
	record.before = record.n_claims;
	*ret = record;
	record = (struct record)RECORD_NONE;
	return 0;
}

static size_t put_head(struct record_head *head, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields) && n < size; i++)
		n += snprintf(buf + n, size - n, "%s %s\n", fields[i].key,
			      *field(head, i));
	return n;
}

/* One write(), so that a line is there whole or not at all. */
static int append(struct record *record, const char *line, struct err *err)
{
	char buf[16384];
	size_t n = 0;

	if (!record->written)
		n = put_head(&record->head, buf, sizeof(buf));
	if (n < sizeof(buf))
		n += snprintf(buf + n, sizeof(buf) - n, "%s\n", line);
	if (n >= sizeof(buf))
		return err_set(err, ENAMETOOLONG, "write the record");
	if (write_all(record->fd, buf, n))
		return err_set(err, errno, "write the record of %s %s",
			       record->head.container, record->head.ifname);
	record->written = true;
	return 0;
}

int record_try(struct record *record, const char *shard, const char *nonce,
	       const struct candidate *candidates, int n, struct err *err)
{
	char line[1024], text[IP_LEN];
	size_t len;

	len = snprintf(line, sizeof(line), "try %s %s", shard, nonce);
	for (int i = 0; i < n && len < sizeof(line); i++)
		len += snprintf(line + len, sizeof(line) - len, " %s",
				ip_format(&candidates[i].ip, text));
	if (append(record, line, err))
		return -1;
	record->open = record->n_claims;
	for (int i = 0; i < n; i++)
		add_claim(record, shard, nonce, &candidates[i].ip);
	return 0;
}

void record_won(struct record *record, const struct ip *ip)
{
	char line[IP_LEN + 8], text[IP_LEN];
	struct err ignored;

	snprintf(line, sizeof(line), "won %s", ip_format(ip, text));
	settle(record, ip);
	(void)append(record, line, &ignored);
}

void record_lost(struct record *record)
{
	struct err ignored;

	settle(record, NULL);
	(void)append(record, "lost", &ignored);
}

int record_write_list(int dir, const char *name, const struct record_head *head,
		      struct err *err)
{
	struct record_head copy = *head;
	char buf[16384];
	size_t n = put_head(&copy, buf, sizeof(buf) - 8);

	if (n >= sizeof(buf) - 8)
		return err_set(err, ENAMETOOLONG, "write the record %s", name);
	n += snprintf(buf + n, sizeof(buf) - n, "list\n");
	return file_replace(dir, name, buf, n, err);
}

void record_clear(struct record *record)
{
	closep(&record->fd);
	free(record->text);
	*record = (struct record)RECORD_NONE;
}
