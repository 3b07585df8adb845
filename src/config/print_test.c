/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is printed loads to the same snapshot: for random lines of every row there is, for random
 * values in every field, and for lines with random damage.
 */
#include "config/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"
#include "config/fake_lines.h"
#include "util/memory.h"

enum { ROUNDS = 60, LINES = 60, FIELD_ROUNDS = 300 };

static unsigned pick(struct prng *p, unsigned n)
{
	return (unsigned)(prng_u64(p) % n);
}

/* Types a line made from a pattern where it belongs; true when it was taken. */
static bool type_row(struct desk *d, struct prng *p, const char *pattern, enum row_scope scope)
{
	static const char *const heads[][4] = {
		[SCOPE_INTERFACE] = { "interface Tunnel1", "interface Tunnel2", "interface Fa0/0",
		                      "interface Loopback0" },
		[SCOPE_PORT] = { "interface Fa0/0" },
		[SCOPE_TUNNEL] = { "interface Tunnel1", "interface Tunnel2" },
		[SCOPE_KEYRING] = { "crypto keyring K", "crypto keyring L" },
		[SCOPE_ISAKMP_POLICY] = { "crypto isakmp policy 10", "crypto isakmp policy 9" },
		[SCOPE_ISAKMP_PROFILE] = { "crypto isakmp profile I" },
		[SCOPE_TRANSFORM_SET] = { "crypto ipsec transform-set T esp-gcm",
		                          "crypto ipsec transform-set U esp-aes esp-sha-hmac" },
		[SCOPE_IPSEC_PROFILE] = { "crypto ipsec profile P", "crypto ipsec profile Q" },
		[SCOPE_TRUSTPOINT] = { "crypto pki trustpoint T", "crypto pki trustpoint U" },
	};
	unsigned n = 0;
	struct config_remark remark;
	struct strbuf line;

	d->mode = (struct config_mode){ 0 };
	while (scope != SCOPE_GLOBAL && n < 4 && heads[scope][n])
		n++;
	if (n) {
		assert_true(config_line(d->s, &d->mode, heads[scope][pick(p, n)], &remark));
		assert_null(remark.line);
	}
	strbuf_init(&line);
	if (!pick(p, 8))
		strbuf_adds(&line, "no ");
	fake_line(p, pattern, &line);
	bool taken = config_line(d->s, &d->mode, line.text, &remark);
	free(remark.line);
	free(remark.text);
	strbuf_fini(&line);
	return taken;
}

static void random_lines_of_every_row_survive(void **state)
{
	size_t *taken = calloc(config_n_rows, sizeof *taken);
	struct prng p;

	(void)state;
	prng_seed(&p, 20);
	for (int round = 0; round < ROUNDS; round++) {
		struct desk d;
		desk_open(&d);
		for (int i = 0; i < LINES; i++) {
			size_t r = pick(&p, (unsigned)config_n_rows);
			const struct row *row = &config_rows[r];
			if (row->kind == ROW_MODE || row->kind == ROW_MARK)
				continue;
			taken[r] += type_row(&d, &p, row->yes.pattern, row->scope);
		}
		assert_true(desk_is_stable(&d));
		desk_close(&d);
	}
	for (size_t r = 0; r < config_n_rows; r++) {
		if (config_rows[r].kind == ROW_MODE || config_rows[r].kind == ROW_MARK)
			continue;
		if (!taken[r])
			print_error("never taken: %s\n", config_rows[r].yes.pattern);
		assert_true(taken[r] > 0);
	}
	free(taken);
}

static void random_lines_that_are_not_ours_survive(void **state)
{
	struct prng p;

	(void)state;
	prng_seed(&p, 21);
	for (int round = 0; round < ROUNDS; round++) {
		struct desk d;
		desk_open(&d);
		for (int i = 0; i < LINES; i++) {
			const struct foreign_row *row =
				&config_foreign_rows[pick(&p, (unsigned)config_n_foreign_rows)];
			bool inside = row->block == CONFIG_INTERFACE;
			if (strncmp(row->head.pattern, "banner", 6) == 0 ||
			    row->flags & FOREIGN_SUB)
				continue;
			assert_true(type_row(&d, &p, row->head.pattern,
			                     inside ? SCOPE_TUNNEL : SCOPE_GLOBAL));
		}
		assert_true(desk_is_stable(&d));
		desk_close(&d);
	}
}

