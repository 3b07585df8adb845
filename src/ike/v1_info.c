/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Informational messages. They are not answered and not sent again (RFC 2408 4.8), but for DPD's,
 * which asks anew. In clear they are believed only while main mode is under way and both cookies
 * are right: whoever knows these sits on the path and could end the exchange anyhow.
 */
#include "ike/v1_info.h"

#include <stdio.h>
#include <string.h>

#include "ike/child.h"
#include "ike/dpd.h"
#include "ike/fail.h"
#include "ike/host.h"
#include "ike/out.h"
#include "ike/peer.h"
#include "ike/sa.h"
#include "ike/v1_main.h"
#include "ike/v1_numbers.h"
#include "ike/v1_quick.h"
#include "util/memory.h"
#include "util/reader.h"

enum {
	DOI_IPSEC = 1,
	COOKIES_LEN = 16,
	SPI_LEN = 4,
	SPIS_MAX = 64,
	/* of a notify about an IKE SA, without text */
	NOTIFY_MESSAGE_LEN = ISAKMP_HEADER_LEN + ISAKMP_PAYLOAD_HEADER_LEN + 8 + COOKIES_LEN,
};

static uint32_t draw_message_id(struct ike *ike)
{
	uint32_t id = 0;

	while (!id)
		id = entropy_u32(&ike->entropy);
	return id;
}

static void write_cookies(struct writer *w, const struct ike_sa *sa)
{
	write_u32(w, (uint32_t)(sa->icookie >> 32));
	write_u32(w, (uint32_t)sa->icookie);
	write_u32(w, (uint32_t)(sa->rcookie >> 32));
	write_u32(w, (uint32_t)sa->rcookie);
}

static void add_notify(struct v1_out *o, const struct ike_sa *sa, const struct ike_notify *n)
{
	struct writer *w = &o->b.w;

	isakmp_open(&o->b, ISAKMP_NOTIFY);
	write_u32(w, DOI_IPSEC);
	write_u8(w, n->spi ? V1_PROTOCOL_ESP : V1_PROTOCOL_ISAKMP);
	write_u8(w, n->spi ? SPI_LEN : COOKIES_LEN);
	write_u16(w, (uint16_t)n->type);
	if (n->spi)
		write_u32(w, n->spi);
	else
		write_cookies(w, sa);
	if (n->has_number)
		write_u32(w, n->number);
	if (n->text)
		write_bytes(w, n->text, strlen(n->text));
	isakmp_close(&o->b);
}

static void begin(struct ike *ike, struct ike_sa *sa, struct v1_out *o)
{
	v1_begin_hashed(o, sa, ISAKMP_INFORMATIONAL, draw_message_id(ike));
}

static void finish(struct ike *ike, struct ike_sa *sa, struct v1_out *o)
{
	uint8_t iv[CRYPTO_IV_MAX];

	v1_iv(&sa->keys, o->message_id, iv);
	size_t len = v1_seal(ike, sa, o, &(struct v1_sealing){ .iv = iv });
	if (len)
		ike_out_send(ike, &sa->path, o->bytes, len);
}

void ike_info_notify(struct ike *ike, struct ike_sa *sa, const struct ike_notify *notify)
{
	struct v1_out o;

	begin(ike, sa, &o);
	add_notify(&o, sa, notify);
	finish(ike, sa, &o);
}

static void send_clear(struct ike *ike, const struct ike_sa *sa, const struct ike_notify *notify)
{
	struct v1_out o;

	v1_begin(&o, sa, ISAKMP_INFORMATIONAL, draw_message_id(ike));
	add_notify(&o, sa, notify);
	size_t len = v1_seal(ike, sa, &o, &(struct v1_sealing){ .iv = NULL });
	if (len)
		ike_out_send(ike, &sa->path, o.bytes, len);
}

void ike_info_refuse(struct ike *ike, const struct node_event *event, uint64_t icookie,
                     const char *text)
{
	const struct ike_sa nobody = {
		.icookie = icookie,
		.path = { event->ike.path.to, event->ike.path.from, event->ike.path.to_port,
		          event->ike.path.from_port },
	};

	/* The address is not proven: the answer is not longer than the question. */
	bool fits = event->ike.len >= NOTIFY_MESSAGE_LEN + strlen(text);
	send_clear(
		ike, &nobody,
		&(struct ike_notify){ .type = IKE_NOTIFY_NO_PROPOSAL, .text = fits ? text : NULL });
}

void ike_info_refuse_proof(struct ike *ike, struct ike_sa *sa)
{
	send_clear(ike, sa, &(struct ike_notify){ .type = IKE_NOTIFY_AUTHENTICATION });
}

void ike_info_delete_sa(struct ike *ike, struct ike_sa *sa)
{
	struct v1_out o;

	begin(ike, sa, &o);
	isakmp_open(&o.b, ISAKMP_DELETE);
	write_u32(&o.b.w, DOI_IPSEC);
	write_u8(&o.b.w, V1_PROTOCOL_ISAKMP);
	write_u8(&o.b.w, COOKIES_LEN);
	write_u16(&o.b.w, 1);
	write_cookies(&o.b.w, sa);
	isakmp_close(&o.b);
	finish(ike, sa, &o);
}

