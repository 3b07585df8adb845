/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the same configuration, and asked by the messages of real routers, ours must equal theirs
 * but for cookies. The captures are no part of the project: the first argument names their folder,
 * and the test is skipped when it is not there.
 */
#include <stdio.h>

#include "ike/pair_test.h"
#include "nhrp/capture_test.h"

enum { MESSAGES_MAX = 16, COOKIE_LEN = 8, VENDOR_LEN = 16 };

struct message {
	struct addr from, to;
	uint8_t bytes[PAIR_BYTES_MAX];
	size_t len;
};

struct messages {
	struct message message[MESSAGES_MAX];
	size_t n;
};

static const char *folder;

static void see(void *ctx, const struct capture_packet *seen)
{
	struct messages *all = ctx;
	struct message *m = &all->message[all->n++];

	assert_in_range(all->n, 1, MESSAGES_MAX);
	assert_in_range(seen->len, ISAKMP_HEADER_LEN, sizeof m->bytes);
	*m = (struct message){ .from = seen->from, .to = seen->to, .len = seen->len };
	memcpy(m->bytes, seen->bytes, seen->len);
}

static void load(const char *name, struct messages *ret)
{
	ret->n = 0;
	capture_each_isakmp(folder, name, see, ret);
}

/* As the routers of the captures were configured, but for the group. */
static struct pair_spec configured(const char *source, uint16_t group)
{
	return (struct pair_spec){
		.source = source,
		.policy = { { .priority = 10,
		              .has_encryption = true,
		              .encryption = CIPHER_AES128,
		              .has_hash = true,
		              .hash = HASH_SHA1,
		              .has_group = true,
		              .group = group } },
		.n_policies = 1,
	};
}

/* What the responder answers to a router's first message. */
static void ask(struct pair *p, const struct message *m)
{
	const struct node_event event = {
		.type = NODE_IKE_PACKET,
		.ike = { .path = { m->from, m->to, IKE_PORT, IKE_PORT },
		         .bytes = m->bytes,
		         .len = m->len },
	};

	p->last_len = 0;
	pair_event(p, HUB, &event);
}

/* The responder's cookie is drawn anew. */
static void expect_answer(const struct pair *p, const struct message *theirs)
{
	assert_int_equal(p->last_len, theirs->len);
	assert_memory_equal(p->last, theirs->bytes, COOKIE_LEN);
	assert_memory_equal(p->last + 2 * COOKIE_LEN, theirs->bytes + 2 * COOKIE_LEN,
	                    theirs->len - 2 * COOKIE_LEN);
}

static void answers_of(const char *name, const char *source, uint16_t group)
{
	const struct pair_spec spec = configured(source, group);
	struct messages captured;
	struct pair p;

	load(name, &captured);
	pair_init(&p, 1);
	assert_int_equal(pair_add(&p, &spec), HUB);
	ask(&p, &captured.message[0]);
	expect_answer(&p, &captured.message[1]);
	pair_fini(&p);
}

static void an_ios_12_initiator_gets_the_answer_of_ios_12(void **state)
{
	(void)state;
	answers_of("ios12-ikev1-main-quick.cap", "10.0.0.2", 1);
}

static void an_ios_15_initiator_gets_the_answer_of_ios_15(void **state)
{
	(void)state;
	answers_of("ios15-ikev1-main-quick.pcap", "192.168.12.2", 2);
}

/* Its vendor ids are among ours; ours go on behind them. */
static void our_first_message_begins_like_that_of_ios_15(void **state)
{
	const struct pair_spec hub = configured("192.168.12.2", 2),
			       spoke = configured("192.168.12.1", 2);
	struct messages captured;
	struct pair p;

	(void)state;
	load("ios15-ikev1-main-quick.pcap", &captured);
	pair_start(&p, 1, &hub, &spoke);
	const struct message *theirs = &captured.message[0];
	size_t last_at = theirs->len - VENDOR_LEN - ISAKMP_PAYLOAD_HEADER_LEN;
	assert_true(p.last_len > theirs->len);
	assert_memory_equal(p.last + ISAKMP_HEADER_LEN, theirs->bytes + ISAKMP_HEADER_LEN,
	                    last_at - ISAKMP_HEADER_LEN);
	assert_memory_equal(p.last + theirs->len - VENDOR_LEN,
	                    theirs->bytes + theirs->len - VENDOR_LEN, VENDOR_LEN);
	pair_fini(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ios_12_initiator_gets_the_answer_of_ios_12),
		cmocka_unit_test(an_ios_15_initiator_gets_the_answer_of_ios_15),
		cmocka_unit_test(our_first_message_begins_like_that_of_ios_15),
	};
	struct messages probe;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	folder = argv[1];
	load("ios12-ikev1-main-quick.cap", &probe);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
