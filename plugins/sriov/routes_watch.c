/* routes_watch.c - rail-sriov routes sync --watch: round after round. */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

#include "pkg/clock.h"
#include "pkg/file.h"
#include "pkg/log.h"
#include "plugins/sriov/routes_events.h"
#include "plugins/sriov/routes_source.h"
#include "plugins/sriov/routes_sync.h"

/* After the first change the others of the same cause are awaited, but not for long: the
 * kernel has already taken away what leads nowhere. */
#define SETTLE_MS      200
#define SETTLE_MOST_MS 2000
#define SOME_CHANGES   12 /* each is worth a line of log */

enum { EVENTS, FILES, SIGNALS, CHILD, POLLED };

struct watch {
	const struct routes_options *options;
	struct nl *nl;
	struct source source;
	int events;	    /* routes_events.h */
	int files, signals; /* inotify of the directory that has --peers; signalfd */
	int lock;
	struct round round; /* the last one; its own tells which rails matter */
	struct notes told;
	char trouble[sizeof(((struct err *)0)->msg)]; /* of the last round or reading */
	char line[PEER_LINE];			      /* last published */
	bool loaded, ended;
	long first_event, round_at, read_at; /* clock_ms(); 0: nothing is due */
};

static void say_trouble(struct watch *w, const struct err *err)
{
	if (!strcmp(w->trouble, err->msg))
		return;
	strcpy(w->trouble, err->msg);
	log_error("%s%s%s", err->msg, *err->hint ? "; " : "", err->hint);
}

static void say_rails(const struct own *was, const struct own *own)
{
	for (int i = 0; i < own->n_rails; i++) {
		const struct own_rail *rail = &own->rails[i];
		bool known = i < was->n_rails && was->rails[i].ifindex == rail->ifindex;

		if (!known || was->rails[i].up != rail->up)
			log_info("rail %d, %s, is %s", i + 1,
				 *rail->name ? rail->name : "not here",
				 rail->up ? "up" : "down");
	}
}

static void say_changes(const struct round *round)
{
	int n = round->changes.count, count[DEL_HOP + 1] = { 0 };
	char text[CHANGE_TEXT];

	for (int i = 0; i < n && n <= SOME_CHANGES; i++) {
		const struct change *change = &round->changes.list[i];

		log_info("%s %s%s%s", change_name(change->kind),
			 change_text(round, change, text), *change->peer ? " of " : "",
			 change->peer);
	}
	for (int i = 0; i < n; i++)
		count[round->changes.list[i].kind]++;
	for (int kind = 0; n > SOME_CHANGES && kind <= DEL_HOP; kind++)
		if (count[kind])
			log_info("%s: %d", change_name(kind), count[kind]);
}

static void say_notes(struct watch *w)
{
	_autonotes_ struct notes now = { 0 };

	for (int i = 0; i < w->source.notes.count; i++)
		note(&now, "%s", w->source.notes.list[i]);
	for (int i = 0; i < w->round.notes.count; i++)
		note(&now, "%s", w->round.notes.list[i]);
	for (int i = 0; i < now.count; i++)
		if (!notes_have(&w->told, now.list[i]))
			log_warning("%s", now.list[i]);
	if (!now.count && w->told.count)
		log_info("all is as it should be again");
	notes_clear(&w->told);
	w->told = now;
	now = (struct notes){ 0 };
}

static void begin_reading(struct watch *w)
{
	struct peer line;
	struct err err;
	int has_line;

	w->read_at = clock_ms() + w->options->every_seconds * 1000L;
	if (w->source.child.fd >= 0)
		return; /* one is going on */
	has_line = own_line(w->nl, w->options, &line, &err);
	if (has_line < 0)
		say_trouble(w, &err);
	if (source_begin(&w->source, has_line > 0 ? &line : NULL, &err))
		say_trouble(w, &err);
	else if (has_line > 0)
		peer_format(&line, w->line);
}

static void run_round(struct watch *w)
{
	struct round round = { .own.silent = w->round.own.silent };
	char text[PEER_LINE];
	struct err err;

	w->round.own.silent = (struct silent){ 0 };
	if (round_run(&round, w->nl, w->options, &w->source.peers, &err)) {
		say_trouble(w, &err);
		round_clear(&round); /* who was silent will be found to be again */
		return;
	}
	*w->trouble = '\0';
	say_rails(&w->round.own, &round.own);
	say_changes(&round);
	round_clear(&w->round);
	w->round = round;
	say_notes(w);
	/* The others shall know soon what has become of our rails. */
	if (own_publishes(w->options) && strcmp(own_format(&w->round.own, text), w->line))
		begin_reading(w);
}

