/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NHRP packets as text. Three parts, marked as in IOS: (F) fixed, (M) mandatory, (C) client
 * information entries, and then the extensions by name. Pure functions; any thread.
 */
#include "nhrp/dump.h"

#include <ctype.h>
#include <stdbool.h>

#include "nhrp/place.h"
#include "nhrp/wire.h"
#include "util/reader.h"

enum {
	AFN_V4 = 1,
	PROTO_V4 = 0x0800,
	BYTES_PER_LINE = 16,
	TYPE_CLEARTEXT = 1, /* of an authentication extension */
	OUI_CISCO = 0x00000c,
	VENDOR_GROUP = 1,
};

struct flag_name {
	uint16_t bit;
	const char *name;
};

static const struct flag_name resolution_flags[] = {
	{ NHRP_RESOLUTION_ROUTER, "router " },
	{ NHRP_RESOLUTION_AUTHORITATIVE, "auth " },
	{ NHRP_RESOLUTION_DEST_STABLE, "dst-stable " },
	{ NHRP_RESOLUTION_UNIQUE, "unique " },
	{ NHRP_RESOLUTION_SOURCE_STABLE, "src-stable " },
	{ NHRP_CISCO_NAT, "nat " },
	{ 0, NULL },
};

static const struct flag_name registration_flags[] = {
	{ NHRP_REGISTRATION_UNIQUE, "unique " },
	{ NHRP_CISCO_NAT, "nat " },
	{ 0, NULL },
};

static const struct flag_name purge_flags[] = {
	{ NHRP_PURGE_NO_REPLY, "no-reply " },
	{ NHRP_CISCO_NAT, "nat " },
	{ 0, NULL },
};

static const struct flag_name *flag_names(uint8_t type)
{
	switch (type) {
	case NHRP_RESOLUTION_REQUEST:
	case NHRP_RESOLUTION_REPLY:
		return resolution_flags;
	case NHRP_REGISTRATION_REQUEST:
	case NHRP_REGISTRATION_REPLY:
		return registration_flags;
	default:
		return purge_flags;
	}
}

static void add_flags(const struct nhrp_packet *p, struct strbuf *out)
{
	uint16_t left = p->flags;

	strbuf_adds(out, " (M) flags: \"");
	for (const struct flag_name *f = flag_names(p->type); f->name; f++) {
		if (p->flags & f->bit)
			strbuf_adds(out, f->name);
		left &= (uint16_t)~f->bit;
	}
	if (left)
		strbuf_printf(out, "0x%04x ", left);
	strbuf_printf(out, "%s\", reqid: %u\n", p->flags ? "" : "none", p->request_id);
}

static void add_text(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len; i++)
		strbuf_addc(out, bytes[i] < 128 && isprint(bytes[i]) ? (char)bytes[i] : '.');
}

static void add_bytes(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (i % BYTES_PER_LINE == 0)
			strbuf_adds(out, i ? "\n       " : "       ");
		strbuf_printf(out, " %02x", bytes[i]);
	}
	if (len)
		strbuf_addc(out, '\n');
}

static void add_fixed(const struct nhrp_packet *p, const uint8_t *bytes, struct strbuf *out)
{
	struct reader r = reader_over(bytes, NHRP_FIXED_LEN);

	read_skip(&r, 10);
	uint16_t size = read_u16(&r);
	read_skip(&r, 2);
	uint16_t extensions = read_u16(&r);
	strbuf_printf(out, " (F) afn: %s(%u), type: %s(%X), hop: %u, ver: 1\n",
	              p->afn == AFN_V4 ? "AF_IP" : "AF_IP6", p->afn,
	              p->proto_type == PROTO_V4 ? "IP" : "IPV6", p->proto_type, p->hops);
	strbuf_printf(out, "     shtl: %zu(NSAP), sstl: 0(NSAP)\n", addr_len(&p->src_nbma));
	strbuf_printf(out, "     pktsz: %u extoff: %u\n", size, extensions);
}

static void add_contents(const struct nhrp_packet *p, struct strbuf *out)
{
	if (p->type == NHRP_TRAFFIC_INDICATION) {
		strbuf_adds(out, "     Contents of nhrp traffic indication packet:\n");
		add_bytes(p->contents, p->contents_len, out);
		return;
	}
	/* A packet in error has its password in its extensions: of it the fixed part is shown. */
	size_t shown = p->contents_len < NHRP_FIXED_LEN ? p->contents_len : NHRP_FIXED_LEN;
	strbuf_printf(out, "     Contents of error packet (%zu of %zu bytes):\n", shown,
	              p->contents_len);
	add_bytes(p->contents, shown, out);
}

static void add_mandatory(const struct nhrp_packet *p, struct strbuf *out)
{
	char nbma[ADDR_TEXT_LEN], src[ADDR_TEXT_LEN], dst[ADDR_TEXT_LEN];

	if (p->type == NHRP_TRAFFIC_INDICATION)
		strbuf_printf(out, " (M) traffic code: redirect(%u)\n", p->request_id >> 16);
	else if (p->type == NHRP_ERROR_INDICATION)
		strbuf_printf(out, " (M) error code: %s(%u), offset: %u\n",
		              nhrp_error_name(p->error), p->error, p->error_offset);
	else
		add_flags(p, out);
	strbuf_printf(out, "     src NBMA: %s\n", addr_format(&p->src_nbma, nbma));
	strbuf_printf(out, "     src protocol: %s, dst protocol: %s\n",
	              addr_format(&p->src_proto, src), addr_format(&p->dst_proto, dst));
	if (p->type == NHRP_TRAFFIC_INDICATION || p->type == NHRP_ERROR_INDICATION)
		add_contents(p, out);
}

