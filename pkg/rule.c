/* rule.c - policy routing rules: "from ADDRESS lookup TABLE". */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "pkg/rule.h"

#define PRIORITY   1000
#define MAX_TABLES 256 /* that are looked at for a free one */

static void begin(struct nl *nl, uint16_t type, uint16_t flags, const struct ip *from,
		  uint32_t table)
{
	struct fib_rule_hdr *rule = nl_begin(nl, type, flags, sizeof(*rule));
	uint8_t protocol = RAIL_PROTOCOL;

	rule->family = from->family;
	rule->src_len = ip_bits(from->family);
	rule->action = FR_ACT_TO_TBL;
	nl_put(nl, FRA_SRC, from->b, ip_bytes(from->family));
	nl_put_u32(nl, FRA_TABLE, table);
	nl_put_u32(nl, FRA_PRIORITY, PRIORITY);
	nl_put(nl, FRA_PROTOCOL, &protocol, sizeof(protocol));
}

int rule_add(struct nl *nl, const struct ip *from, uint32_t table, struct err *err)
{
	char text[IP_LEN];

	begin(nl, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, from, table);
	if (nl_talk(nl, NULL, NULL, err) && err->no != EEXIST)
		return err_wrap(err, "add rule from %s lookup %u", ip_format(from, text),
				table);
	return 0;
}

int rule_del(struct nl *nl, const struct ip *from, uint32_t table, struct err *err)
{
	char text[IP_LEN];

	begin(nl, RTM_DELRULE, 0, from, table);
	if (nl_talk(nl, NULL, NULL, err) && err->no != ENOENT)
		return err_wrap(err, "remove rule from %s lookup %u",
				ip_format(from, text), table);
	return 0;
}

struct search {
	const struct ip *from;
	uint32_t table;
	int count;
};

static int on_rule(const struct nlmsghdr *nlh, void *data)
{
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[FRA_MAX + 1];
	struct search *search = data;
	const void *src;

	nl_attrs(nlh, sizeof(*rule), attrs, FRA_MAX);
	src = nl_data(attrs[FRA_SRC], ip_bytes(search->from->family));
	if (rule->family == search->from->family && src &&
	    rule->src_len == ip_bits(search->from->family) &&
	    !memcmp(src, search->from->b, ip_bytes(search->from->family)) &&
	    nl_u32(attrs[FRA_TABLE], rule->table) == search->table)
		search->count++;
	return MNL_CB_OK;
}

int rule_exists(struct nl *nl, const struct ip *from, uint32_t table, struct err *err)
{
	struct fib_rule_hdr *rule = nl_begin(nl, RTM_GETRULE, NLM_F_DUMP, sizeof(*rule));
	struct search search = { .from = from, .table = table };

	rule->family = from->family;
	if (nl_dump(nl, on_rule, &search, &search.count, err))
		return err_wrap(err, "list rules");
	return search.count > 0;
}

struct tables {
	uint32_t start;
	bool used[MAX_TABLES];
	int count;
};

static void mark(struct tables *tables, uint32_t table)
{
	if (table >= tables->start && table - tables->start < MAX_TABLES)
		tables->used[table - tables->start] = true;
}

static int on_rule_table(const struct nlmsghdr *nlh, void *data)
{
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[FRA_MAX + 1];

	nl_attrs(nlh, sizeof(*rule), attrs, FRA_MAX);
	mark(data, nl_u32(attrs[FRA_TABLE], rule->table));
	return MNL_CB_OK;
}

static int on_route_table(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attrs[RTA_MAX + 1];

	nl_attrs(nlh, sizeof(*rtm), attrs, RTA_MAX);
	mark(data, nl_u32(attrs[RTA_TABLE], rtm->rtm_table));
	return MNL_CB_OK;
}

int table_first_free(struct nl *nl, uint32_t start, uint32_t *ret, struct err *err)
{
	struct tables tables = { .start = start };

	(void)nl_begin(nl, RTM_GETRULE, NLM_F_DUMP, sizeof(struct fib_rule_hdr));
	if (nl_dump(nl, on_rule_table, &tables, &tables.count, err))
		return err_wrap(err, "list rules");
	(void)nl_begin(nl, RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
	if (nl_dump(nl, on_route_table, &tables, &tables.count, err))
		return err_wrap(err, "list routes");
	for (int i = 0; i < MAX_TABLES; i++) {
		if (tables.used[i])
			continue;
		*ret = start + i;
		return 0;
	}
	return err_set(err, ENOSPC, "no free routing table from %u to %u", start,
		       start + MAX_TABLES - 1);
}
