/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISAKMP messages as text (RFC 2408 3; RFC 2407 4.6; RFC 2409 appendix A). Numbers that have no
 * name here stay numbers. Pure functions; any thread.
 */
#include "ike/dump.h"

#include <ctype.h>
#include <string.h>

#include "ike/message.h"
#include "ike/v1_info.h"
#include "ike/v1_numbers.h"
#include "util/reader.h"

enum {
	BASIC = 0x8000, /* an attribute whose value is in place of its length */
	DOI_LEN = 8,    /* DOI and situation */
	DPD_NUMBER_LEN = 4,
	ID_V4 = 1,
	ID_FQDN = 2,
	ID_USER_FQDN = 3,
	ID_V4_SUBNET = 4,
	ID_V6 = 5,
	ID_DER_DN = 9,
	ID_KEY = 11,
	COOKIES_LEN = 16,
	ESP_SPI_LEN = 4,
	VENDOR_HEAD_LEN = 8, /* enough to tell vendor ids apart */
	HEX_MAX = 32,        /* bytes of a payload that are shown */
};

struct word {
	uint16_t number;
	const char *text;
};

static const struct word EXCHANGES[] = { { ISAKMP_MAIN, "Main Mode" },
	                                 { ISAKMP_AGGRESSIVE, "Aggressive Mode" },
	                                 { ISAKMP_INFORMATIONAL, "Informational" },
	                                 { ISAKMP_QUICK, "Quick Mode" },
	                                 { 0, NULL } };

static const struct word PAYLOADS[] = { { ISAKMP_SA, "SA" },
	                                { ISAKMP_KE, "KE" },
	                                { ISAKMP_ID, "ID" },
	                                { ISAKMP_CERT, "CERT" },
	                                { ISAKMP_CERT_REQUEST, "CERT_REQ" },
	                                { ISAKMP_HASH, "HASH" },
	                                { ISAKMP_SIG, "SIG" },
	                                { ISAKMP_NONCE, "NONCE" },
	                                { ISAKMP_NOTIFY, "NOTIFY" },
	                                { ISAKMP_DELETE, "DELETE" },
	                                { ISAKMP_VENDOR, "VID" },
	                                { ISAKMP_NAT_D_LATE_DRAFT, "NAT-D" },
	                                { ISAKMP_NAT_D, "NAT-D" },
	                                { ISAKMP_NAT_OA, "NAT-OA" },
	                                { ISAKMP_NAT_D_DRAFT, "NAT-D" },
	                                { ISAKMP_NAT_OA_DRAFT, "NAT-OA" },
	                                { ISAKMP_FRAGMENT, "FRAGMENT" },
	                                { 0, NULL } };

static const struct word NOTIFIES[] = { { IKE_NOTIFY_INVALID_SPI, "INVALID-SPI" },
	                                { IKE_NOTIFY_NO_PROPOSAL, "NO-PROPOSAL-CHOSEN" },
	                                { IKE_NOTIFY_INVALID_ID, "INVALID-ID-INFORMATION" },
	                                { IKE_NOTIFY_INVALID_CERTIFICATE, "INVALID-CERTIFICATE" },
	                                { IKE_NOTIFY_AUTHENTICATION, "AUTHENTICATION-FAILED" },
	                                { IKE_NOTIFY_INVALID_SIGNATURE, "INVALID-SIGNATURE" },
	                                { IKE_NOTIFY_CERTIFICATE_UNAVAILABLE,
	                                  "CERTIFICATE-UNAVAILABLE" },
	                                { IKE_NOTIFY_RESPONDER_LIFETIME, "RESPONDER-LIFETIME" },
	                                { IKE_NOTIFY_INITIAL_CONTACT, "INITIAL-CONTACT" },
	                                { IKE_NOTIFY_R_U_THERE, "R-U-THERE" },
	                                { IKE_NOTIFY_R_U_THERE_ACK, "R-U-THERE-ACK" },
	                                { 0, NULL } };

static const struct word PROTOCOLS[] = {
	{ V1_PROTOCOL_ISAKMP, "ISAKMP" }, { 2, "AH" }, { V1_PROTOCOL_ESP, "ESP" }, { 0, NULL }
};

static const struct {
	uint8_t head[VENDOR_HEAD_LEN];
	const char *text;
} VENDORS[] = {
	{ { 0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9 }, "dead peer detection" },
	{ { 0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45 }, "NAT traversal, RFC 3947" },
	{ { 0x43, 0x9b, 0x59, 0xf8, 0xba, 0x67, 0x6c, 0x4c }, "NAT traversal, draft 07" },
	{ { 0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f }, "NAT traversal, draft 03" },
	{ { 0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e }, "NAT traversal, draft 02" },
	{ { 0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8 }, "NAT traversal, draft 02" },
	{ { 0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9 }, "Cisco Unity" },
	{ { 0x40, 0x48, 0xb7, 0xd5, 0x6e, 0xbc, 0xe8, 0x85 }, "IKE fragmentation" },
	{ { 0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6, 0xb7, 0x12 }, "XAUTH" },
};

