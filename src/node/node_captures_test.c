/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every packet with an IPv4 overlay comes to a router of ours in the role that it was sent to, and
 * gets the answer that IOS gave; what needs none does what it did there.
 *
 * From the same configuration our packets must equal those of real routers, byte for byte: request
 * ids, MTU and checksum included, since the test configures those too. Towards IOS 12 the bytes
 * that it fills in otherwise than IOS 15 (packet.c) are named one by one. The captures are no part
 * of the project: the first argument names their folder, and the test is skipped when it is not
 * there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/capture_test.h"
#include "node/cloud_test.h"

enum { PACKETS_MAX = 16, CHECKSUM_AT = 12 };

enum file {
	IOS12_REGISTRATION,
	IOS12_PHASE3,
	IOS15_REGISTRATION,
	IOS15_GROUP,
	IOS15_PHASE2,
	IOS15_IPV6,
	FILES
};

struct packets {
	struct cloud_packet packet[PACKETS_MAX];
	size_t n;
	enum file file; /* of captured ones */
};

static const char *folder;
static const char *const files[FILES] = {
	[IOS12_REGISTRATION] = "ios12-registration.cap",
	[IOS12_PHASE3] = "ios12-phase3-key-auth.pcap",
	[IOS15_REGISTRATION] = "ios15-registration-auth.pcap",
	[IOS15_GROUP] = "ios15-registration-group.pcap",
	[IOS15_PHASE2] = "ios15-phase2-resolution.pcap",
	[IOS15_IPV6] = "ios15-ipv6-overlay-registration.pcap",
};
/* Captured packets that came to a router of ours in the role of the one that they were sent to. */
static bool replayed[FILES][PACKETS_MAX];

static void see(void *ctx, const struct capture_packet *seen)
{
	struct packets *all = ctx;
	struct cloud_packet *p = &all->packet[all->n++];

	assert_in_range(all->n, 1, PACKETS_MAX);
	*p = (struct cloud_packet){ .from = seen->from, .to = seen->to, .len = seen->len };
	memcpy(p->bytes, seen->bytes, seen->len);
}

static void load(enum file file, struct packets *ret)
{
	ret->n = 0;
	ret->file = file;
	capture_each(folder, files[file], see, ret);
}

static void note(void *ctx, const struct cloud_packet *sent)
{
	struct packets *all = ctx;

	if (all->n < PACKETS_MAX)
		all->packet[all->n++] = *sent;
}

static void print_bytes(const char *title, const struct cloud_packet *p)
{
	print_error("%s:", title);
	for (size_t i = 0; i < p->len; i++)
		print_error("%s%02x", i % 16 ? " " : "\n    ", p->bytes[i]);
	print_error("\n");
}

/* Equal save for the bytes at some offsets, and the checksum then. */
static void assert_same(const struct cloud_packet *found, const struct cloud_packet *expected,
                        const size_t *except, size_t n_except)
{
	struct cloud_packet copy = *found;

	for (size_t i = 0; i < n_except; i++) {
		assert_in_range(except[i], 0, expected->len - 1);
		assert_int_not_equal(copy.bytes[except[i]], expected->bytes[except[i]]);
		copy.bytes[except[i]] = expected->bytes[except[i]];
	}
	if (n_except)
		memcpy(copy.bytes + CHECKSUM_AT, expected->bytes + CHECKSUM_AT, 2);
	if (copy.len == expected->len && memcmp(copy.bytes, expected->bytes, copy.len) == 0 &&
	    addr_equal(&found->to, &expected->to))
		return;
	print_bytes("expected", expected);
	print_bytes("found", found);
	fail();
}

/* Gives a captured packet to a router: what it sends at once. */
static struct packets replay(struct cloud *c, size_t i, const struct packets *captured, size_t k)
{
	const struct cloud_packet *packet = &captured->packet[k];
	struct node_event event = { .type = NODE_PACKET };
	struct packets sent = { .n = 0 };

	assert_true(addr_equal(&packet->to, &c->router[i].nbma));
	event.packet.from = packet->from;
	event.packet.to = packet->to;
	event.packet.bytes = packet->bytes;
	event.packet.len = packet->len;
	c->on_send = note;
	c->ctx = &sent;
	cloud_event(c, i, &event);
	c->on_send = NULL;
	replayed[captured->file][k] = true;
	return sent;
}

