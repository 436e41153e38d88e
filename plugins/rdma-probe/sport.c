/* sport.c - which path of ECMP a flow label is. No I/O. */
#include "plugins/rdma-probe/sport.h"

int sport_of(int flow_label)
{
	return 0xc000 | ((flow_label & 0x3fff) ^ (flow_label >> 14));
}
