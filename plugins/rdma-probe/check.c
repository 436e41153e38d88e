/* check.c - the list of local checks, L01 to L24, and what each found. No I/O. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pkg/grow.h"
#include "plugins/rdma-probe/check.h"

/* A table reads as a table. */
/* clang-format off */
static const struct def {
	const char *label, *name;
	bool essential;
	const char *source, *want, *fix;
} defs[CHECK_IDS] = {
	[L01] = { "L01", "uverbs_node", true, "open(/dev/infiniband/uverbsN)", "opens",
		"let the device plugin mount the node and allow it in the device cgroup" },
	[L02] = { "L02", "rdma_cm_node", false, "open(/dev/infiniband/rdma_cm)", "opens",
		"mount /dev/infiniband/rdma_cm where programs use rdma_cm" },
	[L03] = { "L03", "netns_mode", false, "RDMA netlink SYS_GET", "known", "" },
	[L04] = { "L04", "memlock", true, "getrlimit(MEMLOCK), /proc/self/status",
		"unlimited, or CAP_IPC_LOCK",
		"raise the limit on locked memory (ulimit -l), or give CAP_IPC_LOCK" },
	[L05] = { "L05", "rdma_cgroup", false, "/sys/fs/cgroup/rdma.max", "room left",
		"raise rdma.max of the container's cgroup" },
	[L06] = { "L06", "port_active", true, "ibv_query_port, IFLA_CARRIER",
		"ACTIVE, link up",
		"set the interface up; look at cable, switch port and VF link state" },
	[L07] = { "L07", "link_layer", true, "ibv_query_port", "ethernet",
		"set the port's link layer to Ethernet" },
	[L08] = { "L08", "speed", false, "ibv_query_port", "",
		"look at cable, breakout and the switch port's speed" },
	[L09] = { "L09", "rocev2_gid", true, "ibv_query_gid_table", "a RoCEv2 GID",
		"see rdma-probe gids" },
	[L10] = { "L10", "gid_netdev_match", true, "ibv_query_gid_table, RTM_GETADDR",
		"the GID's netdev holds the address", "see rdma-probe gids --all" },
	[L11] = { "L11", "unique_address", true, "RTM_GETADDR",
		"one interface an address and a subnet",
		"give every rail a subnet of its own" },
	[L12] = { "L12", "gid_index_env", true, "NCCL_IB_GID_INDEX, UCX_IB_GID_INDEX",
		"unset, or the index found", "unset it: the index differs from pod to pod" },
	[L13] = { "L13", "mtu", true, "ibv_query_port, IFLA_MTU", "RoCE MTU 4096",
		"set the interface's MTU to 4192 or more, on the switches too" },
	[L14] = { "L14", "peer_equal", false, "control channel of a peer",
		"MTU and speed equal", "" },
	[L15] = { "L15", "egress", true, "RTM_GETROUTE", "leaves by this rail",
		"add a rule \"from ADDRESS lookup TABLE\" (rail-sriov: rail.sourceRouting)" },
	[L16] = { "L16", "neighbour", false, "RTM_GETNEIGH after a datagram",
		"the MAC the peer tells", "" },
	[L17] = { "L17", "arp_sysctls", false, "/proc/sys/net/ipv4/conf",
		"arp_ignore >= 1, arp_announce = 2, rp_filter 0 or 2",
		"set them on the rails (rail-sriov does)" },
	[L18] = { "L18", "pfc", false, "DCB netlink IEEE_GET", "PFC on, DSCP trusted",
		"configure it on the physical function and the switch" },
	[L19] = { "L19", "tc_override", false, "infiniband/DEV/tc/PORT/traffic_class",
		"none", "it overrides the traffic class of every program: is it meant?" },
	[L20] = { "L20", "default_roce_tos", false, "configfs rdma_cm/DEV/ports/PORT", "", "" },
	[L21] = { "L21", "counters", false, "RDMA netlink STAT_GET", "no errors",
		"see whether they grow: rdma statistic show" },
	[L22] = { "L22", "vf_settings", false, "IFLA_VF_INFO of the PF", "", "" },
	[L23] = { "L23", "provider", true, "ibv_get_device_list", "knows the device",
		"install the provider of the driver (ibverbs-providers, or the vendor's)" },
	[L24] = { "L24", "loopback", true, "RC write of 0 bytes to the own GID",
		"acknowledged", "look at the NIC itself: dmesg, firmware, port counters" },
};
/* clang-format on */

