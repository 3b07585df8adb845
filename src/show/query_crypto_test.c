/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "show/fake_node.h"
#include "show/query_crypto.h"

static struct fake f;
static struct show_request request;

static struct show_query query(void)
{
	return (struct show_query){ &f.source, &request, fake_ago(0) };
}

static void pairs_stand_by_peer_with_the_one_in_use_first(void **state)
{
	struct crypto_peers peers;

	(void)state;
	fake_init(&f);
	request = (struct show_request){ 0 };
	fake_add_ipsec(&f, "1.1.1.2", "3.3.3.2")->tunnel = 1;
	fake_add_ipsec(&f, "1.1.1.2", "3.3.3.2");
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2")->old = true;
	struct show_query q = query();
	query_peers(&q, &peers);
	assert_int_equal(peers.n, 3);
	assert_int_equal(peers.n_pairs, 4);
	assert_int_equal(peers.peer[0].n_pairs, 2);
	assert_int_equal(peers.peer[0].pair[0].view.id, 2005);
	assert_int_equal(peers.peer[0].pair[1].view.id, 2007);
	assert_int_equal(peers.peer[1].pair[0].view.id, 2003);
	assert_int_equal(peers.peer[2].tunnel, 1);
	assert_ptr_equal(crypto_peer_current(&peers.peer[0]), &peers.peer[0].pair[0]);
	query_peers_fini(&peers);
	fake_fini(&f);
}

static void what_a_peer_has_carried(void **state)
{
	struct crypto_peers peers;

	(void)state;
	fake_init(&f);
	request = (struct show_request){ 0 };
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	struct ipsec_view *v = fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	f.node.ipsec[0].gone_packets_in = v->gone_packets_in = 100;
	f.sa_in.packets = 7;
	f.sa_out.packets = 8;
	f.sa_out.bytes = 2500;
	f.sa_in.drops[ESP_DROP_ICV] = 1;
	f.sa_in.drops[ESP_DROP_NONE] = 1000;
	struct show_query q = query();
	query_peers(&q, &peers);
	assert_int_equal(crypto_peer_packets(&peers.peer[0], false), 114);
	assert_int_equal(crypto_peer_packets(&peers.peer[0], true), 16);
	assert_int_equal(crypto_peer_drops(&peers.peer[0], false), 2);
	assert_int_equal(crypto_peer_drops(&peers.peer[0], true), 0);
	assert_int_equal(crypto_peer_uptime_s(&q, &peers.peer[0]), 691);
	assert_int_equal(crypto_left_kb(v, &f.sa_out), SNAP_IPSEC_LIFETIME_KB - 2);
	v->lifetime_kb = 1;
	assert_int_equal(crypto_left_kb(v, &f.sa_out), 0);
	v->lifetime_kb = 0;
	assert_int_equal(crypto_left_kb(v, &f.sa_out), -1);
	assert_int_equal(query_left_s(&q, fake_in(9)), 9);
	assert_int_equal(query_left_s(&q, fake_ago(9)), 0);
	assert_int_equal(query_left_s(&q, MONO_NEVER), -1);
	query_peers_fini(&peers);
	fake_fini(&f);
}

static void share(uint32_t tunnel, const char *source)
{
	struct snap_tunnel *t = snapshot_tunnel(f.snapshot, tunnel)->tunnel;

	snprintf(t->protection.profile, sizeof t->protection.profile, "P");
	t->protection.shared = true;
	fake_tunnel_interface(&f, tunnel)->source = fake_addr(source);
}

static void tunnels_that_share_are_found_by_any_of_them(void **state)
{
	struct crypto_peers peers;

	(void)state;
	fake_init(&f);
	fake_add_tunnel(&f, 0, "10.0.0.1/24");
	fake_add_tunnel(&f, 1, "10.0.1.1/24");
	share(0, "1.1.1.2");
	share(1, "1.1.1.2");
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	request = (struct show_request){ .one_tunnel = true, .tunnel = 1 };
	struct show_query q = query();
	query_peers(&q, &peers);
	assert_int_equal(peers.n, 1);
	query_peers_fini(&peers);
	share(1, "1.1.1.3");
	query_peers(&q, &peers);
	assert_int_equal(peers.n, 0);
	query_peers_fini(&peers);
	fake_fini(&f);
}

