/* verbs.c - what the verbs share. */
#include <stdio.h>

#include "pkg/ipam_exec.h"
#include "plugins/sriov/verbs.h"

void owner_of(const struct cni_call *call, struct owner *ret)
{
	char namespace[256], name[256];

	*ret = (struct owner){ 0 };
	snprintf(ret->network, sizeof(ret->network), "%s", call->network);
	snprintf(ret->container, sizeof(ret->container), "%s", call->container);
	snprintf(ret->ifname, sizeof(ret->ifname), "%s", call->ifname);
	snprintf(ret->netns, sizeof(ret->netns), "%s", call->netns);
	if (cni_arg(call, "K8S_POD_NAMESPACE", namespace, sizeof(namespace)) &&
	    cni_arg(call, "K8S_POD_NAME", name, sizeof(name)))
		snprintf(ret->pod, sizeof(ret->pod), "%s/%s", namespace, name);
}

void log_call(const char *verb, const struct cni_call *call, const struct conf *conf)
{
	log_setup(conf->log_level, conf->log_file);
	if (*call->container)
		log_subject("rail-sriov %s %.12s %s %s", verb, call->container,
			    call->ifname, call->network);
	else
		log_subject("rail-sriov %s %s", verb, call->network);
}

int ask_ipam(const char *verb, const struct cni_call *call, const struct conf *conf,
	     struct err *err)
{
	struct ipam_run run;

	if (!conf->ipam)
		return 0;
	run = ipam_run_of(call, conf->ipam, verb);
	return ipam_call(&run, NULL, err);
}
