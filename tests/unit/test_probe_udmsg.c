/* udmsg.c: the datagrams probes send, and what the network puts in front of them. */
#include "tests/test.h"

#include <string.h>

#include "plugins/rdma-probe/gid.h"
#include "plugins/rdma-probe/udmsg.h"

static const struct ud_msg sample = { .type = UD_ANSWER,
				      .token = 0xdeadbeef,
				      .sequence = 7,
				      .arrived = 0xffffffff,
				      .tos = 104,
				      .ttl = 64,
				      .sent = INT64_MAX,
				      .held = 12,
				      .prompt = true };

static void a_message_survives_the_way(void **state)
{
	uint8_t bytes[UD_MSG_LEN];
	struct ud_msg back;

	(void)state;
	ud_msg_write(&sample, bytes);
	assert_true(ud_msg_read(bytes, sizeof(bytes), &back));
	assert_int_equal(back.type, sample.type);
	assert_int_equal(back.token, sample.token);
	assert_int_equal(back.sequence, sample.sequence);
	assert_int_equal(back.arrived, sample.arrived);
	assert_int_equal(back.tos, sample.tos);
	assert_int_equal(back.ttl, sample.ttl);
	assert_int_equal(back.sent, sample.sent);
	assert_int_equal(back.held, sample.held);
	assert_true(back.prompt);
}

static void what_strangers_send_is_no_message(void **state)
{
	uint8_t bytes[UD_MSG_LEN];
	struct ud_msg back;

	(void)state;
	ud_msg_write(&sample, bytes);
	assert_false(ud_msg_read(bytes, UD_MSG_LEN - 1, &back));
	assert_false(ud_msg_read(bytes, -40, &back));
	bytes[5] = 9;
	assert_false(ud_msg_read(bytes, sizeof(bytes), &back));
	bytes[5] = UD_PROBE;
	bytes[4] = 2;
	assert_false(ud_msg_read(bytes, sizeof(bytes), &back));
	memset(bytes, 0, sizeof(bytes));
	assert_false(ud_msg_read(bytes, sizeof(bytes), &back));
}

static void the_sender_and_its_tos_stand_in_an_ipv4_header(void **state)
{
	uint8_t grh[UD_GRH_LEN] = { 0 };
	struct ud_from from;
	char text[GID_LEN];

	(void)state;
	memset(grh, 0x66, 20); /* undefined, even if it looks like IPv6 */
	grh[20] = 0x45;
	grh[21] = 104;
	grh[28] = 63;
	memcpy(grh + 32, (uint8_t[]){ 10, 0, 1, 2 }, 4);
	assert_true(ud_from_read(grh, &from));
	assert_string_equal(gid_format(from.gid, text), "::ffff:10.0.1.2");
	assert_int_equal(from.tos, 104);
	assert_int_equal(from.ttl, 63);
}

static void or_in_an_ipv6_header(void **state)
{
	uint8_t grh[UD_GRH_LEN] = { 0x66, 0x80, [7] = 64, [8] = 0xfd, [23] = 2 };
	struct ud_from from;
	char text[GID_LEN];

	(void)state;
	assert_true(ud_from_read(grh, &from));
	assert_string_equal(gid_format(from.gid, text), "fd00::2");
	assert_int_equal(from.tos, 104);
	assert_int_equal(from.ttl, 64);
}

static void anything_else_is_neither(void **state)
{
	uint8_t grh[UD_GRH_LEN] = { 0 };
	struct ud_from from;

	(void)state;
	assert_false(ud_from_read(grh, &from));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_survives_the_way),
		cmocka_unit_test(what_strangers_send_is_no_message),
		cmocka_unit_test(the_sender_and_its_tos_stand_in_an_ipv4_header),
		cmocka_unit_test(or_in_an_ipv6_header),
		cmocka_unit_test(anything_else_is_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