static void sas_of_ike_stand_with_their_peer(void **state)
{
	struct crypto_peers peers;

	(void)state;
	fake_init(&f);
	request = (struct show_request){ 0 };
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ipsec(&f, "1.1.1.2", "4.4.4.2");
	fake_add_ike_sa(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ike_sa(&f, "1.1.1.3", "2.2.2.2");
	fake_add_ike_sa(&f, "1.1.1.2", "2.2.2.2")->state = IKE_MM_KEY_EXCH;
	struct show_query q = query();
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 3);
	assert_int_equal(peers.peer[0].n_sas, 2);
	assert_int_equal(peers.peer[0].sa[0].id, 1001);
	assert_int_equal(peers.peer[0].sa[1].id, 1003);
	assert_int_equal(crypto_peer_sa(&peers.peer[0])->id, 1001);
	assert_int_equal(peers.peer[1].n_sas, 0);
	assert_null(crypto_peer_sa(&peers.peer[1]));
	assert_int_equal(peers.peer[2].sa[0].id, 1002);
	assert_int_equal(peers.peer[2].n_pairs, 0);
	query_peers_fini(&peers);
	f.node.ike_sa[0].deleted = true;
	query_sessions(&q, &peers);
	assert_int_equal(crypto_peer_sa(&peers.peer[0])->id, 1003);
	query_peers_fini(&peers);
	fake_fini(&f);
}

/* A peer behind the NAT at 1.1.1.1, with an IKE SA. */
static void add_behind_nat(const char *name, uint16_t port)
{
	struct ipsec_view *v = fake_add_ipsec(&f, "1.1.1.2", name);
	struct ike_sa_view *sa = fake_add_ike_sa(&f, "1.1.1.2", "1.1.1.1");

	v->at = fake_addr("1.1.1.1");
	v->udp = true;
	v->nat_port = v->remote_port = sa->nat_port = sa->remote_port = port;
}

static void peers_behind_one_nat_have_their_own_sas(void **state)
{
	struct crypto_peers peers;

	(void)state;
	fake_init(&f);
	request = (struct show_request){ 0 };
	add_behind_nat("1.1.1.1", 59152);
	add_behind_nat("3.3.3.2", 4500);
	struct show_query q = query();
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(peers.peer[i].n_sas, 1);
		assert_int_equal(crypto_peer_sa(&peers.peer[i])->id, 1001 + i);
		assert_int_equal(crypto_peer_port(&peers.peer[i]), i ? 4500 : 59152);
	}
	query_peers_fini(&peers);
	request = (struct show_request){ .one_address = true, .address = fake_addr("3.3.3.2") };
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 1);
	assert_int_equal(crypto_peer_sa(&peers.peer[0])->id, 1002);
	query_peers_fini(&peers);
	request.address = fake_addr("1.1.1.1");
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 2);
	query_peers_fini(&peers);
	f.node.n_ike_sas = 0;
	query_sessions(&q, &peers);
	assert_int_equal(crypto_peer_port(&peers.peer[0]), 59152);
	query_peers_fini(&peers);
	fake_fini(&f);
}

static void ike_without_ipsec_makes_a_peer(void **state)
{
	struct crypto_peers peers;

	(void)state;
	fake_init(&f);
	request = (struct show_request){ 0 };
	fake_add_tunnel(&f, 3, "10.0.0.1/24");
	share(3, "1.1.1.2");
	fake_add_ipsec(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ike_sa(&f, "1.1.1.2", "2.2.2.2");
	fake_add_ike_sa(&f, "1.1.1.2", "3.3.3.2");
	fake_add_ike_sa(&f, "1.1.1.2", "3.3.3.2");
	struct show_query q = query();
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 2);
	assert_true(peers.peer[1].has_tunnel && peers.peer[1].tunnel == 3);
	assert_int_equal(peers.peer[1].n_sas, 2);
	assert_null(crypto_peer_current(&peers.peer[1]));
	query_peers_fini(&peers);
	request = (struct show_request){ .one_tunnel = true, .tunnel = 0 };
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 1);
	query_peers_fini(&peers);
	request = (struct show_request){ .one_address = true, .address = fake_addr("3.3.3.2") };
	query_sessions(&q, &peers);
	assert_int_equal(peers.n, 1);
	assert_int_equal(peers.peer[0].n_sas, 2);
	query_peers_fini(&peers);
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_stand_by_peer_with_the_one_in_use_first),
		cmocka_unit_test(what_a_peer_has_carried),
		cmocka_unit_test(tunnels_that_share_are_found_by_any_of_them),
		cmocka_unit_test(sas_of_ike_stand_with_their_peer),
		cmocka_unit_test(peers_behind_one_nat_have_their_own_sas),
		cmocka_unit_test(ike_without_ipsec_makes_a_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
