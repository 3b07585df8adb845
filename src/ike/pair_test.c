/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/pair_test.h"

#include <stdio.h>

#include "ike/child.h"
#include "ike/message.h"
#include "util/check.h"
#include "util/memory.h"

enum { START_MS = 1000000, STEPS_MAX = 2000 };

static struct now now_of(const struct pair *p)
{
	return (struct now){ { p->now_ms * NS_PER_MS }, 1700000000000LL + p->now_ms };
}

void pair_init_with(struct pair *p, uint64_t seed, struct crypto *crypto)
{
	memset(p, 0, sizeof *p);
	prng_seed(&p->prng, seed);
	p->crypto = crypto;
	p->borrows_crypto = true;
	p->now_ms = START_MS;
	p->delay_ms = 10;
}

void pair_init(struct pair *p, uint64_t seed)
{
	pair_init_with(p, seed, crypto_new());
	check(p->crypto);
	p->borrows_crypto = false;
}

const struct pair_spec HUB_SPEC = { .source = "1.1.1.2" };
const struct pair_spec SPOKE_SPEC = { .source = "2.2.2.2" };

void pair_start(struct pair *p, uint64_t seed, const struct pair_spec *hub,
                const struct pair_spec *spoke)
{
	pair_init(p, seed);
	(void)pair_add(p, hub ? hub : &HUB_SPEC);
	(void)pair_add(p, spoke ? spoke : &SPOKE_SPEC);
	pair_want(p, SPOKE, HUB);
}

void pair_lab(struct pair *p, uint64_t seed)
{
	pair_start(p, seed, NULL, NULL);
	pair_run(p, 2000);
}

struct ike_sa *pair_sa(const struct pair *p, int i)
{
	return p->end[i].ike->sas;
}

struct ike_child *pair_child(const struct pair *p, int i)
{
	return p->end[i].ike->children;
}

uint64_t pair_dropped(const struct pair *p, int i, enum ike_drop drop)
{
	return p->end[i].ike->counters.drops[drop];
}

void pair_fini(struct pair *p)
{
	for (size_t i = 0; i < p->n; i++) {
		ike_free(p->end[i].ike);
		snapshot_free(p->end[i].snapshot);
		strbuf_fini(&p->end[i].trace);
	}
	if (!p->borrows_crypto)
		crypto_free(p->crypto);
}

/* ---- configuration ---- */

static struct addr addr_of(const char *text)
{
	struct addr a;

	check(addr_parse(text, &a));
	return a;
}

static struct prefix prefix_of(const char *text)
{
	char address[ADDR_TEXT_LEN];
	unsigned len;

	check(sscanf(text, "%45[^/]/%u", address, &len) == 2);
	return (struct prefix){ addr_of(address), (uint8_t)len };
}

static void copy_name(char *to, const char *from)
{
	snprintf(to, SNAP_CRYPTO_NAME_SIZE, "%s", from);
}

static void set_policies(struct snap_crypto *c, const struct pair_spec *spec)
{
	c->n_policies = spec->n_policies ? spec->n_policies : 1;
	c->policy = memory_new(c->n_policies, sizeof *c->policy);
	memcpy(c->policy, spec->policy, c->n_policies * sizeof *c->policy);
	for (size_t i = 0; i < c->n_policies; i++) {
		if (c->policy[i].has_authentication)
			continue;
		c->policy[i].has_authentication = true;
		c->policy[i].authentication =
			spec->credentials ? SNAP_AUTH_RSA_SIG : SNAP_AUTH_PRE_SHARE;
	}
}

static void set_trustpoint(struct snap_crypto *c, const struct pair_spec *spec)
{
	if (!spec->credentials)
		return;
	c->n_trustpoints = 1;
	c->trustpoint = memory_new(1, sizeof *c->trustpoint);
	copy_name(c->trustpoint->name, "CA");
	c->trustpoint->revocation = spec->credentials->revocation;
}

