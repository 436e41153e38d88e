/* report.c - what a command found, for people and for machines. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/report.h"
#include "plugins/rdma-probe/table.h"
#include "pkg/text.h"

static char *pod_name(void)
{
	/* As the Kubernetes downward API is commonly mapped. */
	const char *name = getenv("POD_NAME"), *namespace = getenv("POD_NAMESPACE");
	char *pod = NULL;

	if (name && *name && namespace && *namespace &&
	    asprintf(&pod, "%s/%s", namespace, name) < 0)
		return NULL;
	return pod;
}

void report_init(struct report *ret, const char *command)
{
	char host[PROTO_HOST_LEN] = "";

	*ret = (struct report){ .command = command, .verdict = VERDICT_UNKNOWN };
	(void)gethostname(host, sizeof(host) - 1);
	text_clean(ret->host, sizeof(ret->host), host);
	ret->pod = pod_name();
	ret->started = clock_ns();
}

void report_clear(struct report *report)
{
	visit_free(report->visit);
	checks_clear(&report->checks);
	mesh_free(report->mesh);
	free(report->outcomes);
	free(report->pod);
	local_clear(&report->local);
}

void report_say(struct report *report, enum verdict verdict, const char *fmt, ...)
{
	char raw[sizeof(report->headline)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_clean(report->headline, sizeof(report->headline), raw);
	report->verdict = verdict;
}

void report_count(struct report *report)
{
	struct summary *s = &report->summary;

	*s = (struct summary){ .peers = 1, .pairs = report->visit->n };
	for (int i = 0; i < report->visit->n; i++) {
		enum verdict result = report->visit->paths[i].result;

		s->ok += result == VERDICT_OK;
		s->fail += result == VERDICT_FAIL;
		s->unknown += result == VERDICT_UNKNOWN;
	}
}

enum verdict report_worst(const struct report *report)
{
	if (report->summary.fail)
		return VERDICT_FAIL;
	return report->summary.unknown || !report->summary.ok ? VERDICT_UNKNOWN
							      : VERDICT_OK;
}

int report_exit_status(const struct report *report, bool nagios)
{
	if (*report->error.msg)
		return EX_SOFTWARE;
	switch (report->verdict) {
	case VERDICT_OK:
		return nagios && checks_count(&report->checks, CHECK_WARN) ? 1 : 0;
	case VERDICT_FAIL:
		return nagios ? 2 : 1;
	default:
		return nagios ? 3 : 2;
	}
}

void report_print_verdict(const struct report *report, FILE *out)
{
	static const char *const words[] = { "OK", "UNKNOWN", "FAIL" };

	fprintf(out, "%s%s%s: %s\n", colour_code(verdict_colour(report->verdict), out),
		words[report->verdict], colour_code(PLAIN, out), report->headline);
}

void report_print_npd(const struct report *report, FILE *out)
{
	static const char *const words[] = { "OK", "UNKNOWN", "FAIL" };

	char line[NPD_LINE]; /* with its newline */

	snprintf(line, sizeof(line), "%s %s", words[report->verdict], report->headline);
	fprintf(out, "%s\n", line);
}
