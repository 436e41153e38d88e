# shellcheck shell=bash
# lib.sh - what a scenario sources: . "$LAB/lib.sh"
#
# A helper that fails says why on standard error and ends the script, or the subshell it runs in, such
# as ok's. Every wait has an end.

# shellcheck disable=SC2034 # for the parts below
SHARE=/run/lab # a directory of this run that all nodes see

lab_die() {
	echo "lab: node$NODE: $*" >&2
	exit 1
}

for part in ../../tap wait nic nfs; do
	# shellcheck source=/dev/null
	. "$LAB/lib/$part.sh"
done
