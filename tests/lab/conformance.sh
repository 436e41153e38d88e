#!/bin/bash
# lab: -n 1 -r 1 -t 300
# conformance.sh - rail-sriov obeys the rules of CNI with VFs that have interfaces, too.
#
# tests/conformance/rules.sh runs all of them with VFs that have none; here are those in which one moves.
. "$LAB/lib.sh"

mapfile -t vfs < <(make_vfs 0 2)
exec "$LAB/../conformance/run" --vf "${vfs[0]}" --vf "${vfs[1]}" --only "^1.[79] \
|^1.8 (?!DEL with a prevResult|DEL takes back what ADD did though)\
|^1.6 (a main|the interface|version 1.1|addresses point|sandbox)\
|^1.12 an IPAM plugin that (exits with 1 and says|is killed|succeeds with a route)\
|^1.13 .*MAC |^1.14 prevResult" "$BUILD/bin/rail-sriov"
