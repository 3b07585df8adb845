/* SPDX-License-Identifier: Apache-2.0 */
/* Protected spokes behind one public address, as third routers and hubs see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "nhrp/cache.h"
#include "nhrp/place.h"
#include "nhrp/share.h"
#include "nhrp/tunnel.h"
#include "node/cloud_test.h"

enum { R4 = 3 };
static const struct cloud_spec r4 = { .name = "R4",
	                              .nbma = "4.4.4.2",
	                              .overlay = "10.10.10.4/24",
	                              .nhs = { "10.10.10.1 nbma 1.1.1.2" } };

static void add(struct cloud *c, const struct cloud_spec *like, const char *inside,
                const char *public)
{
	struct cloud_spec spec = *like;

	spec.psk = "cisco123";
	spec.nat = public ? CLOUD_NAT_ONE_PORT : CLOUD_NAT_OPEN;
	spec.public = public;
	spec.registration_s = 10;
	if (inside)
		spec.nbma = inside;
	cloud_add(c, &spec);
}

/* R2 and R3 behind one NAT, R4 behind none. */
static void add_all(struct cloud *c)
{
	c->terse = true;
	add(c, &cloud_r1, NULL, NULL);
	cloud_run(c, 3000);
	add(c, &cloud_r2, "192.168.1.2", "2.2.2.2");
	cloud_run(c, 3000);
	add(c, &cloud_r3, "192.168.1.3", "2.2.2.2");
	cloud_run(c, 3000);
	add(c, &r4, NULL, NULL);
	cloud_run(c, 3000);
	cloud_quiet(c);
}

static bool has(const struct cloud *c, const char *text)
{
	return strstr(c->trace.text, text);
}

/* Its session with the hub, that is. */
static void clear_session(struct cloud *c, size_t i)
{
	struct node_event event = { .type = NODE_CLEAR_CRYPTO };

	event.clear_crypto.what = NODE_CLEAR_SESSION;
	event.clear_crypto.remote = cloud_addr("1.1.1.2");
	cloud_event(c, i, &event);
}

/* The hub starts anew, and hears R3 first: it calls R3 now what it called R2 before. */
static void the_hub_changes_its_mind(struct cloud *c)
{
	cloud_want(c, R4, "10.10.10.2");
	cloud_run(c, 3000);
	assert_true(has(c, "R4 nhp-up 10.10.10.2 2.2.2.2"));
	cloud_restart(c, R1);
	clear_session(c, R3);
	cloud_run(c, 60000);
	clear_session(c, R2);
	clear_session(c, R4);
	cloud_run(c, 60000);
	assert_true(has(c, "R1 nhc-up 10.10.10.3 2.2.2.2"));
	assert_true(has(c, "R1 nhc-up 10.10.10.2 192.168.1.2"));
	cloud_want(c, R4, "10.10.10.2");
	cloud_run(c, 60000);
	cloud_quiet(c);
}

/* R4 knows R2 by the address that the hub names now for R3: it goes by R3's own, at its port. */
static void names_are_given_anew(void **state)
{
	struct cloud *c = *state;

	add_all(c);
	the_hub_changes_its_mind(c);
	cloud_want(c, R4, "10.10.10.3");
	cloud_run(c, 5000);
	assert_true(has(c, "R4 nhp-up 10.10.10.3 192.168.1.3"));
	assert_true(has(c, "R3 nhp-up 10.10.10.4 4.4.4.2"));
	assert_false(has(c, "R4 nhp-down") || has(c, "R4 ipsec-down"));
	cloud_expect_cache(
		c, R4,
		"10.10.10.1/32 10.10.10.1 1.1.1.2 static authoritative\n"
		"10.10.10.2/32 10.10.10.2 2.2.2.2 dynamic authoritative router unique nat nhop "
		"claimed 192.168.1.2\n"
		"10.10.10.3/32 10.10.10.3 192.168.1.3 dynamic authoritative router unique nhop\n");
}

/* Another maker's hub says nothing of ports. */
static void keep_places_back(void *ctx, const struct cloud_packet *p)
{
	struct cloud *c = ctx;
	struct nhrp_packet packet;
	uint8_t bytes[NHRP_PACKET_MAX];

	if (nhrp_parse(p->bytes, p->len, &packet) != NHRP_WIRE_OK)
		return;
	const struct nhrp_extension *ours = nhrp_place_extension(&packet);
	if (!ours)
		return;
	size_t at = (size_t)(ours - packet.ext);
	packet.n_ext--;
	memmove(&packet.ext[at], &packet.ext[at + 1], (packet.n_ext - at) * sizeof packet.ext[0]);
	c->last.len = nhrp_build(&packet, bytes, sizeof bytes);
	memcpy(c->last.bytes, bytes, c->last.len);
}

