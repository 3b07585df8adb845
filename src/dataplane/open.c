/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SPI finds its association, wherever the packet came from (RFC 4301 4.1). What it carries must
 * be GRE: in transport mode right away, in tunnel mode behind an IP header with the addresses of
 * the negotiated selectors (RFC 4301 5.2), which behind a NAT are not those of the outer one.
 * Worker threads, under RCU.
 */
#include "dataplane/open.h"

#include "dataplane/bytes.h"
#include "esp/outer.h"
#include "util/clock.h"

enum {
	SPI_LEN = 4,
	ESP_HEADER_LEN = 8,       /* with the sequence number */
	MARKER_LEN = 4,           /* in front of IKE on port 4500, RFC 3948 2.2 */
	TELL_AGAIN_NS = NS_PER_S, /* the control thread hears of one sender or association */
};

void open_init(struct open *o, struct esp_engine *engine)
{
	*o = (struct open){ .engine = engine };
}

static struct dp_counters *nowhere(struct receive *r)
{
	return &r->tables->nowhere[r->worker];
}

static void punt(struct receive *r, const struct dp_punt *what)
{
	if (!punt_ring_push(r->punts, what))
		counter_drop(nowhere(r), DP_DROP_PUNT_FULL);
}

static bool was_told(const struct receive *r, int64_t *told_ns)
{
	if (*told_ns && r->now_ns - *told_ns < TELL_AGAIN_NS)
		return true;
	*told_ns = r->now_ns;
	return false;
}

static void tell_unknown(struct receive *r, const struct arrival *a, uint32_t spi)
{
	const struct dp_punt what = {
		.type = DP_PUNT_SPI,
		.from = a->from,
		.to = a->to,
		.from_port = a->udp_port,
		.spi = spi,
	};

	counter_drop(nowhere(r), DP_DROP_NO_SPI);
	if (!was_told(r, &r->open->told_ns[(addr_hash(&a->from) + a->udp_port) % OPEN_TOLD]))
		punt(r, &what);
}

/* Without a window anybody can send a packet of the peer's again, from anywhere. */
static void note_place(struct elsewhere *e, const struct arrival *a, const struct sa *sa)
{
	e->udp_port = 0;
	if (!a->udp_port || !sa->knows_replays)
		return;
	const struct sa_route *route = rcu_dereference(sa->route);
	if (!route->udp_port || a->len < ESP_HEADER_LEN ||
	    (a->udp_port == route->udp_port && addr_equal(&a->from, &route->remote)))
		return;
	e->udp_port = a->udp_port;
	e->sequence = bytes_u32(a->bytes + SPI_LEN);
	e->from = a->from;
}

/*
 * RFC 3948 4.1: a NAT gives a peer that lives another address or port when it has forgotten the
 * one before. Only the newest packet says where it is now: others were overtaken on the way, or
 * held back by somebody.
 */
static void tell_moved(struct receive *r, const struct elsewhere *e, const struct sa *sa)
{
	const struct dp_punt what = {
		.type = DP_PUNT_MOVED,
		.from = e->from,
		.from_port = e->udp_port,
		.sa = sa->id,
	};
	struct esp_sa_state now;

	esp_sa_state(sa->esp, &now);
	if (e->sequence == (uint32_t)now.sequence &&
	    !was_told(r, &r->open->moved_ns[sa->spi % OPEN_TOLD]))
		punt(r, &what);
}

static void hand_over(struct receive *r, const struct arrival *a, const struct sa *sa)
{
	const struct mail mail = {
		.type = MAIL_ESP,
		.from = a->from,
		.to = a->to,
		.udp_port = a->udp_port,
		.tos = a->tos,
		.len = (uint32_t)a->len,
		.bytes = a->bytes,
	};

	if (!r->hand_over(r->ctx, sa->owner, &mail))
		counter_drop(nowhere(r), DP_DROP_BUSY);
}

/* The worker's own association of an SPI, or NULL. */
static inline struct sa *find_own(const struct receive *r, const uint8_t *esp, size_t len)
{
	struct sa *sa = len < SPI_LEN ? NULL : sa_table_by_spi(&r->tables->sas, bytes_u32(esp));

	return sa && sa->owner == r->worker ? sa : NULL;
}

/* The next free place in the burst. */
static inline unsigned gather(struct receive *r, struct sa *sa, uint8_t *esp, size_t len)
{
	struct open *o = r->open;

	if (o->n == ESP_BURST)
		open_flush(r);
	unsigned i = o->n++;
	struct esp_packet *e = &o->packet[i];
	e->sa = sa->esp;
	e->bytes = esp;
	e->len = len;
	e->headroom = e->tailroom = 0;
	o->sa[i] = sa;
	return i;
}