static void end_reading(struct watch *w)
{
	struct err err;
	int r = source_continue(&w->source, &err);

	if (!r)
		return;
	if (r < 0)
		say_trouble(w, &err);
	w->loaded |= r > 0;
	/* Also when nothing is new: what others have changed is put right. */
	if (w->loaded)
		run_round(w);
}

static void read_events(struct watch *w)
{
	long now = clock_ms(), settled = now + SETTLE_MS;

	if (!events_read(w->events, &w->round.own))
		return;
	if (!w->first_event)
		w->first_event = now;
	w->round_at = w->first_event + SETTLE_MOST_MS;
	if (settled < w->round_at)
		w->round_at = settled;
}

/* The file, or what Kubernetes puts in place of a whole volume: "..data". */
static bool is_file_of_interest(const struct watch *w, const struct inotify_event *event)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", w->options->peers);
	return event->len &&
	       (!strcmp(event->name, basename(copy)) || !strncmp(event->name, "..", 2));
}

static void read_files(struct watch *w)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(w->files, buf, sizeof(buf));

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const void *)(buf + at);

		if (is_file_of_interest(w, event))
			w->read_at = clock_ms() + SETTLE_MS;
		at += sizeof(*event) + event->len;
	}
}

static void read_signals(struct watch *w)
{
	struct signalfd_siginfo info;

	if (read(w->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		w->read_at = clock_ms();
	else
		w->ended = true;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Nice to have: what it does not tell is read every so many seconds. */
static int open_files(const struct routes_options *options)
{
	int fd = options->peers ? inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1;
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", options->peers ? options->peers : "");
	if (fd >= 0)
		(void)inotify_add_watch(fd, dirname(copy),
					IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE |
						IN_DELETE | IN_MOVED_FROM);
	return fd;
}

static int watch_open(struct watch *w, struct err *err)
{
	w->lock = routes_lock("watch", 0, err);
	if (w->lock < 0) {
		if (err->no == EWOULDBLOCK)
			err_set(err, 0, "another routes sync --watch runs on this node");
		return -1;
	}
	/* Before the first look: no change after it shall be missed. */
	w->events = events_open(err);
	if (w->events < 0)
		return -1;
	w->signals = open_signals();
	if (w->signals < 0)
		return err_set(err, errno, "signalfd");
	w->files = open_files(w->options);
	return round_open(&w->nl, err);
}

static void watch_close(struct watch *w)
{
	source_clear(&w->source);
	round_clear(&w->round);
	notes_clear(&w->told);
	nl_close(w->nl);
	closep(&w->events);
	closep(&w->files);
	closep(&w->signals);
	closep(&w->lock);
}

static int milliseconds_left(const struct watch *w)
{
	long next = w->read_at, left;

	if (w->round_at && w->round_at < next)
		next = w->round_at;
	if (w->source.child.fd >= 0 && w->source.child.until < next)
		next = w->source.child.until;
	left = next - clock_ms();
	return left > 0 ? (int)left : 0;
}

static void turn(struct watch *w)
{
	struct pollfd polled[POLLED] = {
		[EVENTS] = { w->events, POLLIN, 0 },
		[FILES] = { w->files, POLLIN, 0 },
		[SIGNALS] = { w->signals, POLLIN, 0 },
		[CHILD] = { w->source.child.fd, POLLIN, 0 },
	};

	(void)poll(polled, POLLED, milliseconds_left(w));
	if (polled[EVENTS].revents)
		read_events(w);
	if (polled[FILES].revents)
		read_files(w);
	if (polled[SIGNALS].revents)
		read_signals(w);
	if (w->source.child.fd >= 0)
		end_reading(w);
	if (w->round_at && clock_ms() >= w->round_at) {
		w->round_at = w->first_event = 0;
		if (w->loaded)
			run_round(w);
	}
	if (clock_ms() >= w->read_at)
		begin_reading(w);
}

int routes_watch(const struct routes_options *options, struct err *err)
{
	_cleanup_(watch_close) struct watch w = { .options = options,
						  .source = SOURCE_OF(options),
						  .events = -1,
						  .files = -1,
						  .signals = -1,
						  .lock = -1 };

	log_subject("routes");
	if (watch_open(&w, err))
		return -1;
	begin_reading(&w);
	while (!w.ended)
		turn(&w);
	return 0;
}
