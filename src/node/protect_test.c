/* SPDX-License-Identifier: Apache-2.0 */
/* NHRP and IKE together, in clouds whose routers are protected. */
#include "node/protect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ike/dpd.h"
#include "node/cloud_test.h"

static void add(struct cloud *c, const struct cloud_spec *spec)
{
	struct cloud_spec it = *spec;

	it.psk = "cisco123";
	cloud_add(c, &it);
}

static void clear_session(struct cloud *c, size_t i, const char *remote)
{
	struct node_event event = { .type = NODE_CLEAR_CRYPTO };

	event.clear_crypto.what = NODE_CLEAR_SESSION;
	event.clear_crypto.remote = cloud_addr(remote);
	cloud_event(c, i, &event);
}

/* The cloud itself fails if anything is sent without an association. */
static void registration_goes_out_once_protected(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 2000);
	cloud_expect(c, "   0.000 R2 set-peer 10.10.10.1 1.1.1.2 static\n"
	                "   0.050 R1 ike-up 2.2.2.2\n"
	                "   0.060 R2 ike-up 1.1.1.2\n"
	                "   0.080 R2 ipsec-up 1.1.1.2\n"
	                "   0.080 R2 sent 1.1.1.2 Registration Request 1\n"
	                "   0.090 R1 ipsec-up 2.2.2.2\n"
	                "   0.090 R1 set-peer 10.10.10.2 2.2.2.2 registered\n"
	                "   0.090 R1 nhc-up 10.10.10.2 2.2.2.2\n"
	                "   0.090 R1 sent 2.2.2.2 Registration Reply 1\n"
	                "   0.100 R2 nhs-up 10.10.10.1 1.1.1.2\n"
	                "   1.080 R2 sent 1.1.1.2 Registration Request 2\n"
	                "   1.090 R1 sent 2.2.2.2 Registration Reply 2\n");
}

static enum nhrp_peer_state state_of_hub(const struct cloud *c)
{
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;

	assert_true(node_entry_next(c->router[1].node, &cursor, &e));
	return e.state;
}

static void a_peers_state_tells_how_far_it_has_got(void **state)
{
	struct cloud *c = *state;

	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 50);
	assert_int_equal(state_of_hub(c), NHRP_PEER_IKE);
	cloud_run(c, 15);
	assert_int_equal(state_of_hub(c), NHRP_PEER_IPSEC);
	cloud_run(c, 20);
	assert_int_equal(state_of_hub(c), NHRP_PEER_NHRP);
	cloud_run(c, 2000);
	assert_int_equal(state_of_hub(c), NHRP_PEER_UP);
}

static void no_registration_without_protection(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec other = cloud_r2;

	c->terse = true;
	add(c, &cloud_r1);
	other.psk = "another";
	cloud_add(c, &other);
	cloud_run(c, 20000);
	assert_null(strstr(c->trace.text, "Registration"));
	assert_non_null(strstr(c->trace.text, "R1 ike-failed 2.2.2.2 \""));
}

static void path_is_direct_once_protected(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 3000);
	cloud_expect(c, "   3.000 R2 sent 1.1.1.2 Resolution Request 3 10.10.10.3\n"
	                "   3.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   3.010 R1 forwarded 3.3.3.2 Resolution Request 3 10.10.10.3\n"
	                "   3.020 R3 sent 1.1.1.2 Resolution Reply 3\n"
	                "   3.020 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   3.030 R1 forwarded 2.2.2.2 Resolution Reply 3\n"
	                "   3.040 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   3.070 R2 ike-up 3.3.3.2\n"
	                "   3.080 R3 ike-up 2.2.2.2\n"
	                "   3.090 R2 ipsec-up 3.3.3.2\n"
	                "   3.090 R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"
	                "   3.090 R2 nhp-up 10.10.10.3 3.3.3.2\n"
	                "   3.100 R3 ipsec-up 2.2.2.2\n"
	                "   3.100 R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"
	                "   3.100 R3 nhp-up 10.10.10.2 2.2.2.2\n");
}

