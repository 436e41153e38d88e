/* schedule.c - who meets whom when: a round-robin tournament. No I/O. */
#include "plugins/rdma-probe/schedule.h"

/* One more where the number is odd: who meets that one has nobody to meet. */
static int even(int n)
{
	return n + n % 2;
}

int schedule_rounds(int n)
{
	return n < 2 ? 0 : even(n) - 1;
}

/*
 * The circle method: the last player stands still, i and j of the others meet where
 * i + j = round (mod n - 1), and the one that would meet itself meets the last.
 */
int schedule_partner(int n, int round, int i)
{
	int last = even(n) - 1, partner;

	if (n < 2)
		return -1;
	if (i == last)
		partner = (int)((long)round * (last + 1) / 2 % last);
	else
		partner = ((round - i) % last + last) % last;
	if (partner == i)
		partner = last;
	return partner < n ? partner : -1;
}