/* ---- values set in the fields themselves, past the parser ---- */

static struct addr random_addr(struct prng *p)
{
	return addr_v4(10, (uint8_t)pick(p, 256), (uint8_t)pick(p, 256),
	               (uint8_t)(1 + pick(p, 250)));
}

static void random_nhrp(struct prng *p, struct snap_nhrp *n)
{
	n->network_id = (uint32_t)prng_u64(p);
	if (pick(p, 2))
		snprintf(n->authentication, sizeof n->authentication, "k%u", pick(p, 999));
	n->holdtime_s = (uint16_t)(pick(p, 2) * (1 + pick(p, 7199)));
	n->registration_timeout_s = (uint16_t)pick(p, 65536);
	n->registration_no_unique = pick(p, 2);
	n->server_only = pick(p, 2);
	n->server_only_non_caching = n->server_only && pick(p, 2);
	n->no_record = pick(p, 2);
	n->max_send_packets = (uint16_t)(pick(p, 2) * (1 + pick(p, 9999)));
	n->max_send_every_s = (uint16_t)(n->max_send_packets ? 11 + pick(p, 99) : 0);
	n->multicast_dynamic = pick(p, 2);
	n->shortcut = pick(p, 2);
	n->redirect = pick(p, 2);
	n->redirect_timeout_s = (uint8_t)(n->redirect && pick(p, 2) ? 9 + pick(p, 22) : 0);
	n->multicast_batch = (uint16_t)(pick(p, 2) * (1 + pick(p, 65535)));
	n->multicast_interval_ms = (uint16_t)(n->multicast_batch ? 1 + pick(p, 65535) : 0);
	n->n_map = pick(p, 4);
	n->map = memory_new(n->n_map + 1, sizeof *n->map);
	for (size_t i = 0; i < n->n_map; i++) {
		struct prefix target = { addr_v4(10, (uint8_t)i, 1, 0),
			                 (uint8_t)(24 + pick(p, 9)) };
		n->map[i] = (struct snap_map){ prefix_network(&target), random_addr(p),
			                       (uint8_t)(pick(p, 2) * pick(p, 256)) };
	}
	n->n_nhs = pick(p, 4);
	n->nhs = memory_new(n->n_nhs + 1, sizeof *n->nhs);
	for (size_t i = 0; i < n->n_nhs; i++) {
		struct snap_nhs *s = &n->nhs[i];
		if (i)
			s->address = addr_v4(10, 9, 9, (uint8_t)i);
		if (!i || pick(p, 2))
			s->nbma = random_addr(p);
		else if (pick(p, 2))
			snprintf(s->fqdn, sizeof s->fqdn, "hub%zu.example.net", i);
		bool has_nbma = s->fqdn[0] || !addr_is_none(&s->nbma);
		s->multicast = has_nbma && pick(p, 2);
		s->priority = (uint8_t)pick(p, 256);
		s->cluster = (uint8_t)pick(p, SNAP_CLUSTERS);
	}
	for (size_t i = 0; i < SNAP_CLUSTERS; i++)
		if (pick(p, 4) == 0)
			n->cluster[i] = (struct snap_cluster){ true, (uint8_t)pick(p, 256) };
	n->if_state = pick(p, 2);
	n->has_keepalive = pick(p, 2);
	n->keepalive_s = (uint8_t)(n->has_keepalive ? pick(p, 10) : 0);
	n->keepalive_tries = (uint8_t)(n->has_keepalive ? 1 + pick(p, 10) : 0);
	n->has_nhs_fallback = pick(p, 2);
	n->nhs_fallback_s = (uint8_t)(n->has_nhs_fallback ? pick(p, 61) : 0);
}

