/*
 * plan.h - one attachment: whose it is, and every value it changes, as it was and as
 * it shall be. Written down before the first change, it is what undoes it.
 */
#ifndef SRIOV_PLAN_H
#define SRIOV_PLAN_H

#include <limits.h>

#include "pkg/netns.h"
#include "pkg/sysfs.h"
#include "plugins/sriov/conf.h"
#include "plugins/sriov/rdma_tos.h"

/* Whose: what names an attachment (SPEC.md, "ADD"), and what finds its namespace. */
struct owner {
	char network[256], container[256], ifname[IFNAMSIZ];
	char netns[PATH_MAX];
	struct netns_id netns_id;
	char pod[512]; /* "namespace/name" in Kubernetes, else "" */
};

/* How the VF and its interface were found. */
struct view {
	struct pci_vf vf;
	struct link link;	  /* of the VF; index 0 when it has none (vfio) */
	struct link pf;		  /* index 0 when not visible */
	struct vf_settings admin; /* what the PF holds of it; has == 0 when not read */
	struct {
		bool subsystem; /* the machine has one; what follows means something */
		enum rdma_mode mode;
		struct rdma_dev dev; /* name "" when the VF has none */
		char uverbs[32];
		struct rdma_tos tos;
	} rdma;
	char representor[IFNAMSIZ]; /* in switchdev mode; "" else */
	uint32_t free_table;	    /* a routing table of the pod that nobody uses */
};

struct plan_rdma {
	char name[RDMA_NAME_LEN]; /* on the node; "" when there is none to care for */
	bool moves;		  /* into the pod: the machine is in exclusive mode */
	char shall_name[RDMA_NAME_LEN];
	char uverbs[32];
	struct rdma_tos was_tos, shall_tos; /* -1: not to be touched */
};

struct plan {
	struct owner owner;
	int64_t since; /* seconds, real time */
	struct pci_vf vf;
	int pf_index;

	bool moves; /* it has an interface to move; false for vfio */
	struct {
		char name[IFNAMSIZ], altnames[ALTNAMES_LEN];
		uint8_t mac[MAC_LEN];
		unsigned int mtu;
		unsigned int flags;	  /* of IFF_UP, IFF_PROMISC, IFF_ALLMULTI */
		struct vf_settings admin; /* has: what must be put back */
	} was;
	struct link_change shall;	/* of the interface */
	struct vf_settings shall_admin; /* through the PF; has: what differs */
	struct plan_rdma rdma;
	uint32_t table; /* of source routing; 0: none */
	bool flr;	/* reset the function when it comes back */

	/* To release its address when nobody but us is left to ask for it. */
	char *conf, *cni_path, *cni_args;
	enum cni_version version;

	char *result;	/* JSON of what ADD returned; NULL until it has succeeded */
	char gids[256]; /* GID index of each address of the result, "5 6"; - for none */
};

/* Decide. No I/O. The strings of ret are allocated: plan_clear(). */
int plan_make(const struct owner *owner, const struct cni_call *call,
	      const struct conf *conf, const struct view *view, struct plan *ret,
	      struct err *err);

/* As JSON text (free() it) and back. NULL for a plan that cannot be a JSON text: a name,
 * or a variable of the call, that is not UTF-8. Parsing names what is wrong with the
 * text. */
char *plan_format(const struct plan *plan, struct err *err);
int plan_parse(const char *text, size_t len, struct plan *ret, struct err *err);

void plan_clear(struct plan *plan);
#define _autoplan_ _cleanup_(plan_clear)

#endif
