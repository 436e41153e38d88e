/* judge_tuning.c - the checks of one rail that decide how well it works. No I/O. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plugins/rdma-probe/judge.h"

#define PEER_NEEDED "asks a peer: rdma-probe diagnose PEER"

int roce_mtu(int netdev_mtu)
{
	int mtu = 4096;

	while (mtu >= 256 && mtu + ROCE_HEADROOM > netdev_mtu)
		mtu /= 2;
	return mtu < 256 ? 0 : mtu;
}

static long limit_of(const char *text, const char *dev, const char *what)
{
	size_t len = strlen(dev);

	for (const char *line = text; *line; line += strcspn(line, "\n")) {
		const char *found;

		line += *line == '\n';
		if (strncmp(line, dev, len) || line[len] != ' ')
			continue;
		found = strstr(line, what);
		if (!found || found > line + strcspn(line, "\n"))
			return -1;
		found += strlen(what) + 1;
		return strncmp(found, "max", 3) ? atol(found) : -1;
	}
	return -1;
}

long cgroup_left(const char *max, const char *now, const char *dev, const char *what)
{
	long limit = limit_of(max, dev, what), used = limit_of(now, dev, what);

	if (limit < 0)
		return -1;
	used = used < 0 ? 0 : used;
	return used > limit ? 0 : limit - used;
}

static void judge_cgroup(struct checks *checks, const struct facts *facts,
			 const struct rail *rail)
{
	long handles, objects, least;

	if (!*facts->cgroup_max) {
		check_add(checks, L05, rail, CHECK_UNKNOWN, "no rdma cgroup to be seen");
		return;
	}
	handles = cgroup_left(facts->cgroup_max, facts->cgroup_now, rail->dev,
			      "hca_handle");
	objects = cgroup_left(facts->cgroup_max, facts->cgroup_now, rail->dev,
			      "hca_object");
	least = handles >= 0 && (objects < 0 || handles < objects) ? handles : objects;
	if (least < 0)
		check_add(checks, L05, rail, CHECK_OK, "no limit");
	else
		check_add(checks, L05, rail,
			  least == 0  ? CHECK_FAIL
			  : least < 8 ? CHECK_WARN
				      : CHECK_OK,
			  "%ld handles, %ld objects left", handles, objects);
}

static void judge_mtu(struct checks *checks, const struct scene *scene,
		      const struct rail *rail)
{
	int fits = roce_mtu(rail->netdev_mtu), active = rail->active_mtu;
	int wanted = scene->expect->active_mtu ? scene->expect->active_mtu : 4096;
	enum check_status status = CHECK_OK;

	if (!active || !rail->netdev_mtu) {
		check_add(checks, L13, rail, CHECK_UNKNOWN, "not told");
		return;
	}
	if (active > fits)
		status = CHECK_FAIL; /* what RoCE sends, the interface cannot */
	else if (active < wanted)
		status = scene->expect->active_mtu ? CHECK_FAIL : CHECK_WARN;
	if (scene->expect->netdev_mtu > rail->netdev_mtu)
		status = CHECK_FAIL;
	check_add(checks, L13, rail, status, "RoCE MTU %d, %s MTU %d", active,
		  rail->netdev, rail->netdev_mtu);
	if (scene->expect->netdev_mtu)
		check_want(checks, "RoCE MTU %d, interface MTU %d", wanted,
			   scene->expect->netdev_mtu);
	else
		check_want(checks, "RoCE MTU %d (interface MTU %d or more)", wanted,
			   wanted + 96);
}

