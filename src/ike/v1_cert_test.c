/* SPDX-License-Identifier: Apache-2.0 */
/* Main mode with certificates, end to end; what is refused is told at both ends. */
#include "ike/v1_cert.h"

#include "ike/pair_test.h"

/* The instant of the pair's link is in 2023. */
#define PAST 1600000000LL

static struct lab {
	struct fake_cert root, sub, other;
	struct fake_cert hub, spoke, bare, expired, stranger, below, elsewhere;
	struct fake_crl empty, full;
} lab;

static int setup(void **state)
{
	(void)state;
	fake_cert_make(&lab.root, &(struct fake_cert_spec){ .name = "Root", .ca = true });
	fake_cert_make(&lab.other, &(struct fake_cert_spec){ .name = "Other", .ca = true });
	fake_cert_make(&lab.sub,
	               &(struct fake_cert_spec){ .name = "Sub", .ca = true, .issuer = &lab.root });
	fake_cert_make(&lab.hub, &(struct fake_cert_spec){ .name = "R1",
	                                                   .issuer = &lab.root,
	                                                   .alt = "IP:1.1.1.2,DNS:r1" });
	fake_cert_make(
		&lab.spoke,
		&(struct fake_cert_spec){ .name = "R2", .issuer = &lab.root, .alt = "IP:2.2.2.2" });
	fake_cert_make(&lab.bare, &(struct fake_cert_spec){ .name = "R3", .issuer = &lab.root });
	fake_cert_make(&lab.expired, &(struct fake_cert_spec){
					     .name = "Old", .issuer = &lab.root, .until = PAST });
	fake_cert_make(&lab.stranger,
	               &(struct fake_cert_spec){ .name = "R4", .issuer = &lab.other });
	fake_cert_make(&lab.below, &(struct fake_cert_spec){ .name = "R5", .issuer = &lab.sub });
	fake_cert_make(
		&lab.elsewhere,
		&(struct fake_cert_spec){ .name = "R6", .issuer = &lab.root, .alt = "IP:9.9.9.9" });
	fake_crl_make(&lab.empty, &(struct fake_crl_spec){ .issuer = &lab.root });
	fake_crl_make(&lab.full,
	              &(struct fake_crl_spec){ .issuer = &lab.root, .revoked = &lab.spoke });
	return 0;
}

static int teardown(void **state)
{
	struct fake_cert *all[] = { &lab.root,    &lab.sub,     &lab.other, &lab.hub,
		                    &lab.spoke,   &lab.bare,    &lab.below, &lab.elsewhere,
		                    &lab.expired, &lab.stranger };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		fake_cert_fini(all[i]);
	return 0;
}

/* A lab with these credentials, both without revocation lists unless they bring some. */
struct given {
	struct pair_credentials hub, spoke;
	struct pair_spec hub_spec, spoke_spec;
};

static struct given usual(void)
{
	return (struct given){
		.hub = { .own = &lab.hub, .ca = &lab.root, .revocation = SNAP_REVOCATION_NONE },
		.spoke = { .own = &lab.spoke, .ca = &lab.root, .revocation = SNAP_REVOCATION_NONE },
		.hub_spec = HUB_SPEC,
		.spoke_spec = SPOKE_SPEC,
	};
}

static void start(struct pair *p, struct given *g)
{
	g->hub_spec.credentials = &g->hub;
	g->spoke_spec.credentials = &g->spoke;
	pair_start(p, 1, &g->hub_spec, &g->spoke_spec);
}