static void set_keys(struct snap_crypto *c, const struct pair_spec *spec)
{
	c->n_keyrings = 1;
	c->keyring = memory_new(1, sizeof *c->keyring);
	c->keyring->n_keys = 1;
	c->keyring->key = memory_new(1, sizeof *c->keyring->key);
	c->keyring->key->secret = memory_strdup(spec->key ? spec->key : "cisco123");
	c->keyring->key->peer = prefix_of(spec->key_for ? spec->key_for : "0.0.0.0/0");
}

static void set_sets(struct snap_crypto *c, const struct pair_spec *spec)
{
	c->n_sets = spec->n_sets ? spec->n_sets : 1;
	c->set = memory_new(c->n_sets, sizeof *c->set);
	memcpy(c->set, spec->set, c->n_sets * sizeof *c->set);
	if (!spec->n_sets) {
		c->set->cipher = ESP_AES128;
		c->set->auth = ESP_SHA1_96;
	}
	c->n_profiles = 1;
	c->profile = memory_new(1, sizeof *c->profile);
	copy_name(c->profile->name, "myDMVPN");
	c->profile->n_sets = c->n_sets;
	for (size_t i = 0; i < c->n_sets; i++) {
		snprintf(c->set[i].name, sizeof c->set[i].name, "set%zu", i);
		copy_name(c->profile->set[i], c->set[i].name);
	}
	if (spec->pfs_group != PAIR_NO_PFS)
		c->profile->pfs_group = spec->pfs_group ? spec->pfs_group : 2;
	c->profile->lifetime_s = spec->lifetime_s;
	c->profile->lifetime_kb = spec->lifetime_kb;
}

static void set_match(struct snap_crypto *c, const struct pair_spec *spec)
{
	if (!spec->match)
		return;
	c->n_isakmp_profiles = 1;
	c->isakmp_profile = memory_new(1, sizeof *c->isakmp_profile);
	copy_name(c->isakmp_profile->name, "who");
	if (spec->trustpoint)
		copy_name(c->isakmp_profile->trustpoint, spec->trustpoint);
	if (spec->match_host.name) {
		c->isakmp_profile->n_hosts = 1;
		c->isakmp_profile->host = memory_new(1, sizeof *c->isakmp_profile->host);
		c->isakmp_profile->host->name = memory_strdup(spec->match_host.name);
		c->isakmp_profile->host->domain = spec->match_host.domain;
	}
	c->isakmp_profile->n_match = 1;
	c->isakmp_profile->match = memory_new(1, sizeof *c->isakmp_profile->match);
	c->isakmp_profile->match[0] = prefix_of(spec->match);
	copy_name(c->profile->isakmp_profile, "who");
}

static struct snapshot *make_snapshot(const struct pair_spec *spec)
{
	struct snapshot *s = snapshot_new();

	s->crypto = spec->also;
	set_policies(&s->crypto, spec);
	set_trustpoint(&s->crypto, spec);
	set_keys(&s->crypto, spec);
	set_sets(&s->crypto, spec);
	set_match(&s->crypto, spec);
	snprintf(s->hostname, sizeof s->hostname, "%s", spec->hostname ? spec->hostname : "");
	struct snap_interface *i = snapshot_add_interface(s, SNAP_TUNNEL, "Tunnel0");
	i->tunnel->protected = true;
	copy_name(i->tunnel->protection.profile, "myDMVPN");
	return s;
}

/* ---- what a step hands out ---- */

static bool is_lost(struct pair *p)
{
	return p->cut || prng_u64(&p->prng) % 100 < p->loss_percent;
}

/* As the other end sees it. */
static void translate(const struct pair *p, struct node_ike_path *path)
{
	for (size_t i = 0; i < p->n_nat; i++) {
		const struct pair_nat *nat = &p->nat[i];
		if (addr_equal(&path->from, &nat->inside)) {
			path->from = nat->outside;
			path->from_port = (uint16_t)(path->from_port + nat->port_offset);
		} else if (addr_equal(&path->to, &nat->outside) &&
		           path->to_port >= nat->port_offset + IKE_PORT &&
		           path->to_port <= nat->port_offset + IKE_NAT_PORT) {
			path->to = nat->inside;
			path->to_port = (uint16_t)(path->to_port - nat->port_offset);
		}
	}
}