/* `clear dmvpn session`: of one peer, by its tunnel address; with `static` of the server, too. */
static void sessions_are_cleared_with_what_leads_to_them(void **state)
{
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_CLEAR };

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 3000);
	cloud_quiet(c);
	event.clear.sessions = true;
	event.clear.via = cloud_addr("10.10.10.3");
	cloud_event(c, R2, &event);
	cloud_run(c, 20);
	cloud_expect(c, "   6.000 R2 del-peer 10.10.10.3\n"
	                "   6.000 R2 nhp-down 10.10.10.3 3.3.3.2 (cleared by command)\n"
	                "   6.000 R2 ipsec-down 3.3.3.2 (cleared by command)\n"
	                "   6.000 R2 ike-down 3.3.3.2 (cleared by command)\n"
	                "   6.010 R3 ipsec-down 2.2.2.2 (peer deleted it)\n"
	                "   6.010 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   6.010 R3 nhp-down 10.10.10.2 2.2.2.2 (no security association)\n"
	                "   6.010 R3 ike-down 2.2.2.2 (peer deleted it)\n");
	cloud_run(c, 3000);
	cloud_quiet(c);
	event.clear.via = ADDR_ANY_NONE;
	event.clear.nbma = cloud_addr("1.1.1.2");
	cloud_event(c, R2, &event);
	cloud_run(c, 20);
	assert_null(strstr(c->trace.text, "ipsec-down"));
	cloud_quiet(c);
	event.clear.statics = true;
	cloud_event(c, R2, &event);
	cloud_run(c, 200);
	assert_non_null(strstr(c->trace.text,
	                       "9.040 R2 ipsec-down 1.1.1.2 (cleared by command)\n"
	                       "   9.040 R2 ike-down 1.1.1.2 (cleared by command)\n"));
	assert_non_null(strstr(c->trace.text, "9.160 R2 nhs-up 10.10.10.1 1.1.1.2\n"));
}

/* Both are on the hub's path at once, and on their own again when there is an association. */
static void path_goes_by_the_hub_while_it_is_not(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 3000);
	cloud_quiet(c);
	clear_session(c, R2, "3.3.3.2");
	cloud_run(c, 30);
	cloud_expect(c, "   6.000 R2 ipsec-down 3.3.3.2 (cleared by command)\n"
	                "   6.000 R2 ike-down 3.3.3.2 (cleared by command)\n"
	                "   6.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "   6.000 R2 nhp-down 10.10.10.3 3.3.3.2 (no security association)\n"
	                "   6.010 R3 ipsec-down 2.2.2.2 (peer deleted it)\n"
	                "   6.010 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "   6.010 R3 nhp-down 10.10.10.2 2.2.2.2 (no security association)\n"
	                "   6.010 R3 ike-down 2.2.2.2 (peer deleted it)\n");
	cloud_run(c, 200);
	assert_non_null(strstr(c->trace.text, "R2 nhp-up 10.10.10.3 3.3.3.2\n"));
	assert_non_null(strstr(c->trace.text, "R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"));
}

/* What the pair towards an address has carried in all is told, as every second: one came. */
static void carried(struct cloud *c, size_t i, const char *nbma, uint64_t out)
{
	struct node_event event = { .type = NODE_SA_USED };
	const struct addr to = cloud_addr(nbma);

	for (size_t k = 0; k < c->router[i].n_uses; k++)
		if (addr_equal(&c->router[i].use[k].nbma, &to))
			event.sa_used.id = c->router[i].use[k].id - 1;
	event.sa_used.packets_in = 1;
	event.sa_used.packets_out = out;
	cloud_event(c, i, &event);
}

/*
 * Both have the hub's path by the time that DPD takes at most, though R3 does nothing but answer;
 * and their own as soon as main mode gets through: its last message is waited for 16 s, and the
 * next try is 10 s later.
 */
