/* node_name.c - what this node is called among the others of its cluster. */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "pkg/file.h"
#include "pkg/node_name.h"

#define NAME_FILE "/etc/rail-cni/node-name"

int node_name(const char *configured, char ret[NODE_NAME_LEN], struct err *err)
{
	struct utsname host;

	if (*configured)
		snprintf(ret, NODE_NAME_LEN, "%s", configured);
	else if (!file_first_word(NAME_FILE, ret, NODE_NAME_LEN)) {
		if (uname(&host))
			return err_set(err, errno, "read the host's name");
		snprintf(ret, NODE_NAME_LEN, "%s", host.nodename);
	}
	return 0;
}
