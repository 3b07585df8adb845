/* SPDX-License-Identifier: Apache-2.0 */
/* We never begin aggressive mode, so the other end is made here of the parts of main mode. */
#include "ike/v1_aggressive.h"

#include "ike/host.h"
#include "ike/identity.h"
#include "ike/nat.h"
#include "ike/pair_test.h"
#include "ike/sa.h"
#include "ike/v1_auth.h"
#include "ike/v1_info.h"
#include "ike/v1_main.h"
#include "ike/v1_phase1.h"
#include "ike/v1_send.h"
#include "ike/vendor.h"
#include "util/memory.h"

/* A spoke that begins aggressive mode; its IKE SA is one of its core's. */
struct initiator {
	struct pair p;
	struct ike_sa *sa;
	uint8_t first[IKE_SEND_MAX]; /* message 1 */
	size_t first_len;
};

static void start(struct initiator *i, const struct pair_spec *hub, const struct pair_spec *spoke)
{
	struct pair_spec accepting = hub ? *hub : HUB_SPEC;

	accepting.also.aggressive_accept = true;
	pair_init(&i->p, 1);
	pair_add(&i->p, &accepting);
	pair_add(&i->p, spoke ? spoke : &SPOKE_SPEC);
}

/* From the spoke to the hub, with a NAT of the pair's if there is one. */
static void deliver(struct pair *p, const struct node_ike_path *path, const uint8_t *bytes,
                    size_t len)
{
	struct node_event event = { .type = NODE_IKE_PACKET, .ike = { *path, bytes, len } };

	if (p->n_nat) {
		event.ike.path.from = p->nat[0].outside;
		event.ike.path.from_port =
			(uint16_t)(event.ike.path.from_port + p->nat[0].port_offset);
	}
	pair_event(p, HUB, &event);
}

static void add_exchange(struct initiator *i, struct v1_out *o)
{
	const struct ike_main *m = i->sa->main;
	struct ike_id_body id;

	isakmp_add(&o->b, ISAKMP_KE, m->public[IKE_OF_INITIATOR],
	           dh_group(i->sa->policy.group) -> public_len);
	isakmp_add(&o->b, ISAKMP_NONCE, m->nonce[IKE_OF_INITIATOR], m->nonce_len[IKE_OF_INITIATOR]);
	ike_identity_own(i->p.end[SPOKE].ike, i->sa, NULL, &id);
	isakmp_add(&o->b, ISAKMP_ID, id.bytes, id.len);
}

static void make_first(struct initiator *i)
{
	struct pair *p = &i->p;
	const struct ike_host_key key = { .local = p->end[SPOKE].address,
		                          .remote = p->end[HUB].address };
	const struct node_ike_path path = { key.local, key.remote, IKE_PORT, IKE_PORT };
	struct v1_policies policies;
	struct v1_out o;

	struct ike *ike = pair_begin_step(p, SPOKE);
	i->sa = ike_sa_new(ike, ike_host_get(ike, &key), &path, true);
	i->sa->aggressive = true;
	v1_phase1_policies(ike, &key, NULL, &policies);
	i->sa->policy = policies.policy[0];
	assert_true(v1_phase1_draw(ike, i->sa));
	v1_begin(&o, i->sa, ISAKMP_AGGRESSIVE, 0);
	isakmp_open(&o.b, ISAKMP_SA);
	size_t at = writer_len(&o.b.w);
	v1_offer_policies(&o.b.w, &policies);
	v1_phase1_keep_offer(i->sa->main, o.bytes + at, writer_len(&o.b.w) - at);
	isakmp_close(&o.b);
	add_exchange(i, &o);
	ike_vendor_offer(ike, &o);
	i->first_len = isakmp_end(&o.b, 1);
	memcpy(i->first, o.bytes, i->first_len);
	pair_end_step(p, SPOKE);
}

static void send_first(struct initiator *i)
{
	deliver(&i->p, &i->sa->path, i->first, i->first_len);
}

