/*
 * cni_valid.h - the attachments that a runtime still knows, as GC gets them
 * (CNI specification 1.1.0, "GC").
 */
#ifndef PKG_CNI_VALID_H
#define PKG_CNI_VALID_H

#include "pkg/cni.h"

struct cni_valid {
	struct cni_attachment {
		const char *container, *ifname; /* borrowed from the call */
	} * list;
	int count;
};

/*
 * Read cni.dev/valid-attachments or, as the text of specification 1.1.0 calls it,
 * cni.dev/attachments; libcni sends both. Null means that there are none. No
 * key at all may mean that whoever calls does not know of it, and is CNI_BAD_CONFIG, as
 * is an element that lacks something: then nothing may be collected.
 */
int cni_valid_read(const struct cni_call *call, struct cni_valid *ret, struct err *err);

bool cni_valid_has(const struct cni_valid *valid, const char *container,
		   const char *ifname);

void cni_valid_clear(struct cni_valid *valid);
#define _autovalid_ _cleanup_(cni_valid_clear)

#endif
