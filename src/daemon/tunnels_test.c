/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/tunnels.h"

/* A spoke: Tunnel0 from FastEthernet0/0, which is eth0 with 2.2.2.2/24, to the hub 1.1.1.2. */
struct world {
	struct snapshot *s;
	struct ports ports;
	struct links links;
	struct snap_interface *tunnel, *port;
	bool protects;
};

static struct prefix prefix(const char *text, uint8_t len)
{
	struct prefix p = { .len = len };

	assert_true(addr_parse(text, &p.addr));
	return p;
}

static void add_link(struct world *w, int index, const char *name, uint32_t mtu)
{
	struct netlink_event e = { .object = NETLINK_LINK };

	e.link = (struct netlink_link){ .index = index,
		                        .mtu_bytes = mtu,
		                        .up = true,
		                        .running = true,
		                        .carrier = true,
		                        .loopback = strcmp(name, "lo") == 0 };
	snprintf(e.link.name, sizeof e.link.name, "%s", name);
	links_take(&w->links, &e);
}

static void add_address(struct world *w, int index, const char *text, uint8_t len)
{
	struct netlink_event e = { .object = NETLINK_ADDRESS };

	e.address.index = index;
	e.address.prefix = prefix(text, len);
	links_take(&w->links, &e);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->protects = true;
	w->s = snapshot_new();
	w->tunnel = snapshot_add_interface(w->s, SNAP_TUNNEL, "Tunnel0");
	w->port = snapshot_add_interface(w->s, SNAP_PORT, "FastEthernet0/0");
	w->port->addressing = SNAP_ADDRESS_STATIC;
	w->port->address[0] = prefix("2.2.2.2", 24);
	w->port->n_address = 1;
	w->tunnel->address[0] = prefix("10.10.10.2", 24);
	w->tunnel->n_address = 1;
	w->tunnel->addressing = SNAP_ADDRESS_STATIC;
	struct snap_tunnel *t = w->tunnel->tunnel;
	snprintf(t->source_interface, sizeof t->source_interface, "FastEthernet0/0");
	t->destination = prefix("1.1.1.2", 32).addr;
	t->has_key = true;
	t->key = 1;
	assert_true(ports_add(&w->ports, "Fa0/0=eth0"));
	add_link(w, 1, "lo", 65536);
	add_link(w, 2, "eth0", 1500);
	add_address(w, 2, "2.2.2.2", 24);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	links_fini(&w->links);
	ports_fini(&w->ports);
	snapshot_free(w->s);
	free(w);
	return 0;
}

static struct tunnel_state evaluate(const struct world *w)
{
	struct tunnel_state t;

	tunnel_evaluate(&(struct tunnel_world){ w->s, &w->ports, &w->links, w->protects },
	                w->tunnel, &t);
	assert_int_equal(t.dp.up, t.down_reason == NULL);
	return t;
}

static void expect_up(const struct world *w, const char *source)
{
	struct tunnel_state t = evaluate(w);
	char text[ADDR_TEXT_LEN];

	assert_null(t.down_reason);
	assert_string_equal(addr_format(&t.dp.source, text), source);
}

static void expect_down(const struct world *w, const char *reason)
{
	struct tunnel_state t = evaluate(w);

	assert_non_null(t.down_reason);
	assert_string_equal(t.down_reason, reason);
}

static void point_to_point(void **state)
{
	struct world *w = *state;
	struct tunnel_state t = evaluate(w);
	char text[ADDR_TEXT_LEN];

	expect_up(w, "2.2.2.2");
	assert_true(t.admin_up);
	assert_string_equal(t.dp.ifname, "Tunnel0");
	assert_string_equal(addr_format(&t.dp.destination, text), "1.1.1.2");
	assert_string_equal(addr_format(&t.dp.icmp_source, text), "10.10.10.2");
	assert_true(t.dp.has_key);
	assert_int_equal(t.dp.key, 1);
	assert_int_equal(t.dp.ttl, 255);
	assert_false(t.dp.has_tos);
}