/* Over the newest that stands, be it replaced: then it is the last that both have. */
static struct ike_sa *way_to(const struct ike_child *child)
{
	struct ike_sa *any = NULL;

	for (struct ike_sa *sa = child->host->sas; sa; sa = sa->next) {
		if (sa->step != IKE_STANDS)
			continue;
		if (!sa->replaced)
			return sa;
		any = any ? any : sa;
	}
	return any;
}

void ike_info_delete_child(struct ike *ike, const struct ike_child *child)
{
	struct ike_sa *sa = way_to(child);
	struct v1_out o;

	if (!sa)
		return;
	begin(ike, sa, &o);
	isakmp_open(&o.b, ISAKMP_DELETE);
	write_u32(&o.b.w, DOI_IPSEC);
	write_u8(&o.b.w, V1_PROTOCOL_ESP);
	write_u8(&o.b.w, SPI_LEN);
	write_u16(&o.b.w, 1);
	write_u32(&o.b.w, child->spi_in);
	isakmp_close(&o.b);
	finish(ike, sa, &o);
}

void ike_info_invalid_spi(struct ike *ike, struct ike_sa *sa, uint32_t spi)
{
	if (spi >= ESP_SPI_MIN)
		ike_info_notify(ike, sa,
		                &(struct ike_notify){ .type = IKE_NOTIFY_INVALID_SPI, .spi = spi });
}

void ike_info_add_contact(const struct ike_sa *sa, struct v1_out *o)
{
	add_notify(o, sa, &(struct ike_notify){ .type = IKE_NOTIFY_INITIAL_CONTACT });
}

void ike_info_add_lifetimes(struct v1_out *o, const struct v1_suite *suite, uint32_t spi)
{
	struct writer *w = &o->b.w;

	isakmp_open(&o->b, ISAKMP_NOTIFY);
	write_u32(w, DOI_IPSEC);
	write_u8(w, V1_PROTOCOL_ESP);
	write_u8(w, SPI_LEN);
	write_u16(w, IKE_NOTIFY_RESPONDER_LIFETIME);
	write_u32(w, spi);
	v1_write_lifetimes(w, suite);
	isakmp_close(&o->b);
}

/* ---- receiving ---- */

struct notify {
	uint16_t type;
	uint8_t protocol;
	uint32_t spi; /* of ESP, else 0 */
	const uint8_t *data;
	size_t len;
};

static bool read_notify(const struct isakmp_payload *p, struct notify *ret)
{
	struct reader r = reader_over(p->body, p->len);

	read_skip(&r, 4);
	ret->protocol = read_u8(&r);
	size_t spi_len = read_u8(&r);
	ret->type = read_u16(&r);
	struct reader spi = read_sub(&r, spi_len);
	ret->spi = spi_len == SPI_LEN ? read_u32(&spi) : 0;
	ret->data = r.at;
	ret->len = reader_left(&r);
	return p->type == ISAKMP_NOTIFY && !r.failed;
}

bool ike_info_has_contact(const struct isakmp_message *m)
{
	struct notify n;

	for (size_t i = 0; i < m->n; i++)
		if (read_notify(&m->payload[i], &n) && n.type == IKE_NOTIFY_INITIAL_CONTACT)
			return true;
	return false;
}

void ike_info_read_lifetimes(const struct isakmp_message *m, struct v1_suite *suite)
{
	struct notify n;

	for (size_t i = 0; i < m->n; i++)
		if (read_notify(&m->payload[i], &n) && n.type == IKE_NOTIFY_RESPONDER_LIFETIME)
			v1_read_lifetimes(n.data, n.len, suite);
}

/* The peer's words for a log line: printable ASCII only. */
static const char *words_of(const struct notify *n, char text[static V1_TEXT_SIZE])
{
	size_t len = 0;

	for (size_t i = 0; i < n->len && len + 1 < V1_TEXT_SIZE; i++) {
		if (n->data[i] < ' ' || n->data[i] > '~') {
			len = 0;
			break;
		}
		text[len++] = (char)n->data[i];
	}
	text[len] = '\0';
	return text;
}

static void drop_child_of(struct ike *ike, struct ike_sa *sa, uint32_t spi_out, bool by_delete)
{
	for (struct ike_child *c = sa->host->children; c; c = c->next_of_host) {
		if (c->spi_out != spi_out)
			continue;
		c->is_deleted = by_delete;
		ike_child_delete(ike, c, REASON_PEER_DELETED, false);
		return;
	}
}

static bool is_about_proof(uint16_t type)
{
	return type == IKE_NOTIFY_INVALID_ID || type == IKE_NOTIFY_INVALID_CERTIFICATE ||
	       type == IKE_NOTIFY_INVALID_SIGNATURE || type == IKE_NOTIFY_CERTIFICATE_UNAVAILABLE;
}