static void random_interface(struct prng *p, struct snap_interface *i, uint8_t number)
{
	if (pick(p, 2))
		i->description = memory_strdup("text  with blanks ! and a mark");
	i->shutdown = pick(p, 2);
	i->n_address = pick(p, 4);
	i->addressing = i->n_address ? SNAP_ADDRESS_STATIC : SNAP_ADDRESS_UNSET;
	for (size_t k = 0; k < i->n_address; k++)
		i->address[k] = (struct prefix){ addr_v4(172, number, (uint8_t)k, 1),
			                         (uint8_t)(16 + pick(p, 15)) };
	i->bandwidth_kbps = (uint32_t)prng_u64(p);
	i->delay_tens_us = pick(p, 16777216);
	i->ip_mtu_bytes = (uint16_t)(68 + pick(p, 17000));
	i->tcp_mss_bytes = (uint16_t)(pick(p, 2) * (500 + pick(p, 961)));
	i->no_ip_redirects = pick(p, 2);
}

static void random_tunnel(struct prng *p, struct snap_tunnel *t)
{
	if (pick(p, 2))
		snprintf(t->source_interface, sizeof t->source_interface, "GigabitEthernet0/%u",
		         pick(p, 9));
	else
		t->source_address = random_addr(p);
	t->mode = pick(p, 2) ? SNAP_MODE_GRE_MULTIPOINT : SNAP_MODE_GRE_P2P;
	if (t->mode == SNAP_MODE_GRE_P2P)
		t->destination = random_addr(p);
	t->has_key = pick(p, 2);
	t->key = t->has_key ? (uint32_t)prng_u64(p) : 0;
	t->has_tos = pick(p, 2);
	t->tos = (uint8_t)(t->has_tos ? pick(p, 256) : 0);
	t->ttl = (uint8_t)pick(p, 255);
	if ((t->protected = pick(p, 2))) {
		snprintf(t->protection.profile, sizeof t->protection.profile, "P%u", pick(p, 3));
		t->protection.shared = pick(p, 2);
	}
	random_nhrp(p, &t->nhrp);
}

/* The nameless keyring is there for its keys only. */
static void random_keyring(struct prng *p, struct snap_keyring *k, unsigned number)
{
	k->n_keys = k->name[0] ? pick(p, 4) : 1 + pick(p, 3);
	k->key = memory_new(k->n_keys + 1, sizeof *k->key);
	for (size_t i = 0; i < k->n_keys; i++) {
		struct snap_isakmp_key *key = &k->key[i];
		const struct prefix peer = { addr_v4(10, (uint8_t)i, 1, 1),
			                     (uint8_t)(16 + pick(p, 17)) };
		char text[32];
		snprintf(text, sizeof text, "%u", pick(p, 9));
		key->secret = memory_strdup(text);
		key->type_6 = pick(p, 2);
		key->no_xauth = !k->name[0] && pick(p, 2);
		if (i < 2)
			key->peer = prefix_network(&peer);
		else if (i == 2 && pick(p, 2))
			key->peer.addr = addr_v4(0, 0, 0, 0);
		snprintf(text, sizeof text, "host%u.%zu", number, i);
		if (addr_is_none(&key->peer.addr))
			key->hostname = memory_strdup(text);
	}
}