/* Reads message 2, the hub's latest. Whether its proof is right. */
static bool read_second(struct initiator *i)
{
	static struct v1_in in;
	struct node_event event = { .type = NODE_IKE_PACKET };
	struct v1_proof proof;

	event.ike.path =
		(struct node_ike_path){ i->sa->path.to, i->sa->path.from, IKE_PORT, IKE_PORT };
	event.ike.bytes = i->p.last;
	event.ike.len = i->p.last_len;
	in.event = &event;
	struct ike *ike = pair_begin_step(&i->p, SPOKE);
	assert_true(v1_open(ike, i->sa, NULL, &in));
	assert_int_equal(in.m.header.exchange, ISAKMP_AGGRESSIVE);
	i->sa->rcookie = in.m.header.rcookie;
	assert_true(v1_phase1_read_exchange(ike, i->sa, &in.m));
	ike_nat_read_hashes(ike, i->sa, &in);
	assert_true(v1_auth_keys(ike, i->sa));
	i->sa->aggressive = false; /* the hub's identity is in its message */
	enum ike_drop drop = v1_auth_check(ike, i->sa, &in, &proof);
	pair_end_step(&i->p, SPOKE);
	return drop == IKE_DROP_NONE;
}

/* Message 3, encrypted or not, and the initiator's SA stands. */
static void send_third(struct initiator *i, bool sealed)
{
	struct ike *ike = pair_begin_step(&i->p, SPOKE);
	struct node_ike_path path = i->sa->path;
	struct ike_id_body id;
	struct v1_shared shared;
	uint8_t hash[CRYPTO_DIGEST_MAX];
	struct v1_out o;

	ike_identity_own(ike, i->sa, NULL, &id);
	if (ike_nat_is_there(i->sa)) {
		path.from_port = path.to_port = IKE_NAT_PORT;
		ike_host_settle(ike, i->sa, &path);
	}
	v1_main_shared(i->sa, &shared);
	v1_hash_main(&i->sa->keys, &shared, (struct v1_identity){ true, { id.bytes, id.len } },
	             hash);
	v1_begin(&o, i->sa, ISAKMP_AGGRESSIVE, 0);
	isakmp_add(&o.b, ISAKMP_HASH, hash, hash_algorithm(i->sa->keys.hash)->digest_len);
	ike_nat_add_hashes(ike, i->sa, &o);
	ike_info_add_contact(i->sa, &o);
	size_t len = v1_seal(ike, i->sa, &o,
	                     &(struct v1_sealing){ .iv = sealed ? i->sa->keys.iv : NULL });
	ike_sa_stands(ike, i->sa);
	pair_end_step(&i->p, SPOKE);
	deliver(&i->p, &path, o.bytes, len);
}

static void expect_pair(struct initiator *i)
{
	pair_want(&i->p, SPOKE, HUB);
	pair_run(&i->p, 2000);
	assert_true(pair_is_joined(&i->p, SPOKE, HUB));
	assert_int_equal(i->p.end[HUB].ike->counters.main_mode_done, 1);
}

static void three_messages_make_an_ike_sa(void **state)
{
	(void)state;
	for (int sealed = 0; sealed <= 1; sealed++) {
		struct initiator i;
		struct node_cursor cursor = { 0 };
		struct ike_sa_view view;
		start(&i, NULL, NULL);
		make_first(&i);
		send_first(&i);
		assert_true(ike_next_sa(i.p.end[HUB].ike, &cursor, &view));
		assert_string_equal(ike_state_text(view.state), "AG_INIT_EXCH");
		assert_true(read_second(&i));
		send_third(&i, sealed);
		assert_int_equal(pair_sa(&i.p, HUB)->step, IKE_STANDS);
		assert_true(addr_equal(&pair_sa(&i.p, HUB)->peer_id.addr, &i.p.end[SPOKE].address));
		expect_pair(&i);
		pair_fini(&i.p);
	}
}

static void a_first_message_again_is_answered_again(void **state)
{
	struct initiator i;
	uint8_t before[IKE_SEND_MAX];

	(void)state;
	start(&i, NULL, NULL);
	make_first(&i);
	send_first(&i);
	size_t len = i.p.last_len;
	memcpy(before, i.p.last, len);
	send_first(&i);
	assert_int_equal(i.p.end[HUB].n_packets, 2);
	assert_int_equal(i.p.last_len, len);
	assert_memory_equal(i.p.last, before, len);
	assert_true(read_second(&i));
	send_third(&i, true);
	pair_fini(&i.p);
}

