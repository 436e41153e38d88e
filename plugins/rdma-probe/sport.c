/* sport.c - which path of ECMP a flow label is. No I/O. */
#include "plugins/rdma-probe/sport.h"

static double power(double base, int n)
{
	double value = 1;

	while (n-- > 0)
		value *= base;
	return value;
}

double sport_coverage(int n, int m)
{
	return power(1 - power(1 - 1.0 / m, n), m);
}

int sport_of(int flow_label)
{
	return 0xc000 | ((flow_label & 0x3fff) ^ (flow_label >> 14));
}