static void expect_up(struct given *g)
{
	struct pair p;

	start(&p, g);
	pair_run(&p, 2000);
	assert_string_equal(p.end[SPOKE].trace.text, "ike-up\nipsec-up\n");
	assert_string_equal(p.end[HUB].trace.text, "ike-up\nipsec-up\n");
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

/* No SA, and these words at both ends. */
static void expect_refused(struct given *g, const char *hub, const char *spoke)
{
	struct pair p;

	start(&p, g);
	pair_run(&p, 5000);
	if (!pair_traced(&p, HUB, hub) || !pair_traced(&p, SPOKE, spoke))
		print_error("hub: %sspoke: %s", p.end[HUB].trace.text, p.end[SPOKE].trace.text);
	assert_true(pair_traced(&p, HUB, hub));
	assert_true(pair_traced(&p, SPOKE, spoke));
	assert_int_equal(pair_count(&p, HUB, true) + pair_count(&p, SPOKE, true), 0);
	pair_fini(&p);
}

static void certificates_bring_a_pair_up(void **state)
{
	struct given g = usual();
	struct pair p;

	(void)state;
	start(&p, &g);
	pair_run(&p, 2000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	assert_int_equal(pair_sa(&p, HUB)->policy.auth, SNAP_AUTH_RSA_SIG);
	assert_int_equal(p.end[SPOKE].n_packets, 5);
	assert_int_equal(p.end[HUB].n_packets, 4);
	assert_true(addr_equal(&pair_sa(&p, HUB)->peer_id.addr, &p.end[SPOKE].address));
	pair_fini(&p);
}

/* One end has certificates, the other a key. */
static void ways_to_authenticate_that_differ(void **state)
{
	struct given g = usual();
	struct pair p;

	(void)state;
	g.hub_spec.credentials = &g.hub;
	pair_start(&p, 1, &g.hub_spec, &g.spoke_spec);
	pair_run(&p, 2000);
	assert_true(pair_traced(&p, HUB,
	                        "ike-failed: no ISAKMP policy fits: authentication: offered "
	                        "pre-share, configured rsa-sig\nike-advice: crypto isakmp policy "
	                        "10, encryption aes, hash sha256, authentication pre-share, "
	                        "group 14\n"));
	assert_true(pair_traced(&p, SPOKE,
	                        "ike-failed: the peer admits none of our ISAKMP policies: "
	                        "authentication: offered pre-share, configured rsa-sig\n"));
	/* A policy for keys alone does not help. */
	g.hub_spec.n_policies = 2;
	g.hub_spec.policy[1] = (struct snap_isakmp_policy){
		.priority = 10,
		.has_authentication = true,
		.authentication = SNAP_AUTH_PRE_SHARE,
	};
	g.hub_spec.key_for = "3.3.3.0/24";
	pair_configure(&p, HUB, &g.hub_spec);
	pair_run(&p, 60000);
	assert_true(pair_traced(&p, HUB,
	                        "ike-failed: no pre-shared key for 2.2.2.2 is configured\n"
	                        "ike-advice: crypto isakmp key KEY address 2.2.2.2\n"));
	pair_fini(&p);
}

static void identities_are_those_of_certificates(void **state)
{
	struct given g = usual();

	(void)state;
	g.hub_spec.also.identity = g.spoke_spec.also.identity = SNAP_ID_DN;
	expect_up(&g);
	g.hub_spec.also.identity = SNAP_ID_HOSTNAME;
	g.hub_spec.hostname = "r1";
	expect_up(&g);
	g.hub_spec.hostname = "r7";
	expect_refused(&g,
	               "ike-failed: the peer refuses us: identity: r7 is not in certificate "
	               "CN=R1,O=Lab",
	               "ike-failed: identity: r7 is not in certificate CN=R1,O=Lab");
	g = usual();
	g.spoke.own = &lab.elsewhere;
	expect_refused(&g,
	               "ike-failed: identity: 2.2.2.2 is not in certificate CN=R6,O=Lab\n"
	               "ike-advice: crypto isakmp identity dn",
	               "ike-failed: the peer refuses us: identity: 2.2.2.2 is not in");
	/* A certificate that names no address is good for the one that its packets come from. */
	g.spoke.own = &lab.bare;
	expect_up(&g);
}

static void a_name_is_shown_as_it_was_proved(void **state)
{
	struct node_cursor cursor = { 0 };
	struct ike_sa_view view;
	struct given g = usual();
	struct pair p;

	(void)state;
	g.hub_spec.also.identity = SNAP_ID_DN;
	start(&p, &g);
	pair_run(&p, 2000);
	assert_true(ike_next_sa(p.end[SPOKE].ike, &cursor, &view));
	assert_string_equal(view.peer_name, "CN=R1,O=Lab");
	assert_true(addr_is_none(&view.peer_id));
	cursor = (struct node_cursor){ 0 };
	assert_true(ike_next_sa(p.end[HUB].ike, &cursor, &view));
	assert_null(view.peer_name);
	assert_true(addr_equal(&view.peer_id, &p.end[SPOKE].address));
	pair_fini(&p);
}

static void chains_are_sent_and_checked(void **state)
{
	struct given g = usual();

	(void)state;
	g.spoke.own = &lab.below;
	g.spoke.more = &lab.sub;
	expect_up(&g);
	g.spoke.more = NULL;
	expect_refused(&g,
	               "ike-failed: certificate CN=R5,O=Lab: its issuer CN=Sub,O=Lab is unknown",
	               "ike-failed: the peer refuses us: certificate CN=R5,O=Lab: its issuer");
}

static void strangers_and_the_late_are_refused(void **state)
{
	struct given g = usual();

	(void)state;
	g.spoke.own = &lab.stranger;
	expect_refused(&g,
	               "ike-failed: certificate CN=R4,O=Lab: its issuer CN=Other,O=Lab is unknown",
	               "ike-failed: the peer refuses us: certificate CN=R4,O=Lab: its issuer");
	g.spoke.own = &lab.expired;
	expect_refused(&g, "ike-failed: certificate CN=Old,O=Lab has expired on 2020-09-13",
	               "ike-failed: the peer refuses us: certificate CN=Old,O=Lab has expired on");
	/* The responder's is checked by the initiator, which tells it. */
	g = usual();
	g.hub.own = &lab.expired;
	expect_refused(&g, "ike-failed: the peer refuses us: certificate CN=Old,O=Lab has expired",
	               "ike-failed: certificate CN=Old,O=Lab has expired on 2020-09-13");
}

static void revoked_certificates_are_refused(void **state)
{
	struct given g = usual();

	(void)state;
	g.hub.revocation = SNAP_REVOCATION_CRL;
	g.hub.crl = &lab.empty;
	expect_up(&g);
	g.hub.crl = &lab.full;
	expect_refused(&g, "ike-failed: certificate CN=R2,O=Lab is revoked",
	               "ike-failed: the peer refuses us: certificate CN=R2,O=Lab is revoked");
	g.hub.crl = NULL;
	expect_refused(&g, "ike-failed: certificate CN=R2,O=Lab: there is no revocation list",
	               "ike-failed: the peer refuses us: certificate CN=R2,O=Lab: there is no");
	g.hub.revocation = SNAP_REVOCATION_CRL_NONE;
	expect_up(&g);
}

static void without_a_key_nothing_is_offered(void **state)
{
	struct given g = usual();

	(void)state;
	g.spoke.key = PAIR_KEY_MISSING;
	expect_refused(&g, "",
	               "ike-failed: authentication rsa-sig: no trustpoint has a certificate of "
	               "ours and its key\nike-advice: enrollment file PATH");
	g.spoke.key = PAIR_KEY_REFUSES;
	expect_refused(&g, "", "ike-failed: the key of our certificate is missing, or cannot sign");
	g = usual();
	g.hub.key = PAIR_KEY_MISSING;
	expect_refused(&g, "ike-failed: authentication rsa-sig: no trustpoint has a certificate",
	               "");
}

/* A key that does not answer ends the exchange after half a minute. */
static void a_signature_that_never_comes(void **state)
{
	struct given g = usual();
	struct pair p;

	(void)state;
	g.spoke.key = PAIR_KEY_SLEEPS;
	start(&p, &g);
	pair_run(&p, 29000);
	assert_int_equal(pair_sa(&p, SPOKE)->step, IKE_SIGNING);
	pair_run(&p, 2000);
	assert_true(pair_traced(&p, SPOKE, "ike-failed: our signature was not made in time"));
	pair_fini(&p);
}

/* One's own certificate with another's key. */
static void a_wrong_signature_is_refused(void **state)
{
	struct fake_cert swapped = lab.spoke;
	struct given g = usual();

	(void)state;
	swapped.key = lab.bare.key;
	g.spoke.own = &swapped;
	expect_refused(&g, "ike-failed: the signature is not that of the key of certificate CN=R2",
	               "ike-failed: the peer refuses us: the signature is not that of the key");
}

static void new_files_are_used_at_once(void **state)
{
	struct given g = usual();
	struct pair_credentials mended = g.spoke;
	struct pair p;

	(void)state;
	g.spoke.key = PAIR_KEY_MISSING;
	start(&p, &g);
	pair_run(&p, 1000);
	assert_int_equal(pair_count(&p, SPOKE, true), 0);
	pair_credentials(&p, SPOKE, &mended);
	pair_run(&p, 1000);
	assert_true(pair_is_joined(&p, SPOKE, HUB));
	pair_fini(&p);
}

static void loss_and_doubles_do_no_harm(void **state)
{
	struct given g = usual();

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct pair p;
		g.hub_spec.credentials = &g.hub;
		g.spoke_spec.credentials = &g.spoke;
		pair_init(&p, seed);
		p.loss_percent = 20;
		p.double_percent = 20;
		p.jitter_ms = 30;
		pair_add(&p, &g.hub_spec);
		pair_add(&p, &g.spoke_spec);
		pair_want(&p, SPOKE, HUB);
		pair_want(&p, HUB, SPOKE);
		pair_run(&p, 120000);
		p.loss_percent = 0;
		pair_run(&p, 60000);
		assert_true(pair_agrees(&p, SPOKE, HUB));
		assert_true(pair_agrees(&p, HUB, SPOKE));
		pair_fini(&p);
	}
}

/* Two spokes behind one NAT, named by their certificates, are two. */
static void names_tell_spokes_behind_one_nat_apart(void **state)
{
	struct given g = usual();
	struct pair_credentials third = { .own = &lab.bare,
		                          .ca = &lab.root,
		                          .revocation = SNAP_REVOCATION_NONE };
	struct pair_spec third_spec = { .source = "3.3.3.3", .credentials = &third };
	struct pair p;

	(void)state;
	g.spoke_spec.also.identity = third_spec.also.identity = SNAP_ID_DN;
	g.hub_spec.credentials = &g.hub;
	g.spoke_spec.credentials = &g.spoke;
	pair_init(&p, 1);
	pair_add(&p, &g.hub_spec);
	pair_add(&p, &g.spoke_spec);
	int other = pair_add(&p, &third_spec);
	p.nat[0] = (struct pair_nat){ p.end[SPOKE].address, addr_v4(5, 5, 5, 5), 10000 };
	p.nat[1] = (struct pair_nat){ p.end[other].address, addr_v4(5, 5, 5, 5), 20000 };
	p.n_nat = 2;
	pair_want(&p, SPOKE, HUB);
	pair_want(&p, other, HUB);
	pair_run(&p, 5000);
	assert_true(pair_agrees(&p, SPOKE, HUB));
	assert_true(pair_agrees(&p, other, HUB));
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_bring_a_pair_up),
		cmocka_unit_test(ways_to_authenticate_that_differ),
		cmocka_unit_test(identities_are_those_of_certificates),
		cmocka_unit_test(a_name_is_shown_as_it_was_proved),
		cmocka_unit_test(chains_are_sent_and_checked),
		cmocka_unit_test(strangers_and_the_late_are_refused),
		cmocka_unit_test(revoked_certificates_are_refused),
		cmocka_unit_test(without_a_key_nothing_is_offered),
		cmocka_unit_test(a_signature_that_never_comes),
		cmocka_unit_test(a_wrong_signature_is_refused),
		cmocka_unit_test(new_files_are_used_at_once),
		cmocka_unit_test(loss_and_doubles_do_no_harm),
		cmocka_unit_test(names_tell_spokes_behind_one_nat_apart),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
