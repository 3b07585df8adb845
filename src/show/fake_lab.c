/* SPDX-License-Identifier: Apache-2.0 */
/* The worlds themselves: the reference lab's routers, and one that has one of everything. */
#include <stdio.h>

#include "show/fake_node.h"
#include "util/memory.h"

static uint32_t flags(const enum nhrp_entry_flag *flag, size_t n)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++)
		bits |= 1U << flag[i];
	return bits;
}

#define FLAGS(...)                                                                                 \
	flags((const enum nhrp_entry_flag[]){ __VA_ARGS__ },                                       \
	      sizeof((const enum nhrp_entry_flag[]){ __VA_ARGS__ }) /                              \
	              sizeof(enum nhrp_entry_flag))

static void add_port(struct fake *f, const char *address)
{
	struct interface_view *port = fake_add_interface(f, SNAP_PORT, "FastEthernet0/0", address);

	snprintf(port->device, sizeof port->device, "eth0");
}

static void source_tunnel(struct fake *f, const char *source)
{
	struct snap_tunnel *t = snapshot_tunnel(f->snapshot, 0)->tunnel;

	snprintf(t->source_interface, sizeof t->source_interface, "FastEthernet0/0");
	t->has_key = true;
	t->key = 1;
	fake_tunnel_interface(f, 0)->source = fake_addr(source);
	f->node.tunnel[0].source = fake_addr(source);
}

static void add_client(struct fake *f, const char *overlay, const char *nbma, int64_t age_s)
{
	struct nhrp_entry_view *e = fake_add_entry(f, NHRP_ENTRY_DYNAMIC, overlay, nbma);

	e->flags = FLAGS(NHRP_FLAG_AUTHORITATIVE, NHRP_FLAG_UNIQUE, NHRP_FLAG_REGISTERED,
	                 NHRP_FLAG_USED, NHRP_FLAG_NHOP);
	e->created = e->changed = fake_ago(age_s);
	e->expires = fake_in(SNAP_HOLDTIME_S - 1 - age_s);
	e->holdtime_s = SNAP_HOLDTIME_S;
	e->mtu_bytes = 17912;
	e->request_id = 7;
}

void fake_lab_hub(struct fake *f)
{
	struct nhrp_tunnel_view *t = fake_add_tunnel(f, 0, "10.10.10.1/24");

	add_port(f, "1.1.1.2/24");
	source_tunnel(f, "1.1.1.2");
	t->is_hub = true;
	t->n_entries = 2;
	t->traffic.sent[NHRP_REGISTRATION_REPLY] = 3;
	t->traffic.received[NHRP_REGISTRATION_REQUEST] = 3;
	add_client(f, "10.10.10.2", "2.2.2.2", 691);
	add_client(f, "10.10.10.3", "3.3.3.2", 499);
}

void fake_lab_spoke(struct fake *f)
{
	struct nhrp_tunnel_view *t = fake_add_tunnel(f, 0, "10.10.10.3/24");
	struct nhrp_entry_view *hub = fake_add_entry(f, NHRP_ENTRY_STATIC, "10.10.10.1", "1.1.1.2");
	struct nhs_view *nhs = fake_add_nhs(f, "10.10.10.1", "1.1.1.2");

	add_port(f, "3.3.3.2/24");
	source_tunnel(f, "3.3.3.2");
	f->program.hostname = "R3";
	t->is_spoke = true;
	t->n_entries = 1;
	struct snap_tunnel *tunnel = snapshot_tunnel(f->snapshot, 0)->tunnel;
	tunnel->mode = SNAP_MODE_GRE_P2P;
	tunnel->destination = fake_addr("1.1.1.2");
	hub->created = fake_ago(811);
	hub->flags = FLAGS(NHRP_FLAG_AUTHORITATIVE);
	nhs->requests_sent = nhs->replies_received = 1;
	nhs->last_reply = fake_ago(58);
	nhs->request_id = nhs->request_id_acked = 5;
}

