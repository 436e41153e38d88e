/* tally.c - datagrams sent, arrived, answered: what is wrong with them? No I/O. */
#include "plugins/rdma-probe/tally.h"

static int nothing_back(const struct tally *tally, const char *peer, const char *netdev,
			struct fault *fault)
{
	if (!tally->counted)
		return fault_set(fault, REASON_UDP4791_BLOCKED, 0,
				 "none of %d datagrams from %s was answered, and %s does "
				 "not tell how many came",
				 tally->sent, netdev, peer);
	if (tally->arrived == 0)
		return fault_set(fault, REASON_UDP4791_BLOCKED, 0,
				 "on the way there: of %d datagrams from %s none arrived "
				 "at %s",
				 tally->sent, netdev, peer);
	fault_set(fault, REASON_UDP4791_BLOCKED, 0,
		  "on the way back: of %d datagrams from %s %d arrived at %s, and no "
		  "answer came",
		  tally->sent, netdev, tally->arrived, peer);
	return fault_fix(fault, "let UDP port 4791 pass from %s to us", peer);
}

int tally_conclude(const struct tally *tally, const char *peer, const char *netdev,
		   struct fault *fault)
{
	if (tally->answered == tally->sent)
		return 0;
	if (tally->answered == 0)
		return nothing_back(tally, peer, netdev, fault);
	if (tally->counted && tally->arrived < tally->sent)
		return fault_set(fault, REASON_UD_FWD_LOSS, 0,
				 "of %d datagrams from %s %d arrived at %s", tally->sent,
				 netdev, tally->arrived, peer);
	return fault_set(fault, REASON_UD_REV_LOSS, 0,
			 "of %d answers of %s %d came back to %s", tally->sent, peer,
			 tally->answered, netdev);
}

int tally_check_dscp(const struct tally *tally, int tc, const char *peer,
		     struct fault *fault)
{
	if (!tally->answered || tally->tos >> 2 == tc >> 2)
		return 0;
	return fault_set(fault, REASON_DSCP_REMARKED, 0,
			 "sent with DSCP %d, arrived at %s with DSCP %d", tc >> 2, peer,
			 tally->tos >> 2);
}
