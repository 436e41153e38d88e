/* judge_rail.c - the checks of one rail without which RoCEv2 does not work. No I/O. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <infiniband/verbs.h>

#include "plugins/rdma-probe/judge.h"

#define PHYS_LINK_UP 5

static const struct port *port_of(const struct scene *scene, const struct rail *rail)
{
	for (int i = 0; *rail->dev && i < scene->local->nports; i++)
		if (scene->local->ports[i].port == rail->port &&
		    !strcmp(scene->local->ports[i].dev, rail->dev))
			return &scene->local->ports[i];
	return NULL;
}

static void judge_node(struct checks *checks, const struct rail *rail,
		       const struct port *port)
{
	int no = port ? port->access : -1;

	if (!port) {
		check_add(checks, L01, rail, CHECK_FAIL, "no RDMA device");
		check_fix(checks, "%s", fault_advice(&rail->fault));
		return;
	}
	if (no == ACCESS_NO_PROVIDER) {
		check_add(checks, L01, rail, CHECK_OK, "%s opens", port->uverbs);
		check_add(checks, L23, rail, CHECK_FAIL, "no provider for %s", port->dev);
		return;
	}
	check_add(checks, L01, rail,
		  no > 0   ? CHECK_FAIL
		  : no < 0 ? CHECK_UNKNOWN
			   : CHECK_OK,
		  "%s%s%s", port->uverbs, no > 0 ? ": " : "", no > 0 ? strerror(no) : "");
	check_add(checks, L23, rail, port->opened ? CHECK_OK : CHECK_UNKNOWN, "%s",
		  port->opened ? "knows it" : "not opened");
}

static void judge_port(struct checks *checks, const struct scene *scene,
		       const struct rail *rail, const struct port *port)
{
	const struct netdev *netdev = local_netdev(scene->local, rail->ifindex);
	bool up = netdev && netdev->up;

	if (!port || !port->state) {
		check_add(checks, L06, rail, CHECK_UNKNOWN, "the port cannot be asked");
	} else {
		bool fine = port->state == IBV_PORT_ACTIVE && up;

		check_add(checks, L06, rail, fine ? CHECK_OK : CHECK_FAIL,
			  "port %s, physical state %d%s, %s %s",
			  port_state_name(port->state), port->phys_state,
			  port->phys_state == PHYS_LINK_UP ? " (link up)" : "",
			  rail->netdev, up ? "up" : "down");
	}
	if (!port || (!port->ethernet && !port->infiniband))
		check_add(checks, L07, rail, CHECK_UNKNOWN, "not told");
	else
		check_add(checks, L07, rail, port->ethernet ? CHECK_OK : CHECK_FAIL, "%s",
			  port->ethernet ? "ethernet" : "infiniband");
}

static void judge_speed(struct checks *checks, const struct scene *scene,
			const struct rail *rail)
{
	int wanted = scene->expect->gbps;

	if (rail->gbps <= 0) {
		check_add(checks, L08, rail, wanted ? CHECK_FAIL : CHECK_UNKNOWN,
			  "not told");
		return;
	}
	check_add(checks, L08, rail,
		  wanted && rail->gbps < wanted ? CHECK_FAIL : CHECK_OK, "%g Gb/s",
		  rail->gbps);
	if (wanted)
		check_want(checks, "%d Gb/s", wanted);
}

static void judge_gid(struct checks *checks, const struct rail *rail)
{
	const struct fault *fault = &rail->fault;
	char gid[GID_LEN], ip[CIDR_LEN];

	if (rail_usable(rail)) {
		check_add(checks, L09, rail, CHECK_OK, "%s, index %d of %s",
			  gid_format(rail->gid, gid), rail->gid_index, rail->dev);
		check_add(checks, L10, rail, CHECK_OK, "%s holds %s", rail->netdev,
			  cidr_format(&rail->ip, ip));
		return;
	}
	check_add(checks, L09, rail,
		  reason_verdict(fault->reason) == VERDICT_FAIL ? CHECK_FAIL
								: CHECK_UNKNOWN,
		  "%s%s%s", fault->reason ? reason_code(fault->reason) : "",
		  fault->reason ? ": " : "", fault->notes ? fault->note[0] : "none");
	check_fix(checks, "%s", fault_advice(fault));
	if (fault->reason == REASON_GID_FOREIGN)
		check_add(checks, L10, rail, CHECK_FAIL,
			  "the only GID of this address is another namespace's");
	else
		check_add(checks, L10, rail, CHECK_UNKNOWN, "no GID to compare");
}

/* Another interface with an address that is the same, or of the same subnet. */
static const struct address *rival(const struct scene *scene, const struct rail *rail,
				   bool same)
{
	for (int i = 0; i < scene->local->naddrs; i++) {
		const struct address *addr = &scene->local->addrs[i];

		if (addr->ifindex == rail->ifindex || ip_is_link_local(&addr->ip.ip))
			continue;
		if (same ? ip_equal(&addr->ip.ip, &rail->ip.ip)
			 : cidr_contains(&rail->ip, &addr->ip.ip))
			return addr;
	}
	return NULL;
}

static void judge_unique(struct checks *checks, const struct scene *scene,
			 const struct rail *rail)
{
	const struct address *twin = rival(scene, rail, true),
			     *neighbour = rival(scene, rail, false);
	const struct address *found = twin ? twin : neighbour;
	const struct netdev *netdev =
		found ? local_netdev(scene->local, found->ifindex) : NULL;
	char text[CIDR_LEN];

	if (!rail->ip.ip.family)
		check_add(checks, L11, rail, CHECK_UNKNOWN, "no address");
	else if (!found)
		check_add(checks, L11, rail, CHECK_OK, "%s",
			  cidr_format(&rail->ip, text));
	else
		check_add(checks, L11, rail, twin ? CHECK_FAIL : CHECK_WARN,
			  "%s has %s too", netdev ? netdev->name : "?",
			  cidr_format(&found->ip, text));
}

static void judge_loop(struct checks *checks, const struct rail *rail,
		       const struct rail_facts *facts)
{
	if (!facts->looped) {
		check_add(checks, L24, rail, CHECK_UNKNOWN, "not tried: no GID");
		return;
	}
	if (!facts->loop.notes) {
		check_add(checks, L24, rail, CHECK_OK, "acknowledged in %lld us",
			  (long long)facts->loop_ns / 1000);
		return;
	}
	check_add(checks, L24, rail, CHECK_FAIL, "%s", facts->loop.note[0]);
	if (facts->loop.reason)
		check_fix(checks, "%s", fault_advice(&facts->loop));
}

void judge_rail(struct checks *checks, const struct scene *scene, int i)
{
	const struct rail *rail = &scene->rails->v[i];
	const struct port *port = port_of(scene, rail);

	judge_node(checks, rail, port);
	judge_port(checks, scene, rail, port);
	judge_speed(checks, scene, rail);
	judge_gid(checks, rail);
	judge_unique(checks, scene, rail);
	judge_tuning(checks, scene, i);
	judge_loop(checks, rail, &scene->facts->rails[i]);
}