/* Whom R4 would reach at R3's address is R2: all stays with the hub. */
static void in_doubt_by_the_hub(void **state)
{
	struct cloud *c = *state;

	add_all(c);
	the_hub_changes_its_mind(c);
	c->on_send = keep_places_back;
	c->ctx = c;
	cloud_want(c, R4, "10.10.10.3");
	cloud_run(c, 100);
	assert_true(has(c, "R4 set-peer 10.10.10.3 1.1.1.2 via-nhs"));
	assert_false(has(c, "R4 nhp-up") || has(c, "R4 set-peer 10.10.10.3 2.2.2.2"));
}

/* Both begin at once: neither has the hub's pair of the other. */
static void both_dial_a_hub_at_once(void **state)
{
	struct cloud *c = *state;

	c->terse = true;
	add(c, &cloud_r1, NULL, NULL);
	add(c, &cloud_r2, "192.168.1.2", "2.2.2.2");
	add(c, &cloud_r3, "192.168.1.3", "2.2.2.2");
	cloud_run(c, 3000);
	assert_true(has(c, "R1 nhc-up 10.10.10.2 2.2.2.2"));
	assert_true(has(c, "R1 nhc-up 10.10.10.3 192.168.1.3"));
}

/* R2 has gone without a word, and R3 has its name now: what is for R2 must not go to R3. */
static void a_dead_client_has_an_heir(void **state)
{
	struct cloud *c = *state;
	struct node_event clear = { .type = NODE_CLEAR_CRYPTO };

	c->terse = true;
	add(c, &cloud_r1, NULL, NULL);
	add(c, &cloud_r2, "192.168.1.2", "2.2.2.2");
	cloud_run(c, 3000);
	cloud_move(c, R2, NULL);
	clear.clear_crypto.what = NODE_CLEAR_SESSION;
	cloud_event(c, R1, &clear);
	cloud_quiet(c);
	add(c, &cloud_r3, "192.168.1.3", "2.2.2.2");
	cloud_run(c, 3000);
	assert_true(has(c, "R1 del-peer 10.10.10.2"));
	assert_true(has(c, "R1 set-peer 10.10.10.3 2.2.2.2 registered"));
	cloud_move(c, R2, "192.168.1.2");
	cloud_run(c, 3000);
	assert_true(has(c, "R1 set-peer 10.10.10.2 192.168.1.2 registered"));
}

/* ---- names alone ---- */

/* A protected tunnel without a node around it. */
struct box {
	struct nhrp n;
	struct prng prng;
	struct node_out out;
	struct snapshot *snapshot;
	struct nhrp_tunnel *tunnel;
};

static int box_setup(void **state)
{
	struct box *b = memory_new(1, sizeof *b);

	prng_seed(&b->prng, 1);
	nhrp_init(&b->n, &(struct node_options){ .entropy = prng_entropy(&b->prng) });
	b->n.out = &b->out;
	b->snapshot = snapshot_new();
	struct snap_interface *i = snapshot_add_interface(b->snapshot, SNAP_TUNNEL, "Tunnel0");
	i->address[0] = (struct prefix){ cloud_addr("10.10.10.4"), 24 };
	i->n_address = 1;
	i->tunnel->source_address = cloud_addr("4.4.4.2");
	i->tunnel->mode = SNAP_MODE_GRE_MULTIPOINT;
	i->tunnel->nhrp.network_id = 1;
	nhrp_tunnel_configure(&b->n, b->snapshot);
	b->tunnel = nhrp_tunnel_find(&b->n, 0);
	b->tunnel->protected = true;
	*state = b;
	return 0;
}

static int box_teardown(void **state)
{
	struct box *b = *state;

	nhrp_fini(&b->n);
	snapshot_free(b->snapshot);
	free(b);
	return 0;
}

static struct udp_place place(const char *address, uint16_t port)
{
	return (struct udp_place){ cloud_addr(address), port };
}

/* An association under a name: the peer is seen at a place, and has an address of its own. */
static void stands(struct box *b, const char *name, struct udp_place at, const char *own)
{
	const struct nhrp_want which = { .nbma = cloud_addr(name),
		                         .place = at,
		                         .own = cloud_addr(own) };

	nhrp_guard_changed(&b->n, &which, true);
}