/* number: in the packet, from 1; 0: of an extension. */
static void add_cie(size_t number, const struct nhrp_cie *cie, struct strbuf *out)
{
	char text[ADDR_TEXT_LEN];

	strbuf_adds(out, " (C");
	if (number)
		strbuf_printf(out, "-%zu", number);
	strbuf_printf(out, ") code: %s(%u)\n", nhrp_code_name(cie->code), cie->code);
	strbuf_printf(out, "       prefix: %u, mtu: %u, hd_time: %u\n", cie->prefix_len,
	              cie->mtu_bytes, cie->holdtime_s);
	strbuf_printf(
		out, "       addr_len: %zu(NSAP), subaddr_len: 0(NSAP), proto_len: %zu, pref: %u\n",
		addr_len(&cie->nbma), addr_len(&cie->proto), cie->preference);
	if (!addr_is_none(&cie->nbma))
		strbuf_printf(out, "       client NBMA: %s\n", addr_format(&cie->nbma, text));
	if (!addr_is_none(&cie->proto))
		strbuf_printf(out, "       client protocol: %s\n", addr_format(&cie->proto, text));
}

static void add_cies(const struct nhrp_extension *e, struct strbuf *out)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	int n = nhrp_extension_cies(e, cie, NHRP_CIES_MAX);

	if (n < 0)
		strbuf_printf(out, "   malformed, %u bytes\n", e->value_len);
	for (int i = 0; i < n; i++)
		add_cie(0, &cie[i], out);
}

static void add_authentication(const struct nhrp_extension *e, struct strbuf *out)
{
	struct reader r = reader_over(e->value, e->value_len);
	uint32_t type = read_u32(&r);

	if (r.failed)
		strbuf_printf(out, "   malformed, %u bytes\n", e->value_len);
	else
		strbuf_printf(out, "   type:%s(%u), data:<hidden>\n",
		              type == TYPE_CLEARTEXT ? "Cleartext" : "unknown", type);
}

static void add_places(const struct nhrp_extension *e, struct strbuf *out)
{
	struct nhrp_place place[NHRP_PLACES_MAX];
	char proto[ADDR_TEXT_LEN], at[ADDR_TEXT_LEN];
	int n = nhrp_place_read(e, place, NHRP_PLACES_MAX);

	strbuf_adds(out, n < 0 ? ", malformed\n" : ", behind NAT\n");
	for (int i = 0; i < n; i++)
		strbuf_printf(out, "       client protocol: %s, UDP: %s port %u\n",
		              addr_format(&place[i].proto, proto),
		              addr_format(&place[i].place.addr, at), place[i].place.port);
}

static void add_vendor(const struct nhrp_extension *e, struct strbuf *out)
{
	struct reader r = reader_over(e->value, e->value_len);
	uint32_t oui = (uint32_t)read_u8(&r) << 16;
	oui |= read_u16(&r);

	if (r.failed) {
		strbuf_printf(out, "   malformed, %u bytes\n", e->value_len);
		return;
	}
	strbuf_printf(out, "   OUI: %02x-%02x-%02x", oui >> 16, oui >> 8 & 0xff, oui & 0xff);
	if (oui == NHRP_OUI_PLACE) {
		add_places(e, out);
		return;
	}
	uint8_t type = read_u8(&r);
	uint8_t len = read_u8(&r);
	const uint8_t *text = read_bytes(&r, len);
	if (oui == OUI_CISCO && type == VENDOR_GROUP && text) {
		strbuf_adds(out, ", NHRP group: ");
		add_text(text, len, out);
		strbuf_addc(out, '\n');
	} else {
		strbuf_printf(out, ", %u bytes\n", e->value_len);
	}
}

/* How an extension is called, and how its value is shown. */
struct extension_name {
	uint16_t type;
	const char *name;
	void (*add)(const struct nhrp_extension *e, struct strbuf *out);
};

static const struct extension_name extension_names[] = {
	{ NHRP_EXT_RESPONDER, "Responder Address", add_cies },
	{ NHRP_EXT_FORWARD_TRANSIT, "Forward Transit NHS Record", add_cies },
	{ NHRP_EXT_REVERSE_TRANSIT, "Reverse Transit NHS Record", add_cies },
	{ NHRP_EXT_AUTHENTICATION, "Authentication", add_authentication },
	{ NHRP_EXT_VENDOR, "Vendor Private", add_vendor },
	{ NHRP_EXT_NAT_ADDRESS, "NAT address", add_cies },
};

static void add_extension(const struct nhrp_extension *e, struct strbuf *out)
{
	for (size_t i = 0; i < sizeof extension_names / sizeof *extension_names; i++)
		if (extension_names[i].type == e->type) {
			strbuf_printf(out, " %s Extension(%u):\n", extension_names[i].name,
			              e->type);
			extension_names[i].add(e, out);
			return;
		}
	strbuf_printf(out, " Unknown%s Extension(%u): %u bytes\n",
	              e->compulsory ? " compulsory" : "", e->type, e->value_len);
}

void nhrp_dump(const uint8_t *bytes, size_t len, struct strbuf *out)
{
	struct nhrp_packet p;
	enum nhrp_wire_error error = nhrp_parse(bytes, len, &p);

	if (error) {
		strbuf_printf(out, " malformed: %s\n", nhrp_wire_error_text(error));
		return;
	}
	add_fixed(&p, bytes, out);
	add_mandatory(&p, out);
	for (size_t i = 0; i < p.n_cie; i++)
		add_cie(i + 1, &p.cie[i], out);
	for (size_t i = 0; i < p.n_ext; i++)
		add_extension(&p.ext[i], out);
}
