/* facts.c - what check-local looks at besides interfaces, ports and GIDs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "plugins/rdma-probe/egress.h"
#include "plugins/rdma-probe/facts.h"
#include "plugins/rdma-probe/pf.h"

#define CAP_IPC_LOCK_BIT 14

/* A whole small file, "" when it cannot be read. */
static void read_text(const char *path, char *ret, size_t size)
{
	_autoclose_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
}

bool facts_has_ipc_lock(const char *status)
{
	const char *line = strstr(status, "CapEff:");

	return line && strtoull(line + 7, NULL, 16) >> CAP_IPC_LOCK_BIT & 1;
}

bool facts_is_first_userns(const char *uid_map)
{
	unsigned long inside, outside, count;

	return sscanf(uid_map, "%lu %lu %lu", &inside, &outside, &count) == 3 &&
	       inside == 0 && outside == 0 && count == 4294967295UL;
}

static void read_memlock(struct facts *facts)
{
	char status[4096], map[256];
	struct rlimit limit;

	read_text("/proc/self/status", status, sizeof(status));
	read_text("/proc/self/uid_map", map, sizeof(map));
	/* The kernel asks capable(), so a capability of a pod's own user namespace does
	 * not count. */
	facts->ipc_lock = facts_has_ipc_lock(status) && facts_is_first_userns(map);
	facts->memlock = FACT_UNKNOWN;
	if (!getrlimit(RLIMIT_MEMLOCK, &limit))
		facts->memlock = limit.rlim_cur == RLIM_INFINITY
					 ? INT64_MAX
					 : (int64_t)limit.rlim_cur;
}

static int read_sysctl(const char *netdev, const char *name)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", netdev, name);
	read_text(path, text, sizeof(text));
	return *text ? atoi(text) : FACT_UNKNOWN;
}

/* The kernel takes the larger of the two (IN_DEV_MAXCONF). */
static int effective_sysctl(const char *netdev, const char *name)
{
	int all = read_sysctl("all", name), own = read_sysctl(netdev, name);

	return own > all ? own : all;
}

/* Another address of the rail's subnet stands for the peers that live there. */
static void read_egress(struct rail_facts *facts, const struct rail *rail)
{
	struct ip first = cidr_first(&rail->ip), peer;
	struct egress route;

	if (rail->ip.prefix > ip_bits(rail->ip.ip.family) - 2)
		return;
	for (int i = 1; i <= 2; i++)
		if (ip_add(&first, i, &peer) && !ip_equal(&peer, &rail->ip.ip)) {
			facts->egress_known = true;
			facts->egress_error = egress_get(&rail->ip.ip, &peer, 0, &route);
			facts->egress_ifindex = facts->egress_error ? 0 : route.ifindex;
			return;
		}
}

static void read_overrides(struct rail_facts *facts, const struct rail *rail)
{
	char path[192];

	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/tc/%d/traffic_class",
		 rail->dev, rail->port);
	read_text(path, facts->tc_override, sizeof(facts->tc_override));
	facts->tc_override[strcspn(facts->tc_override, "\n")] = '\0';
	snprintf(path, sizeof(path),
		 "/sys/kernel/config/rdma_cm/%s/ports/%d/default_roce_tos", rail->dev,
		 rail->port);
	read_text(path, facts->roce_tos, sizeof(facts->roce_tos));
	facts->roce_tos[strcspn(facts->roce_tos, "\n")] = '\0';
}

static void read_rail(struct rail_facts *facts, const struct rail *rail)
{
	*facts = (struct rail_facts){ .pfc = FACT_UNKNOWN, .dscp_trusted = FACT_UNKNOWN };
	facts->arp_ignore = effective_sysctl(rail->netdev, "arp_ignore");
	facts->arp_announce = effective_sysctl(rail->netdev, "arp_announce");
	facts->rp_filter = effective_sysctl(rail->netdev, "rp_filter");
	if (!*rail->netdev)
		return;
	(void)pf_flow_control(rail->netdev, &facts->pfc, &facts->dscp_trusted);
	pf_vfs(rail->netdev, rail->ifindex, facts->vfs, sizeof(facts->vfs));
	if (rail->ip.ip.family)
		read_egress(facts, rail);
	if (!*rail->dev)
		return;
	read_overrides(facts, rail);
	(void)counters_read(rail->dev, rail->port, &facts->counters);
	if (rail_usable(rail))
		facts_loop(facts, rail);
}

void facts_read(struct facts *ret, const struct rails *rails)
{
	_autoclose_ int cm = open("/dev/infiniband/rdma_cm", O_RDWR | O_CLOEXEC);

	*ret = (struct facts){ .cm_access = cm < 0 ? errno : 0,
			       .nccl = getenv("NCCL_IB_GID_INDEX"),
			       .ucx = getenv("UCX_IB_GID_INDEX") };
	read_memlock(ret);
	read_text("/sys/fs/cgroup/rdma.max", ret->cgroup_max, sizeof(ret->cgroup_max));
	read_text("/sys/fs/cgroup/rdma.current", ret->cgroup_now,
		  sizeof(ret->cgroup_now));
	for (int i = 0; i < rails->n; i++)
		read_rail(&ret->rails[i], &rails->v[i]);
}

void facts_clear(struct facts *facts)
{
	for (int i = 0; i < RAIL_MAX; i++)
		counters_clear(&facts->rails[i].counters);
}
