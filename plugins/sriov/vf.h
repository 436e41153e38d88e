/*
 * vf.h - carry out a plan on the VF, and take it back.
 *
 * A VF is found by the bus address of its function, wherever its interface is now and
 * whatever it is called.
 */
#ifndef SRIOV_VF_H
#define SRIOV_VF_H

#include "plugins/sriov/node.h"
#include "plugins/sriov/plan.h"

/* Look at a VF on the node: sysfs, its interface, its PF, and what the PF holds of it
 * when `conf` asks for something to be changed there. */
int vf_view(const struct node *node, const char *device, const struct conf *conf,
	    struct view *ret, struct err *err);

/* The interface of a device in this namespace, also when udev renames it under our
 * eyes: 1, 0 when it is not here, -1. */
int vf_find_here(const struct node *node, const char *device, struct link *ret,
		 struct err *err);

/* The interface in the pod: under the name it was given, else by looking at all. */
int vf_find_in_pod(const struct pod *pod, const struct plan *plan, struct link *ret,
		   struct err *err);

/* Change the VF's own settings (its interface is down). Where its driver refuses it an
 * address of its own, or is busy, this does what helps. */
int vf_configure(const struct node *node, const struct plan *plan, struct nl *nl,
		 const struct link *link, const struct link_change *change,
		 struct err *err);

/* Settings through the PF, the one move, the VF's own settings; ret is the interface in
 * the pod, still down. */
int vf_attach(const struct node *node, const struct pod *pod, const struct plan *plan,
	      struct link *ret, struct err *err);

/* Put everything back as it was, wherever the interface is now. Done already, or with
 * the VF gone, it is no error. Needs no namespace path to exist. */
int vf_detach(const struct node *node, const struct plan *plan, struct err *err);

/* Give it its name and its alternative names back. A name that somebody else has on the
 * node by now is no error: the interface then keeps the one it has. */
int vf_restore_names(const struct node *node, const struct plan *plan,
		     const struct link *link, struct err *err);

/* Take all its alternative names away but those to keep. */
int vf_strip_names(struct nl *nl, const char *keep, const struct link *link,
		   struct err *err);

/* Bring a device's interface home from a pod of which nothing is remembered, under the
 * name that systemd would give it: PF, "v" and its number. No error when it is not
 * there. */
int vf_fetch_stray(const struct node *node, const char *netns, const char *device,
		   struct err *err);

/* Reset the function, which is on the node. */
int vf_reset(const struct node *node, const struct pci_vf *vf, struct err *err);

#endif