static void random_ike(struct prng *p, struct snap_crypto *c)
{
	static const uint16_t groups[] = { 1, 2, 5, 14, 15, 16, 19, 20, 21, 24 };

	c->n_policies = pick(p, 4);
	c->policy = memory_new(c->n_policies + 1, sizeof *c->policy);
	for (size_t i = 0; i < c->n_policies; i++) {
		struct snap_isakmp_policy *policy = &c->policy[i];
		policy->priority = (uint16_t)(10 * i + 1 + pick(p, 9));
		if ((policy->has_encryption = pick(p, 2)))
			policy->encryption = (enum crypto_cipher)pick(p, CIPHERS_N);
		if ((policy->has_hash = pick(p, 2)))
			policy->hash = (enum crypto_hash)pick(p, HASHES_N);
		if ((policy->has_authentication = pick(p, 2)))
			policy->authentication = (enum snap_isakmp_auth)pick(p, 2);
		if ((policy->has_group = pick(p, 2)))
			policy->group = groups[pick(p, 10)];
		policy->lifetime_s = pick(p, 2) * (60 + pick(p, 86340));
	}
	c->n_keyrings = pick(p, 3);
	c->keyring = memory_new(c->n_keyrings + 1, sizeof *c->keyring);
	for (unsigned i = 0; i < c->n_keyrings; i++) {
		struct snap_keyring *k = &c->keyring[i];
		bool nameless = i == 0 && pick(p, 2);
		if (!nameless)
			snprintf(k->name, sizeof k->name, "K%u", i);
		random_keyring(p, k, i);
	}
	c->n_isakmp_profiles = pick(p, 3);
	c->isakmp_profile = memory_new(c->n_isakmp_profiles + 1, sizeof *c->isakmp_profile);
	for (size_t i = 0; i < c->n_isakmp_profiles; i++) {
		struct snap_isakmp_profile *profile = &c->isakmp_profile[i];
		snprintf(profile->name, sizeof profile->name, "I%zu", i);
		if (pick(p, 2))
			snprintf(profile->keyring, sizeof profile->keyring, "K%u", pick(p, 3));
		profile->n_match = pick(p, 2);
		profile->match = memory_new(1, sizeof *profile->match);
		profile->match->addr = random_addr(p);
		profile->match->len = 32;
		profile->keepalive_s = (uint16_t)(pick(p, 2) * (10 + pick(p, 3591)));
		profile->keepalive_retry_s = profile->keepalive_s ? (uint16_t)(2 + pick(p, 59)) : 0;
	}
}

static void random_ipsec(struct prng *p, struct snap_crypto *c)
{
	static const uint16_t windows[] = { 64, 128, 256, 512, 1024 };

	c->n_sets = pick(p, 4);
	c->set = memory_new(c->n_sets + 1, sizeof *c->set);
	for (size_t i = 0; i < c->n_sets; i++) {
		struct snap_transform_set *set = &c->set[i];
		snprintf(set->name, sizeof set->name, "T%zu", i);
		set->cipher = (enum esp_cipher)pick(p, ESP_CIPHERS_N);
		if (set->cipher < ESP_GCM128)
			set->auth = (enum esp_auth)(1 + pick(p, ESP_AUTHS_N - 1));
		set->esn = pick(p, 2);
		set->mode = (enum snap_mode)pick(p, 2);
		set->require = set->mode == SNAP_IPSEC_TRANSPORT && pick(p, 2);
	}
	c->n_profiles = pick(p, 4);
	c->profile = memory_new(c->n_profiles + 1, sizeof *c->profile);
	for (size_t i = 0; i < c->n_profiles; i++) {
		struct snap_ipsec_profile *profile = &c->profile[i];
		snprintf(profile->name, sizeof profile->name, "P%zu", i);
		profile->n_sets = pick(p, SNAP_PROFILE_SETS_MAX + 1);
		for (size_t k = 0; k < profile->n_sets; k++)
			snprintf(profile->set[k], sizeof profile->set[k], "T%zu", k);
		if (pick(p, 2))
			snprintf(profile->isakmp_profile, sizeof profile->isakmp_profile, "I0");
		profile->pfs_group = pick(p, 2) ? 19 : 0;
		profile->lifetime_s = pick(p, 2) * (120 + pick(p, 9999));
		if (!(profile->lifetime_kb_off = pick(p, 2)))
			profile->lifetime_kb = pick(p, 2) * (2560 + pick(p, 9999));
		if (!(profile->replay_off = pick(p, 2)))
			profile->replay_packets = windows[pick(p, 5)];
		profile->idle_s = pick(p, 2) * (60 + pick(p, 9999));
	}
	c->lifetime_s = pick(p, 2) * (120 + pick(p, 3480));
	if (!(c->lifetime_kb_off = pick(p, 2)))
		c->lifetime_kb = pick(p, 2) * (2560 + pick(p, 9999));
	if (!(c->replay_off = pick(p, 2)))
		c->replay_packets = windows[pick(p, 5)];
	c->idle_s = pick(p, 2) * (60 + pick(p, 9999));
	c->df_bit = (enum snap_df_bit)pick(p, 3);
	c->no_nat_transparency = pick(p, 2);
	c->force_udp = !c->no_nat_transparency && pick(p, 2);
}

