/* import_read.c - read who has which address: host-local's directory, CSV, JSON. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/file.h"
#include "pkg/json.h"
#include "ipam/import_rows.h"
#include "ipam/listing.h"

#define MAX_LIST   (64u << 20)
#define MAX_FILE   4096 /* of host-local's */
#define MAX_FIELDS 64

/* The next field of a line, without its quotes; *at to behind it, or NULL at the end. */
static char *csv_field(char **at)
{
	char *start = *at, *to = start, *from = start;

	if (*from != '"') {
		*at = strchr(from, ',');
		if (*at)
			*(*at)++ = '\0';
		return start;
	}
	for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
		from += *from == '"'; /* doubled: it stands for itself */
		*to++ = *from;
	}
	*at = strchr(from, ',');
	if (*at)
		++*at;
	*to = '\0';
	return start;
}

static int csv_heading(char *line, int columns[MAX_FIELDS], struct err *err)
{
	int n = 0, known = 0;

	while (line && n < MAX_FIELDS) {
		columns[n] = import_find_field(csv_field(&line));
		known += columns[n++] >= 0;
	}
	if (known < 3)
		return err_set(err, 0,
			       "line 1: expected a heading with the columns address, "
			       "container and interface");
	return n;
}

static int csv_row(char *line, const int columns[], int n_columns, struct import_row *row,
		   struct err *err)
{
	for (int i = 0; line; i++) {
		const char *text = csv_field(&line);

		if (i == n_columns)
			return err_set(err, 0, "has more fields than the heading");
		if (columns[i] >= 0 && import_set(row, columns[i], text, err))
			return -1;
	}
	return import_complete(row, err);
}

static int parse_csv(char *text, struct import_rows *ret, struct err *err)
{
	int columns[MAX_FIELDS], n = 0;

	for (int number = 1; text; number++) {
		char *line = strsep(&text, "\n");
		struct import_row *row;

		line[strcspn(line, "\r")] = '\0';
		if (!*line)
			continue;
		if (!n) {
			n = csv_heading(line, columns, err);
			if (n < 0)
				return -1;
			continue;
		}
		row = import_add(ret, number, err);
		if (!row || csv_row(line, columns, n, row, err))
			return err_wrap(err, "line %d", number);
	}
	return 0;
}

static int json_row(const struct json *obj, struct import_row *row, struct err *err)
{
	const char *name, *text;

	if (json_object(obj, err))
		return -1;
	for (int field = 0; import_field(field, 0); field++)
		for (int i = 0; (name = import_field(field, i)); i++) {
			int r = json_get_string(obj, name, &text, err);

			if (r < 0 || (r > 0 && import_set(row, field, text, err)))
				return -1;
		}
	return import_complete(row, err);
}

static int parse_json(const char *text, size_t len, struct import_rows *ret,
		      struct err *err)
{
	_autojson_ struct cJSON *doc = json_parse(text, len, err);
	struct json root = json_root(doc), list, item = { 0 };
	int r = doc ? json_get_array(&root, "allocations", &list, err) : -1;

	if (r == 0)
		return err_set(err, 0,
			       "expected a list, or an object with \"allocations\"");
	while (r > 0 && json_next(&list, &item)) {
		struct import_row *row = import_add(ret, ret->n + 1, err);

		if (!row || json_row(&item, row, err))
			return err_wrap(err, "%s", item.path);
	}
	return r < 0 ? -1 : 0;
}

/* The parser takes objects: a list becomes one. */
static int parse_list(const char *text, size_t len, struct import_rows *ret,
		      struct err *err)
{
	_autofree_ char *object = NULL;
	int n = asprintf(&object, "{\"allocations\":%.*s}", (int)len, text);

	if (n < 0) {
		object = NULL;
		return err_set(err, ENOMEM, "hold the list");
	}
	return parse_json(object, n, ret, err);
}

int import_parse(char *text, size_t len, struct import_rows *ret, struct err *err)
{
	size_t skip = strspn(text, " \t\r\n");

	if (strlen(text) != len)
		return err_set(err, 0, "is no text");
	if (text[skip] == '{')
		return parse_json(text, len, ret, err);
	return text[skip] == '[' ? parse_list(text, len, ret, err)
				 : parse_csv(text, ret, err);
}

int import_parse_file(const char *name, char *text, struct import_rows *ret,
		      struct err *err)
{
	const char *container = strsep(&text, "\r\n"), *ifname;
	struct import_row *row;
	struct ip ip;

	if (!ip_parse(name, &ip))
		return err_set(err, 0, "%s: neither an address nor host-local's own",
			       name);
	ifname = text ? text + strspn(text, "\r\n") : "";
	if (!*container)
		return err_set(err, 0,
			       "%s: is empty: an ADD is under way, or was killed there; "
			       "if it stays so, nobody has the address: remove the file",
			       name);
	if (!*ifname)
		return err_set(err, 0,
			       "%s: has no interface, as before host-local 0.8.3: add it "
			       "as a second line",
			       name);
	row = import_add(ret, 0, err);
	if (!row)
		return -1;
	row->ip = ip;
	if (text)
		text[strcspn(text, "\r\n")] = '\0';
	(void)import_set(row, import_find_field("address"), name, err);
	if (import_set(row, import_find_field("container"), container, err) ||
	    import_set(row, import_find_field("interface"), ifname, err))
		return err_wrap(err, "%s", name);
	return 0;
}

struct reading {
	struct import_rows *rows;
	int dir;
};

static int read_one(void *ctx, const char *name, struct err *err)
{
	struct reading *reading = ctx;
	_autofree_ char *text = NULL;
	size_t len;

	if (!strcmp(name, "lock") || !strncmp(name, "last_reserved_ip.", 17))
		return 0;
	text = file_read(reading->dir, name, MAX_FILE, &len, err);
	if (!text)
		return err->no == ENOENT ? 0 : -1; /* released just now */
	return import_parse_file(name, text, reading->rows, err);
}

static char *read_stream(FILE *in, size_t *len, struct err *err)
{
	_autofree_ char *text = NULL;
	size_t size = 0;

	*len = 0;
	do {
		char *more = realloc(text, size + 65536 + 1);

		if (!more || size > MAX_LIST) {
			err_set(err, more ? EFBIG : ENOMEM, "read the list");
			text = more ? more : text;
			return NULL;
		}
		text = more;
		size += 65536;
		*len += fread(text + *len, 1, size - *len, in);
	} while (*len == size);
	text[*len] = '\0';
	if (ferror(in)) {
		err_set(err, EIO, "read the list");
		return NULL;
	}
	return take_ptr(text);
}

static int read_list(const char *source, struct import_rows *ret, struct err *err)
{
	_autofree_ char *text = NULL;
	size_t len;

	text = strcmp(source, "-") ? file_read(AT_FDCWD, source, MAX_LIST, &len, err)
				   : read_stream(stdin, &len, err);
	if (!text)
		return -1;
	return import_parse(text, len, ret, err) ? err_wrap(err, "%s", source) : 0;
}

int import_read(const char *source, struct import_rows *ret, struct err *err)
{
	_autoclose_ int dir = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_autoimport_ struct import_rows rows = { 0 };
	struct reading reading = { &rows, dir };
	int r;

	if (dir < 0)
		r = read_list(source, &rows, err);
	else
		r = list_names(dir, read_one, &reading, err) ? err_wrap(err, "%s", source)
							     : 0;
	if (r)
		return -1;
	import_sort(&rows);
	*ret = rows;
	rows = (struct import_rows){ 0 };
	return 0;
}
