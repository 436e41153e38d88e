/* node.c - who we are: the node's name, its boot, its machine id. */
#include <stdio.h>
#include <string.h>

#include "pkg/cni.h"
#include "pkg/file.h"
#include "pkg/name.h"
#include "pkg/node_name.h"
#include "ipam/node.h"

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"

int node_identify(const char *configured, struct node *ret, struct err *err)
{
	char name[NODE_NAME_LEN], boot[64];

	if (node_name(configured, name, err))
		return -1;
	/* "reserved," is how a name says that an operator set the address aside. */
	if (!*name || !strcmp(name, "reserved"))
		return err_cni(err, CNI_BAD_CONFIG,
			       "nodeName: a node cannot be called '%s'", name);
	if (!name_escape(name, "", ret->name, sizeof(ret->name)))
		return err_cni(err, CNI_BAD_CONFIG,
			       "nodeName: '%.40s...' takes more than %d bytes", name,
			       NODE_LEN - 1);
	if (!file_first_word(BOOT_FILE, boot, sizeof(boot)) ||
	    strlen(boot) < BOOT_LEN - 1)
		return err_set(err, 0, "read the id of this boot from %s", BOOT_FILE);
	snprintf(ret->boot, sizeof(ret->boot), "%.8s", boot);
	return 0;
}

int node_machine(char ret[MACHINE_LEN], struct err *err)
{
	/* An image that was never booted says "uninitialized" there. */
	if ((file_first_word("/etc/machine-id", ret, MACHINE_LEN) &&
	     strcmp(ret, "uninitialized")) ||
	    file_first_word("/sys/class/dmi/id/product_uuid", ret, MACHINE_LEN))
		return 0;
	err_set(err, 0, "this machine has no id: /etc/machine-id is empty or missing");
	return err_hint(err, "make one: systemd-machine-id-setup");
}