void fake_lab_protect(struct fake *f)
{
	struct snap_tunnel *t = snapshot_tunnel(f->snapshot, 0)->tunnel;

	snprintf(t->protection.profile, sizeof t->protection.profile, "DMVPN");
	t->protected = true;
	fake_add_ike_sa(f, "1.1.1.2", "2.2.2.2");
	fake_add_ipsec(f, "1.1.1.2", "2.2.2.2");
	f->sa_in = (struct esp_sa_state){ .sequence = 121, .packets = 121, .bytes = 16384 };
	f->sa_out = (struct esp_sa_state){ .sequence = 121, .packets = 121, .bytes = 15384 };
}

static struct snap_transform_set set_of(const char *name, enum esp_cipher cipher,
                                        enum esp_auth auth)
{
	struct snap_transform_set set = { .cipher = cipher, .auth = auth };

	snprintf(set.name, sizeof set.name, "%s", name);
	return set;
}

static void add_zoo_policies(struct snap_crypto *c)
{
	c->policy = memory_new(3, sizeof *c->policy);
	c->n_policies = 3;
	c->policy[0] = (struct snap_isakmp_policy){ .priority = 10,
		                                    .has_encryption = true,
		                                    .encryption = CIPHER_AES256,
		                                    .has_hash = true,
		                                    .hash = HASH_SHA256,
		                                    .has_authentication = true,
		                                    .authentication = SNAP_AUTH_PRE_SHARE,
		                                    .has_group = true,
		                                    .group = 19,
		                                    .lifetime_s = 3600 };
	c->policy[1] = (struct snap_isakmp_policy){ .priority = 20 };
	c->policy[2] = (struct snap_isakmp_policy){ .priority = 30,
		                                    .has_encryption = true,
		                                    .encryption = CIPHER_3DES,
		                                    .has_hash = true,
		                                    .hash = HASH_MD5,
		                                    .has_group = true,
		                                    .group = 2 };
}

static void add_zoo_keys(struct snap_crypto *c)
{
	c->keyring = memory_new(2, sizeof *c->keyring);
	c->n_keyrings = 2;
	snprintf(c->keyring[1].name, sizeof c->keyring[1].name, "PARTNERS");
	for (int i = 0; i < 2; i++) {
		c->keyring[i].key = memory_new(2, sizeof *c->keyring[i].key);
		c->keyring[i].n_keys = 2;
	}
	c->keyring[0].key[0] = (struct snap_isakmp_key){ .secret = memory_strdup("cisco123"),
		                                         .peer = fake_prefix("0.0.0.0/0") };
	c->keyring[0].key[1] = (struct snap_isakmp_key){ .secret = memory_strdup("one"),
		                                         .peer = fake_prefix("2.2.2.2/32") };
	c->keyring[1].key[0] = (struct snap_isakmp_key){ .secret = memory_strdup("AAbb"),
		                                         .type_6 = true,
		                                         .peer = fake_prefix("4.4.0.0/16") };
	c->keyring[1].key[1] =
		(struct snap_isakmp_key){ .secret = memory_strdup("name"),
		                          .hostname = memory_strdup("hub.example.com") };
}

static void add_zoo_profiles(struct snap_crypto *c)
{
	c->set = memory_new(2, sizeof *c->set);
	c->n_sets = 2;
	c->set[0] = set_of("TS", ESP_AES128, ESP_SHA1_96);
	c->set[1] = set_of("GCM", ESP_GCM256, ESP_AUTH_NONE);
	c->set[1].mode = SNAP_IPSEC_TRANSPORT;
	c->set[1].require = c->set[1].esn = true;
	c->profile = memory_new(2, sizeof *c->profile);
	c->n_profiles = 2;
	struct snap_ipsec_profile *p = &c->profile[0];
	snprintf(p->name, sizeof p->name, "DMVPN");
	snprintf(p->set[0], sizeof p->set[0], "GCM");
	snprintf(p->set[1], sizeof p->set[1], "TS");
	p->n_sets = 2;
	p->pfs_group = 14;
	snprintf(p->isakmp_profile, sizeof p->isakmp_profile, "PARTNER");
	c->isakmp_profile = memory_new(1, sizeof *c->isakmp_profile);
	c->n_isakmp_profiles = 1;
	snprintf(c->isakmp_profile->name, sizeof c->isakmp_profile->name, "PARTNER");
	p = &c->profile[1];
	snprintf(p->name, sizeof p->name, "LACKS");
	snprintf(p->set[0], sizeof p->set[0], "GONE");
	p->n_sets = 1;
	p->lifetime_kb_off = true;
	p->lifetime_s = 120;
	p->idle_s = 600;
}