static void add_word(const struct word *table, unsigned number, struct strbuf *out)
{
	for (const struct word *w = table; w->text; w++) {
		if (w->number == number) {
			strbuf_adds(out, w->text);
			return;
		}
	}
	strbuf_printf(out, "%u", number);
}

static void add_hex(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len && i < HEX_MAX; i++)
		strbuf_printf(out, "%02x", bytes[i]);
	if (len > HEX_MAX)
		strbuf_adds(out, "...");
}

static bool is_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isprint(bytes[i]) || bytes[i] > 0x7e)
			return false;
	return len > 0;
}

/* Quoted where it is text, else as hexadecimal digits. */
static void add_data(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	if (!is_text(bytes, len)) {
		add_hex(bytes, len, out);
		return;
	}
	strbuf_addc(out, '"');
	strbuf_add(out, (const char *)bytes, len);
	strbuf_addc(out, '"');
}

/* ---- SA payloads ---- */

/* What a transform says, as far as its parts explain each other. */
struct attributes {
	uint16_t cipher, bits, hash, auth, group, mode, life_type, esn;
};

static void add_life(const struct attributes *a, uint32_t value, struct strbuf *out)
{
	strbuf_printf(out, ", life %u %s", value, a->life_type == 2 ? "kilobytes" : "seconds");
}

/* An attribute of main mode. */
static void take_oakley(struct attributes *a, uint16_t type, uint32_t value, struct strbuf *out)
{
	switch (type) {
	case V1_OAKLEY_CIPHER:
		a->cipher = (uint16_t)value;
		break;
	case V1_OAKLEY_KEY_BITS:
		a->bits = (uint16_t)value;
		break;
	case V1_OAKLEY_HASH:
		a->hash = (uint16_t)value;
		break;
	case V1_OAKLEY_AUTH:
		a->auth = (uint16_t)value;
		break;
	case V1_OAKLEY_GROUP:
		a->group = (uint16_t)value;
		break;
	case V1_OAKLEY_LIFE_TYPE:
		a->life_type = (uint16_t)value;
		break;
	case V1_OAKLEY_LIFE:
		add_life(a, value, out);
		break;
	default:
		strbuf_printf(out, ", attribute %u: %u", type, value);
		break;
	}
}

/* An attribute of quick mode. */
static void take_esp(struct attributes *a, uint16_t type, uint32_t value, struct strbuf *out)
{
	switch (type) {
	case V1_ESP_LIFE_TYPE:
		a->life_type = (uint16_t)value;
		break;
	case V1_ESP_LIFE:
		add_life(a, value, out);
		break;
	case V1_ESP_GROUP:
		a->group = (uint16_t)value;
		break;
	case V1_ESP_MODE:
		a->mode = (uint16_t)value;
		break;
	case V1_ESP_AUTH:
		a->auth = (uint16_t)value;
		break;
	case V1_ESP_KEY_BITS:
		a->bits = (uint16_t)value;
		break;
	case V1_ESP_ESN:
		a->esn = (uint16_t)value;
		break;
	default:
		strbuf_printf(out, ", attribute %u: %u", type, value);
		break;
	}
}

static const char *mode_text(uint16_t mode)
{
	switch (mode) {
	case V1_TUNNEL:
		return "tunnel";
	case V1_TRANSPORT:
		return "transport";
	case V1_TUNNEL + V1_UDP_OFFSET:
	case V1_TUNNEL + V1_UDP_DRAFT_OFFSET:
		return "tunnel in UDP";
	case V1_TRANSPORT + V1_UDP_OFFSET:
	case V1_TRANSPORT + V1_UDP_DRAFT_OFFSET:
		return "transport in UDP";
	default:
		return "unknown mode";
	}
}

static void add_oakley(const struct attributes *a, struct strbuf *out)
{
	strbuf_printf(out, "encryption %s, hash %s, auth %s, group %u",
	              v1_cipher_text(a->cipher, a->bits), v1_hash_text(a->hash),
	              a->auth == V1_PSK       ? "pre-share"
	              : a->auth == V1_RSA_SIG ? "rsa-sig"
	                                      : "unknown",
	              a->group);
}