static void a_dead_path_goes_by_the_hub_at_both_ends(void **state)
{
	const int detection_s = SNAP_DPD_IDLE_S + 1 + IKE_DPD_TRIES * SNAP_DPD_RETRY_S;
	struct cloud *c = *state;

	c->terse = true;
	cloud_add_three_protected(c);
	cloud_want(c, R2, "10.10.10.3");
	cloud_run(c, 1000);
	carried(c, R2, "3.3.3.2", 1);
	carried(c, R3, "2.2.2.2", 1);
	cloud_quiet(c);
	c->cut[0] = cloud_addr("2.2.2.2");
	c->cut[1] = cloud_addr("3.3.3.2");
	for (int i = 1; i <= detection_s; i++) {
		cloud_run(c, 1000);
		if (!strstr(c->trace.text, "R2 ipsec-down"))
			carried(c, R2, "3.3.3.2", 1 + (uint64_t)i);
	}
	cloud_expect(c, "  24.000 R2 ike-down 3.3.3.2 (peer does not answer)\n"
	                "  24.000 R2 ipsec-down 3.3.3.2 (peer does not answer)\n"
	                "  24.000 R2 set-peer 10.10.10.3 1.1.1.2 via-nhs\n"
	                "  24.000 R2 nhp-down 10.10.10.3 3.3.3.2 (no security association)\n"
	                "  24.000 R3 ike-down 2.2.2.2 (peer does not answer)\n"
	                "  24.000 R3 ipsec-down 2.2.2.2 (peer does not answer)\n"
	                "  24.000 R3 set-peer 10.10.10.2 1.1.1.2 via-nhs\n"
	                "  24.000 R3 nhp-down 10.10.10.2 2.2.2.2 (no security association)\n");
	cloud_quiet(c);
	c->cut[0] = c->cut[1] = ADDR_ANY_NONE;
	cloud_run(c, 27000);
	assert_non_null(strstr(c->trace.text, "R2 set-peer 10.10.10.3 3.3.3.2 resolved\n"));
	assert_non_null(strstr(c->trace.text, "R3 set-peer 10.10.10.2 2.2.2.2 resolved\n"));
}

static void server_is_down_while_it_is_not(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_quiet(c);
	clear_session(c, R2, "1.1.1.2");
	cloud_run(c, 0);
	cloud_expect(c, "   3.000 R2 ipsec-down 1.1.1.2 (cleared by command)\n"
	                "   3.000 R2 ike-down 1.1.1.2 (cleared by command)\n"
	                "   3.000 R2 nhs-down 10.10.10.1 1.1.1.2 (no security association)\n");
	cloud_run(c, 500);
	assert_non_null(strstr(c->trace.text, "R2 sent 1.1.1.2 Registration Request 3\n"));
	assert_non_null(strstr(c->trace.text, "R2 nhs-up 10.10.10.1 1.1.1.2\n"));
}

/* Purges leave by the associations that are deleted behind them. */
static void stops_in_order(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_stop(c, R2);
	cloud_run(c, 20);
	cloud_expect(c, "   3.000 R2 sent 1.1.1.2 Purge Request 2\n"
	                "   3.000 R2 nhs-down 10.10.10.1 1.1.1.2 (router stops)\n"
	                "   3.000 R2 del-peer 10.10.10.1\n"
	                "   3.000 R2 ipsec-down 1.1.1.2 (router stops)\n"
	                "   3.000 R2 ike-down 1.1.1.2 (router stops)\n"
	                "   3.000 R2 stopped\n"
	                "   3.010 R1 del-peer 10.10.10.2\n"
	                "   3.010 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n"
	                "   3.010 R1 sent 2.2.2.2 Purge Reply 2\n"
	                "   3.010 R1 ipsec-down 2.2.2.2 (peer deleted it)\n"
	                "   3.010 R1 ike-down 2.2.2.2 (peer deleted it)\n");
	assert_int_equal(c->router[R2].n_sas, 0);
	cloud_run(c, IKE_LATE_MS);
	assert_int_equal(c->router[R1].n_sas, 0);
	/* The hub, too, asks for nobody who has left. */
	cloud_quiet(c);
	cloud_run(c, 60000);
	cloud_expect(c, "");
}