static void add_zoo_failures(struct fake *f)
{
	f->node.failure[0] = (struct ike_failure_view){
		.peer = fake_addr("6.6.6.2"),
		.wall_ms = (FAKE_WALL_S - 12) * INT64_C(1000),
		.count = 3,
		.text = "no pre-shared key for 6.6.6.2 is configured",
		.advice = "crypto isakmp key KEY address 6.6.6.2",
	};
	f->node.failure[1] = (struct ike_failure_view){
		.peer = fake_addr("2.2.2.2"),
		.wall_ms = (FAKE_WALL_S - 3700) * INT64_C(1000),
		.count = 1,
		.text = "the peer fell silent in quick mode after message 2",
	};
	f->node.n_failures = 2;
	f->node.ike.failures_dropped = 4;
}

/* One that has all it needs, and one for which nothing was read. */
static void add_zoo_trustpoints(struct fake *f)
{
	struct snap_crypto *c = &f->snapshot->crypto;
	const struct cert_facts ca = { .subject = "CN=Lab CA,O=Lab",
		                       .issuer = "CN=Lab CA,O=Lab",
		                       .serial = "01",
		                       .from_s = FAKE_WALL_S - 7200,
		                       .until_s = FAKE_WALL_S,
		                       .key_bits = 4096,
		                       .ca = true };

	c->trustpoint = memory_new(2, sizeof *c->trustpoint);
	c->n_trustpoints = 2;
	snprintf(c->trustpoint[0].name, sizeof c->trustpoint[0].name, "LAB");
	c->trustpoint[0].file = memory_strdup("/etc/dmvpnd/lab.pem");
	c->trustpoint[0].crl_file = memory_strdup("/etc/dmvpnd/lab.crl");
	snprintf(c->trustpoint[1].name, sizeof c->trustpoint[1].name, "EMPTY");
	c->trustpoint[1].revocation = SNAP_REVOCATION_NONE;
	f->node.certificate[0] = f->node.certificate[1] =
		(struct certificate_view){ .trustpoint = "LAB", .facts = ca };
	f->node.certificate[0].own = f->node.certificate[0].has_key = true;
	f->node.certificate[0].facts.ca = false;
	f->node.certificate[0].facts.key_bits = 2048;
	snprintf(f->node.certificate[0].facts.subject, CERT_NAME_SIZE, "CN=R1,O=Lab");
	snprintf(f->node.certificate[0].facts.serial, CERT_SERIAL_SIZE, "02");
	f->node.n_certificates = 2;
}

/* Every state that a peer may be in, and errors of each kind. */
static void add_zoo_crypto(struct fake *f)
{
	fake_lab_protect(f);
	f->node.ipsec[0].old = true;
	fake_add_ipsec(f, "1.1.1.2", "2.2.2.2");
	struct ipsec_view *v = fake_add_ipsec(f, "1.1.1.2", "4.4.4.2");
	v->cipher = ESP_GCM256;
	v->auth = ESP_AUTH_NONE;
	v->mode = ESP_TRANSPORT;
	v->udp = v->esn = true;
	v->at = fake_addr("5.5.5.5"); /* with others */
	v->remote_port = v->nat_port = 40500;
	v->pfs_group = 19;
	v->replay_packets = 1024;
	v->lifetime_kb = 0;
	struct ike_sa_view *sa = fake_add_ike_sa(f, "1.1.1.2", "5.5.5.5");
	sa->local_port = 4500;
	sa->remote_port = sa->nat_port = 40500;
	sa->peer_behind_nat = true;
	sa->initiator = false;
	sa->peer_id = fake_addr("10.0.0.2");
	v = fake_add_ipsec(f, "1.1.1.2", "6.6.6.2");
	*v = (struct ipsec_view){
		.local = v->local, .remote = v->remote, .at = v->remote, .wanted = true
	};
	sa = fake_add_ike_sa(f, "1.1.1.2", "6.6.6.2");
	sa->state = IKE_MM_NO_STATE;
	sa->expires = MONO_NEVER;
	sa->rcookie = 0;
	sa->peer_id = ADDR_ANY_NONE;
	sa->has_dpd = false;
	sa = fake_add_ike_sa(f, "1.1.1.2", "8.8.8.2");
	sa->deleted = true;
	f->sa_in.drops[ESP_DROP_REPLAYED] = 3;
	f->sa_out.drops[ESP_DROP_TOO_LONG] = 1;
	f->node.ike = (struct ike_counters){ .sent = 21,
		                             .received = 20,
		                             .retransmitted = 2,
		                             .main_mode_done = 3,
		                             .quick_mode_done = 4,
		                             .failed = 5,
		                             .n_half_open = 1,
		                             .n_sas = 4 };
	f->node.ike.drops[IKE_DROP_FULL] = 7;
	add_zoo_policies(&f->snapshot->crypto);
	add_zoo_keys(&f->snapshot->crypto);
	add_zoo_profiles(&f->snapshot->crypto);
	add_zoo_failures(f);
	add_zoo_trustpoints(f);
}

