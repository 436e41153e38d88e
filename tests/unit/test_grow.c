/* grow.h: arrays that grow at their end. */
#include "tests/test.h"

#include <stdlib.h>

#include "pkg/grow.h"

#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
#endif

static void what_is_in_it_stays(void **state)
{
	int *list = NULL;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		int *grown = grow(list, n, sizeof(*grown));

		assert_non_null(grown);
		list = grown;
		list[n] = n;
	}
	for (int n = 0; n < 1000; n++)
		assert_int_equal(list[n], n);
	free(list);
}

/* With sanitizers, room that is not there would be seen. */
static void one_that_shrank_grows_again(void **state)
{
	int *list = NULL, n = 0;

	(void)state;
	for (int top = 70; top > 10; top -= 7) {
		while (n < top) {
			list = grow(list, n, sizeof(*list));
			assert_non_null(list);
			list[n++] = 1;
		}
		n = top / 2;
	}
	free(list);
}

static void no_memory_leaves_it_as_it_was(void **state)
{
	int *list = grow(NULL, 0, sizeof(*list));
	void *(*volatile ask)(void *, size_t, size_t) = grow; /* gcc sees too much */

	(void)state;
	assert_non_null(list);
	list[0] = 7;
	assert_null(ask(list, 16, SIZE_MAX / 4));
	assert_int_equal(list[0], 7);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it_stays),
		cmocka_unit_test(one_that_shrank_grows_again),
		cmocka_unit_test(no_memory_leaves_it_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