static struct cloud_packet answer_to(struct cloud *c, size_t i, const struct packets *captured,
                                     size_t k)
{
	const struct packets sent = replay(c, i, captured, k);

	assert_int_equal(sent.n, 1);
	return sent.packet[0];
}

static const struct cloud_spec hub = { .name = "HUB",
	                               .nbma = "192.168.123.1",
	                               .overlay = "172.16.123.1/24",
	                               .authentication = "DMVPN",
	                               .mtu_bytes = 17916 };
static const struct cloud_spec spoke = { .name = "SPOKE",
	                                 .nbma = "192.168.123.2",
	                                 .overlay = "172.16.123.2/24",
	                                 .authentication = "DMVPN",
	                                 .nhs = { "172.16.123.1 nbma 192.168.123.1" },
	                                 .mtu_bytes = 17916 };

static void registration(void **state)
{
	struct cloud *c = *state;
	struct packets captured, sent = { .n = 0 };

	load(IOS15_REGISTRATION, &captured);
	c->on_send = note;
	c->ctx = &sent;
	cloud_add(c, &hub);
	cloud_add(c, &spoke);
	cloud_run(c, 500);
	c->on_send = NULL;
	assert_int_equal(sent.n, captured.n);
	assert_same(&sent.packet[0], &captured.packet[0], NULL, 0);
	assert_same(&sent.packet[1], &captured.packet[1], NULL, 0);
	replayed[IOS15_REGISTRATION][0] = true;
}

static void replies_echo_the_group(void **state)
{
	struct cloud *c = *state;
	struct packets captured;

	load(IOS15_GROUP, &captured);
	cloud_add(c, &hub);
	for (size_t i = 0; i + 1 < captured.n; i += 2) {
		struct cloud_packet found = answer_to(c, 0, &captured, i);
		assert_same(&found, &captured.packet[i + 1], NULL, 0);
	}
}

static void resolution(void **state)
{
	struct cloud *c = *state;
	struct packets captured, sent = { .n = 0 };
	struct cloud_spec other = spoke;

	load(IOS15_PHASE2, &captured);
	other.name = "OTHER";
	other.nbma = "192.168.123.3";
	other.overlay = "172.16.123.3/24";
	cloud_add(c, &hub);
	cloud_add(c, &spoke);
	cloud_add(c, &other);
	cloud_run(c, 2000);
	c->on_send = note;
	c->ctx = &sent;
	cloud_want(c, 1, "172.16.123.3");
	cloud_run(c, 1000);
	c->on_send = NULL;
	assert_int_equal(sent.n, captured.n);
	for (size_t i = 0; i < captured.n; i++) {
		assert_same(&sent.packet[i], &captured.packet[i], NULL, 0);
		replayed[IOS15_PHASE2][i] = true;
	}
}

static void ios12_registration(void **state)
{
	static const size_t responder[] = { 57, 67 }; /* prefix length, preference */
	struct cloud *c = *state;
	struct packets captured;

	load(IOS12_REGISTRATION, &captured);
	cloud_add(c, &(struct cloud_spec){ .name = "HUB",
	                                   .nbma = "172.16.15.2",
	                                   .overlay = "192.168.0.1/24",
	                                   .mtu_bytes = 1514 });
	for (size_t i = 0; i < 2; i++) {
		struct cloud_packet found = answer_to(c, 0, &captured, i);
		assert_same(&found, &captured.packet[i + 2], responder, 2);
	}
}

static void ios12_resolution(void **state)
{
	static const size_t record[] = { 61 }, responder[] = { 65 };
	struct cloud *c = *state;
	struct packets captured;
	struct cloud_packet found;

	load(IOS12_PHASE3, &captured);
	cloud_add(c, &(struct cloud_spec){ .name = "HUB",
	                                   .nbma = "192.168.200.1",
	                                   .overlay = "10.255.255.1/24",
	                                   .authentication = "secret",
	                                   .mtu_bytes = 1514 });
	cloud_add(c, &(struct cloud_spec){ .name = "SPOKE",
	                                   .nbma = "192.168.200.2",
	                                   .overlay = "10.255.255.2/24",
	                                   .authentication = "secret",
	                                   .nhs = { "10.255.255.1 nbma 192.168.200.1" },
	                                   .mtu_bytes = 1514 });
	cloud_run(c, 2000);
	found = answer_to(c, 0, &captured, 1);
	assert_same(&found, &captured.packet[2], record, 1);
	found = answer_to(c, 1, &captured, 2);
	assert_same(&found, &captured.packet[3], responder, 1);
}

