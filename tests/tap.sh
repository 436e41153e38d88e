# shellcheck shell=bash
# tap.sh - say what held and what did not, in TAP (testanything.org). A test is named by a sentence.

tap_count=0 tap_failed=0 tap_running=
tap_output=$(mktemp)
trap tap_exit EXIT

# ok SENTENCE COMMAND... - COMMAND succeeds. Its output is shown if it does not.
ok() {
	local status=0
	tap_running=$1
	shift
	"$@" > "$tap_output" 2>&1 || status=$?
	tap_result $status "$tap_running" "exit status $status from: $*" "$(< "$tap_output")"
	tap_running=
}

# is SENTENCE GOT EXPECTED
is() {
	local status=0
	[ "$2" = "$3" ] || status=1
	tap_result $status "$1" "got:      $2" "expected: $3"
}

# like SENTENCE GOT PATTERN - GOT matches the extended regular expression.
like() {
	local status=0
	[[ $2 =~ $3 ]] || status=1
	tap_result $status "$1" "got:            $2" "does not match: $3"
}

# skip SENTENCE WHY
skip() { tap_result 0 "$1 # SKIP $2"; }

# done_testing - the last line of a scenario: the plan, and the exit status.
done_testing() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}

# tap_result STATUS SENTENCE NOTE... - the notes are for a failure.
tap_result() {
	local status=$1 sentence=$2
	shift 2
	tap_count=$((tap_count + 1))
	if [ "$status" = 0 ]; then
		echo "ok $tap_count - $sentence"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $sentence"
		printf '# %s\n' "${@//$'\n'/$'\n# '}"
	fi
}

# A command under ok may end the script: then the script must not end without a word.
tap_exit() {
	[ -z "$tap_running" ] || tap_result 1 "$tap_running" "the script ended here" "$(< "$tap_output")"
	rm -f "$tap_output"
}
