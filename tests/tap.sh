# shellcheck shell=bash
# tap.sh - what a test in bash needs to print TAP.
#
#	ok "a sentence" COMMAND...	passes when COMMAND succeeds
#	is "a sentence" GOT WANTED	passes when the two texts are equal
#	like "a sentence" GOT PATTERN	passes when GOT matches the extended regular expression
#	skip "a sentence" WHY
#	done_testing			prints the plan; exit status 1 when something failed

tap_count=0 tap_failed=0

tap_result() { # PASSED SENTENCE
	tap_count=$((tap_count + 1))
	if (($1)); then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		tap_failed=$((tap_failed + 1))
	fi
}

ok() {
	local sentence=$1 out
	shift
	if out=$("$@" 2>&1); then
		tap_result 1 "$sentence"
	else
		tap_result 0 "$sentence"
		printf '# %s: exit status not 0\n' "$*"
		[ -z "$out" ] || echo "#   ${out//$'\n'/$'\n#   '}"
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		tap_result 1 "$1"
	else
		tap_result 0 "$1"
		printf '# got:    %s\n# wanted: %s\n' "${2//$'\n'/$'\n#         '}" "${3//$'\n'/$'\n#         '}"
	fi
}

like() {
	if [[ $2 =~ $3 ]]; then
		tap_result 1 "$1"
	else
		tap_result 0 "$1"
		printf '# got:            %s\n# does not match: %s\n' "${2//$'\n'/$'\n#                 '}" "$3"
	fi
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

done_testing() {
	echo "1..$tap_count"
	((tap_failed == 0))
}