static void fly(struct pair *p, const struct node_action *a)
{
	size_t i = 0;

	while (i < PAIR_FLYING_MAX && p->flying[i].used)
		i++;
	check(i < PAIR_FLYING_MAX && a->ike.len <= PAIR_BYTES_MAX);
	struct pair_flying *f = &p->flying[i];
	f->used = true;
	f->at_ms = p->now_ms + p->delay_ms;
	if (p->jitter_ms)
		f->at_ms += (int64_t)(prng_u64(&p->prng) % (uint64_t)p->jitter_ms);
	f->path = a->ike.path;
	translate(p, &f->path);
	memcpy(f->bytes, a->ike.bytes, a->ike.len);
	f->len = a->ike.len;
}

static void send(struct pair *p, const struct node_action *a)
{
	check(a->ike.bytes >= p->out.bytes &&
	      a->ike.bytes + a->ike.len <= p->out.bytes + p->out.n_bytes);
	memcpy(p->last, a->ike.bytes, a->ike.len);
	p->last_len = a->ike.len;
	p->last_path = a->ike.path;
	if (p->len_max && a->ike.len > p->len_max)
		return;
	if (!is_lost(p))
		fly(p, a);
	if (p->double_percent && prng_u64(&p->prng) % 100 < p->double_percent)
		fly(p, a);
}

static size_t index_of(const struct pair_end *e, uint32_t id)
{
	size_t i = 0;

	while (i < PAIR_SAS_MAX && e->sa[i].id != id)
		i++;
	return i;
}

static struct node_sa *find_sa(struct pair_end *e, uint32_t id)
{
	size_t i = index_of(e, id);

	return i < PAIR_SAS_MAX ? &e->sa[i] : NULL;
}

static void use(struct pair_end *e, const struct node_action *a)
{
	size_t i = 0;

	check(a->use.id == 0 || (find_sa(e, a->use.id) && find_sa(e, a->use.id)->outbound));
	while (i < PAIR_ENDS_MAX && !addr_is_none(&e->use_nbma[i]) &&
	       !addr_equal(&e->use_nbma[i], &a->use.nbma))
		i++;
	check(i < PAIR_ENDS_MAX);
	e->use_nbma[i] = a->use.nbma;
	e->use[i] = a->use.id;
	check(a->use.tunnel < PAIR_TUNNELS_MAX);
	e->tunnel_use[a->use.tunnel] = a->use.id;
}

/* trace_type_word() is the node's; these tests stand without it. */
static const char *trace_word(enum trace_type type)
{
	static const char *const word[] = {
#define X(id, text) [id] = text,
		TRACE_TYPES(X)
#undef X
	};

	return word[type];
}

static const char *reason_text(enum trace_reason reason)
{
	static const char *const word[] = {
#define X(id, text) [id] = text,
		TRACE_REASONS(X)
#undef X
	};

	return word[reason];
}

static void trace(struct pair_end *e, const struct trace *t)
{
	struct isakmp_message m;

	if (t->type == TRACE_IKE_SENT || t->type == TRACE_IKE_RECEIVED) {
		e->n_unreadable += !t->packet || !isakmp_parse(t->packet, t->packet_len, &m);
		return;
	}
	strbuf_printf(&e->trace, "%s%s%s%s%s%s\n", trace_word(t->type), t->code ? " rekeyed" : "",
	              t->reason ? ": " : "", reason_text(t->reason), t->text ? ": " : "",
	              t->text ? t->text : "");
}

static void sign(struct pair_end *e, const struct node_action *a)
{
	const struct crypto_part bytes = { a->sign.bytes, a->sign.len };

	check(e->credentials && strcmp(a->sign.trustpoint, "CA") == 0);
	if (e->credentials->key == PAIR_KEY_SLEEPS)
		return;
	check(e->n_signing < PAIR_SIGNING_MAX);
	struct pair_signing *s = &e->signing[e->n_signing++];
	s->cookie = a->sign.cookie;
	s->len = 0;
	if (e->credentials->key == PAIR_KEY_SIGNS)
		s->len = fake_sign(e->credentials->own, bytes, s->bytes);
}

