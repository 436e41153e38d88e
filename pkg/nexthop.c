/* nexthop.c - next hop objects of the kernel: next hops, and groups of them. */
#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "pkg/grow.h"
#include "pkg/nexthop.h"

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int by_id(const void *a, const void *b)
{
	return by_number(&((const struct nexthop *)a)->id,
			 &((const struct nexthop *)b)->id);
}

/* struct nexthop_grp: in it the byte behind the weight, which Linux 6.12 made the
 * weight's upper one, has this name or that, whatever the headers' version. */
struct member {
	uint32_t id;
	uint8_t weight, weight_high; /* less one */
	uint16_t reserved;
};

static void read_group(const struct nlattr *attr, struct nexthop *ret)
{
	const struct member *entry = mnl_attr_get_payload(attr);
	int n = mnl_attr_get_payload_len(attr) / sizeof(*entry);

	if (n > NEXTHOP_MEMBERS) {
		ret->odd = true;
		n = NEXTHOP_MEMBERS;
	}
	for (int i = 0; i < n; i++) {
		ret->members[i] = entry[i].id;
		ret->odd |= entry[i].weight || entry[i].weight_high;
	}
	ret->n = n;
	qsort(ret->members, n, sizeof(*ret->members), by_number);
}

static uint16_t group_type(const struct nlattr *attr)
{
	return nl_data(attr, sizeof(uint16_t)) ? mnl_attr_get_u16(attr)
					       : NEXTHOP_GRP_TYPE_MPATH;
}

static void read_nexthop(const struct nlmsghdr *nlh, struct nexthop *ret)
{
	const struct nhmsg *nhm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[NHA_MAX + 1];

	nl_attrs(nlh, sizeof(*nhm), attrs, NHA_MAX);
	*ret = (struct nexthop){
		.id = nl_u32(attrs[NHA_ID], 0),
		.protocol = nhm->nh_protocol,
		.ifindex = (int)nl_u32(attrs[NHA_OIF], 0),
		.odd = attrs[NHA_BLACKHOLE] || attrs[NHA_ENCAP] || attrs[NHA_FDB] ||
		       (nhm->nh_flags & RTNH_F_ONLINK) ||
		       group_type(attrs[NHA_GROUP_TYPE]) != NEXTHOP_GRP_TYPE_MPATH,
	};
	if (attrs[NHA_GROUP]) {
		read_group(attrs[NHA_GROUP], ret);
		return;
	}
	if (nhm->nh_family == AF_INET || nhm->nh_family == AF_INET6)
		ret->gw = nl_ip(attrs[NHA_GATEWAY], nhm->nh_family);
}

static int on_nexthop(const struct nlmsghdr *nlh, void *data)
{
	struct nexthops *all = data;
	struct nexthop *grown = grow(all->list, all->count, sizeof(*grown));

	if (!grown)
		return MNL_CB_ERROR;
	all->list = grown;
	read_nexthop(nlh, &all->list[all->count++]);
	return MNL_CB_OK;
}

int nexthops_get(struct nl *nl, struct nexthops *ret, struct err *err)
{
	_autonexthops_ struct nexthops all = { 0 };

	nl_begin(nl, RTM_GETNEXTHOP, NLM_F_DUMP, sizeof(struct nhmsg));
	if (nl_dump(nl, on_nexthop, &all, &all.count, err)) {
		if (err->no == EOPNOTSUPP)
			err_hint(err, "next hop objects came with Linux 5.3");
		return err_wrap(err, "list next hops");
	}
	/* So they come from the kernel; but nothing says that they must. */
	if (all.count)
		qsort(all.list, all.count, sizeof(*all.list), by_id);
	*ret = all;
	all = (struct nexthops){ 0 };
	return 0;
}

const struct nexthop *nexthops_find(const struct nexthops *nexthops, uint32_t id)
{
	const struct nexthop key = { .id = id };

	return nexthops->count ? bsearch(&key, nexthops->list, nexthops->count,
					 sizeof(*nexthops->list), by_id)
			       : NULL;
}

void nexthops_clear(struct nexthops *nexthops)
{
	free(nexthops->list);
	*nexthops = (struct nexthops){ 0 };
}

static void begin(struct nl *nl, uint16_t flags, const struct nexthop *nexthop)
{
	struct nhmsg *nhm =
		nl_begin(nl, RTM_NEWNEXTHOP, NLM_F_CREATE | flags, sizeof(*nhm));
	struct member group[NEXTHOP_MEMBERS] = { 0 };

	nhm->nh_protocol = nexthop->protocol;
	nhm->nh_family = nexthop->n ? AF_UNSPEC : nexthop->gw.family;
	nl_put_u32(nl, NHA_ID, nexthop->id);
	if (nexthop->n) {
		for (int i = 0; i < nexthop->n; i++)
			group[i].id = nexthop->members[i];
		nl_put(nl, NHA_GROUP, group, nexthop->n * sizeof(*group));
		return;
	}
	nl_put_u32(nl, NHA_OIF, nexthop->ifindex);
	nl_put(nl, NHA_GATEWAY, nexthop->gw.b, ip_bytes(nexthop->gw.family));
}

void nexthop_begin_add(struct nl *nl, const struct nexthop *nexthop)
{
	begin(nl, NLM_F_EXCL, nexthop);
}

void nexthop_begin_replace(struct nl *nl, const struct nexthop *group)
{
	begin(nl, NLM_F_REPLACE, group);
}

void nexthop_begin_del(struct nl *nl, uint32_t id)
{
	nl_begin(nl, RTM_DELNEXTHOP, 0, sizeof(struct nhmsg));
	nl_put_u32(nl, NHA_ID, id);
}