static struct check *append(struct checks *checks)
{
	struct check *grown = grow(checks->v, checks->n, sizeof(*grown));

	if (!grown)
		return NULL;
	checks->v = grown;
	checks->v[checks->n] = (struct check){ 0 };
	return &checks->v[checks->n++];
}

void check_add(struct checks *checks, enum check_id id, const struct rail *rail,
	       enum check_status status, const char *fmt, ...)
{
	const struct def *def = &defs[id];
	struct check *check = append(checks);
	va_list ap;

	if (!check)
		return;
	check->id = id;
	check->label = def->label;
	check->name = def->name;
	check->source = def->source;
	check->essential = def->essential;
	check->status = status;
	snprintf(check->rail, sizeof(check->rail), "%s", rail ? rail->name : "");
	snprintf(check->want, sizeof(check->want), "%s", def->want);
	if (status != CHECK_OK)
		snprintf(check->fix, sizeof(check->fix), "%s", def->fix);
	va_start(ap, fmt);
	vsnprintf(check->value, sizeof(check->value), fmt, ap);
	va_end(ap);
}

void check_add_rung(struct checks *checks, const char *label, const char *name,
		    const char *source, const char *rail, enum check_status status)
{
	struct check *check = append(checks);

	if (!check)
		return;
	check->id = CHECK_IDS;
	check->label = label;
	check->name = name;
	check->source = source;
	check->status = status;
	snprintf(check->rail, sizeof(check->rail), "%s", rail);
}

void check_want(struct checks *checks, const char *fmt, ...)
{
	struct check *last = checks->n ? &checks->v[checks->n - 1] : NULL;
	va_list ap;

	if (!last)
		return;
	va_start(ap, fmt);
	vsnprintf(last->want, sizeof(last->want), fmt, ap);
	va_end(ap);
}

void check_fix(struct checks *checks, const char *fmt, ...)
{
	struct check *last = checks->n ? &checks->v[checks->n - 1] : NULL;
	va_list ap;

	if (!last)
		return;
	va_start(ap, fmt);
	vsnprintf(last->fix, sizeof(last->fix), fmt, ap);
	va_end(ap);
}

const char *check_status_name(enum check_status status)
{
	static const char *const names[] = { "ok", "warn", "unknown", "fail" };

	return names[status];
}

enum verdict checks_verdict(const struct checks *checks)
{
	enum verdict verdict = checks->n ? VERDICT_OK : VERDICT_UNKNOWN;

	for (int i = 0; i < checks->n; i++) {
		const struct check *check = &checks->v[i];

		if (check->status == CHECK_FAIL)
			return VERDICT_FAIL;
		if (check->status == CHECK_UNKNOWN && check->essential)
			verdict = VERDICT_UNKNOWN;
	}
	return verdict;
}

/* How bad: an unknown that nobody can know here is better than a warning. */
static int badness(const struct check *check)
{
	if (check->status == CHECK_UNKNOWN)
		return check->essential ? 2 : 0;
	return check->status == CHECK_FAIL ? 3 : check->status == CHECK_WARN;
}

const struct check *checks_worst(const struct checks *checks)
{
	const struct check *worst = NULL;

	for (int i = 0; i < checks->n; i++)
		if (badness(&checks->v[i]) > (worst ? badness(worst) : 0))
			worst = &checks->v[i];
	return worst;
}

int checks_count(const struct checks *checks, enum check_status status)
{
	int n = 0;

	for (int i = 0; i < checks->n; i++)
		n += checks->v[i].status == status;
	return n;
}

void checks_clear(struct checks *checks)
{
	free(checks->v);
	*checks = (struct checks){ 0 };
}