static void act(struct pair *p, struct pair_end *e, const struct node_action *a)
{
	struct node_sa *sa;

	switch (a->type) {
	case NODE_IKE_SEND:
		e->n_packets++;
		send(p, a);
		break;
	case NODE_SA_ADD:
		check(a->sa->id && !find_sa(e, a->sa->id) && a->sa->spi >= ESP_SPI_MIN);
		sa = find_sa(e, 0);
		check(sa);
		*sa = *a->sa;
		break;
	case NODE_SA_DEL:
		sa = find_sa(e, a->sa_id);
		check(sa);
		sa->id = 0;
		break;
	case NODE_SA_USE:
		use(e, a);
		break;
	case NODE_SA_MOVE:
		sa = find_sa(e, a->move.id);
		check(sa);
		sa->remote = a->move.remote;
		sa->udp_port = a->move.udp_port;
		e->n_moves += sa->outbound;
		break;
	case NODE_IKE_SIGN:
		sign(e, a);
		break;
	default:
		check(a->type == NODE_TRACE);
		trace(e, &a->trace);
	}
}

/* ---- steps ---- */

static void begin(struct pair *p, struct pair_end *e)
{
	p->out.n = 0;
	p->out.n_bytes = 0;
	ike_begin(e->ike, now_of(p), &p->out);
}

/* Begins a step with the answer to what was asked to be signed. False when nothing was. */
static bool give_signature(struct pair *p, struct pair_end *e)
{
	struct node_event event = { .type = NODE_IKE_SIGNED };

	if (!e->n_signing)
		return false;
	const struct pair_signing *s = &e->signing[--e->n_signing];
	event.signature.cookie = s->cookie;
	event.signature.bytes = s->bytes;
	event.signature.len = s->len;
	begin(p, e);
	ike_signed(e->ike, &event);
	return true;
}

static void finish(struct pair *p, struct pair_end *e)
{
	struct ike_change change;

	for (int i = 0; i < STEPS_MAX; i++) {
		ike_run(e->ike);
		for (size_t k = 0; k < p->out.n; k++)
			act(p, e, &p->out.action[k]);
		ike_begin(e->ike, now_of(p), NULL);
		while (ike_next_change(e->ike, &change)) {
			*(change.up ? &e->n_up : &e->n_down) += 1;
			e->told = change.place;
		}
		if (give_signature(p, e))
			continue;
		if (!mono_due(ike_deadline(e->ike), now_of(p).mono))
			return;
		begin(p, e);
	}
	check_failed("it comes to rest", __FILE__, __LINE__);
}

struct ike *pair_begin_step(struct pair *p, int i)
{
	begin(p, &p->end[i]);
	return p->end[i].ike;
}

void pair_end_step(struct pair *p, int i)
{
	finish(p, &p->end[i]);
}

static void tell_credentials(struct pair_end *e)
{
	const struct pair_credentials *c = e->credentials;
	struct crypto_part own[2], ca, crl;
	struct node_credentials credentials = { .trustpoint = "CA" };

	if (c && c->own) {
		own[credentials.n_own++] = fake_cert_der(c->own);
		credentials.has_key = c->key != PAIR_KEY_MISSING;
	}
	if (c && c->more)
		own[credentials.n_own++] = fake_cert_der(c->more);
	if (c && c->ca)
		ca = fake_cert_der(c->ca);
	if (c && c->crl)
		crl = fake_crl_der(c->crl);
	credentials.own = own;
	credentials.ca = &ca;
	credentials.crl = &crl;
	credentials.n_ca = c && c->ca;
	credentials.n_crl = c && c->crl;
	ike_credentials(e->ike, &(struct node_event){ .type = NODE_CREDENTIALS,
	                                              .credentials = &credentials });
}

