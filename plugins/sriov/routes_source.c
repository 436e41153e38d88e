/* routes_source.c - who the peers are, read again and again from --peers or --store. */
#include <errno.h>
#include <string.h>

#include "pkg/file.h"
#include "plugins/sriov/routes_source.h"

#define DEADLINE_MS 5000
#define LOCK_MS	    5000
#define EVERYTHING  32 /* of so many readings one looks at all, whatever the times say */

/* What the child answers: a head, then an entry and its text for each file. Both ends are
 * one program. */
struct head {
	int result; /* as of routes_store_read() */
	int count;
	struct stamp directory;
	struct err err;
};

struct entry {
	struct published published; /* its text stands behind it */
};

static const char whole[] = "whole"; /* the last of it */

static int publish(int dir, const struct peer *peer, struct err *err)
{
	_autoclose_ int lock = -1;

	if (!*peer->name)
		return 0;
	lock = routes_lock("publish", LOCK_MS, err);
	return lock < 0 ? -1 : routes_store_publish(dir, peer, err);
}

static int look(const struct source *source, struct listing *ret, struct err *err)
{
	const struct routes_options *options = source->options;
	struct listing known = source->listing;
	_autoclose_ int dir = -1;

	if (options->peers)
		return routes_file_read(options->peers, ret, err) ? -1 : 1;
	dir = routes_store_open(options->store, err);
	if (dir < 0 || publish(dir, &source->publish, err) < 0)
		return -1;
	if (source->readings % EVERYTHING == 0)
		known = (struct listing){ 0 };
	return routes_store_read(dir, &known, ret, err);
}

/* In the child. */
static void answer(int fd, void *arg)
{
	struct listing listing = { 0 };
	struct head head = { 0 };

	head.result = look(arg, &listing, &head.err);
	head.count = listing.count;
	head.directory = listing.directory;
	if (write_all(fd, &head, sizeof(head)))
		return;
	for (int i = 0; i < listing.count; i++) {
		const struct entry entry = { listing.list[i] };

		if (write_all(fd, &entry, sizeof(entry)) ||
		    write_all(fd, entry.published.text, entry.published.len))
			return;
	}
	(void)write_all(fd, whole, sizeof(whole));
}

int source_begin(struct source *source, const struct peer *line, struct err *err)
{
	source->publish = line ? *line : (struct peer){ 0 };
	return child_start(&source->child, answer, source, DEADLINE_MS, err);
}

/* The next part of the answer, or NULL when it is shorter. */
static const char *take(const char **at, size_t *left, size_t len)
{
	const char *part = *at;

	if (*left < len)
		return NULL;
	*at += len;
	*left -= len;
	return part;
}

static int decode_entry(const char **at, size_t *left, struct listing *listing,
			struct err *err)
{
	const char *part = take(at, left, sizeof(struct entry)), *text;
	struct entry entry;

	if (!part)
		return err_set(err, EIO, "read the peers: ended early");
	memcpy(&entry, part, sizeof(entry));
	text = take(at, left, entry.published.len);
	if (!text)
		return err_set(err, EIO, "read the peers: ended early");
	entry.published.text = calloc(1, entry.published.len + 1);
	if (!entry.published.text)
		return err_set(err, ENOMEM, "list of peers");
	memcpy(entry.published.text, text, entry.published.len);
	if (!listing_add(listing, &entry.published, err))
		return 0;
	free(entry.published.text);
	return -1;
}

/* 1, or 2 when nothing has changed. */
static int decode(const struct child *child, struct listing *ret, struct err *err)
{
	_autolisting_ struct listing listing = { 0 };
	const char *at = child->text, *part;
	size_t left = child->len;
	struct head head;

	if (left < sizeof(head) + sizeof(whole) ||
	    memcmp(at + left - sizeof(whole), whole, sizeof(whole)))
		return err_set(err, EIO, "read the peers: ended early");
	part = take(&at, &left, sizeof(head));
	memcpy(&head, part, sizeof(head));
	if (head.result < 0) {
		*err = head.err;
		return -1;
	}
	listing.directory = head.directory;
	for (int i = 0; i < head.count; i++)
		if (decode_entry(&at, &left, &listing, err))
			return -1;
	if (!head.result)
		return 2;
	*ret = listing;
	listing = (struct listing){ 0 };
	return 1;
}

static int parse_file(const struct published *file, struct peers *ret, struct err *err)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one of a listing */
	if (strlen(file->text) != file->len)
		return err_set(err, 0, "there is a NUL byte in it");
	return peers_parse(file->text, ret, err);
}

/* Files of strangers: one that is wrong is left out, the others count. */
static int parse_store(const struct listing *listing, struct peers *ret,
		       struct notes *notes, struct err *err)
{
	for (int i = 0; i < listing->count; i++) {
		struct peer peer;

		if (published_parse(&listing->list[i], &peer, err))
			note(notes, "%s", err->msg);
		else if (peers_add(ret, &peer, err))
			return -1;
	}
	return 0;
}

static int parse(struct source *source, struct listing *listing, struct err *err)
{
	_autopeers_ struct peers peers = { 0 };
	_autonotes_ struct notes notes = { 0 };

	if (source->options->peers ? parse_file(&listing->list[0], &peers, err)
				   : parse_store(listing, &peers, &notes, err))
		return -1;
	peers_clear(&source->peers);
	notes_clear(&source->notes);
	listing_clear(&source->listing);
	source->peers = peers;
	source->notes = notes;
	source->listing = *listing;
	peers = (struct peers){ 0 };
	notes = (struct notes){ 0 };
	*listing = (struct listing){ 0 };
	return 0;
}

static int take_answer(struct source *source, struct err *err)
{
	_autolisting_ struct listing listing = { 0 };
	int r = child_read(&source->child, err);

	if (r <= 0)
		return r;
	r = decode(&source->child, &listing, err);
	if (r == 1 && parse(source, &listing, err))
		return -1;
	source->readings += r > 0;
	return r;
}

int source_continue(struct source *source, struct err *err)
{
	const struct routes_options *options = source->options;
	int r = take_answer(source, err);

	if (r >= 0)
		return r;
	return err_wrap(err, "%s", options->peers ? options->peers : options->store);
}

int source_read(struct source *source, const struct peer *line, struct err *err)
{
	int r;

	if (source_begin(source, line, err))
		return -1;
	while (!(r = source_continue(source, err)))
		child_wait(&source->child);
	return r;
}

void source_clear(struct source *source)
{
	child_clear(&source->child);
	listing_clear(&source->listing);
	peers_clear(&source->peers);
	notes_clear(&source->notes);
}
