/* dcb.c - how a NIC treats priorities: flow control (PFC) and trust in DSCP. */
#include <string.h>
#include <linux/dcbnl.h>
#include <linux/rtnetlink.h>

#include "pkg/dcb.h"

static void read_app(struct dcb *dcb, const struct nlattr *attr)
{
	const struct dcb_app *app = nl_data(attr, sizeof(*app));

	if (!app || app->selector != IEEE_8021QAZ_APP_SEL_DSCP || app->protocol > 63 ||
	    app->priority > 7)
		return;
	/* mlx5 and others trust DSCP from the first such entry on. */
	dcb->dscp_trusted = true;
	dcb->priority_of[app->protocol] = app->priority;
}

static int on_dcb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[DCB_ATTR_MAX + 1], *ieee[DCB_ATTR_IEEE_MAX + 1], *app;
	struct dcb *dcb = data;
	const struct ieee_pfc *pfc;

	nl_attrs(nlh, sizeof(struct dcbmsg), attrs, DCB_ATTR_MAX);
	if (!attrs[DCB_ATTR_IEEE])
		return MNL_CB_OK;
	nl_nested(attrs[DCB_ATTR_IEEE], ieee, DCB_ATTR_IEEE_MAX);
	pfc = nl_data(ieee[DCB_ATTR_IEEE_PFC], sizeof(*pfc));
	if (pfc)
		dcb->pfc = pfc->pfc_en;
	if (!ieee[DCB_ATTR_IEEE_APP_TABLE])
		return MNL_CB_OK;
	mnl_attr_for_each_nested(app, ieee[DCB_ATTR_IEEE_APP_TABLE])
		if (mnl_attr_get_type(app) == DCB_ATTR_IEEE_APP)
			read_app(dcb, app);
	return MNL_CB_OK;
}

int dcb_get(struct nl *nl, const char *ifname, struct dcb *ret, struct err *err)
{
	struct dcbmsg *msg = nl_begin(nl, RTM_GETDCB, 0, sizeof(*msg));

	*ret = (struct dcb){ 0 };
	memset(ret->priority_of, -1, sizeof(ret->priority_of));
	msg->dcb_family = AF_UNSPEC;
	msg->cmd = DCB_CMD_IEEE_GET;
	nl_put_str(nl, DCB_ATTR_IFNAME, ifname);
	if (nl_talk(nl, on_dcb, ret, err))
		return err_wrap(err, "read DCB of %s", ifname);
	return 0;
}

int dcb_priority(const struct dcb *dcb, int tos)
{
	int dscp = tos >> 2;

	return dcb->priority_of[dscp] >= 0 ? dcb->priority_of[dscp] : dscp >> 3;
}
