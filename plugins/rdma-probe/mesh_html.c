/* mesh_html.c - a mesh as one HTML page with a heat map, which needs nothing else. */
#include <errno.h>
#include <string.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/mesh_show.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\">"
	"<title>rdma-probe mesh</title>\n<style>"
	"body{font:14px system-ui,sans-serif;margin:2em;color:#222;background:#fff}"
	"table{border-collapse:collapse}th,td{padding:.3em .7em;text-align:left;"
	"border:1px solid #fff}th{font-weight:600}td.n{text-align:right;"
	"font-variant-numeric:tabular-nums}td.fail{background:#b3261e;color:#fff}"
	"td.unknown{background:#ccc}p.v{font-size:1.2em}"
	"@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}"
	"th,td{border-color:#111}td.ok{color:#111}td.unknown{color:#111}}"
	"</style></head><body>\n";

/* Names and evidence come from other machines. */
static void put(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text >= 0x20 && *text < 0x7f ? *text : '?', out);
		}
}

/* From green to yellow with the round trip, relative to the slowest. */
static void put_good(FILE *out, const struct outcome *outcome, int64_t slowest)
{
	int64_t hue = slowest ? 120 - 70 * outcome->p50 / slowest : 120;

	fprintf(out,
		"<td class=\"n ok\" style=\"background:hsl(%d 60%% 70%%)\" "
		"title=\"min %.1f, p99 %.1f, max %.1f us; %lld of %lld\">%.1f</td>",
		(int)hue, (double)outcome->min / NS_US, (double)outcome->p99 / NS_US,
		(double)outcome->max / NS_US, (long long)outcome->ok,
		(long long)outcome->sent, (double)outcome->p50 / NS_US);
}

static void put_bad(FILE *out, const struct outcome *outcome)
{
	const char *code = reason_code(outcome->fault.reason);

	fprintf(out, "<td class=\"%s\" title=\"", verdict_name(outcome->result));
	for (int i = 0; i < outcome->fault.notes; i++) {
		put(out, outcome->fault.note[i]);
		fputs(". ", out);
	}
	fputs("To do: ", out);
	put(out, fault_advice(&outcome->fault));
	fputs("\">", out);
	put(out, code ? code : verdict_name(outcome->result));
	fputs("</td>", out);
}

static void put_row(FILE *out, const struct report *report, const struct meet *meet,
		    int64_t slowest)
{
	fputs("<tr><th>", out);
	put(out, meet->host);
	fputs("</th>", out);
	for (int i = 0; i < report->rails.n; i++) {
		const struct outcome *outcome =
			meet_on_rail(meet, report->rails.v[i].name);

		if (!outcome)
			fputs("<td class=\"unknown\">-</td>", out);
		else if (outcome->result == VERDICT_OK)
			put_good(out, outcome, slowest);
		else
			put_bad(out, outcome);
	}
	fputs("</tr>\n", out);
}

static void put_page(FILE *out, const struct report *report)
{
	fputs(head, out);
	fputs("<h1>RoCEv2 from ", out);
	put(out, report->host);
	fprintf(out, "</h1><p class=\"v\">%s: ", verdict_name(report->verdict));
	put(out, report->headline);
	fputs("</p><p>Median round trip in microseconds, by peer and rail. Hold the "
	      "pointer over a cell for more.</p>\n<table><tr><th>peer</th>",
	      out);
	for (int i = 0; i < report->rails.n; i++) {
		fputs("<th>", out);
		put(out, report->rails.v[i].name);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
	for (int i = 0; i < report->mesh->n; i++)
		put_row(out, report, &report->mesh->meets[i], mesh_slowest(report->mesh));
	fputs("</table></body></html>\n", out);
}

int mesh_write_html(const struct report *report, const char *path, struct err *err)
{
	FILE *out = fopen(path, "we");
	bool failed;

	if (!out)
		return err_set(err, errno, "write %s", path);
	put_page(out, report);
	failed = ferror(out);
	if (fclose(out) || failed)
		return err_set(err, errno, "write %s", path);
	return 0;
}
