/* routes_watch.c - rail-sriov routes sync --watch: round after round. */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <linux/rtnetlink.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

#include "pkg/clock.h"
#include "pkg/file.h"
#include "pkg/log.h"
#include "plugins/sriov/routes_source.h"
#include "plugins/sriov/routes_sync.h"

/* IFF_LOWER_UP of linux/if.h, which does not go together with net/if.h. */
#define LOWER_UP (1 << 16)

/* After the first change the others of the same cause are awaited, but not for long: the
 * kernel has already taken away what leads nowhere. */
#define SETTLE_MS      200
#define SETTLE_MOST_MS 2000
#define SOME_CHANGES   12 /* each is worth a line of log */
#define MESSAGES_MAX   4096

enum { EVENTS, FILES, SIGNALS, CHILD, POLLED };

struct watch {
	const struct routes_options *options;
	struct nl *nl;
	struct source source;
	struct mnl_socket *events;
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
	if (notes_equal(&now, &w->told))
		return;
	for (int i = 0; i < now.count; i++)
		log_warning("%s", now.list[i]);
	if (!now.count)
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
	struct round round = { 0 };
	char text[PEER_LINE];
	struct err err;

	if (round_run(&round, w->nl, w->options, &w->source.peers, &err)) {
		say_trouble(w, &err);
		round_clear(&round);
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

static bool is_link_of_interest(const struct own *own, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[IFLA_MAX + 1];
	const char *name;

	nl_attrs(nlh, sizeof(*ifi), attrs, IFLA_MAX);
	name = nl_str(attrs[IFLA_IFNAME], "");
	for (int i = 0; i < own->n_rails; i++) {
		const struct own_rail *rail = &own->rails[i];
		bool up = (ifi->ifi_flags & IFF_UP) && (ifi->ifi_flags & LOWER_UP);

		if (rail->ifindex == ifi->ifi_index)
			return nlh->nlmsg_type == RTM_DELLINK || rail->up != up;
		if (!strcmp(rail->name, name))
			return true;
	}
	return !own->n_rails; /* no round has succeeded yet */
}

static bool is_address_of_interest(const struct own *own, const struct nlmsghdr *nlh)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);

	for (int i = 0; i < own->n_rails; i++)
		if (own->rails[i].ifindex == (int)ifa->ifa_index ||
		    !own->rails[i].ifindex)
			return true;
	for (int i = 0; i < own->all.count; i++)
		if (own->all.list[i].ifindex == (int)ifa->ifa_index)
			for (int j = 0; j < own->n_addresses; j++)
				if (ip_equal(&own->all.list[i].cidr.ip,
					     &own->addresses[j]))
					return true;
	return !own->n_rails;
}

static int on_event(const struct nlmsghdr *nlh, void *data)
{
	const struct own *own = &((struct watch *)data)->round.own;
	struct watch *w = data;
	bool matters = false;

	if (nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK)
		matters = is_link_of_interest(own, nlh);
	else if (nlh->nlmsg_type == RTM_NEWADDR || nlh->nlmsg_type == RTM_DELADDR)
		matters = is_address_of_interest(own, nlh);
	if (matters && !w->first_event)
		w->first_event = clock_ms();
	if (matters) {
		long settled = clock_ms() + SETTLE_MS;
		long most = w->first_event + SETTLE_MOST_MS;

		w->round_at = settled < most ? settled : most;
	}
	return MNL_CB_OK;
}

static void read_events(struct watch *w)
{
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));

	for (int i = 0; i < MESSAGES_MAX; i++) {
		ssize_t n = mnl_socket_recvfrom(w->events, buf, sizeof(buf));

		if (n < 0 && errno == ENOBUFS) {
			w->round_at = clock_ms() + SETTLE_MS; /* who knows what it was */
			continue;
		}
		if (n <= 0)
			return;
		(void)mnl_cb_run(buf, n, 0, 0, on_event, w);
	}
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
	w->events = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->events ||
	    mnl_socket_bind(w->events,
			    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
			    MNL_SOCKET_AUTOPID) < 0)
		return err_set(err, errno, "listen to changes of interfaces");
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
	if (w->events)
		mnl_socket_close(w->events);
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
		[EVENTS] = { mnl_socket_get_fd(w->events), POLLIN, 0 },
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
