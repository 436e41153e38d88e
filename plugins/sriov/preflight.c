/* preflight.c - what would keep RoCEv2 from working well. */
#include <stdio.h>

#include "pkg/log.h"
#include "plugins/sriov/preflight.h"

/* What RoCEv2 adds to its payload: mlx5 counts 96 bytes, Soft-RoCE 80. */
#define ROCE_OVERHEAD 96

struct context {
	const struct conf *conf;
	const struct view *view;
	const struct dcb *dcb;
	char *buf;
	size_t size;
};

static bool port_down(const struct context *c)
{
	const struct link *pf = &c->view->pf;

	if (!pf->index || pf->carrier)
		return false;
	snprintf(c->buf, c->size, "PF %s has no carrier: its rail is down", pf->name);
	return true;
}

/* rdma_cm gives up on such a device; plain verbs do not mind. */
static bool no_node_guid(const struct context *c)
{
	if (c->view->rdma.dev.node_guid)
		return false;
	snprintf(c->buf, c->size,
		 "RDMA device %s has node GUID 0: rdma_cm will not use it (set the VF's "
		 "MAC "
		 "through the PF and bind its driver anew)",
		 c->view->rdma.dev.name);
	return true;
}

/* RoCE sends 256, 512 ... 4096 bytes a packet: a network MTU just below one of these
 * plus the overhead halves it. */
static bool mtu_wastes(const struct context *c)
{
	unsigned int mtu = c->conf->mtu ? c->conf->mtu : c->view->link.mtu;

	for (unsigned int roce = 1024; roce <= 4096; roce *= 2) {
		if (mtu < roce || mtu >= roce + ROCE_OVERHEAD)
			continue;
		snprintf(c->buf, c->size,
			 "mtu %u leaves no room for a RoCE MTU of %u: it will be %u (set "
			 "%u "
			 "or more)",
			 mtu, roce, roce / 2, roce + ROCE_OVERHEAD);
		return true;
	}
	return false;
}

static bool no_pfc(const struct context *c)
{
	int tos = c->conf->rdma.tos, priority;

	if (!c->dcb || tos < 0)
		return false;
	priority = dcb_priority(c->dcb, tos);
	if (c->dcb->pfc & 1u << priority)
		return false;
	snprintf(c->buf, c->size,
		 "PFC is off on PF %s for priority %d, which rdma.tos %d leads to: RoCE "
		 "packets will be dropped where they should be paused",
		 c->view->pf.name, priority, tos);
	return true;
}

static bool dscp_ignored(const struct context *c)
{
	if (!c->dcb || c->conf->rdma.tos < 0 || c->dcb->dscp_trusted)
		return false;
	snprintf(c->buf, c->size,
		 "PF %s does not trust DSCP: rdma.tos %d has no effect on its queues",
		 c->view->pf.name, c->conf->rdma.tos);
	return true;
}

bool preflight_finding(int check, const struct conf *conf, const struct view *view,
		       const struct dcb *dcb, char *buf, size_t size)
{
	static bool (*const checks[PREFLIGHT_CHECKS])(const struct context *) = {
		port_down, no_node_guid, mtu_wastes, no_pfc, dscp_ignored,
	};
	struct context context = { conf, view, dcb, buf, size };

	return checks[check](&context);
}

/* Without a ToS nothing depends on what DCB says. */
static const struct dcb *ask_dcb(const struct node *node, const struct conf *conf,
				 const struct view *view, struct dcb *dcb)
{
	struct err err;

	if (conf->rdma.tos < 0 || !view->pf.index)
		return NULL;
	return dcb_get(node->nl, view->pf.name, dcb, &err) ? NULL : dcb;
}

int preflight(const struct node *node, const struct conf *conf, const struct view *view,
	      struct err *err)
{
	char text[300];
	const struct dcb *dcb;
	struct dcb answer;

	if (conf->rdma.preflight == PREFLIGHT_OFF || !*view->rdma.dev.name)
		return 0;
	dcb = ask_dcb(node, conf, view, &answer);
	for (int i = 0; i < PREFLIGHT_CHECKS; i++) {
		if (!preflight_finding(i, conf, view, dcb, text, sizeof(text)))
			continue;
		if (conf->rdma.preflight == PREFLIGHT_FAIL)
			return err_cni(err, CNI_RDMA_FAILED, "rdma.preflight: %s", text);
		log_warning("preflight: %s", text);
	}
	return 0;
}