static void add_zoo_entries(struct fake *f)
{
	struct nhrp_entry_view *e;

	add_client(f, "10.10.10.2", "2.2.2.2", 691);
	e = fake_add_entry(f, NHRP_ENTRY_DYNAMIC, "192.168.2.0/24", "2.2.2.2");
	e->via = fake_addr("10.10.10.2");
	e->flags = FLAGS(NHRP_FLAG_ROUTER, NHRP_FLAG_RIB, NHRP_FLAG_NHO);
	e->expires = fake_in(3600);
	e = fake_add_entry(f, NHRP_ENTRY_DYNAMIC, "10.10.10.4", "4.4.4.2");
	e->claimed = fake_addr("10.0.0.2");
	e->flags = FLAGS(NHRP_FLAG_UNIQUE, NHRP_FLAG_NAT, NHRP_FLAG_REGISTERED, NHRP_FLAG_NHOP);
	e->expires = fake_in(86400);
	e = fake_add_entry(f, NHRP_ENTRY_DYNAMIC, "192.168.1.0/24", "1.1.1.2");
	e->via = fake_addr("10.10.10.1");
	e->flags = FLAGS(NHRP_FLAG_ROUTER, NHRP_FLAG_UNIQUE, NHRP_FLAG_LOCAL, NHRP_FLAG_NO_SOCKET);
	e->preference = 255;
	e->request_id = 97;
	e->has_requester = true;
	e->requester = fake_addr("10.10.10.2");
	e = fake_add_entry(f, NHRP_ENTRY_INCOMPLETE, "10.10.10.9", NULL);
	e->flags = FLAGS(NHRP_FLAG_NEGATIVE);
	e->cache_hits = 4;
	e->created = fake_ago(3);
	e->expires = fake_in(177);
	e = fake_add_entry(f, NHRP_ENTRY_INCOMPLETE, "10.10.10.10", NULL);
	e->expires = fake_in(180);
	e = fake_add_entry(f, NHRP_ENTRY_STATIC, "10.20.0.1", "5.5.5.2");
	e->tunnel = 7;
	e->state = NHRP_PEER_IPSEC;
	e->ever_up = false;
}

static void add_zoo_servers(struct fake *f)
{
	struct nhs_view *n = fake_add_nhs(f, "10.20.0.1", "5.5.5.2");

	n->tunnel = 7;
	n->responding = false;
	n->requests_sent = 9;
	n->requests_failed = 8;
	n->request_id = 57;
	n->pending = true;
	n->retransmit_s = 64;
	n = fake_add_nhs(f, "10.20.0.254", NULL);
	n->tunnel = 7;
	n->expecting = false;
	n->waiting = n->dynamic = true;
	n->priority = 2;
	n->cluster = 1;
	n->fqdn = "hub.example.com";
}

static void add_zoo_multicast(struct fake *f)
{
	f->node.multicast[f->node.n_multicast++] = (struct multicast_view){
		.tunnel = 0, .nbma = fake_addr("2.2.2.2"), .by_client = true
	};
	f->node.multicast[f->node.n_multicast++] = (struct multicast_view){
		.tunnel = 7, .nbma = fake_addr("5.5.5.2"), .by_map = true, .by_server = true
	};
}