static void behind_a_nat(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	i.p.nat[0] = (struct pair_nat){ i.p.end[SPOKE].address, addr_v4(5, 5, 5, 5), 10000 };
	i.p.n_nat = 1;
	make_first(&i);
	send_first(&i);
	assert_true(read_second(&i));
	assert_true(ike_nat_is_there(i.sa));
	send_third(&i, true);
	assert_true(pair_sa(&i.p, HUB)->peer_behind_nat);
	assert_int_equal(pair_sa(&i.p, HUB)->path.from_port, IKE_NAT_PORT);
	assert_int_equal(pair_sa(&i.p, HUB)->path.to_port, IKE_NAT_PORT + 10000);
	pair_fini(&i.p);
}

static void it_is_refused_unless_accepted(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	pair_configure(&i.p, HUB, &HUB_SPEC);
	make_first(&i);
	send_first(&i);
	assert_null(pair_sa(&i.p, HUB));
	assert_int_equal(pair_dropped(&i.p, HUB, IKE_DROP_EXCHANGE), 1);
	assert_true(pair_traced(&i.p, HUB,
	                        "ike-failed: aggressive mode is not accepted\n"
	                        "ike-advice: main mode at the other end"));
	pair_fini(&i.p);
}

static void another_key_proves_nothing(void **state)
{
	struct pair_spec spoke = SPOKE_SPEC;
	struct initiator i;

	(void)state;
	spoke.key = "another";
	for (int sealed = 0; sealed <= 1; sealed++) {
		start(&i, NULL, &spoke);
		make_first(&i);
		send_first(&i);
		assert_false(read_second(&i));
		send_third(&i, sealed);
		assert_int_equal(pair_sa(&i.p, HUB)->step, IKE_SENT_4);
		assert_true(pair_traced(&i.p, HUB,
		                        "ike-failed: the peer's proof does not fit our pre-shared "
		                        "key: the keys differ"));
		pair_run(&i.p, 31000);
		assert_null(pair_sa(&i.p, HUB));
		pair_fini(&i.p);
	}
}

static void silence_is_told(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	make_first(&i);
	send_first(&i);
	pair_run(&i.p, 31000);
	assert_null(pair_sa(&i.p, HUB));
	assert_true(pair_traced(
		&i.p, HUB, "ike-failed: the peer fell silent after aggressive mode message 2"));
	pair_fini(&i.p);
}

static void an_isakmp_profile_admits(void **state)
{
	struct pair_spec hub = HUB_SPEC;
	struct initiator i;

	(void)state;
	hub.match = "3.3.3.0/24";
	start(&i, &hub, NULL);
	make_first(&i);
	send_first(&i);
	assert_true(read_second(&i));
	send_third(&i, true);
	assert_int_equal(pair_sa(&i.p, HUB)->step, IKE_SENT_4);
	assert_true(pair_traced(
		&i.p, HUB, "ike-failed: identity: offered 2.2.2.2, matched by no isakmp profile"));
	pair_fini(&i.p);
}

/* The key is chosen by the name in message 1, which beats what is for any address. */
static void a_key_by_name(void **state)
{
	static const char *const names[] = { "R2.lab", "r3.lab" };
	struct pair_spec spoke = SPOKE_SPEC;

	(void)state;
	spoke.hostname = "r2.lab";
	spoke.also.identity = SNAP_ID_HOSTNAME;
	for (int k = 0; k < 2; k++) {
		struct initiator i;
		start(&i, NULL, &spoke);
		struct snap_keyring *ring = i.p.end[HUB].snapshot->crypto.keyring;
		ring->key->hostname = memory_strdup(names[k]);
		ring->key->peer = (struct prefix){ 0 };
		make_first(&i);
		send_first(&i);
		if (k) {
			assert_null(pair_sa(&i.p, HUB));
			assert_true(pair_traced(&i.p, HUB, "no pre-shared key for 2.2.2.2"));
			pair_fini(&i.p);
			continue;
		}
		/* As long as the key is there the SA is admitted by it. */
		assert_true(read_second(&i));
		send_third(&i, true);
		assert_true(ike_main_is_admitted(i.p.end[HUB].ike, pair_sa(&i.p, HUB)));
		expect_pair(&i);
		pair_fini(&i.p);
	}
}

