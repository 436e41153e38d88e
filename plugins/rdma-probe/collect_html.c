/* collect_html.c - a collection as one HTML page: a heat map for each rail. */
#include "plugins/rdma-probe/collect_show.h"
#include "plugins/rdma-probe/page.h"

static int64_t slowest(const struct collection *all, int rail)
{
	int64_t most = 0;

	for (int from = 0; from < all->nnodes; from++)
		for (int to = 0; to < all->nnodes; to++) {
			const struct outcome *path = collection_cell(all, from, to, rail);

			if (path && path->result == VERDICT_OK && path->p50 > most)
				most = path->p50;
		}
	return most;
}

static void put_heading(FILE *out, const char *text)
{
	fputs("<th>", out);
	page_text(out, text);
	fputs("</th>", out);
}

static void put_rail(FILE *out, const struct collection *all, int rail)
{
	int64_t most = slowest(all, rail);

	fputs("<h2>", out);
	page_text(out, all->rails[rail]);
	fputs("</h2><table><tr><th>from</th>", out);
	for (int to = 0; to < all->nnodes; to++)
		put_heading(out, all->nodes[to]);
	fputs("</tr>\n", out);
	for (int from = 0; from < all->nnodes; from++) {
		fputs("<tr>", out);
		put_heading(out, all->nodes[from]);
		for (int to = 0; to < all->nnodes; to++)
			if (from == to)
				fputs("<td class=\"self\"></td>", out);
			else
				page_cell(out, collection_cell(all, from, to, rail),
					  most);
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
}

static void put_suspects(FILE *out, const struct findings *findings)
{
	char text[300];

	if (!findings->nsuspects)
		return;
	fputs("<ul>", out);
	for (int i = 0; i < findings->nsuspects; i++) {
		suspect_text(&findings->suspects[i], findings->all, text, sizeof(text));
		fputs("<li>", out);
		page_text(out, text);
		fputs(". To do: ", out);
		page_text(out, suspect_advice(&findings->suspects[i]));
		fputs("</li>", out);
	}
	fputs("</ul>\n", out);
}

int collect_write_html(const struct report *report, const struct findings *findings,
		       const char *path, struct err *err)
{
	FILE *out = page_begin(path, "RoCEv2 between all nodes", err);

	if (!out)
		return -1;
	fprintf(out, "<p class=\"v\">%s: ", verdict_name(report->verdict));
	page_text(out, report->headline);
	fputs("</p>\n", out);
	put_suspects(out, findings);
	fputs("<p>Median round trip in microseconds: who asks in the row, who is asked "
	      "in "
	      "the column. Hold the pointer over a cell for more.</p>\n",
	      out);
	for (int rail = 0; rail < findings->all->nrails; rail++)
		put_rail(out, findings->all, rail);
	return page_end(out, path, err);
}