/* The hub's word to the spoke whose packet came back out, and what the spoke does then. */
static void ios12_redirect(void **state)
{
	static const size_t request[] = { 41 }; /* prefix length */
	struct cloud *c = *state;
	struct packets captured, sent = { .n = 0 };
	struct node_event event = { .type = NODE_HAIRPIN };
	struct nhrp_packet indication;

	load(IOS12_PHASE3, &captured);
	cloud_add(c, &(struct cloud_spec){ .name = "HUB",
	                                   .nbma = "192.168.200.1",
	                                   .overlay = "10.255.255.1/24",
	                                   .authentication = "secret",
	                                   .redirect = true,
	                                   .mtu_bytes = 1514 });
	cloud_add(c, &(struct cloud_spec){ .name = "SPOKE",
	                                   .nbma = "192.168.200.3",
	                                   .overlay = "10.255.255.3/24",
	                                   .authentication = "secret",
	                                   .nhs = { "10.255.255.1 nbma 192.168.200.1" },
	                                   .shortcut = true,
	                                   .first_id = 3,
	                                   .mtu_bytes = 1514 });
	cloud_run(c, 2000);
	assert_int_equal(nhrp_parse(captured.packet[0].bytes, captured.packet[0].len, &indication),
	                 NHRP_WIRE_OK);
	event.hairpin.from = captured.packet[0].to;
	event.hairpin.bytes = indication.contents;
	event.hairpin.len = indication.contents_len;
	c->on_send = note;
	c->ctx = &sent;
	cloud_event(c, 0, &event);
	c->on_send = NULL;
	assert_int_equal(sent.n, 1);
	assert_same(&sent.packet[0], &captured.packet[0], NULL, 0);
	struct cloud_packet found = answer_to(c, 1, &captured, 0);
	assert_same(&found, &captured.packet[1], request, 1);
}

/* A client registers its link-local address too; the answer has all that it said. */
static void ipv6_overlay(void **state)
{
	struct cloud *c = *state;
	struct packets captured;
	struct nhrp_packet reply;

	load(IOS15_IPV6, &captured);
	cloud_add(c, &(struct cloud_spec){ .name = "HUB",
	                                   .nbma = "192.168.123.1",
	                                   .overlay = "2001:db8::1/64",
	                                   .authentication = "DMVPN",
	                                   .mtu_bytes = 17916 });
	struct cloud_packet found = answer_to(c, 0, &captured, 0);
	assert_int_equal(nhrp_parse(found.bytes, found.len, &reply), NHRP_WIRE_OK);
	assert_int_equal(reply.type, NHRP_REGISTRATION_REPLY);
	assert_int_equal(reply.cie[0].code, NHRP_CODE_SUCCESS);
	assert_memory_equal(found.bytes + 20, captured.packet[1].bytes + 20, 76);
	cloud_expect_cache(c, 0,
	                   "2001:db8::2/128 2001:db8::2 192.168.123.2 dynamic authoritative unique "
	                   "registered nhop\n"
	                   "fe80::f816:3eff:fe91:8a8a/128 fe80::f816:3eff:fe91:8a8a 192.168.123.2 "
	                   "dynamic authoritative unique registered nhop\n");
}

/* ---- what needs no answer ---- */

/* A client that is about to hear from its server; packets of an exchange, by the latter's index. */
struct client {
	enum file file;
	size_t reply[2], n_replies;
	struct cloud_spec spec;
};

static void registered(struct cloud *c, const struct client *client)
{
	struct node_cursor cursor = { 0 };
	struct packets captured;
	struct nhs_view nhs;

	load(client->file, &captured);
	size_t i = cloud_add(c, &client->spec);
	for (size_t k = 0; k < client->n_replies; k++) {
		cloud_run(c, k ? 1000 : 0);
		assert_int_equal(replay(c, i, &captured, client->reply[k]).n, 0);
		cursor = (struct node_cursor){ 0 };
		assert_true(node_nhs_next(c->router[i].node, &cursor, &nhs));
		assert_true(nhs.responding && !nhs.pending);
		assert_int_equal(nhs.request_id_acked, client->spec.first_id + k);
		assert_int_equal(nhs.replies_received, k + 1);
	}
	cloud_expect_cache(c, i,
	                   client->file == IOS12_REGISTRATION
	                           ? "192.168.0.1/32 192.168.0.1 172.16.15.2 static "
	                             "authoritative\n"
	                           : "172.16.123.1/32 172.16.123.1 192.168.123.1 static "
	                             "authoritative\n");
}

