/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

#include "nhrp/nhrp.h"

static void servers(void **state)
{
	struct cloud *c = *state;
	struct node_cursor cursor = { 0 };
	struct nhs_view nhs;
	struct cloud_spec spoke = cloud_r2;

	spoke.nhs[1] = "dynamic nbma hub.example";
	cloud_add(c, &cloud_r1);
	cloud_add(c, &spoke);
	cloud_run(c, 1005);
	assert_true(node_nhs_next(c->router[1].node, &cursor, &nhs));
	assert_true(nhs.expecting && nhs.responding && nhs.pending && !nhs.waiting && !nhs.dynamic);
	assert_int_equal(nhs.requests_sent, 2);
	assert_int_equal(nhs.replies_received, 1);
	assert_int_equal(nhs.request_id, 2);
	assert_int_equal(nhs.request_id_acked, 1);
	assert_int_equal(nhs.retransmit_s, 2);
	assert_int_equal(nhs.last_reply.ns, 1020 * NS_PER_MS);
	assert_true(node_nhs_next(c->router[1].node, &cursor, &nhs));
	assert_true(nhs.expecting && !nhs.responding && nhs.dynamic && !nhs.pending);
	assert_string_equal(nhs.fqdn, "hub.example");
	assert_true(addr_is_none(&nhs.address) && addr_is_none(&nhs.nbma));
	assert_true(mono_is_never(nhs.last_reply));
	assert_false(node_nhs_next(c->router[1].node, &cursor, &nhs));
}

static void tunnels(void **state)
{
	struct cloud *c = *state;
	struct node_cursor cursor = { 0 };
	struct nhrp_tunnel_view t;

	cloud_add_three(c);
	assert_true(node_tunnel_next(c->router[R1].node, &cursor, &t));
	assert_true(t.up && t.is_hub && !t.is_spoke);
	assert_int_equal(t.n_entries, 2);
	assert_int_equal(t.traffic.received[NHRP_REGISTRATION_REQUEST], 4);
	assert_int_equal(t.traffic.sent[NHRP_REGISTRATION_REPLY], 4);
	assert_int_equal(t.max_send_packets, 10000);
	assert_int_equal(t.max_send_every_s, 10);
	assert_int_equal(t.max_send_used, 4);
	assert_false(node_tunnel_next(c->router[R1].node, &cursor, &t));
	cursor = (struct node_cursor){ 0 };
	assert_true(node_tunnel_next(c->router[R2].node, &cursor, &t));
	assert_true(t.up && !t.is_hub && t.is_spoke);
	assert_true(addr_equal(&t.source, &c->router[R2].nbma));
}

/* A server's entry is up as long as the server answers. */
static void states(void **state)
{
	struct cloud *c = *state;
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;

	cloud_add(c, &cloud_r2);
	assert_true(node_entry_next(c->router[0].node, &cursor, &e));
	assert_int_equal(e.state, NHRP_PEER_NHRP);
	assert_false(e.ever_up);
	cloud_add(c, &cloud_r1);
	cloud_run(c, 1500);
	cursor = (struct node_cursor){ 0 };
	assert_true(node_entry_next(c->router[0].node, &cursor, &e));
	assert_int_equal(e.state, NHRP_PEER_UP);
	assert_true(e.ever_up);
	assert_int_equal(e.changed.ns, 1020 * NS_PER_MS);
	assert_true(mono_is_never(e.expires));
	assert_int_equal(e.size_bytes, sizeof(struct nhrp_entry));
	cloud_want(c, 0, "10.10.10.9");
	cursor = (struct node_cursor){ 0 };
	assert_true(node_entry_next(c->router[0].node, &cursor, &e));
	assert_true(node_entry_next(c->router[0].node, &cursor, &e));
	assert_int_equal(e.state, NHRP_PEER_NHRP);
	assert_int_equal(e.type, NHRP_ENTRY_INCOMPLETE);
	assert_int_equal(e.cache_hits, 1);
	assert_false(e.ever_up);
	assert_false(node_entry_next(c->router[0].node, &cursor, &e));
}

static void who_asked(void **state)
{
	struct cloud *c = *state;
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;

	cloud_add_three(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 500);
	while (node_entry_next(c->router[R3].node, &cursor, &e) && !e.has_requester)
		;
	assert_true(e.has_requester);
	struct addr asker = cloud_addr("10.10.10.2");
	assert_true(addr_equal(&e.requester, &asker));
	assert_int_equal(e.request_id, 3);
}

static void memory(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	size_t empty = node_memory_bytes(c->router[R1].node);
	assert_in_range(empty, 1000, 20000);
	cloud_add(c, &cloud_r2);
	cloud_run(c, 500);
	assert_in_range(node_memory_bytes(c->router[R1].node) - empty, 200, 2000);
	node_free(NULL);
}

static void without_crypto_nothing_is_protected(void **state)
{
	struct cloud *c = *state;
	struct node_cursor cursor = { 0 };
	struct ike_sa_view sa;
	struct ipsec_view ipsec;
	struct ike_counters counters = { .sent = 1 };

	cloud_add(c, &cloud_r1);
	assert_false(node_ike_sa_next(c->router[R1].node, &cursor, &sa));
	assert_false(node_ipsec_next(c->router[R1].node, &cursor, &ipsec));
	node_ike_counters(c->router[R1].node, &counters);
	assert_int_equal(counters.sent, 0);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(nhrp_entry_flag_word(NHRP_FLAG_NO_SOCKET), "no-socket");
	assert_string_equal(nhrp_entry_flag_word(NHRP_ENTRY_FLAGS_N), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(servers), cloud_unit_test(tunnels),
		cloud_unit_test(states),  cloud_unit_test(who_asked),
		cloud_unit_test(memory),  cloud_unit_test(without_crypto_nothing_is_protected),
		cloud_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