/* R3's path under a name. */
static struct nhrp_entry *add_path(struct box *b, const char *name)
{
	const struct addr own = cloud_addr("192.168.1.3");
	const struct prefix target = prefix_host(&(struct addr){ ADDR_V4, { 10, 10, 10, 3 } });
	struct nhrp_entry *e = nhrp_cache_add(&b->n, b->tunnel, &target, NHRP_BY_REPLY);

	e->via = target.addr;
	e->nbma = cloud_addr(name);
	e->claimed = addr_equal(&e->nbma, &own) ? ADDR_ANY_NONE : own;
	nhrp_cache_settle(&b->n, e);
	return e;
}

/* By which name R3 goes when a server calls it so; "" for none. It is seen at 2.2.2.2:40003. */
static void expect_name(struct box *b, const char *told, const char *expected)
{
	struct nhrp_path path = { .target = cloud_addr("10.10.10.3"),
		                  .nbma = cloud_addr(told),
		                  .claimed = cloud_addr("192.168.1.3"),
		                  .place = place("2.2.2.2", 40003) };
	char name[ADDR_TEXT_LEN] = "";

	if (nhrp_share_name(&b->n, b->tunnel, &path))
		addr_format(&path.nbma, name);
	assert_string_equal(name, expected);
}

/* What stands with R3 goes on, whatever a server calls it now; what stands with another does not.
 */
static void a_name_that_is_its_own_is_kept(void **state)
{
	struct box *b = *state;

	add_path(b, "192.168.1.3");
	stands(b, "192.168.1.3", place("2.2.2.2", 40003), "192.168.1.3");
	expect_name(b, "2.2.2.2", "192.168.1.3");
	stands(b, "192.168.1.3", place("2.2.2.2", 40009), "192.168.1.9");
	expect_name(b, "2.2.2.2", "2.2.2.2");
}

/* Another client has the same address of its own, behind another NAT. */
static void an_own_address_is_one_clients(void **state)
{
	struct box *b = *state;

	expect_name(b, "192.168.1.3", "192.168.1.3");
	stands(b, "192.168.1.3", place("9.9.9.9", 40001), "192.168.1.3");
	expect_name(b, "192.168.1.3", "2.2.2.2");
	stands(b, "2.2.2.2", place("2.2.2.2", 40002), "192.168.1.2");
	expect_name(b, "192.168.1.3", "");
}

/* R2 has come up under the name by which R3 was dialled: R3 is dialled under its own. */
static void a_name_that_is_taken_is_given_up(void **state)
{
	struct box *b = *state;
	const struct addr own = cloud_addr("192.168.1.3");
	const struct udp_place told = place("2.2.2.2", 40003);
	struct nhrp_entry *e = add_path(b, "2.2.2.2");

	nhrp_guard_place(&b->n, e->guard, &told, &own);
	stands(b, "2.2.2.2", place("2.2.2.2", 40002), "192.168.1.2");
	assert_true(addr_equal(&e->nbma, &own) && addr_is_none(&e->claimed));
	assert_true(addr_equal(&e->guard->key.nbma, &own));
	assert_true(udp_place_equal(&e->guard->place, &told));
}

/* Who says nothing of itself is R3 if it is seen at R3's very port. */
static void a_port_tells_who_it_is(void **state)
{
	struct box *b = *state;
	const struct addr none = ADDR_ANY_NONE;
	const struct udp_place told = place("2.2.2.2", 40003);
	struct nhrp_entry *e = add_path(b, "2.2.2.2");

	nhrp_guard_place(&b->n, e->guard, &told, &none);
	stands(b, "2.2.2.2", told, "2.2.2.2");
	assert_false(nhrp_share_is_others(e));
	stands(b, "2.2.2.2", place("2.2.2.2", 40002), "2.2.2.2");
	assert_true(nhrp_share_is_others(e));
}

#define box_unit_test(function) cmocka_unit_test_setup_teardown(function, box_setup, box_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(names_are_given_anew),
		cloud_unit_test(in_doubt_by_the_hub),
		cloud_unit_test(both_dial_a_hub_at_once),
		cloud_unit_test(a_dead_client_has_an_heir),
		box_unit_test(a_name_that_is_its_own_is_kept),
		box_unit_test(an_own_address_is_one_clients),
		box_unit_test(a_name_that_is_taken_is_given_up),
		box_unit_test(a_port_tells_who_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
