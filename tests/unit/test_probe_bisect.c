/* bisect.c: a path failed; is it this end, the other one, or what is between? */
#include "tests/test.h"

#include <string.h>

#include "plugins/rdma-probe/bisect.h"

#define OK	VERDICT_OK
#define LOST	VERDICT_FAIL
#define UNKNOWN VERDICT_UNKNOWN

static void who_is_suspected_depends_on_whom_others_reach(void **state)
{
	static const struct {
		struct bisect_answer answers[BISECT_MAX];
		int n;
		enum bisect_end end;
	} cases[] = {
		/* to us, to the peer, from us to them */
		{ { { OK, OK, OK }, { OK, OK, OK }, { OK, OK, OK } }, 3, BISECT_PATH },
		{ { { OK, LOST, OK }, { OK, OK, OK } }, 2, BISECT_PATH },
		{ { { OK, LOST, OK }, { OK, LOST, OK } }, 2, BISECT_PEER },
		{ { { UNKNOWN, LOST, OK } }, 1, BISECT_PEER },
		{ { { LOST, OK, LOST }, { LOST, OK, LOST } }, 2, BISECT_US },
		{ { { LOST, OK, UNKNOWN } }, 1, BISECT_US },
		{ { { UNKNOWN, OK, LOST } }, 1, BISECT_US },
		{ { { LOST, LOST, LOST }, { LOST, LOST, LOST } }, 2, BISECT_RAIL },
		/* Of one who cannot tell nobody is suspected, nor without anybody. */
		{ { { UNKNOWN, UNKNOWN, OK } }, 1, BISECT_UNKNOWN },
		{ { { OK, UNKNOWN, OK }, { UNKNOWN, OK, OK } }, 2, BISECT_PATH },
		{ { { UNKNOWN, UNKNOWN, UNKNOWN } }, 0, BISECT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum bisect_end end = bisect(cases[i].answers, cases[i].n);

		if (end != cases[i].end)
			fail_msg("case %zu: %d", i, end);
	}
}

static void the_evidence_says_who_can_tell(void **state)
{
	static const struct bisect_answer answers[] = { { OK, LOST, OK },
							{ OK, LOST, OK },
							{ OK, UNKNOWN, OK } };
	struct fault fault = { 0 };

	(void)state;
	fault_set(&fault, REASON_UDP4791_BLOCKED, 0, "what was seen");
	bisect_note(BISECT_PEER, answers, 3, "net1", "node-b", &fault);
	assert_int_equal(fault.notes, 2);
	assert_string_equal(fault.note[1],
			    "2 of 3 others do not reach node-b on net1 either: "
			    "suspect that end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_suspected_depends_on_whom_others_reach),
		cmocka_unit_test(the_evidence_says_who_can_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
