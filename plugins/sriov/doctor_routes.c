/* doctor_routes.c - rail-sriov doctor: can the routes between nodes do what they are for.
 */
#include <errno.h>
#include <stdio.h>

#include "plugins/sriov/doctor.h"
#include "plugins/sriov/routes_health.h"
#include "plugins/sriov/routes_sync.h"

#define CHECK "node routes"

static void now_clear(struct routes_now *now)
{
	hostroutes_clear(&now->routes);
	nexthops_clear(&now->nexthops);
}

/* A node that has none is not asked to: they are an offer. */
void exam_routes(struct exam *exam)
{
	_cleanup_(now_clear) struct routes_now now = { 0 };
	_autonotes_ struct notes notes = { 0 };
	_autonl_ struct nl *nl = NULL;
	char text[HEALTH_TEXT];
	struct err err;

	if (round_open(&nl, &err) || routes_now_get(nl, &now, &err)) {
		if (err.no != EOPNOTSUPP) /* as before Linux 5.3 */
			exam_note(exam, CHECK, EXAM_WARNING, err.msg, err.hint);
		return;
	}
	if (!now.routes.count)
		return;
	routes_health(&now, &notes);
	for (int i = 0; i < notes.count; i++)
		exam_note(exam, CHECK, EXAM_WARNING, notes.list[i], "");
	snprintf(text, sizeof(text), "%d over the rails", now.routes.count);
	if (!notes.count)
		exam_note(exam, CHECK, EXAM_OK, text, "");
}
