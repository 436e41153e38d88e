/* json_check.c - is this text strictly RFC 8259? cJSON alone lets much pass. */
#include <string.h>

#include "pkg/cni.h"
#include "pkg/json.h"
#include "pkg/text.h"

struct scan {
	const char *text;
	size_t len, at;
	int depth;
	const char *why; /* the rule that was broken, or NULL */
};

static bool value(struct scan *s);

static bool bad(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

static int peek(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static bool take(struct scan *s, char c)
{
	if (peek(s) != (unsigned char)c)
		return false;
	s->at++;
	return true;
}

static void space(struct scan *s)
{
	while (take(s, ' ') || take(s, '\t') || take(s, '\n') || take(s, '\r'))
		;
}

static bool digits(struct scan *s)
{
	size_t start = s->at;

	while (peek(s) >= '0' && peek(s) <= '9')
		s->at++;
	return s->at > start || bad(s, "a digit is missing in a number");
}

static bool number(struct scan *s)
{
	(void)take(s, '-');
	if (!take(s, '0') && !digits(s))
		return false;
	if (take(s, '.') && !digits(s))
		return false;
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		return digits(s);
	}
	if (peek(s) >= '0' && peek(s) <= '9')
		return bad(s, "a number starts with 0");
	return true;
}

/* The four digits behind \u, or -1. */
static long code_unit(struct scan *s)
{
	static const char hex[] = "0123456789abcdef";
	long unit = 0;

	for (int i = 0; i < 4; i++, s->at++) {
		int c = peek(s) | 0x20; /* lower case */
		const char *digit = peek(s) < '0' ? NULL : strchr(hex, c);

		if (!digit || !*digit)
			return -1;
		unit = unit << 4 | (digit - hex);
	}
	return unit;
}

/* Behind "\\u": a code unit, or two that make a surrogate pair. */
static bool unicode(struct scan *s)
{
	long low, unit = code_unit(s);

	if (unit < 0)
		return bad(s, "\\u without four hexadecimal digits");
	if (unit == 0)
		return bad(s, "\\u0000 in a string");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	low = take(s, '\\') && take(s, 'u') ? code_unit(s) : -1;
	if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return bad(s, "half a surrogate pair in a string");
	return true;
}

static bool escape(struct scan *s)
{
	int c = peek(s);

	if (take(s, 'u'))
		return unicode(s);
	if (c <= 0 || !strchr("\"\\/bfnrt", c))
		return bad(s, "an unknown escape in a string");
	s->at++;
	return true;
}

static bool utf8(struct scan *s)
{
	int len = text_character(s->text + s->at, s->len - s->at);

	s->at += len;
	return len || bad(s, "invalid UTF-8 in a string");
}

static bool string(struct scan *s)
{
	if (!take(s, '"'))
		return bad(s, "expected a string");
	while (!take(s, '"')) {
		if (peek(s) < 0)
			return bad(s, "a string does not end");
		if (peek(s) < 0x20)
			return bad(s, "a control character in a string");
		if (take(s, '\\')) {
			if (!escape(s))
				return false;
		} else if (peek(s) >= 0x80) {
			if (!utf8(s))
				return false;
		} else {
			s->at++;
		}
	}
	return true;
}

static bool member(struct scan *s)
{
	space(s);
	if (!string(s))
		return false;
	space(s);
	if (!take(s, ':'))
		return bad(s, "expected ':' after a key");
	return value(s);
}

/* The inside of { } or [ ], up to and with the closing bracket. */
static bool list(struct scan *s, char close, bool (*item)(struct scan *))
{
	if (++s->depth > JSON_MAX_DEPTH)
		return bad(s, "nested too deep");
	space(s);
	if (take(s, close)) {
		s->depth--;
		return true;
	}
	do {
		if (!item(s))
			return false;
		space(s);
	} while (take(s, ','));
	if (!take(s, close))
		return bad(s,
			   close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
	s->depth--;
	return true;
}

static bool word(struct scan *s, const char *text)
{
	size_t len = strlen(text);

	if (s->len - s->at < len || memcmp(s->text + s->at, text, len))
		return bad(s, "expected a value");
	s->at += len;
	return true;
}

static bool value(struct scan *s)
{
	space(s);
	switch (peek(s)) {
	case '{':
		s->at++;
		return list(s, '}', member);
	case '[':
		s->at++;
		return list(s, ']', value);
	case '"':
		return string(s);
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	case 'n':
		return word(s, "null");
	case '-':
	case '0' ... '9':
		return number(s);
	default:
		return bad(s, "expected a value");
	}
}

int json_check(const char *text, size_t len, struct err *err)
{
	struct scan s = { .text = text, .len = len };
	bool fine = value(&s);

	space(&s);
	if (fine && s.at < len)
		fine = bad(&s, "something follows the value");
	if (!fine)
		return err_cni(err, CNI_BAD_JSON, "invalid JSON at byte %zu: %s", s.at,
			       s.why);
	return 0;
}