static void registration_replies(void **state)
{
	struct client old = { .file = IOS12_REGISTRATION,
		              .reply = { 2, 3 },
		              .n_replies = 2,
		              .spec = { .name = "OLD",
		                        .nbma = "172.16.25.2",
		                        .overlay = "192.168.0.2/24",
		                        .nhs = { "192.168.0.1 nbma 172.16.15.2" },
		                        .first_id = 6 } };
	static const struct {
		size_t reply[2], n_replies;
		const char *nbma, *overlay;
		uint32_t first_id;
	} grouped[] = {
		{ { 1, 3 }, 2, "192.168.123.2", "172.16.123.2/24", 4 },
		{ { 5, 7 }, 2, "192.168.123.3", "172.16.123.3/24", 4 },
		{ { 9 }, 1, "192.168.123.4", "172.16.123.4/24", 7 },
		{ { 11 }, 1, "192.168.123.5", "172.16.123.5/24", 12 },
	};
	struct client one = { .file = IOS15_REGISTRATION, .reply = { 1 }, .n_replies = 1 };
	struct cloud *c = *state;

	registered(c, &old);
	one.spec = spoke;
	one.spec.first_id = 1;
	registered(c, &one);
	for (size_t i = 0; i < sizeof grouped / sizeof *grouped; i++) {
		struct client client = { .file = IOS15_GROUP,
			                 .reply = { grouped[i].reply[0], grouped[i].reply[1] },
			                 .n_replies = grouped[i].n_replies,
			                 .spec = spoke };
		client.spec.nbma = grouped[i].nbma;
		client.spec.overlay = grouped[i].overlay;
		client.spec.first_id = grouped[i].first_id;
		/* One cloud holds CLOUD_ROUTERS_MAX. */
		cloud_fini(c);
		cloud_init(c);
		registered(c, &client);
	}
}

/* The direct path that a far spoke's answer makes, whichever IOS it has. */
static void resolution_replies(void **state)
{
	struct cloud_spec old = { .name = "OLD",
		                  .nbma = "192.168.200.3",
		                  .overlay = "10.255.255.3/24",
		                  .authentication = "secret",
		                  .nhs = { "10.255.255.1 nbma 192.168.200.1" },
		                  .first_id = 3 };
	struct cloud *c = *state;
	struct packets captured;

	cloud_add(c, &spoke);
	cloud_add(c, &old);
	cloud_run(c, 2000);
	cloud_want(c, 0, "172.16.123.3");
	load(IOS15_PHASE2, &captured);
	assert_int_equal(replay(c, 0, &captured, 2).n, 0);
	cloud_expect_cache(
		c, 0,
		"172.16.123.1/32 172.16.123.1 192.168.123.1 static authoritative\n"
		"172.16.123.3/32 172.16.123.3 192.168.123.3 dynamic authoritative router unique "
		"nhop\n");
	cloud_want(c, 1, "10.255.255.2");
	load(IOS12_PHASE3, &captured);
	assert_int_equal(replay(c, 1, &captured, 3).n, 0);
	cloud_expect_cache(
		c, 1,
		"10.255.255.1/32 10.255.255.1 192.168.200.1 static authoritative\n"
		"10.255.255.2/32 10.255.255.2 192.168.200.2 dynamic authoritative router unique "
		"nhop\n");
}

/* Nothing in the captures with an IPv4 overlay was left out. */
static void all_of_them(void **state)
{
	struct packets captured;

	(void)state;
	for (enum file file = 0; file < IOS15_IPV6; file++) {
		load(file, &captured);
		for (size_t k = 0; k < captured.n; k++)
			if (!replayed[file][k])
				fail_msg("%s: packet %zu was not replayed", files[file], k);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(registration),       cloud_unit_test(replies_echo_the_group),
		cloud_unit_test(resolution),         cloud_unit_test(ios12_registration),
		cloud_unit_test(ios12_resolution),   cloud_unit_test(ipv6_overlay),
		cloud_unit_test(ios12_redirect),     cloud_unit_test(registration_replies),
		cloud_unit_test(resolution_replies), cloud_unit_test(all_of_them),
	};
	struct packets probe = { .n = 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	folder = argv[1];
	load(IOS15_REGISTRATION, &probe);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