static void add_zoo_interfaces(struct fake *f)
{
	struct interface_view *i;

	i = fake_tunnel_interface(f, 0);
	i->has_counters = true;
	i->counters = (struct dp_counters){ .rx_packets = 10,
		                            .rx_bytes = 1000,
		                            .tx_packets = 12,
		                            .tx_bytes = 1200,
		                            .last_rx_ns = fake_ago(1).ns,
		                            .last_tx_ns = fake_ago(2).ns };
	i->counters.drops[DP_DROP_NO_ADJACENCY] = 3;
	i->counters.drops[DP_DROP_GRE] = 4;
	i = fake_tunnel_interface(f, 7);
	i->line_up = false;
	i->down_reason = "no output interface";
	struct snap_interface *seven = snapshot_tunnel(f->snapshot, 7);
	seven->description = memory_strdup("Second cloud");
	seven->bandwidth_kbps = 2000;
	seven->delay_tens_us = 100;
	seven->tunnel->has_tos = true;
	seven->tunnel->tos = 184;
	i = fake_add_interface(f, SNAP_LOOPBACK, "Loopback1", "172.16.0.1/32");
	snprintf(i->device, sizeof i->device, "lo");
	i = fake_add_interface(f, SNAP_PORT, "GigabitEthernet0/2", NULL);
	i->admin_up = i->line_up = false;
}

static void add_zoo_routes(struct fake *f)
{
	fake_add_route(f, 'C', "10.10.10.0/24", "Tunnel0");
	fake_add_route(f, 'L', "10.10.10.1/32", "Tunnel0");
	fake_add_route(f, 'C', "1.1.1.0/24", "FastEthernet0/0");
	fake_add_route(f, 'L', "1.1.1.2/32", "FastEthernet0/0");
	fake_add_route(f, 'C', "172.16.0.1/32", "Loopback1");
	fake_add_route(f, 'S', "192.168.9.0/24", "Null0");
	fake_add_route(f, 'S', "0.0.0.0/0", "")->via = fake_addr("1.1.1.1");
	fake_add_route(f, 'S', "0.0.0.0/0", "")->via = fake_addr("1.1.1.9");
	struct route_view *h = fake_add_route(f, 'H', "192.168.2.0/25", "Tunnel0");
	h->via = fake_addr("10.10.10.2");
	h->distance = 250;
	h->metric = 255;
}

void fake_zoo(struct fake *f)
{
	struct nhrp_tunnel_view *t = fake_add_tunnel(f, 0, "10.10.10.1/24");

	add_port(f, "1.1.1.2/24");
	source_tunnel(f, "1.1.1.2");
	t->is_hub = true;
	t->max_send_used = 250;
	for (int type = NHRP_RESOLUTION_REQUEST; type < NHRP_TYPES; type++) {
		t->traffic.sent[type] = (uint64_t)type;
		t->traffic.received[type] = 10U + (uint64_t)type;
		t->traffic.forwarded[type] = 20U + (uint64_t)type;
	}
	t->traffic.redirects_suppressed = 5;
	t->traffic.drops[DROP_AUTHENTICATION] = 2;
	t->traffic.malformed[NHRP_WIRE_CHECKSUM] = 1;
	t = fake_add_tunnel(f, 7, "10.20.0.2/24");
	t->is_spoke = true;
	t->up = false;
	t = fake_add_tunnel(f, 8, "10.30.0.2/24");
	t->is_hub = true;
	f->node.drops[DROP_NO_TUNNEL] = 6;
	f->node.memory_bytes = 70000;
	f->no_tunnel.drops[DP_DROP_NO_TUNNEL] = 9;
	f->peer_address = fake_addr("10.10.10.2");
	f->peer = (struct dp_counters){ .rx_packets = 5, .rx_bytes = 500 };
	add_zoo_entries(f);
	add_zoo_servers(f);
	add_zoo_multicast(f);
	add_zoo_interfaces(f);
	add_zoo_routes(f);
	add_zoo_crypto(f);
}