/* A DELETE overtakes the purge, and the hub hears that all the same. */
static void stops_out_of_order(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_quiet(c);
	c->late_ms = 300;
	cloud_stop(c, R2);
	cloud_quiet(c);
	cloud_run(c, 400);
	cloud_expect(c, "   3.010 R1 ipsec-down 2.2.2.2 (peer deleted it)\n"
	                "   3.010 R1 ike-down 2.2.2.2 (peer deleted it)\n"
	                "   3.310 R1 del-peer 10.10.10.2\n"
	                "   3.310 R1 nhc-down 10.10.10.2 2.2.2.2 (purge received)\n");
	cloud_run(c, 60000);
	assert_int_equal(c->router[R1].n_sas, 0);
}

static void restore(struct cloud *c, size_t i, unsigned which)
{
	struct node_event event = { .type = NODE_RESTORE };

	event.saved = (struct node_saved_entry){
		.target = { addr_v4(10, 10, 10, (uint8_t)which), 32 },
		.nbma = addr_v4((uint8_t)which, (uint8_t)which, (uint8_t)which, 2),
		.holdtime_s = 7200,
		.request_id = 2,
		.expires_wall_ms = cloud_now(c).wall_ms + 3600 * 1000,
		.created_wall_ms = cloud_now(c).wall_ms,
	};
	cloud_event(c, i, &event);
}

/* A hub that was killed dials those whom it remembers, and they register with it at once. */
static void hub_comes_back(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_restart(c, R1);
	restore(c, R1, 2);
	cloud_run(c, 500);
	assert_non_null(strstr(c->trace.text, "R2 nhs-down 10.10.10.1 1.1.1.2 (no security"));
	assert_non_null(strstr(c->trace.text, "R2 sent 1.1.1.2 Registration Request 3\n"));
	assert_non_null(strstr(c->trace.text, "R2 nhs-up 10.10.10.1 1.1.1.2\n"));
}

static void unknown_spi(struct cloud *c, const char *from, uint32_t spi)
{
	struct node_event event = { .type = NODE_SA_UNKNOWN };

	event.unknown.from = cloud_addr(from);
	event.unknown.to = cloud_addr("1.1.1.2");
	event.unknown.spi = spi;
	cloud_event(c, R1, &event);
}

static void strangers_are_not_dialled(void **state)
{
	struct cloud *c = *state;

	add(c, &cloud_r1);
	restore(c, R1, 2);
	cloud_run(c, 60000);
	c->n_flight = 0;
	unknown_spi(c, "9.9.9.9", 0x12345678);
	assert_int_equal(c->n_flight, 0);
	assert_int_equal(node_drops(c->router[R1].node, DROP_STRANGER), 1);
	unknown_spi(c, "2.2.2.2", 0x12345678);
	assert_int_equal(node_drops(c->router[R1].node, DROP_STRANGER), 1);
}

/* Who has another name than the address of the NAT that he is behind is known by his place. */
static void who_is_dialled_at_a_place_is_no_stranger(void **state)
{
	struct node_event event = { .type = NODE_RESTORE };
	struct cloud *c = *state;

	add(c, &cloud_r1);
	event.saved = (struct node_saved_entry){
		.kind = NODE_SAVED_PATH,
		.target = { cloud_addr("10.10.10.3"), 32 },
		.nbma = cloud_addr("192.168.1.3"),
		.holdtime_s = 7200,
		.expires_wall_ms = cloud_now(c).wall_ms + 3600 * 1000,
		.created_wall_ms = cloud_now(c).wall_ms,
		.network_id = 1,
		.own = cloud_addr("10.10.10.1"),
		.protected = true,
		.via = cloud_addr("10.10.10.3"),
		.place = { cloud_addr("2.2.2.2"), 26500 },
	};
	cloud_event(c, R1, &event);
	unknown_spi(c, "2.2.2.2", 0x12345678);
	assert_int_equal(node_drops(c->router[R1].node, DROP_STRANGER), 0);
	unknown_spi(c, "192.168.1.3", 0x12345678); /* behind the same NAT as we are */
	assert_int_equal(node_drops(c->router[R1].node, DROP_STRANGER), 0);
	unknown_spi(c, "2.2.2.3", 0x12345678);
	assert_int_equal(node_drops(c->router[R1].node, DROP_STRANGER), 1);
}