/* The answer goes to where a fresh question came from. */
static void heed_dpd(struct ike *ike, struct ike_sa *sa, const struct notify *n,
                     const struct node_event *event)
{
	bool is_answer = n->type == IKE_NOTIFY_R_U_THERE_ACK;
	struct reader r = reader_over(n->data, n->len);
	uint32_t number = read_u32(&r);

	if (r.failed)
		return;
	if (ike_dpd_is_fresh(sa, is_answer, number))
		ike_sa_heard_from(ike, sa, event);
	ike_dpd_heed(ike, sa, is_answer, number);
}

static void heed_notify(struct ike *ike, struct ike_sa *sa, const struct notify *n,
                        const struct node_event *event)
{
	char text[V1_TEXT_SIZE];

	switch (n->type) {
	case IKE_NOTIFY_R_U_THERE:
	case IKE_NOTIFY_R_U_THERE_ACK:
		heed_dpd(ike, sa, n, event);
		break;
	case IKE_NOTIFY_INITIAL_CONTACT:
		ike_host_lost(ike, sa, REASON_PEER_DELETED);
		break;
	case IKE_NOTIFY_INVALID_SPI:
		drop_child_of(ike, sa, n->spi, false);
		break;
	default:
		if (n->type >= IKE_NOTIFY_ERRORS_END)
			break;
		words_of(n, text);
		if (!ike_quick_refused(ike, sa, &(struct ike_refusal){ n->type, n->spi, text }) &&
		    is_about_proof(n->type))
			ike_main_disowned(ike, sa, text);
	}
}

static void heed_delete(struct ike *ike, struct ike_sa *sa, const struct isakmp_payload *p)
{
	struct reader r = reader_over(p->body, p->len);

	read_skip(&r, 4);
	uint8_t protocol = read_u8(&r);
	uint8_t spi_len = read_u8(&r);
	size_t n = read_u16(&r);
	if (r.failed || n > SPIS_MAX)
		return;
	for (size_t i = 0; i < n && sa->step == IKE_STANDS; i++) {
		struct reader spi = read_sub(&r, spi_len);
		if (spi.failed)
			return;
		if (protocol == V1_PROTOCOL_ESP && spi_len == SPI_LEN)
			drop_child_of(ike, sa, read_u32(&spi), true);
		else if (protocol == V1_PROTOCOL_ISAKMP)
			ike_sa_deleted_by_peer(ike, sa, spi.at, spi_len);
	}
}

/* In clear: only about a main mode of ours that is under way. */
static enum ike_drop receive_clear(struct ike *ike, struct ike_sa *sa, struct v1_in *in)
{
	char text[V1_TEXT_SIZE];
	struct notify n;

	if (!v1_open(ike, sa, NULL, in))
		return IKE_DROP_MALFORMED;
	if (sa->step >= IKE_STANDS || !sa->initiator || !read_notify(&in->m.payload[0], &n) ||
	    n.type >= IKE_NOTIFY_ERRORS_END)
		return IKE_DROP_EXCHANGE;
	ike_main_refused(ike, sa, n.type, words_of(&n, text));
	return IKE_DROP_NONE;
}

static void heed_payloads(struct ike *ike, struct ike_sa *sa, const struct v1_in *in)
{
	struct notify n;

	for (size_t i = 1; i < in->m.n; i++) {
		const struct isakmp_payload *p = &in->m.payload[i];
		if (p->type == ISAKMP_DELETE && sa->step == IKE_STANDS)
			heed_delete(ike, sa, p);
		else if (!read_notify(p, &n))
			continue;
		else if (sa->step == IKE_STANDS)
			heed_notify(ike, sa, &n, in->event);
		else if (sa->step == IKE_SENT_5 && n.type < IKE_NOTIFY_ERRORS_END)
			ike_main_refused(ike, sa, n.type, words_of(&n, (char[V1_TEXT_SIZE]){ 0 }));
	}
}

enum ike_drop ike_info_receive(struct ike *ike, struct ike_sa *sa, const struct node_event *event)
{
	struct v1_in in = { .event = event };
	uint8_t iv[CRYPTO_IV_MAX];
	enum ike_drop drop = IKE_DROP_NONE;

	if (!isakmp_parse_header(event->ike.bytes, event->ike.len, &in.m.header))
		return IKE_DROP_MALFORMED;
	if (!(in.m.header.flags & ISAKMP_FLAG_ENCRYPTED))
		return receive_clear(ike, sa, &in);
	if (sa->step != IKE_STANDS && sa->step != IKE_SENT_5)
		return IKE_DROP_EXCHANGE;
	v1_iv(&sa->keys, in.m.header.message_id, iv);
	if (!v1_open(ike, sa, iv, &in))
		drop = IKE_DROP_DECRYPT;
	else if (!v1_hash_is_right(sa, &in, (struct v1_hashed){ 0 }))
		drop = IKE_DROP_AUTHENTICATION;
	else if (!ike_sa_is_new_info(sa, in.m.header.message_id))
		drop = IKE_DROP_REPLAYED;
	if (drop == IKE_DROP_NONE) {
		ike_sa_note_info(sa, in.m.header.message_id);
		heed_payloads(ike, sa, &in);
	}
	return drop;
}
