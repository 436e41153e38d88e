/* endpoint.c - "HOST", "HOST:PORT", "[V6]:PORT", "/PATH", with "@RAIL". No I/O. */
#include <stdlib.h>
#include <string.h>

#include "plugins/rdma-probe/endpoint.h"

static bool copy(char *dst, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return false;
	memcpy(dst, from, len);
	dst[len] = '\0';
	return true;
}

static bool copy_port(char dst[6], const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 5 || strspn(text, "0123456789") != len || *text == '0' ||
	    atoi(text) > 65535)
		return false;
	return copy(dst, 6, text, len);
}

/* "[V6]" or "[V6]:PORT"; the port was set to its default before. */
static bool parse_bracketed(const char *text, struct endpoint *ret)
{
	const char *close = strchr(text, ']');

	if (!close || !copy(ret->host, sizeof(ret->host), text + 1, close - text - 1))
		return false;
	if (!close[1])
		return true;
	return close[1] == ':' && copy_port(ret->port, close + 2);
}

static bool parse_plain(const char *text, struct endpoint *ret)
{
	const char *first = strchr(text, ':'), *last = strrchr(text, ':');
	size_t len = first && first == last ? (size_t)(first - text) : strlen(text);

	if (!copy(ret->host, sizeof(ret->host), text, len))
		return false;
	return !text[len] || copy_port(ret->port, text + len + 1);
}

static bool parse_path(const char *text, struct endpoint *ret)
{
	*ret->port = '\0';
	return copy(ret->host, sizeof(ret->host), text, strlen(text));
}

static bool parse_host(const char *text, struct endpoint *ret)
{
	switch (*text) {
	case '/':
		return parse_path(text, ret);
	case '[':
		return parse_bracketed(text, ret);
	default:
		return parse_plain(text, ret);
	}
}

bool endpoint_parse(const char *text, const char *default_port, struct endpoint *ret)
{
	const char *at = strrchr(text, '@');
	size_t len = at ? (size_t)(at - text) : strlen(text);
	struct endpoint endpoint = { 0 };
	char host[sizeof(endpoint.host) + 8];

	if (!copy(host, sizeof(host), text, len) ||
	    !copy_port(endpoint.port, default_port))
		return false;
	if (at && (!at[1] ||
		   !copy(endpoint.rail, sizeof(endpoint.rail), at + 1, strlen(at + 1))))
		return false;
	if (!parse_host(host, &endpoint))
		return false;
	*ret = endpoint;
	return true;
}
