/* cma.c - librdmacm, loaded when it is needed. */
#include <dlfcn.h>
#include <string.h>

#include "pkg/cleanup.h"
#include "plugins/rdma-probe/cma.h"

bool cma_load(struct cma *ret)
{
	const struct {
		const char *name;
		void *to;
	} symbols[] = {
		{ "rdma_create_event_channel", &ret->create_channel },
		{ "rdma_destroy_event_channel", &ret->destroy_channel },
		{ "rdma_create_id", &ret->create_id },
		{ "rdma_destroy_id", &ret->destroy_id },
		{ "rdma_set_option", &ret->set_option },
		{ "rdma_bind_addr", &ret->bind_addr },
		{ "rdma_listen", &ret->listen },
		{ "rdma_accept", &ret->accept },
		{ "rdma_reject", &ret->reject },
		{ "rdma_resolve_addr", &ret->resolve_addr },
		{ "rdma_resolve_route", &ret->resolve_route },
		{ "rdma_connect", &ret->connect },
		{ "rdma_get_cm_event", &ret->get_event },
		{ "rdma_ack_cm_event", &ret->ack_event },
	};
	void *library = dlopen("librdmacm.so.1", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *address = dlsym(library, symbols[i].name);

		if (!address)
			return false;
		memcpy(symbols[i].to, &address, sizeof(address));
	}
	return true;
}

struct ip cma_local_address(struct rdma_cm_id *id)
{
	const struct sockaddr *addr = rdma_get_local_addr(id);
	struct ip ip = { .family = addr->sa_family };

	if (ip.family == AF_INET)
		memcpy(ip.b, &((const struct sockaddr_in *)addr)->sin_addr, 4);
	else if (ip.family == AF_INET6)
		memcpy(ip.b, &((const struct sockaddr_in6 *)addr)->sin6_addr, 16);
	else
		ip.family = AF_UNSPEC;
	return ip;
}