static void power_on(struct pair *p, struct pair_end *e)
{
	e->n_signing = 0;
	e->ike = ike_new(p->crypto, &e->entropy);
	memset(e->sa, 0, sizeof e->sa);
	memset(e->use, 0, sizeof e->use);
	memset(e->use_nbma, 0, sizeof e->use_nbma);
	begin(p, e);
	ike_configure(e->ike, e->snapshot);
	if (e->credentials)
		tell_credentials(e);
	ike_tunnel(e->ike, 0, &e->address);
	finish(p, e);
}

int pair_add(struct pair *p, const struct pair_spec *spec)
{
	check(p->n < PAIR_ENDS_MAX);
	struct pair_end *e = &p->end[p->n];

	prng_seed(&e->prng, prng_u64(&p->prng));
	e->entropy = prng_entropy(&e->prng);
	e->address = addr_of(spec->source);
	e->snapshot = make_snapshot(spec);
	e->credentials = spec->credentials;
	strbuf_init(&e->trace);
	power_on(p, e);
	return (int)p->n++;
}

void pair_configure(struct pair *p, int i, const struct pair_spec *spec)
{
	struct pair_end *e = &p->end[i];
	struct snapshot *before = e->snapshot;

	e->snapshot = make_snapshot(spec);
	begin(p, e);
	ike_configure(e->ike, e->snapshot);
	finish(p, e);
	snapshot_free(before);
}

void pair_credentials(struct pair *p, int i, const struct pair_credentials *credentials)
{
	p->end[i].credentials = credentials;
	begin(p, &p->end[i]);
	tell_credentials(&p->end[i]);
	finish(p, &p->end[i]);
}

void pair_restart(struct pair *p, int i)
{
	ike_free(p->end[i].ike);
	power_on(p, &p->end[i]);
}

/* The address by which others reach an end. */
static struct addr outer_of(const struct pair *p, int i)
{
	for (size_t k = 0; k < p->n_nat; k++)
		if (addr_equal(&p->nat[k].inside, &p->end[i].address))
			return p->nat[k].outside;
	return p->end[i].address;
}

void pair_want_at(struct pair *p, int i, const struct addr *nbma, const struct udp_place *place)
{
	begin(p, &p->end[i]);
	ike_want(p->end[i].ike, 0, nbma, place);
	finish(p, &p->end[i]);
}

void pair_want(struct pair *p, int i, int other)
{
	struct addr nbma = outer_of(p, other);

	pair_want_at(p, i, &nbma, &(struct udp_place){ 0 });
}

void pair_forget(struct pair *p, int i, int other)
{
	struct addr nbma = outer_of(p, other);

	begin(p, &p->end[i]);
	ike_forget(p->end[i].ike, 0, &nbma);
	finish(p, &p->end[i]);
}

void pair_stop(struct pair *p, int i)
{
	begin(p, &p->end[i]);
	ike_stop(p->end[i].ike);
	finish(p, &p->end[i]);
}

void pair_event(struct pair *p, int i, const struct node_event *event)
{
	struct pair_end *e = &p->end[i];

	begin(p, e);
	if (event->type == NODE_IKE_PACKET)
		ike_packet(e->ike, event);
	else if (event->type == NODE_SA_UNKNOWN)
		ike_unknown_spi(e->ike, event);
	else if (event->type == NODE_SA_MOVED)
		ike_moved(e->ike, event);
	else if (event->type == NODE_SA_USED)
		ike_used(e->ike, event);
	else if (event->type == NODE_CLEAR_CRYPTO)
		ike_clear(e->ike, event);
	finish(p, e);
}

static void arrive(struct pair *p, struct pair_flying *f)
{
	struct pair_flying packet = *f;
	struct node_event event = { .type = NODE_IKE_PACKET };

	f->used = false;
	if (p->mangle)
		p->mangle(p, &packet);
	event.ike.path = packet.path;
	event.ike.bytes = packet.bytes;
	event.ike.len = packet.len;
	for (size_t i = 0; packet.used && i < p->n; i++)
		if (addr_equal(&p->end[i].address, &packet.path.to))
			pair_event(p, (int)i, &event);
}