static void random_crypto(struct prng *p, struct snap_crypto *c)
{
	random_ike(p, c);
	random_ipsec(p, c);
	c->identity = (enum snap_identity)pick(p, 3);
	if (pick(p, 2)) {
		c->keepalive_s = (uint16_t)(10 + pick(p, 3591));
		c->keepalive_retry_s = (uint16_t)(pick(p, 2) * (3 + pick(p, 58)));
		c->keepalive_periodic = pick(p, 2);
	}
	c->nat_keepalive_s = (uint16_t)(pick(p, 2) * (5 + pick(p, 3596)));
	c->no_invalid_spi_recovery = pick(p, 2);
	c->aggressive_accept = pick(p, 2);
}

static void random_fields_survive(void **state)
{
	struct prng p;

	(void)state;
	prng_seed(&p, 22);
	for (int round = 0; round < FIELD_ROUNDS; round++) {
		struct desk d;
		desk_open(&d);
		snprintf(d.s->hostname, sizeof d.s->hostname, "R%u", pick(&p, 99));
		d.s->no_ip_routing = pick(&p, 2);
		random_crypto(&p, &d.s->crypto);
		for (unsigned n = pick(&p, 4); n; n--) {
			char name[32];
			snprintf(name, sizeof name, "Tunnel%u", n);
			struct snap_interface *i = snapshot_add_interface(d.s, SNAP_TUNNEL, name);
			random_interface(&p, i, (uint8_t)n);
			random_tunnel(&p, i->tunnel);
		}
		struct snap_interface *port = snapshot_add_interface(d.s, SNAP_PORT, "eth0");
		random_interface(&p, port, 200);
		snprintf(port->device, sizeof port->device, "dev%u", pick(&p, 9));
		if (!port->n_address)
			port->addressing = SNAP_ADDRESS_DHCP;
		d.s->n_routes = pick(&p, 4);
		d.s->route = memory_new(d.s->n_routes + 1, sizeof *d.s->route);
		for (size_t i = 0; i < d.s->n_routes; i++) {
			struct snap_route *r = &d.s->route[i];
			r->to = (struct prefix){ addr_v4(10, (uint8_t)i, 0, 0),
				                 (uint8_t)(16 + pick(&p, 17)) };
			r->via = random_addr(&p);
			r->distance = (uint8_t)(pick(&p, 2) * (2 + pick(&p, 254)));
			r->rest = pick(&p, 2) ? memory_strdup("name x track 5") : NULL;
		}
		assert_true(desk_is_stable(&d));
		desk_close(&d);
	}
}

/* Damages one byte of a text here and there. */
static void damage(struct prng *p, char *text, size_t len)
{
	static const char bytes[] = " \n\t!\r^C#0123456789.:/-abcnoip[]{}<>|\x80\xff\x01";

	for (size_t k = 1 + pick(p, 8); k; k--)
		text[pick(p, (unsigned)len)] = bytes[pick(p, sizeof bytes - 1)];
}

