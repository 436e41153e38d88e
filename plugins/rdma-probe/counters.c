/* counters.c - the hardware counters of an RDMA port. libnl-3, for the reason in nlq.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <rdma/rdma_netlink.h>

#include "pkg/grow.h"
#include "plugins/rdma-probe/counters.h"
#include "plugins/rdma-probe/local.h"
#include "plugins/rdma-probe/nlq.h"

#define DEV_GET	 RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_GET)
#define STAT_GET RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_STAT_GET)

struct wanted {
	const char *dev;
	uint32_t index;
	bool found;
};

static int on_device(struct nl_msg *msg, void *arg)
{
	struct nlattr *index = nlmsg_find_attr(nlmsg_hdr(msg), 0,
					       RDMA_NLDEV_ATTR_DEV_INDEX),
		      *name = nlmsg_find_attr(nlmsg_hdr(msg), 0,
					      RDMA_NLDEV_ATTR_DEV_NAME);
	struct wanted *wanted = arg;

	if (index && name && !strcmp(nla_get_string(name), wanted->dev)) {
		wanted->index = nla_get_u32(index);
		wanted->found = true;
	}
	return NL_OK;
}

static bool append(struct counters *counters, struct nlattr *entry)
{
	struct nlattr *table[RDMA_NLDEV_ATTR_MAX] = { 0 }, *name, *value;
	struct counter *grown, one = { 0 };

	if (nla_parse_nested(table, RDMA_NLDEV_ATTR_MAX - 1, entry, NULL) < 0)
		return false;
	name = table[RDMA_NLDEV_ATTR_STAT_HWCOUNTER_ENTRY_NAME];
	value = table[RDMA_NLDEV_ATTR_STAT_HWCOUNTER_ENTRY_VALUE];
	if (!name || !value || nla_len(value) != sizeof(uint64_t))
		return true;
	grown = grow(counters->v, counters->n, sizeof(*grown));
	if (!grown)
		return false;
	snprintf(one.name, sizeof(one.name), "%s", nla_get_string(name));
	one.value = nla_get_u64(value);
	counters->v = grown;
	grown[counters->n++] = one;
	return true;
}

static int on_counters(struct nl_msg *msg, void *arg)
{
	struct nlattr *list = nlmsg_find_attr(nlmsg_hdr(msg), 0,
					      RDMA_NLDEV_ATTR_STAT_HWCOUNTERS),
		      *entry;
	int left;

	if (list)
		nla_for_each_nested(entry, list, left) if (!append(arg, entry)) break;
	return NL_OK;
}

static int ask_index(struct nl_sock *sk, struct wanted *wanted)
{
	_autonlmsg_ struct nl_msg *msg = nlmsg_alloc_simple(DEV_GET, NLM_F_DUMP);

	return msg ? nlq_ask(sk, msg, on_device, wanted) : ENOMEM;
}

int counters_read(const char *dev, int port, struct counters *ret)
{
	struct err ignored;
	_autonlq_ struct nl_sock *sk = nlq_open(NETLINK_RDMA, &ignored);
	_autonlmsg_ struct nl_msg *msg = nlmsg_alloc_simple(STAT_GET, 0);
	struct wanted wanted = { .dev = dev };
	int no;

	*ret = (struct counters){ 0 };
	if (!sk || !msg)
		return ENOMEM;
	no = ask_index(sk, &wanted);
	if (no || !wanted.found)
		return no ? no : ENODEV;
	if (nla_put_u32(msg, RDMA_NLDEV_ATTR_DEV_INDEX, wanted.index) ||
	    nla_put_u32(msg, RDMA_NLDEV_ATTR_PORT_INDEX, port))
		return ENOMEM;
	return nlq_ask(sk, msg, on_counters, ret);
}

void counters_clear(struct counters *counters)
{
	free(counters->v);
	*counters = (struct counters){ 0 };
}

bool counter_is_error(const char *name)
{
	/* Parts of names: drivers do not agree on the whole. Not "rnr" alone: a receiver
	 * that is not ready yet is normal. */
	static const char *const parts[] = {
		"_err",		 "out_of_seq",	"retrans",	  "retry",
		"ack_timeout",	 "icrc",	"packet_seq_err", "implied_nak",
		"duplicate_req", "link_downed", "discard",	  "dropped",
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

/* Normal in the long run; while one measures, they say what slows it down. */
static bool is_congestion(const char *name)
{
	return strstr(name, "cnp") || strstr(name, "ecn_marked") || strstr(name, "pause");
}

static uint64_t value_of(const struct counters *counters, const char *name)
{
	for (int i = 0; counters && i < counters->n; i++)
		if (!strcmp(counters->v[i].name, name))
			return counters->v[i].value;
	return 0;
}

int counters_errors(const struct counters *before, const struct counters *now, char *ret,
		    size_t size)
{
	size_t used = 0;
	int found = 0;

	*ret = '\0';
	for (int i = 0; i < now->n; i++) {
		const struct counter *counter = &now->v[i];
		uint64_t old = value_of(before, counter->name);

		if (counter->value <= old || (!counter_is_error(counter->name) &&
					      !(before && is_congestion(counter->name))))
			continue;
		found++;
		if (used < size)
			used += snprintf(ret + used, size - used, "%s%s %s%llu",
					 used ? ", " : "", counter->name,
					 before ? "+" : "",
					 (unsigned long long)(counter->value - old));
	}
	return found;
}