static void mode_and_destination_go_together(void **state)
{
	struct world *w = *state;
	struct snap_tunnel *t = w->tunnel->tunnel;

	t->mode = SNAP_MODE_GRE_MULTIPOINT; /* typed first: between modes */
	expect_down(w, "tunnel destination given, mode is multipoint");
	t->destination = ADDR_ANY_NONE;
	expect_up(w, "2.2.2.2");
	t->mode = SNAP_MODE_GRE_P2P;
	expect_down(w, "no tunnel destination");
	t->destination = prefix("2001:db8::1", 128).addr;
	expect_down(w, "tunnel source has no address");
	w->tunnel->shutdown = true;
	expect_down(w, "administratively down");
	assert_false(evaluate(w).admin_up);
}

static void what_we_cannot_protect_stays_down(void **state)
{
	struct world *w = *state;
	struct snap_tunnel *t = w->tunnel->tunnel;

	t->protected = true;
	expect_down(w, "this form of tunnel protection is not supported");
	t->destination = ADDR_ANY_NONE;
	t->mode = SNAP_MODE_GRE_MULTIPOINT;
	expect_down(w, "this form of tunnel protection is not supported");
	snprintf(t->protection.profile, sizeof t->protection.profile, "P");
	expect_down(w, "IPsec profile is not configured");
	w->protects = false;
	expect_down(w, "tunnel protection is not possible here");
	assert_true(evaluate(w).dp.protected);
	t->protected = false;
	expect_up(w, "2.2.2.2");
	t->other_mode = true;
	expect_down(w, "tunnel mode is not supported");
}

/* AES with SHA-1: 8 of ESP's header, 16 of IV, 12 of ICV around whole blocks of 16. */
static void protection_takes_its_room(void **state)
{
	struct world *w = *state;
	struct snap_transform_set set = { .name = "T", .cipher = ESP_AES128, .auth = ESP_SHA1_96 };
	struct snap_ipsec_profile profile = { .name = "P", .set = { "T" } };
	struct snap_crypto *c = &w->s->crypto;
	struct snap_tunnel *t = w->tunnel->tunnel;

	c->set = &set;
	c->profile = &profile;
	c->n_sets = c->n_profiles = 1;
	t->protected = true;
	snprintf(t->protection.profile, sizeof t->protection.profile, "P");
	expect_down(w, "IPsec profile has no transform set, or one that is not configured");
	profile.n_sets = 1;
	expect_up(w, "2.2.2.2");
	/* 1500 - 20 - 8 (UDP) - 36 = 1436: 89 blocks of 1424, less 2, 20 of IP and 8 of GRE. */
	assert_int_equal(evaluate(w).transport_mtu_bytes, 1394);
	set.mode = SNAP_IPSEC_TRANSPORT;
	assert_int_equal(evaluate(w).transport_mtu_bytes, 1394);
	set.require = true;
	assert_int_equal(evaluate(w).transport_mtu_bytes, 1414);
	c->no_nat_transparency = true;
	assert_int_equal(evaluate(w).transport_mtu_bytes, 1430);
	set.cipher = ESP_GCM256;
	set.auth = ESP_AUTH_NONE;
	/* 1480 - 8 - 8 - 16 = 1448, a multiple of 4. */
	assert_int_equal(evaluate(w).transport_mtu_bytes, 1438);
	*c = (struct snap_crypto){ 0 };
}

static void source_interface_decides(void **state)
{
	struct world *w = *state;

	w->links.link[1].running = false;
	expect_down(w, "tunnel source is down");
	w->links.link[1].running = true;
	w->links.n_addresses = 0; /* configured, but not there yet */
	expect_down(w, "tunnel source has no address");
	add_address(w, 2, "9.9.9.9", 24); /* somebody else's */
	expect_down(w, "tunnel source has no address");
	w->port->addressing = SNAP_ADDRESS_DHCP;
	expect_up(w, "9.9.9.9");
	w->links.n_links = 1;
	expect_down(w, "no output interface");
	w->tunnel->tunnel->source_interface[0] = '\0';
	expect_down(w, "no tunnel source");
}

