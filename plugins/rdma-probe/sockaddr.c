/* sockaddr.c - addresses as sockets want them. */
#include <string.h>

#include "plugins/rdma-probe/sockaddr.h"

socklen_t sockaddr_make(const struct ip *ip, int port, int ifindex,
			struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	ret->ss_family = ip->family;
	if (ip->family == AF_INET) {
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, ip->b, sizeof(v4->sin_addr));
		return sizeof(*v4);
	}
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, ip->b, sizeof(v6->sin6_addr));
	if (ip_is_link_local(ip))
		v6->sin6_scope_id = ifindex;
	return sizeof(*v6);
}