/* R1 sends nothing to R2, but knows it: it is told by the IKE SA, and makes its associations anew.
 */
static void who_is_authenticated_is_no_stranger(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec quiet = cloud_r2;

	c->terse = true;
	quiet.nhs[0] = NULL;
	quiet.map[0] = "10.10.10.1/32 1.1.1.2";
	add(c, &cloud_r1);
	add(c, &quiet);
	cloud_run(c, 3000);
	uint32_t spi = 0;
	for (size_t i = 0; i < c->router[R2].n_sas; i++)
		if (c->router[R2].sa[i].outbound)
			spi = c->router[R2].sa[i].spi;
	assert_int_not_equal(spi, 0);
	unknown_spi(c, "2.2.2.2", spi);
	assert_int_equal(node_drops(c->router[R1].node, DROP_STRANGER), 0);
	cloud_quiet(c);
	cloud_run(c, 3000);
	assert_non_null(strstr(c->trace.text, "R2 ipsec-down 1.1.1.2 (peer deleted it)\n"));
	assert_non_null(strstr(c->trace.text, "R2 ipsec-up 1.1.1.2\n"));
}

/* What does not fit one step is due at once: cloud_event() steps until nothing is. */
static void many_peers_in_many_steps(void **state)
{
	struct cloud *c = *state;

	add(c, &cloud_r1);
	for (unsigned i = 2; i < 202; i++)
		restore(c, R1, i);
	cloud_run(c, 500);
	assert_in_range(c->n_flight, 0, CLOUD_FLIGHT_MAX);
	cloud_stop(c, R1);
	assert_non_null(strstr(c->trace.text, "R1 stopped"));
}

static void clear_again(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1);
	add(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_configure(c, R1, &cloud_r1);
	cloud_configure(c, R2, &cloud_r2);
	cloud_quiet(c);
	cloud_run(c, 3000);
	assert_int_equal(c->router[R2].n_sas, 0);
	assert_non_null(strstr(c->trace.text, "R2 nhs-up 10.10.10.1 1.1.1.2\n"));
}

static void nothing_without_crypto(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec protected = cloud_r2;

	cloud_add(c, &cloud_r2);
	protected.psk = "cisco123";
	cloud_configure(c, 0, &protected);
	cloud_quiet(c);
	cloud_run(c, 60000);
	cloud_expect(c, "");
	cloud_event(c, 0, &(struct node_event){ .type = NODE_IKE_PACKET });
	cloud_event(c, 0, &(struct node_event){ .type = NODE_SA_UNKNOWN });
	assert_int_equal(node_drops(c->router[0].node, DROP_NO_TUNNEL), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(registration_goes_out_once_protected),
		cloud_unit_test(a_peers_state_tells_how_far_it_has_got),
		cloud_unit_test(no_registration_without_protection),
		cloud_unit_test(path_is_direct_once_protected),
		cloud_unit_test(sessions_are_cleared_with_what_leads_to_them),
		cloud_unit_test(path_goes_by_the_hub_while_it_is_not),
		cloud_unit_test(a_dead_path_goes_by_the_hub_at_both_ends),
		cloud_unit_test(server_is_down_while_it_is_not),
		cloud_unit_test(stops_in_order),
		cloud_unit_test(stops_out_of_order),
		cloud_unit_test(hub_comes_back),
		cloud_unit_test(strangers_are_not_dialled),
		cloud_unit_test(who_is_dialled_at_a_place_is_no_stranger),
		cloud_unit_test(who_is_authenticated_is_no_stranger),
		cloud_unit_test(many_peers_in_many_steps),
		cloud_unit_test(clear_again),
		cloud_unit_test(nothing_without_crypto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
