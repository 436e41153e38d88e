/* lease.c - the names of lease files, which say all there is to know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/name.h"
#include "ipam/digest.h"
#include "ipam/lease.h"

/* One address has one spelling: another one would be a second file for it. Of IPv4
 * there is no other that ip_parse() takes, and formatting is most of a listing's work. */
static bool parse_address(const char *name, size_t len, struct ip *ret)
{
	char text[IP_LEN], again[IP_LEN];

	if (len >= sizeof(text))
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	return ip_parse(text, ret) &&
	       (ret->family == AF_INET || !strcmp(ip_format(ret, again), text));
}

static bool parse_time(const char *text, int64_t *ret)
{
	size_t len = strlen(text);

	if (len < 1 || len > 15 || strspn(text, "0123456789") != len)
		return false;
	*ret = strtoll(text, NULL, 10);
	return true;
}

static enum lease_state state_of(const char *rest)
{
	struct holder holder;

	if (!strcmp(rest, "reserved") || !strncmp(rest, "reserved,", 9))
		return LEASE_RESERVED;
	return holder_parse(rest, &holder) ? LEASE_HELD : LEASE_ODD;
}

bool lease_parse(const char *name, struct lease *ret)
{
	size_t len = strcspn(name, "=@");
	struct lease lease = { .state = LEASE_FREE, .freed = -1 };

	if (!parse_address(name, len, &lease.ip))
		return false;
	if (name[len] == '@' && !parse_time(name + len + 1, &lease.freed))
		lease.state = LEASE_ODD;
	if (name[len] == '=') {
		lease.rest = name + len + 1;
		lease.state = state_of(lease.rest);
	}
	*ret = lease;
	return true;
}

static bool starts_with(const struct lease *lease, const char *text)
{
	size_t len = strlen(text);

	return lease->state == LEASE_HELD && !strncmp(lease->rest, text, len) &&
	       lease->rest[len] == ',';
}

bool lease_is_of(const struct lease *lease, const char *owner)
{
	return starts_with(lease, owner);
}

bool lease_is_of_node(const struct lease *lease, const char *node)
{
	return starts_with(lease, node);
}

/* What follows "NODE,BOOT,". */
static const char *behind_boot(const char *text)
{
	return text + strcspn(text, ",") + 1 + BOOT_LEN;
}

bool lease_is_of_any_boot(const struct lease *lease, const char *owner)
{
	size_t node = strcspn(owner, ","), len = strlen(behind_boot(owner));
	const char *tail;

	if (lease->state != LEASE_HELD || strncmp(lease->rest, owner, node + 1))
		return false;
	tail = behind_boot(lease->rest);
	return !strncmp(tail, behind_boot(owner), len) && tail[len] == ',';
}

static bool is_hex8(const char *text)
{
	return strlen(text) == 8 && strspn(text, "0123456789abcdef") == 8;
}

bool holder_parse(const char *rest, struct holder *ret)
{
	char copy[LEASE_LEN], *next = copy;
	const char *field[5];

	if (strlen(rest) >= sizeof(copy))
		return false;
	strcpy(copy, rest);
	for (int i = 0; i < 5; i++) {
		field[i] = strsep(&next, ",");
		if (!field[i])
			return false;
	}
	if (next || !is_hex8(field[1]) || !is_hex8(field[4]))
		return false;
	strcpy(ret->boot, field[1]);
	strcpy(ret->nonce, field[4]);
	return name_unescape(field[0], ret->node, sizeof(ret->node)) &&
	       name_unescape(field[2], ret->container, sizeof(ret->container)) &&
	       name_unescape(field[3], ret->ifname, sizeof(ret->ifname));
}

/* The container as it stands in names. "h." belongs to those replaced by their hash. */
static void container_text(const char *container, size_t room, char buf[256])
{
	if (strlen(container) <= room && strncmp(container, "h.", 2) &&
	    name_escape(container, "", buf, room + 1))
		return;
	strcpy(buf, "h.");
	digest_hex(container, buf + 2, DIGEST_HEX);
}

char *owner_format(const char *node, const char *boot, const char *container,
		   const char *ifname, char buf[OWNER_LEN])
{
	char if_text[3 * 15 + 1] = "", id_text[256];
	size_t taken;

	(void)name_escape(ifname, "", if_text, sizeof(if_text)); /* cni.h: <= 15 bytes */
	taken = strlen(node) + strlen(boot) + strlen(if_text) + 3;
	container_text(container, OWNER_LEN - 1 - taken, id_text);
	snprintf(buf, OWNER_LEN, "%s,%s,%s,%s", node, boot, id_text, if_text);
	return buf;
}

char *lease_name(const struct ip *ip, const char *owner, const char *nonce,
		 char buf[LEASE_LEN])
{
	char text[IP_LEN];

	snprintf(buf, LEASE_LEN, "%s=%s,%s", ip_format(ip, text), owner, nonce);
	return buf;
}

char *free_name(const struct ip *ip, int64_t freed, char buf[LEASE_LEN])
{
	char text[IP_LEN];

	if (freed < 0)
		snprintf(buf, LEASE_LEN, "%s", ip_format(ip, text));
	else
		snprintf(buf, LEASE_LEN, "%s@%lld", ip_format(ip, text),
			 (long long)freed);
	return buf;
}