static void judge_egress(struct checks *checks, const struct scene *scene,
			 const struct rail *rail, const struct rail_facts *facts)
{
	const struct netdev *other = local_netdev(scene->local, facts->egress_ifindex);

	if (!facts->egress_known)
		check_add(checks, L15, rail, CHECK_OK,
			  "no subnet of its own; " PEER_NEEDED);
	else if (facts->egress_error)
		check_add(checks, L15, rail, CHECK_FAIL,
			  "no route into its own subnet: %s",
			  strerror(facts->egress_error));
	else
		check_add(checks, L15, rail,
			  facts->egress_ifindex == rail->ifindex ? CHECK_OK : CHECK_FAIL,
			  "its subnet is left for by %s", other ? other->name : "?");
}

static void judge_arp(struct checks *checks, const struct scene *scene,
		      const struct rail *rail, const struct rail_facts *facts)
{
	bool good = facts->arp_ignore >= 1 && facts->arp_announce == 2 &&
		    facts->rp_filter != 1;

	if (facts->arp_ignore < 0)
		check_add(checks, L17, rail, CHECK_UNKNOWN, "not told");
	else /* with one rail nobody else can answer for it */
		check_add(checks, L17, rail,
			  good || scene->rails->n < 2 ? CHECK_OK : CHECK_WARN,
			  "arp_ignore %d, arp_announce %d, rp_filter %d",
			  facts->arp_ignore, facts->arp_announce, facts->rp_filter);
}

static void judge_pfc(struct checks *checks, const struct scene *scene,
		      const struct rail *rail, const struct rail_facts *facts)
{
	int wanted = scene->expect->pfc;
	bool good = (facts->pfc & wanted) == wanted && facts->pfc && facts->dscp_trusted;

	if (facts->pfc < 0)
		check_add(checks, L18, rail, CHECK_UNKNOWN,
			  "not told to a VF: ask on the host");
	else
		check_add(checks, L18, rail,
			  good	   ? CHECK_OK
			  : wanted ? CHECK_FAIL
				   : CHECK_WARN,
			  "PFC on priorities 0x%02x, trust %s", facts->pfc,
			  facts->dscp_trusted ? "dscp" : "pcp");
	if (wanted)
		check_want(checks, "PFC on priorities 0x%02x, trust dscp", wanted);
}

static void judge_counters(struct checks *checks, const struct rail *rail,
			   const struct rail_facts *facts)
{
	char text[160];
	int errors;

	if (!facts->counters.n) {
		check_add(checks, L21, rail, CHECK_UNKNOWN, "not told");
		return;
	}
	errors = counters_errors(NULL, &facts->counters, text, sizeof(text));
	check_add(checks, L21, rail, errors ? CHECK_WARN : CHECK_OK, "%s",
		  errors ? text : "no errors");
}

static void judge_settings(struct checks *checks, const struct rail *rail,
			   const struct rail_facts *facts)
{
	check_add(checks, L19, rail, *facts->tc_override ? CHECK_WARN : CHECK_OK, "%s",
		  *facts->tc_override ? facts->tc_override : "none");
	check_add(checks, L20, rail, *facts->roce_tos ? CHECK_OK : CHECK_UNKNOWN, "%s",
		  *facts->roce_tos ? facts->roce_tos : "not told here");
	check_add(checks, L22, rail, *facts->vfs ? CHECK_OK : CHECK_UNKNOWN, "%s",
		  *facts->vfs ? facts->vfs : "only told by the PF: ask on the host");
}

void judge_tuning(struct checks *checks, const struct scene *scene, int i)
{
	const struct rail *rail = &scene->rails->v[i];
	const struct rail_facts *facts = &scene->facts->rails[i];

	judge_cgroup(checks, scene->facts, rail);
	judge_mtu(checks, scene, rail);
	check_add(checks, L14, rail, CHECK_UNKNOWN, PEER_NEEDED);
	judge_egress(checks, scene, rail, facts);
	check_add(checks, L16, rail, CHECK_UNKNOWN, PEER_NEEDED);
	judge_arp(checks, scene, rail, facts);
	judge_pfc(checks, scene, rail, facts);
	judge_counters(checks, rail, facts);
	judge_settings(checks, rail, facts);
}
