/*
 * sandbox.h - two network namespaces for a test: the node's, where it runs, and a
 * pod's. Half a veth pair, "vf0", plays the VF; its peer is "wire".
 *
 * make runs these tests in a network namespace of their own; each test makes its own
 * two again, so that none sees what another left.
 */
#ifndef TESTS_NETNS_SANDBOX_H
#define TESTS_NETNS_SANDBOX_H

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#include <net/if.h>

static int sandbox_node = -1, sandbox_pod = -1;

static inline int sandbox_own_netns(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static inline int sandbox_enter(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET))
		return -1;
	sandbox_pod = sandbox_own_netns();
	if (unshare(CLONE_NEWNET))
		return -1;
	sandbox_node = sandbox_own_netns();
	return system("ip link add vf0 type veth peer name wire && ip link set wire up");
}

static inline int sandbox_leave(void **state)
{
	(void)state;
	return close(sandbox_pod) | close(sandbox_node);
}

/* Run a shell command in the pod; its exit status. */
static inline int sandbox_in_pod(const char *command)
{
	int status;

	assert_int_equal(setns(sandbox_pod, CLONE_NEWNET), 0);
	status = system(command);
	assert_int_equal(setns(sandbox_node, CLONE_NEWNET), 0);
	return status;
}

#endif
