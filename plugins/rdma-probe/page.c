/* page.c - what HTML pages with heat maps are made of; they need nothing else. */
#include <errno.h>

#include "pkg/clock.h"
#include "plugins/rdma-probe/page.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\">\n<style>"
	"body{font:14px system-ui,sans-serif;margin:2em;color:#222;background:#fff}"
	"table{border-collapse:collapse}th,td{padding:.3em .7em;text-align:left;"
	"border:1px solid #fff}th{font-weight:600}td.n{text-align:right;"
	"font-variant-numeric:tabular-nums}td.fail{background:#b3261e;color:#fff}"
	"td.unknown{background:#ccc}td.self{background:#eee}p.v{font-size:1.2em}"
	"@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}"
	"th,td{border-color:#111}td.ok{color:#111}td.unknown{color:#111}"
	"td.self{background:#222}}"
	"</style>";

FILE *page_begin(const char *path, const char *title, struct err *err)
{
	FILE *out = fopen(path, "we");

	if (!out) {
		err_set(err, errno, "write %s", path);
		return NULL;
	}
	fprintf(out, "%s<title>", head);
	page_text(out, title);
	fputs("</title></head><body>\n<h1>", out);
	page_text(out, title);
	fputs("</h1>\n", out);
	return out;
}

int page_end(FILE *out, const char *path, struct err *err)
{
	bool failed;

	fputs("</body></html>\n", out);
	failed = ferror(out);
	return fclose(out) || failed ? err_set(err, errno, "write %s", path) : 0;
}

void page_text(FILE *out, const char *text)
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
	const struct fault *fault = outcome_fault(outcome);
	const char *code = reason_code(fault->reason);

	fprintf(out, "<td class=\"%s\" title=\"", verdict_name(outcome->result));
	for (int i = 0; i < fault->notes; i++) {
		page_text(out, fault->note[i]);
		fputs(". ", out);
	}
	fputs("To do: ", out);
	page_text(out, fault_advice(fault));
	fputs("\">", out);
	page_text(out, code ? code : verdict_name(outcome->result));
	fputs("</td>", out);
}

void page_cell(FILE *out, const struct outcome *outcome, int64_t slowest)
{
	if (!outcome)
		fputs("<td class=\"unknown\">-</td>", out);
	else if (outcome->result == VERDICT_OK)
		put_good(out, outcome, slowest);
	else
		put_bad(out, outcome);
}