/* Cut short anywhere, with other lengths inside, as main mode: nothing stands, nothing breaks. */
static void broken_messages_make_nothing(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	make_first(&i);
	for (size_t at = ISAKMP_HEADER_LEN; at < i.first_len; at++) {
		uint8_t broken[IKE_SEND_MAX];
		memcpy(broken, i.first, i.first_len);
		broken[at] ^= 0xff;
		broken[0] = (uint8_t)at;
		deliver(&i.p, &i.sa->path, broken, i.first_len);
		pair_run(&i.p, 31000);
		assert_null(pair_sa(&i.p, HUB));
	}
	pair_fini(&i.p);
}

static void modes_do_not_mix(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	make_first(&i);
	send_first(&i);
	assert_true(read_second(&i));
	uint8_t message[ISAKMP_HEADER_LEN + 8];
	memcpy(message, i.p.last, sizeof message);
	message[18] = ISAKMP_MAIN;
	message[26] = 0;
	message[27] = sizeof message;
	deliver(&i.p, &i.sa->path, message, sizeof message);
	assert_int_equal(pair_dropped(&i.p, HUB, IKE_DROP_EXCHANGE), 1);
	send_third(&i, true);
	message[18] = ISAKMP_AGGRESSIVE;
	deliver(&i.p, &i.sa->path, message, sizeof message);
	assert_int_equal(pair_dropped(&i.p, HUB, IKE_DROP_REPLAYED), 1);
	pair_fini(&i.p);
}

/* From as many cookies as there are messages, all of one address; how many the hub has answered. */
static size_t flood(struct initiator *i, const uint8_t *message, int n)
{
	uint8_t first[IKE_SEND_MAX];
	size_t before = i->p.end[HUB].n_packets;

	memcpy(first, message, i->first_len);
	for (int k = 1; k <= n; k++) {
		first[0] = (uint8_t)k;
		deliver(&i->p, &i->sa->path, first, i->first_len);
	}
	return i->p.end[HUB].n_packets - before;
}

/* Nobody is displaced for who may be forged. */
static void a_flood_is_bounded(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	make_first(&i);
	assert_int_equal(flood(&i, i.first, 20), IKE_HALF_OPEN_PER_PEER);
	assert_int_equal(pair_dropped(&i.p, HUB, IKE_DROP_HALF_OPEN), 20 - IKE_HALF_OPEN_PER_PEER);
	assert_int_equal(i.p.end[HUB].ike->n_half_open, IKE_HALF_OPEN_PER_PEER);
	pair_run(&i.p, 31000);
	assert_null(pair_sa(&i.p, HUB));
	assert_int_equal(flood(&i, i.first, 1), 1);
	pair_fini(&i.p);
}

/* Nor does it get any further by messages that prove bad once the work is done. */
static void a_flood_of_bad_values_is_bounded(void **state)
{
	struct initiator i;

	(void)state;
	start(&i, NULL, NULL);
	make_first(&i);
	uint8_t *nonce = i.first;
	while (memcmp(nonce, i.sa->main->nonce[IKE_OF_INITIATOR], IKE_NONCE_LEN) != 0)
		nonce++;
	const size_t public_len = dh_group(i.sa->policy.group)->public_len;
	memset(nonce - ISAKMP_PAYLOAD_HEADER_LEN - public_len, 0, public_len);
	assert_int_equal(flood(&i, i.first, 20), 0);
	assert_int_equal(pair_dropped(&i.p, HUB, IKE_DROP_MALFORMED), IKE_HALF_OPEN_PER_PEER);
	assert_int_equal(pair_dropped(&i.p, HUB, IKE_DROP_HALF_OPEN), 20 - IKE_HALF_OPEN_PER_PEER);
	pair_run(&i.p, 31000);
	assert_null(pair_sa(&i.p, HUB));
	assert_false(pair_traced(&i.p, HUB, "ike-failed: the peer fell silent"));
	pair_fini(&i.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_messages_make_an_ike_sa),
		cmocka_unit_test(a_first_message_again_is_answered_again),
		cmocka_unit_test(behind_a_nat),
		cmocka_unit_test(it_is_refused_unless_accepted),
		cmocka_unit_test(another_key_proves_nothing),
		cmocka_unit_test(silence_is_told),
		cmocka_unit_test(an_isakmp_profile_admits),
		cmocka_unit_test(a_key_by_name),
		cmocka_unit_test(broken_messages_make_nothing),
		cmocka_unit_test(modes_do_not_mix),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(a_flood_of_bad_values_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
