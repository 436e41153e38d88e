/* scan.c - take stock of this network namespace. */
#include "plugins/rdma-probe/local.h"

int local_scan(struct local *ret, bool all, struct err *err)
{
	*ret = (struct local){ 0 };
	if (here_read(ret, err) || devices_read(ret, all, err)) {
		local_clear(ret);
		return -1;
	}
	return 0;
}
