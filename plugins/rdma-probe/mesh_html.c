/* mesh_html.c - a mesh as one HTML page with a heat map. */
#include "plugins/rdma-probe/mesh_show.h"
#include "plugins/rdma-probe/page.h"

static void put_row(FILE *out, const struct report *report, const struct meet *meet,
		    int64_t slowest)
{
	fputs("<tr><th>", out);
	page_text(out, meet->host);
	fputs("</th>", out);
	for (int i = 0; i < report->rails.n; i++)
		page_cell(out, meet_on_rail(meet, report->rails.v[i].name), slowest);
	fputs("</tr>\n", out);
}

static void put_table(FILE *out, const struct report *report)
{
	fprintf(out, "<p class=\"v\">%s: ", verdict_name(report->verdict));
	page_text(out, report->headline);
	fputs("</p><p>Median round trip in microseconds, by peer and rail. Hold the "
	      "pointer over a cell for more.</p>\n<table><tr><th>peer</th>",
	      out);
	for (int i = 0; i < report->rails.n; i++) {
		fputs("<th>", out);
		page_text(out, report->rails.v[i].name);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
	for (int i = 0; i < report->mesh->n; i++)
		put_row(out, report, &report->mesh->meets[i], mesh_slowest(report->mesh));
	fputs("</table>", out);
}

int mesh_write_html(const struct report *report, const char *path, struct err *err)
{
	char title[PROTO_HOST_LEN + 16];
	FILE *out;

	snprintf(title, sizeof(title), "RoCEv2 from %s", report->host);
	out = page_begin(path, title, err);
	if (!out)
		return -1;
	put_table(out, report);
	return page_end(out, path, err);
}
