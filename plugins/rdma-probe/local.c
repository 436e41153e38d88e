/* local.c - what this network namespace has: interfaces, addresses, RDMA ports, GIDs. */
#include <string.h>

#include "plugins/rdma-probe/local.h"

void local_clear(struct local *local)
{
	free(local->netdevs);
	free(local->addrs);
	free(local->ports);
	free(local->gids);
	*local = (struct local){ 0 };
}

const struct netdev *local_netdev(const struct local *local, int ifindex)
{
	for (int i = 0; i < local->nnetdevs; i++)
		if (local->netdevs[i].ifindex == ifindex)
			return &local->netdevs[i];
	return NULL;
}

const struct netdev *local_netdev_named(const struct local *local, const char *name)
{
	for (int i = 0; i < local->nnetdevs; i++)
		if (!strcmp(local->netdevs[i].name, name))
			return &local->netdevs[i];
	return NULL;
}

bool netdev_is_stacked(const struct netdev *netdev)
{
	static const char *const kinds[] = { "vlan", "macvlan", "ipvlan", "bond",
					     "team" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(netdev->kind, kinds[i]))
			return true;
	return false;
}