static int64_t next_ms(const struct pair *p, int64_t until_ms)
{
	int64_t at_ms = until_ms;

	for (size_t i = 0; i < PAIR_FLYING_MAX; i++)
		if (p->flying[i].used && p->flying[i].at_ms < at_ms)
			at_ms = p->flying[i].at_ms;
	for (size_t i = 0; i < p->n; i++) {
		mono due = ike_deadline(p->end[i].ike);
		int64_t due_ms =
			mono_is_never(due) ? INT64_MAX : (due.ns + NS_PER_MS - 1) / NS_PER_MS;
		if (due_ms < at_ms)
			at_ms = due_ms;
	}
	return at_ms < p->now_ms ? p->now_ms : at_ms;
}

void pair_run(struct pair *p, int64_t ms)
{
	int64_t until_ms = p->now_ms + ms;

	while (p->now_ms < until_ms) {
		p->now_ms = next_ms(p, until_ms);
		for (size_t i = 0; i < PAIR_FLYING_MAX; i++)
			if (p->flying[i].used && p->flying[i].at_ms <= p->now_ms)
				arrive(p, &p->flying[i]);
		for (size_t i = 0; i < p->n; i++) {
			begin(p, &p->end[i]);
			finish(p, &p->end[i]);
		}
	}
}

/* ---- what is in force ---- */

size_t pair_count(const struct pair *p, int i, bool outbound)
{
	size_t n = 0;

	for (size_t k = 0; k < PAIR_SAS_MAX; k++)
		n += p->end[i].sa[k].id && p->end[i].sa[k].outbound == outbound;
	return n;
}

const struct node_sa *pair_outbound(const struct pair *p, int from, int to)
{
	const struct pair_end *e = &p->end[from];
	struct addr nbma = outer_of(p, to);

	for (size_t i = 0; i < PAIR_ENDS_MAX; i++)
		if (e->use[i] && addr_equal(&e->use_nbma[i], &nbma))
			return &e->sa[index_of(e, e->use[i])];
	return NULL;
}

static bool fits(const struct node_sa *out, const struct node_sa *in)
{
	return in->id && !in->outbound && in->spi == out->spi && in->cipher == out->cipher &&
	       in->auth == out->auth && in->mode == out->mode && in->esn == out->esn &&
	       !in->udp_port == !out->udp_port &&
	       memcmp(in->cipher_key, out->cipher_key, sizeof in->cipher_key) == 0 &&
	       memcmp(in->auth_key, out->auth_key, sizeof in->auth_key) == 0;
}

static const struct node_sa *other_end(const struct pair *p, int from, int to)
{
	const struct node_sa *out = pair_outbound(p, from, to);

	for (size_t i = 0; out && i < PAIR_SAS_MAX; i++)
		if (fits(out, &p->end[to].sa[i]))
			return &p->end[to].sa[i];
	return NULL;
}

bool pair_agrees(const struct pair *p, int from, int to)
{
	return other_end(p, from, to) != NULL;
}

bool pair_is_joined(const struct pair *p, int a, int b)
{
	const struct node_sa *in = other_end(p, a, b), *out = pair_outbound(p, b, a);

	return in && out && pair_agrees(p, b, a) && out->id == in->id + 1;
}

bool pair_traced(const struct pair *p, int i, const char *text)
{
	return strstr(p->end[i].trace.text, text) != NULL;
}

void pair_used(struct pair *p, int from, int to, struct pair_traffic traffic)
{
	const struct node_sa *out = pair_outbound(p, from, to);
	struct node_event event = { .type = NODE_SA_USED };

	if (!out)
		return;
	event.sa_used.id = out->id - 1;
	event.sa_used.packets_in = traffic.in;
	event.sa_used.packets_out = traffic.out;
	event.sa_used.bytes_in = event.sa_used.bytes_out = traffic.bytes;
	pair_event(p, from, &event);
}