static void add_esp(const struct attributes *a, uint8_t id, struct strbuf *out)
{
	strbuf_printf(out, "%s %s, %s", v1_esp_cipher_text(id, a->bits), v1_esp_auth_text(a->auth),
	              mode_text(a->mode));
	if (a->group)
		strbuf_printf(out, ", PFS group %u", a->group);
	if (a->esn)
		strbuf_adds(out, ", extended sequence numbers");
}

/* A value of at most four bytes; 0 stands for a longer one. */
static uint32_t long_value(const uint8_t *bytes, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; bytes && i < len && len <= sizeof value; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* RFC 2408 3.6: a transform's number and id, then its attributes. */
static void add_transform(struct reader r, uint8_t protocol, struct strbuf *out)
{
	struct attributes a = { 0 };
	struct strbuf rest;
	const unsigned number = read_u8(&r);
	const uint8_t id = read_u8(&r);

	strbuf_init(&rest);
	read_skip(&r, 2);
	while (!r.failed && reader_left(&r)) {
		const uint16_t head = read_u16(&r), size = read_u16(&r);
		const uint32_t value = head & BASIC ? size : long_value(read_bytes(&r, size), size);
		const uint16_t type = head & (BASIC - 1);

		if (protocol == V1_PROTOCOL_ISAKMP)
			take_oakley(&a, type, value, &rest);
		else
			take_esp(&a, type, value, &rest);
	}
	strbuf_printf(out, "    transform %u: ", number);
	if (protocol == V1_PROTOCOL_ISAKMP)
		add_oakley(&a, out);
	else
		add_esp(&a, id, out);
	strbuf_printf(out, "%s%s\n", rest.text, r.failed ? ", cut short" : "");
	strbuf_fini(&rest);
}

/* RFC 2408 3.5: number, protocol, SPI, then transforms as payloads. */
static void add_proposal(struct reader r, struct strbuf *out)
{
	const unsigned number = read_u8(&r);
	const uint8_t protocol = read_u8(&r), spi_len = read_u8(&r), n = read_u8(&r);
	const uint8_t *spi = read_bytes(&r, spi_len);

	strbuf_printf(out, "   proposal %u: ", number);
	add_word(PROTOCOLS, protocol, out);
	if (spi && spi_len) {
		strbuf_adds(out, ", SPI 0x");
		add_hex(spi, spi_len, out);
	}
	strbuf_printf(out, ", %u transform%s\n", n, n == 1 ? "" : "s");
	while (!r.failed && reader_left(&r)) {
		read_skip(&r, 2);
		const uint16_t whole = read_u16(&r);
		if (whole < ISAKMP_PAYLOAD_HEADER_LEN)
			return;
		struct reader body = read_sub(&r, whole - ISAKMP_PAYLOAD_HEADER_LEN);
		if (!body.failed)
			add_transform(body, protocol, out);
	}
}

static void add_sa(const struct isakmp_payload *p, struct strbuf *out)
{
	struct reader r = reader_over(p->body, p->len);

	strbuf_addc(out, '\n');
	read_skip(&r, DOI_LEN);
	while (!r.failed && reader_left(&r)) {
		read_skip(&r, 2);
		const uint16_t whole = read_u16(&r);
		if (whole < ISAKMP_PAYLOAD_HEADER_LEN)
			return;
		struct reader body = read_sub(&r, whole - ISAKMP_PAYLOAD_HEADER_LEN);
		if (!body.failed)
			add_proposal(body, out);
	}
}

/* ---- other payloads ---- */

/* RFC 2407 4.6.2. */
static void add_id(const struct isakmp_payload *p, struct strbuf *out)
{
	struct reader r = reader_over(p->body, p->len);
	const uint8_t type = read_u8(&r), protocol = read_u8(&r);
	const uint16_t port = read_u16(&r);
	const size_t len = reader_left(&r);
	char text[ADDR_TEXT_LEN];

	if (r.failed) {
		strbuf_adds(out, ": cut short\n");
		return;
	}
	if (type == ID_V4 || type == ID_V6) {
		const struct addr a = read_addr(&r, len);
		strbuf_printf(out, ": address %s", r.failed ? "malformed" : addr_format(&a, text));
	} else if (type == ID_V4_SUBNET) {
		const struct addr a = read_addr(&r, len / 2), mask = read_addr(&r, len / 2);
		strbuf_printf(out, ": subnet %s", r.failed ? "malformed" : addr_format(&a, text));
		strbuf_printf(out, " mask %s", r.failed ? "malformed" : addr_format(&mask, text));
	} else {
		strbuf_printf(out, ": %s ",
		              type == ID_FQDN        ? "FQDN"
		              : type == ID_USER_FQDN ? "user FQDN"
		              : type == ID_DER_DN    ? "distinguished name"
		              : type == ID_KEY       ? "key id"
		                                     : "unknown type");
		add_data(read_bytes(&r, len), len, out);
	}
	strbuf_printf(out, ", protocol %u, port %u\n", protocol, port);
}

/* RFC 2408 3.14. The SPI of a notify about an IKE SA is its cookies: nothing new. */
static void add_notify(const struct isakmp_payload *p, struct strbuf *out)
{
	struct reader r = reader_over(p->body, p->len);

	read_skip(&r, 4);
	const uint8_t protocol = read_u8(&r), spi_len = read_u8(&r);
	const uint16_t type = read_u16(&r);
	const uint8_t *spi = read_bytes(&r, spi_len);
	strbuf_adds(out, ": ");
	add_word(NOTIFIES, type, out);
	strbuf_adds(out, ", protocol ");
	add_word(PROTOCOLS, protocol, out);
	if (spi && spi_len == ESP_SPI_LEN) {
		strbuf_adds(out, ", SPI 0x");
		add_hex(spi, spi_len, out);
	}
	const bool asks = type == IKE_NOTIFY_R_U_THERE || type == IKE_NOTIFY_R_U_THERE_ACK;
	const size_t len = reader_left(&r);
	if (!r.failed && asks && len == DPD_NUMBER_LEN) { /* RFC 3706 5.4 */
		strbuf_printf(out, ", number %u", read_u32(&r));
	} else if (!r.failed && len) {
		strbuf_adds(out, ", data ");
		add_data(read_bytes(&r, len), len, out);
	}
	strbuf_adds(out, r.failed ? ", cut short\n" : "\n");
}

/* RFC 2408 3.15. */
static void add_delete(const struct isakmp_payload *p, struct strbuf *out)
{
	struct reader r = reader_over(p->body, p->len);

	read_skip(&r, 4);
	const uint8_t protocol = read_u8(&r), spi_len = read_u8(&r);
	const uint16_t n = read_u16(&r);
	strbuf_adds(out, ": protocol ");
	add_word(PROTOCOLS, protocol, out);
	for (unsigned i = 0; i < n && spi_len; i++) {
		const uint8_t *spi = read_bytes(&r, spi_len);
		if (!spi)
			break;
		strbuf_printf(out, ", %s ", spi_len == COOKIES_LEN ? "cookies" : "SPI");
		strbuf_adds(out, "0x");
		add_hex(spi, spi_len, out);
	}
	strbuf_adds(out, r.failed ? ", cut short\n" : "\n");
}

static void add_vendor(const struct isakmp_payload *p, struct strbuf *out)
{
	strbuf_adds(out, ": ");
	for (size_t i = 0; i < sizeof VENDORS / sizeof VENDORS[0]; i++) {
		if (p->len < VENDOR_HEAD_LEN ||
		    memcmp(p->body, VENDORS[i].head, VENDOR_HEAD_LEN) != 0)
			continue;
		strbuf_printf(out, "%s\n", VENDORS[i].text);
		return;
	}
	add_data(p->body, p->len, out);
	strbuf_addc(out, '\n');
}

static void add_payload(const struct isakmp_payload *p, struct strbuf *out)
{
	strbuf_adds(out, "  ");
	add_word(PAYLOADS, p->type, out);
	strbuf_printf(out, ", %zu bytes", p->len);
	switch (p->type) {
	case ISAKMP_SA:
		add_sa(p, out);
		break;
	case ISAKMP_ID:
		add_id(p, out);
		break;
	case ISAKMP_NOTIFY:
		add_notify(p, out);
		break;
	case ISAKMP_DELETE:
		add_delete(p, out);
		break;
	case ISAKMP_VENDOR:
		add_vendor(p, out);
		break;
	default:
		strbuf_addc(out, '\n');
		break;
	}
}

static void add_header(const struct isakmp_header *h, struct strbuf *out)
{
	strbuf_printf(out, "  cookies %016llX %016llX, ", (unsigned long long)h->icookie,
	              (unsigned long long)h->rcookie);
	add_word(EXCHANGES, h->exchange, out);
	strbuf_printf(out, ", message ID %08X%s, length %u\n", h->message_id,
	              h->flags & ISAKMP_FLAG_COMMIT ? ", commit" : "", h->len);
}

void ike_dump(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	struct isakmp_message m;

	if (!isakmp_parse(bytes, len, &m)) {
		strbuf_printf(out, "  malformed message, %zu bytes\n", len);
		return;
	}
	add_header(&m.header, out);
	for (size_t i = 0; i < m.n; i++)
		add_payload(&m.payload[i], out);
}
