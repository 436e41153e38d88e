/* rail_index.c - use the GID index somebody insists on, where it can be used. No I/O. */
#include <string.h>

#include "plugins/rdma-probe/rail.h"

static const struct gid *entry_of(const struct local *local, const struct rail *rail,
				  int index)
{
	for (int i = 0; i < local->ngids; i++) {
		const struct gid *gid = &local->gids[i];

		if (gid->index == index && local->ports[gid->port].port == rail->port &&
		    !strcmp(local->ports[gid->port].dev, rail->dev))
			return gid;
	}
	return NULL;
}

static bool use(struct rail *rail, const struct local *local, const struct gid *gid)
{
	for (int i = 0; i < local->naddrs; i++) {
		const struct address *addr = &local->addrs[i];

		if (addr->ifindex != rail->ifindex || gid->ifindex != rail->ifindex ||
		    !ip_equal(&addr->ip.ip, &gid->ip))
			continue;
		rail->ip = addr->ip;
		rail->gid_index = gid->index;
		memcpy(rail->gid, gid->raw, sizeof(rail->gid));
		return true;
	}
	return false;
}

void rails_force_index(struct rails *rails, const struct local *local, int index)
{
	for (int i = 0; i < rails->n; i++) {
		struct rail *rail = &rails->v[i];
		const struct gid *gid = entry_of(local, rail, index);

		if (!rail_usable(rail) || (gid && gid->usable && use(rail, local, gid)))
			continue;
		rail->gid_index = -1;
		fault_set(&rail->fault, REASON_NO_ROCEV2_GID, 0, "index %d of %s: %s",
			  index, rail->dev,
			  !gid		? "is empty"
			  : gid->usable ? "is of another interface"
					: gid_why_text(gid->why));
		fault_fix(&rail->fault, "leave --gid-index away: the right one is found");
	}
}
