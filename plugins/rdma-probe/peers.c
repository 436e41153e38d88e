/* peers.c - whom mesh and monitor talk to. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "plugins/rdma-probe/input.h"
#include "plugins/rdma-probe/peers.h"
#include "plugins/rdma-probe/proto.h"

#define FILE_MAX   (1 << 20)
#define K8S_MAX	   (64 << 20) /* of thousands of pods, with all there is about them */
#define DEPTH_MAX  4	      /* of directories in a lease store */
#define OWNER_PART 3	      /* node, boot, container */

static int append(struct peers *peers, const struct peer *peer, struct err *err)
{
	struct peer *grown;

	if (peers->n == PEERS_MAX)
		return err_set(err, 0, "more than %d peers", PEERS_MAX);
	grown = grow(peers->v, peers->n, sizeof(*grown));
	if (!grown)
		return err_set(err, ENOMEM, "list of peers");
	peers->v = grown;
	peers->v[peers->n++] = *peer;
	return 0;
}

static int add_host(struct peers *peers, const char *text, struct err *err)
{
	struct peer peer = { 0 };

	if (!endpoint_parse(text, PROTO_PORT, &peer.at) || !*peer.at.host ||
	    *peer.at.rail || endpoint_is_path(&peer.at))
		return err_set(err, 0, "\"%s\" is no HOST[:PORT]", text);
	return append(peers, &peer, err);
}

int peers_parse(struct peers *ret, const char *text, struct err *err)
{
	int line = 1;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n', line++) {
		char word[300] = "";

		if (sscanf(text, " %299[^ \t\r\n#]", word) != 1 ||
		    strcspn(text, "\n") <= strspn(text, " \t\r"))
			continue;
		if (add_host(ret, word, err))
			return err_wrap(err, "line %d", line);
	}
	return 0;
}

int peers_add_address(struct peers *ret, const struct ip *ip, const char *owner,
		      struct err *err)
{
	struct peer peer = { .at.port = PROTO_PORT };

	ip_format(ip, peer.at.host);
	snprintf(peer.owner, sizeof(peer.owner), "%s", owner);
	return append(ret, &peer, err);
}

/* "ADDRESS=NODE,BOOT,CONTAINER,IFNAME,NONCE"; what is no lease is passed over. */
int peers_add_lease(struct peers *ret, const char *name, struct err *err)
{
	const char *equals = strchr(name, '='), *end = equals;
	char address[IP_LEN], owner[sizeof(((struct peer *)0)->owner)];
	struct ip ip;

	if (!equals || equals - name >= (int)sizeof(address))
		return 0;
	snprintf(address, sizeof(address), "%.*s", (int)(equals - name), name);
	for (int i = 0; i < OWNER_PART && end; i++)
		end = strchr(end + 1, ',');
	if (!end || !ip_parse(address, &ip) || end - equals >= (int)sizeof(owner))
		return 0;
	snprintf(owner, sizeof(owner), "%.*s", (int)(end - equals - 1), equals + 1);
	return peers_add_address(ret, &ip, owner, err);
}

static int read_leases(struct peers *ret, int at, const char *path, int depth,
		       struct err *err)
{
	_autoclose_ int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autodir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return err_set(err, errno, "open directory %s", path);
	fd = -1; /* the DIR's now */
	while ((entry = readdir(dir))) {
		bool is_dir = entry->d_type == DT_DIR && *entry->d_name != '.';

		if (is_dir && depth < DEPTH_MAX &&
		    read_leases(ret, dirfd(dir), entry->d_name, depth + 1, err))
			return -1;
		if (!is_dir && peers_add_lease(ret, entry->d_name, err))
			return -1;
	}
	return 0;
}

static int read_dns(struct peers *ret, const char *name, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	struct endpoint at;
	struct peer peer;
	int r;

	if (!endpoint_parse(name, PROTO_PORT, &at) || !*at.host || endpoint_is_path(&at))
		return err_set(err, 0, "\"%s\" is no NAME[:PORT]", name);
	r = getaddrinfo(at.host, NULL, &hints, &list);
	if (r)
		return err_set(err, 0, "resolve %s: %s", at.host, gai_strerror(r));
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		peer = (struct peer){ .at = at };
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, peer.at.host,
				sizeof(peer.at.host), NULL, 0, NI_NUMERICHOST) ||
		    append(ret, &peer, err))
			break;
	}
	freeaddrinfo(list);
	return 0;
}

static int read_file(struct peers *ret, const char *path, bool k8s, struct err *err)
{
	size_t len;
	_autofree_ char *text = input_read(path, k8s ? K8S_MAX : FILE_MAX, &len, err);
	int r;

	if (!text)
		return -1;
	r = k8s ? peers_parse_k8s(ret, text, len, err) : peers_parse(ret, text, err);
	return r ? err_wrap(err, "%s", path) : 0;
}

int peers_load(struct peers *ret, const char *from, const struct local *local,
	       const char *host, struct err *err)
{
	int r;

	if (!strncmp(from, "dns:", 4))
		r = read_dns(ret, from + 4, err);
	else if (!strncmp(from, "leases:", 7))
		r = read_leases(ret, AT_FDCWD, from + 7, 0, err);
	else if (!strncmp(from, "k8s:", 4))
		r = read_file(ret, from + 4, true, err);
	else
		r = read_file(ret, from, false, err);
	if (!r)
		peers_finish(ret, local, host);
	return r;
}

static bool is_address_of_ours(const struct local *local, const struct ip *ip)
{
	for (int i = 0; i < local->naddrs; i++)
		if (ip_equal(&local->addrs[i].ip.ip, ip))
			return true;
	return false;
}

static bool is_self(const struct peer *peer, const struct local *local, const char *host)
{
	struct ip ip;

	if (ip_parse(peer->at.host, &ip))
		return is_address_of_ours(local, &ip);
	return !strcmp(peer->at.host, host) ||
	       (!strncmp(peer->at.host, host, strlen(host)) &&
		peer->at.host[strlen(host)] == '.');
}

static int by_place(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;
	int order = strcmp(x->at.host, y->at.host);

	return order ? order : strcmp(x->at.port, y->at.port);
}

/* Of a pod that holds several addresses the first one counts, as everywhere; and
 * whatever is said of one of them is said of the pod. */
static bool is_known(struct peers *peers, int n, const struct peer *peer)
{
	for (int i = 0; i < n; i++) {
		struct peer *known = &peers->v[i];

		if (by_place(known, peer) &&
		    (!*peer->owner || strcmp(known->owner, peer->owner)))
			continue;
		known->self |= peer->self;
		return true;
	}
	return false;
}

void peers_finish(struct peers *peers, const struct local *local, const char *host)
{
	int n = 0;

	if (peers->n)
		qsort(peers->v, peers->n, sizeof(*peers->v), by_place);
	for (int i = 0; i < peers->n; i++) {
		struct peer peer = peers->v[i];

		peer.self = is_self(&peer, local, host);
		if (!is_known(peers, n, &peer))
			peers->v[n++] = peer;
	}
	peers->n = n;
}

int peers_self(const struct peers *peers)
{
	for (int i = 0; i < peers->n; i++)
		if (peers->v[i].self)
			return i;
	return -1;
}

void peers_clear(struct peers *peers)
{
	free(peers->v);
	*peers = (struct peers){ 0 };
}
