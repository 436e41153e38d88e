/* resolv.c - what a resolv.conf(5) says, as a CNI result has it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/file.h"
#include "pkg/text.h"
#include "ipam/resolv.h"

#define MAX_FILE 65536
#define BLANKS	 " \t\r"

/* The words of the line go to the array, which is made when missing. */
static void add_words(struct cJSON *dns, const char *key, char *words)
{
	struct cJSON *list = cJSON_GetObjectItemCaseSensitive(dns, key);
	const char *word;

	if (!list)
		list = cJSON_AddArrayToObject(dns, key);
	while ((word = strsep(&words, BLANKS)))
		if (*word)
			cJSON_AddItemToArray(list, cJSON_CreateString(word));
}

static void parse_line(struct cJSON *dns, char *line)
{
	char *rest = line + strspn(line, BLANKS);
	const char *key = strsep(&rest, BLANKS);

	if (!rest)
		return;
	rest += strspn(rest, BLANKS);
	if (!strcmp(key, "nameserver")) {
		add_words(dns, "nameservers", rest);
	} else if (!strcmp(key, "domain")) {
		rest[strcspn(rest, BLANKS)] = '\0';
		cJSON_DeleteItemFromObjectCaseSensitive(dns, "domain");
		cJSON_AddStringToObject(dns, "domain", rest);
	} else if (!strcmp(key, "search")) { /* the last such line counts */
		cJSON_DeleteItemFromObjectCaseSensitive(dns, "search");
		add_words(dns, "search", rest);
	} else if (!strcmp(key, "options")) {
		add_words(dns, "options", rest);
	}
}

struct cJSON *resolv_parse(char *text)
{
	struct cJSON *dns = cJSON_CreateObject();
	char *line;

	text = text_utf8(text);
	while (dns && (line = strsep(&text, "\n"))) {
		line[strcspn(line, "#;")] = '\0';
		parse_line(dns, line);
	}
	return dns;
}

struct cJSON *resolv_read(const char *path, struct err *err)
{
	size_t len;
	_autofree_ char *text = file_read(AT_FDCWD, path, MAX_FILE, &len, err);
	struct cJSON *dns = text ? resolv_parse(text) : NULL;

	if (text && !dns)
		err_set(err, ENOMEM, "hold %s", path);
	if (!dns) {
		err_code(err, CNI_BAD_CONFIG);
		err_wrap(err, "ipam.resolvConf");
	}
	return dns;
}