void open_esp(struct receive *r, const struct arrival *a)
{
	struct sa *sa = find_own(r, a->bytes, a->len);

	if (sa) {
		unsigned i = gather(r, sa, a->bytes, a->len);
		note_place(&r->open->elsewhere[i], a, sa);
		r->open->tos[i] = a->tos;
		return;
	}
	if (a->len < SPI_LEN) {
		counter_drop(nowhere(r), DP_DROP_ENCAPSULATION);
		return;
	}
	uint32_t spi = bytes_u32(a->bytes);
	sa = sa_table_by_spi(&r->tables->sas, spi);
	if (sa)
		hand_over(r, a, sa);
	else
		tell_unknown(r, a, spi);
}

void open_packet(struct receive *r, uint8_t *bytes, size_t len)
{
	struct inner outer;

	if (!inner_is_v4(bytes, len) || !inner_parse_v4(bytes, len, &outer) ||
	    outer.proto != IP_PROTO_ESP || outer.fragment) {
		counter_drop(nowhere(r), DP_DROP_ENCAPSULATION);
		return;
	}
	uint8_t *esp = bytes + outer.l4_offset;
	size_t esp_len = outer.len - outer.l4_offset;
	struct sa *sa = find_own(r, esp, esp_len);
	if (sa) {
		/* Where it came from does not matter. */
		unsigned i = gather(r, sa, esp, esp_len);
		r->open->elsewhere[i].udp_port = 0;
		r->open->tos[i] = outer.tos;
		return;
	}
	const struct arrival a = {
		.bytes = esp,
		.len = esp_len,
		.from = addr_from_bytes(ADDR_V4, bytes + 12),
		.to = addr_from_bytes(ADDR_V4, bytes + 16),
		.tos = outer.tos,
	};
	open_esp(r, &a);
}

static void take_ike(struct receive *r, const struct arrival *a)
{
	const struct dp_punt what = {
		.type = DP_PUNT_IKE,
		.from = a->from,
		.to = a->to,
		.from_port = a->udp_port,
		.bytes = a->bytes + MARKER_LEN,
		.len = a->len - MARKER_LEN,
	};

	punt(r, &what);
}

void open_datagrams(struct receive *r, const struct arrival *a, size_t segment)
{
	struct arrival one = *a;

	for (size_t at = 0; at < a->len; at += one.len) {
		one.bytes = a->bytes + at;
		one.len = a->len - at < segment ? a->len - at : segment;
		switch (esp_udp_kind(one.bytes, one.len)) {
		case ESP_UDP_ESP:
			open_esp(r, &one);
			break;
		case ESP_UDP_IKE:
			take_ike(r, &one);
			break;
		case ESP_UDP_KEEPALIVE:
			break;
		case ESP_UDP_BAD:
			counter_drop(nowhere(r), DP_DROP_ENCAPSULATION);
			break;
		}
	}
}

static struct dp_counters *counters_of(struct receive *r, const struct sa *sa)
{
	struct slot *slot = tables_slot(r->tables, sa->slot_at, sa->tunnel);

	return slot ? &slot->counters[r->worker] : nowhere(r);
}

/* Finds GRE in what was opened. False when there is something else, or not between its ends. */
static bool find_gre(const struct sa *sa, struct esp_packet *e)
{
	struct esp_inner in;

	if (!sa->tunnel_mode)
		return e->next_header == IP_PROTO_GRE;
	if (!esp_inner_parse(e->bytes, e->len, &in) || in.protocol != IP_PROTO_GRE || in.fragment ||
	    !addr_equal(&in.from, &sa->inner_remote) || !addr_equal(&in.to, &sa->inner_local))
		return false;
	e->bytes += in.header_len;
	e->len = in.len - in.header_len;
	return true;
}

static inline void deliver(struct receive *r, unsigned i)
{
	struct esp_packet *e = &r->open->packet[i];
	struct sa *sa = r->open->sa[i];
	struct decap d; /* too large to be zeroed for every packet */
	enum dp_drop drop = DP_DROP_SELECTOR;

	d.tos = r->open->tos[i];
	if (e->drop == ESP_DROP_NONE && r->open->elsewhere[i].udp_port)
		tell_moved(r, &r->open->elsewhere[i], sa);
	if (e->drop == ESP_DROP_DUMMY)
		return;
	if (e->drop != ESP_DROP_NONE)
		counter_drop(counters_of(r, sa), DP_DROP_OPEN);
	else if (find_gre(sa, e) && decap_gre(e->bytes, e->len, &d, &drop))
		receive_protected(r, &d, sa);
	else
		counter_drop(counters_of(r, sa), drop);
}

void open_flush(struct receive *r)
{
	struct open *o = r->open;

	if (!o || o->n == 0)
		return;
	esp_open(o->engine, o->packet, o->n);
	for (unsigned i = 0; i < o->n; i++)
		deliver(r, i);
	o->n = 0;
}
