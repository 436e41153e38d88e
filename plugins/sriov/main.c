/* main.c - rail-sriov: a CNI plugin that gives pods VFs of SR-IOV NICs. */
#include <stdio.h>
#include <string.h>

#include "plugins/sriov/verbs.h"

static const char usage[] =
	"rail-sriov " VERSION
	": gives pods VFs of SR-IOV NICs, with addresses and routes\n"
	"\n"
	"It is a CNI plugin: a container runtime runs it, with CNI_COMMAND and other\n"
	"variables in its environment and a network configuration on standard input.\n"
	"CNI versions 0.1.0 to 1.1.0.\n"
	"\n"
	"  rail-sriov --help      this text\n"
	"  rail-sriov --version   its version\n";

int main(int argc, char **argv)
{
	static const struct cni_plugin plugin = {
		.add = add,
		.del = del,
		.check = check,
	};

	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("rail-sriov " VERSION);
		return 0;
	}
	if (argc > 1 || !cni_called()) {
		fputs(usage, argc > 1 && strcmp(argv[1], "--help") ? stderr : stdout);
		return argc > 1 && strcmp(argv[1], "--help");
	}
	return cni_main(&plugin);
}
