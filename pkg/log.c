/* log.c - one line at a time to stderr, or to a file a configuration names. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pkg/cleanup.h"
#include "pkg/file.h"
#include "pkg/log.h"
#include "pkg/text.h"

static const char *const levels[] = { "error", "warning", "info", "debug" };

/* The one state of its kind: a logger that had to be passed everywhere would not be
 * used where it matters. */
static struct {
	enum log_level level;
	int fd;
	char subject[128];
} logger = { LOG_INFO, STDERR_FILENO, "" };

bool log_level_parse(const char *text, enum log_level *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (strcmp(text, levels[i]))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

void log_setup(enum log_level level, const char *file)
{
	int fd;

	logger.level = level;
	if (!file || !*file)
		return;
	/* O_NONBLOCK: a fifo that nobody reads must not hang us. */
	fd = open(file,
		  O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			  O_CLOEXEC,
		  0600);
	if (fd < 0)
		log_warning("cannot write logFile %s: %m; logging to stderr", file);
	else
		logger.fd = fd;
}

void log_subject(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(logger.subject, sizeof(logger.subject), fmt, ap);
	va_end(ap);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char line[1400];
	struct timespec now;
	struct tm tm;
	va_list ap;
	size_t n;

	if (level > logger.level)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &tm);
	n += snprintf(line + n, sizeof(line) - n,
		      ".%03ldZ %s %s: ", now.tv_nsec / 1000000, levels[level],
		      logger.subject);
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);

	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n] = '\0';
	text_line(line);
	line[n] = '\n';
	(void)write_all(logger.fd, line, n + 1); /* nobody to tell */
}