static void damaged_text_survives(void **state)
{
	struct prng p;

	(void)state;
	prng_seed(&p, 23);
	for (int round = 0; round < ROUNDS; round++) {
		struct strbuf text;
		struct desk d;
		strbuf_init(&text);
		strbuf_adds(&text, "interface Tunnel1\n");
		for (int i = 0; i < LINES / 2; i++) {
			const struct row *row = &config_rows[pick(&p, (unsigned)config_n_rows)];
			const struct foreign_row *foreign =
				&config_foreign_rows[pick(&p, (unsigned)config_n_foreign_rows)];
			if (row->yes.pattern)
				fake_line(&p, row->yes.pattern, &text);
			strbuf_addc(&text, '\n');
			fake_line(&p, foreign->head.pattern, &text);
			strbuf_adds(&text, pick(&p, 2) ? "\n " : "\n");
		}
		damage(&p, text.text, text.len);
		desk_open(&d);
		desk_load(&d, text.text);
		assert_true(desk_is_stable(&d));
		desk_close(&d);
		strbuf_fini(&text);
	}
}

static void secrets_are_hidden_when_asked(void **state)
{
	static const char *const lines[] = {
		"enable secret 5 XSECRETX",
		"username u privilege 15 password 7 XSECRETX",
		"crypto isakmp key XSECRETX address 0.0.0.0",
		"crypto isakmp key 6 XSECRETX address 0.0.0.0",
		"crypto keyring K\n  pre-shared-key address 0.0.0.0 0.0.0.0 key XSECRETX",
		"crypto ikev2 keyring K\n peer any\n  pre-shared-key local XSECRETX\n  "
		"pre-shared-key XSECRETX",
		"snmp-server community XSECRETX RO",
		"key chain K\n key 1\n  key-string 7 XSECRETX",
		"router bgp 1\n neighbor 10.0.0.1 password XSECRETX",
		"interface Tunnel0\n ip nhrp authentication XSECRETX"
		"\n ip ospf authentication-key 7 XSECRETX"
		"\n ip ospf message-digest-key 1 md5 XSECRETX"
		"\n ipv6 nhrp authentication XSECRETX"
		"\n tunnel protection psk XSECRETX",
		"line vty 0 4\n password XSECRETX",
		"tacacs-server host 10.0.0.1 key XSECRETX",
		"radius server R\n key 7 XSECRETX",
		"ip ftp password XSECRETX",
	};
	struct strbuf out;

	(void)state;
	strbuf_init(&out);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct desk d;
		desk_open(&d);
		desk_load(&d, lines[i]);
		strbuf_truncate(&out, 0);
		config_print(d.s, true, &out);
		if (strstr(out.text, "XSECRETX"))
			print_error("%s\n", out.text);
		assert_null(strstr(out.text, "XSECRETX"));
		assert_non_null(strstr(out.text, "<hidden>"));
		strbuf_truncate(&out, 0);
		config_print(d.s, false, &out);
		assert_non_null(strstr(out.text, "XSECRETX"));
		desk_close(&d);
	}
	strbuf_fini(&out);
}

/* As they were typed: abbreviated, in capitals. */
static void secrets_are_hidden_in_logs(void **state)
{
	static const char *const lines[] = {
		"cry isa k XSECRETX addr 0.0.0.0",      "CRYPTO ISAKMP KEY 0 XSECRETX zork",
		"pre-sh addr 0.0.0.0 ke XSECRETX zork", "pre-shared XSECRETX",
		"ip nhrp auth XSECRETX zork",           "tun prot psk XSECRETX",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct strbuf out;
		strbuf_init(&out);
		config_print_hidden(lines[i], &out);
		if (strstr(out.text, "XSECRETX"))
			print_error("%s\n", out.text);
		assert_null(strstr(out.text, "XSECRETX"));
		assert_non_null(strstr(out.text, "<hidden>"));
		strbuf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_lines_of_every_row_survive),
		cmocka_unit_test(random_lines_that_are_not_ours_survive),
		cmocka_unit_test(random_fields_survive),
		cmocka_unit_test(damaged_text_survives),
		cmocka_unit_test(secrets_are_hidden_when_asked),
		cmocka_unit_test(secrets_are_hidden_in_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
