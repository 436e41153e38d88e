/* routes_silent.c - next hops that have a link and do not answer. */
#include <errno.h>
#include <string.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "pkg/cleanup.h"
#include "pkg/grow.h"
#include "plugins/sriov/routes_silent.h"

/* A neighbour that can be sent to, as the kernel defines it for itself. */
#define NUD_VALID                                                                        \
	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct dump {
	const struct silent *before;
	const struct nexthops *now;
	struct silent silent; /* failed now */
	struct silent heard;  /* valid now, of those in before */
	int count;
};

int silent_add(struct silent *silent, int ifindex, const struct ip *gw, struct err *err)
{
	struct silent_hop *grown = grow(silent->list, silent->count, sizeof(*grown));

	if (!grown)
		return err_set(err, ENOMEM, "list of neighbours");
	silent->list = grown;
	silent->list[silent->count++] = (struct silent_hop){ ifindex, *gw };
	return 0;
}

static int order(const void *a, const void *b)
{
	const struct silent_hop *x = a, *y = b;

	return x->ifindex != y->ifindex ? x->ifindex - y->ifindex
					: ip_cmp(&x->gw, &y->gw);
}

void silent_sort(struct silent *silent)
{
	if (silent->count)
		qsort(silent->list, silent->count, sizeof(*silent->list), order);
}

bool silent_has(const struct silent *silent, int ifindex, const struct ip *gw)
{
	const struct silent_hop key = { ifindex, *gw };

	return silent->count &&
	       bsearch(&key, silent->list, silent->count, sizeof(*silent->list), order);
}

static bool is_next_hop(const struct nexthops *now, int ifindex, const struct ip *gw)
{
	for (int i = 0; i < now->count; i++)
		if (now->list[i].ifindex == ifindex && ip_equal(&now->list[i].gw, gw))
			return true;
	return false;
}

static int on_neighbour(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[NDA_MAX + 1];
	struct ip gw = { .family = ndm->ndm_family };
	struct dump *dump = data;
	struct err err = { 0 };
	const void *bytes;

	if (ndm->ndm_family != AF_INET && ndm->ndm_family != AF_INET6)
		return MNL_CB_OK;
	nl_attrs(nlh, sizeof(*ndm), attrs, NDA_MAX);
	bytes = nl_data(attrs[NDA_DST], ip_bytes(gw.family));
	if (!bytes)
		return MNL_CB_OK;
	memcpy(gw.b, bytes, ip_bytes(gw.family));
	if ((ndm->ndm_state & NUD_FAILED) ||
	    ((ndm->ndm_state & NUD_INCOMPLETE) &&
	     !is_next_hop(dump->now, ndm->ndm_ifindex, &gw)))
		silent_add(&dump->silent, ndm->ndm_ifindex, &gw, &err);
	else if ((ndm->ndm_state & NUD_VALID) &&
		 silent_has(dump->before, ndm->ndm_ifindex, &gw))
		silent_add(&dump->heard, ndm->ndm_ifindex, &gw, &err);
	errno = err.no;
	return err.no ? MNL_CB_ERROR : MNL_CB_OK;
}

/* Those of before that have not been heard since. */
static int keep(const struct silent *before, const struct silent *heard,
		struct silent *silent, struct err *err)
{
	int failed = silent->count;

	for (int i = 0; i < before->count; i++) {
		const struct silent_hop *hop = &before->list[i];
		struct silent now = { silent->list, failed };

		if (!silent_has(heard, hop->ifindex, &hop->gw) &&
		    !silent_has(&now, hop->ifindex, &hop->gw) &&
		    silent_add(silent, hop->ifindex, &hop->gw, err))
			return -1;
	}
	silent_sort(silent);
	return 0;
}

int silent_get(struct nl *nl, const struct silent *before, const struct nexthops *now,
	       struct silent *ret, struct err *err)
{
	struct dump dump = { .before = before, .now = now };
	_autosilent_ struct silent heard = { 0 }, silent = { 0 };
	int r;

	nl_begin(nl, RTM_GETNEIGH, NLM_F_DUMP, sizeof(struct ndmsg));
	r = nl_dump(nl, on_neighbour, &dump, &dump.count, err);
	heard = dump.heard;
	silent = dump.silent;
	if (r)
		return err_wrap(err, "list neighbours");
	silent_sort(&heard);
	silent_sort(&silent);
	if (keep(before, &heard, &silent, err))
		return -1;
	*ret = silent;
	silent = (struct silent){ 0 };
	return 0;
}

void silent_clear(struct silent *silent)
{
	free(silent->list);
	*silent = (struct silent){ 0 };
}

void silent_begin_ask(struct nl *nl, int ifindex, const struct ip *gw)
{
	struct ndmsg *ndm = nl_begin(nl, RTM_NEWNEIGH, NLM_F_CREATE, sizeof(*ndm));

	ndm->ndm_family = gw->family;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_flags = NTF_USE;
	nl_put(nl, NDA_DST, gw->b, ip_bytes(gw->family));
}
