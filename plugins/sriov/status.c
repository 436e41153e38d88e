/* status.c - STATUS: could an ADD work now? */
#include "plugins/sriov/health.h"
#include "plugins/sriov/verbs.h"

static int check_node(const struct conf *conf, struct err *err)
{
	_autonode_ struct node node = NODE_CLOSED;
	char text[HEALTH_TEXT];

	if (node_open(&node, err))
		return -1;
	for (const struct health_check *check = health_checks; check->name; check++)
		if (check->ask(&node, conf, text, err))
			return -1;
	return 0;
}

int status(const struct cni_call *call, struct err *err)
{
	struct conf conf;

	if (conf_parse_any(call, &conf, err))
		return -1;
	log_call("STATUS", call, &conf);
	if (check_node(&conf, err)) {
		err->code = CNI_NOT_AVAILABLE;
		return -1;
	}
	return ask_ipam("STATUS", call, &conf, err);
}