static void source_address_needs_a_link(void **state)
{
	struct world *w = *state;
	struct snap_tunnel *t = w->tunnel->tunnel;

	t->source_interface[0] = '\0';
	t->source_address = prefix("10.0.0.1", 32).addr;
	expect_down(w, "no output interface");
	add_address(w, 1, "10.0.0.1", 32);
	expect_up(w, "10.0.0.1");
	t->destination = prefix("2001:db8::1", 128).addr;
	expect_down(w, "tunnel source and destination are of different families");
}

static void mtu_needs_no_outer_fragment(void **state)
{
	struct world *w = *state;
	struct snap_tunnel *t = w->tunnel->tunnel;

	assert_int_equal(evaluate(w).dp.mtu_bytes, 1500 - 20 - 4 - 4);
	assert_int_equal(evaluate(w).nhrp_mtu_bytes, 17912);
	t->has_key = false;
	assert_int_equal(evaluate(w).dp.mtu_bytes, 1476);
	assert_int_equal(evaluate(w).nhrp_mtu_bytes, 17916);
	w->tunnel->ip_mtu_bytes = 1400;
	assert_int_equal(evaluate(w).dp.mtu_bytes, 1400);
	assert_int_equal(evaluate(w).transport_mtu_bytes, 1476);
	w->tunnel->ip_mtu_bytes = 0;
	w->links.link[1].mtu_bytes = 60;
	assert_int_equal(evaluate(w).dp.mtu_bytes, TUNNEL_MTU_MIN);
	w->links.link[1].mtu_bytes = 1000000;
	assert_int_equal(evaluate(w).dp.mtu_bytes, UINT16_MAX);
	w->links.n_links = 0;
	assert_int_equal(evaluate(w).dp.mtu_bytes, 1476);
}

static void loopback_source_looks_at_the_ports(void **state)
{
	struct world *w = *state;
	struct snap_tunnel *t = w->tunnel->tunnel;

	snapshot_add_interface(w->s, SNAP_LOOPBACK, "Loopback0");
	snprintf(t->source_interface, sizeof t->source_interface, "Loopback0");
	add_address(w, 1, "10.0.0.1", 32);
	add_link(w, 3, "eth1", 1400);
	add_link(w, 4, "Tunnel0", 576); /* our own is no port */
	assert_int_equal(evaluate(w).dp.mtu_bytes, 1400 - 28);
	expect_up(w, "10.0.0.1");
}

static void the_line_follows_the_servers(void **state)
{
	struct world *w = *state;
	struct tunnel_state before = evaluate(w), s = before;

	tunnel_follow_servers(&s, false); /* the line is not configured */
	assert_true(s.dp.up && s.dp.carrier && !s.dp.fails_over);

	w->tunnel->tunnel->nhrp.if_state = true;
	s = evaluate(w);
	assert_false(s.dp.fails_over); /* nor NHRP */
	w->tunnel->tunnel->nhrp.network_id = 1;
	s = evaluate(w);
	assert_false(tunnel_state_equal(&s, &before));
	before = s;
	tunnel_follow_servers(&s, false);
	assert_true(s.dp.up && !s.dp.carrier);
	assert_string_equal(s.down_reason, "no next hop server answers");
	assert_false(tunnel_state_equal(&s, &before));
	s = evaluate(w);
	tunnel_follow_servers(&s, true);
	assert_true(s.dp.carrier && !s.down_reason);
	w->tunnel->shutdown = true;
	s = evaluate(w);
	tunnel_follow_servers(&s, true);
	assert_true(!s.dp.carrier);
	assert_string_equal(s.down_reason, "administratively down");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(point_to_point),
		TEST(the_line_follows_the_servers),
		TEST(mode_and_destination_go_together),
		TEST(what_we_cannot_protect_stays_down),
		TEST(protection_takes_its_room),
		TEST(source_interface_decides),
		TEST(source_address_needs_a_link),
		TEST(mtu_needs_no_outer_fragment),
		TEST(loopback_source_looks_at_the_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
