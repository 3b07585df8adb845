/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NHRP packets from bytes and to bytes: RFC 2332 5.2 (mandatory part), 5.3 (extensions), and
 * Cisco's Traffic Indication, whose body is like an Error Indication's with the code and offset
 * zero. Pure functions; any thread.
 *
 * Parsing is strict about structure (lengths, checksum, families, the End extension) and liberal
 * about values (codes, flags, prefix lengths, unused fields): those are the node's to judge.
 */
#include "nhrp/wire.h"

#include <string.h>

#include "util/check.h"
#include "util/checksum.h"
#include "util/reader.h"
#include "util/writer.h"

enum {
	VERSION = 1,
	AFN_V4 = 1,
	AFN_V6 = 2,
	PROTO_V4 = 0x0800,
	PROTO_V6 = 0x86dd,
	SNAP_LEN = 5,
	SIZE_AT = 10,
	CHECKSUM_AT = 12,
	EXTENSIONS_AT = 14,
	/* RFC 2332 5.2: the lower six bits of a type/length field are the length. */
	TL_LEN_MASK = 0x3f,
};

/* What only the reader of the fixed header needs to know. */
struct layout {
	size_t size, extensions; /* of the packet; offset of the extension part, 0: there is none */
	size_t src_nbma_len, src_subaddr_len;
};

static bool has_contents(uint8_t type)
{
	return type == NHRP_ERROR_INDICATION || type == NHRP_TRAFFIC_INDICATION;
}

static size_t afn_len(uint16_t afn)
{
	return afn == AFN_V4 ? ADDR_V4_LEN : afn == AFN_V6 ? ADDR_V6_LEN : 0;
}

static size_t proto_type_len(uint16_t proto_type)
{
	return proto_type == PROTO_V4 ? ADDR_V4_LEN : proto_type == PROTO_V6 ? ADDR_V6_LEN : 0;
}

/* An address may be absent; one that is there has its family's length. */
static bool length_fits(size_t len, size_t family_len)
{
	return len == 0 || len == family_len;
}

static enum nhrp_wire_error parse_fixed(const uint8_t *bytes, size_t len, struct nhrp_packet *p,
                                        struct layout *l)
{
	struct reader r = reader_over(bytes, len);
	uint16_t afn = read_u16(&r);

	p->proto_type = read_u16(&r);
	read_skip(&r, SNAP_LEN);
	p->hops = read_u8(&r);
	l->size = read_u16(&r);
	read_skip(&r, 2); /* checksum: over the whole packet, below */
	l->extensions = read_u16(&r);
	uint8_t version = read_u8(&r);
	p->type = read_u8(&r);
	l->src_nbma_len = read_u8(&r) & TL_LEN_MASK;
	l->src_subaddr_len = read_u8(&r) & TL_LEN_MASK;

	if (r.failed)
		return NHRP_WIRE_SHORT;
	if (version != VERSION)
		return NHRP_WIRE_VERSION;
	if (p->type == 0 || p->type >= NHRP_TYPES)
		return NHRP_WIRE_TYPE;
	if (!afn_len(afn) || !proto_type_len(p->proto_type))
		return NHRP_WIRE_FAMILY;
	p->afn = (uint8_t)afn;
	if (l->size > NHRP_PACKET_MAX)
		return NHRP_WIRE_LONG;
	if (l->size < NHRP_FIXED_LEN || l->size > len)
		return NHRP_WIRE_SIZE;
	if (checksum(bytes, l->size) != 0)
		return NHRP_WIRE_CHECKSUM;
	p->has_extensions = l->extensions != 0;
	if (p->has_extensions && (l->extensions < NHRP_FIXED_LEN || l->extensions >= l->size))
		return NHRP_WIRE_EXTENSIONS;
	return NHRP_WIRE_OK;
}

/* The common header of RFC 2332 5.2.0.1, and 5.2.7's. */
static enum nhrp_wire_error parse_common(struct reader *r, const struct layout *l,
                                         struct nhrp_packet *p)
{
	size_t src_len = read_u8(r), dst_len = read_u8(r);

	p->flags = read_u16(r);
	if (p->type == NHRP_ERROR_INDICATION) {
		p->error = read_u16(r);
		p->error_offset = read_u16(r);
	} else {
		p->request_id = read_u32(r);
	}
	if (r->failed)
		return NHRP_WIRE_SHORT;
	if (!length_fits(l->src_nbma_len, afn_len(p->afn)) ||
	    !length_fits(src_len, proto_type_len(p->proto_type)) ||
	    !length_fits(dst_len, proto_type_len(p->proto_type)))
		return NHRP_WIRE_ADDRESS;
	p->src_nbma = read_addr(r, l->src_nbma_len);
	read_skip(r, l->src_subaddr_len);
	p->src_proto = read_addr(r, src_len);
	p->dst_proto = read_addr(r, dst_len);
	return r->failed ? NHRP_WIRE_SHORT : NHRP_WIRE_OK;
}

static enum nhrp_wire_error parse_cie(struct reader *r, struct nhrp_cie *ret)
{
	ret->code = read_u8(r);
	ret->prefix_len = read_u8(r);
	read_skip(r, 2); /* unused */
	ret->mtu_bytes = read_u16(r);
	ret->holdtime_s = read_u16(r);
	size_t nbma_len = read_u8(r) & TL_LEN_MASK;
	size_t subaddr_len = read_u8(r) & TL_LEN_MASK;
	size_t proto_len = read_u8(r);
	ret->preference = read_u8(r);
	if (r->failed)
		return NHRP_WIRE_SHORT;
	if ((nbma_len != ADDR_V4_LEN && !length_fits(nbma_len, ADDR_V6_LEN)) ||
	    (proto_len != ADDR_V4_LEN && !length_fits(proto_len, ADDR_V6_LEN)))
		return NHRP_WIRE_ADDRESS;
	ret->nbma = read_addr(r, nbma_len);
	read_skip(r, subaddr_len);
	ret->proto = read_addr(r, proto_len);
	return r->failed ? NHRP_WIRE_SHORT : NHRP_WIRE_OK;
}

static enum nhrp_wire_error parse_cies(struct reader *r, struct nhrp_packet *p)
{
	while (reader_left(r)) {
		if (p->n_cie == NHRP_CIES_MAX)
			return NHRP_WIRE_CIES;
		struct nhrp_cie *cie = &p->cie[p->n_cie++];
		enum nhrp_wire_error error = parse_cie(r, cie);
		if (error)
			return error;
		if (!length_fits(addr_len(&cie->nbma), afn_len(p->afn)) ||
		    !length_fits(addr_len(&cie->proto), proto_type_len(p->proto_type)))
			return NHRP_WIRE_ADDRESS;
	}
	return NHRP_WIRE_OK;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

static void parse_contents(struct reader *r, struct nhrp_packet *p)
{
	p->contents_len = reader_left(r);
	p->contents = read_bytes(r, p->contents_len);
	/* What the sender's build put behind the packet in error is not part of it. */
	if (p->type == NHRP_ERROR_INDICATION && !p->has_extensions &&
	    p->contents_len >= NHRP_ERROR_PADDING_LEN) {
		size_t len = p->contents_len - NHRP_ERROR_PADDING_LEN;
		if (is_zero(p->contents + len, NHRP_ERROR_PADDING_LEN))
			p->contents_len = len;
	}
}

static bool parse_extensions(struct reader *r, struct nhrp_packet *p)
{
	for (;;) {
		uint16_t type = read_u16(r);
		uint16_t len = read_u16(r);
		const uint8_t *value = read_bytes(r, len);

		if (r->failed)
			return false;
		if ((type & NHRP_EXT_TYPE_MASK) == NHRP_EXT_END)
			return true;
		if (p->n_ext == NHRP_EXTENSIONS_MAX)
			return false;
		p->ext[p->n_ext++] = (struct nhrp_extension){
			.type = type & NHRP_EXT_TYPE_MASK,
			.compulsory = type & NHRP_EXT_COMPULSORY,
			.value = value,
			.value_len = len,
		};
	}
}

enum nhrp_wire_error nhrp_parse(const uint8_t *bytes, size_t len, struct nhrp_packet *ret)
{
	struct nhrp_packet p = { 0 };
	struct layout l;
	enum nhrp_wire_error error = parse_fixed(bytes, len, &p, &l);

	if (error)
		return error;
	size_t mandatory_end = p.has_extensions ? l.extensions : l.size;
	struct reader r = reader_over(bytes + NHRP_FIXED_LEN, mandatory_end - NHRP_FIXED_LEN);
	error = parse_common(&r, &l, &p);
	if (error)
		return error;
	if (has_contents(p.type))
		parse_contents(&r, &p);
	else
		error = parse_cies(&r, &p);
	if (error)
		return error;
	r = reader_over(bytes + mandatory_end, l.size - mandatory_end);
	if (p.has_extensions && !parse_extensions(&r, &p))
		return NHRP_WIRE_EXTENSIONS;
	/* RFC 2332 5.2.7: no extensions may be added to an Error Indication. Some do: they are
	 * ignored. */
	if (p.type == NHRP_ERROR_INDICATION) {
		p.n_ext = 0;
		p.has_extensions = false;
	}
	*ret = p;
	return NHRP_WIRE_OK;
}

static void write_cie(struct writer *w, const struct nhrp_cie *cie)
{
	write_u8(w, cie->code);
	write_u8(w, cie->prefix_len);
	write_u16(w, 0);
	write_u16(w, cie->mtu_bytes);
	write_u16(w, cie->holdtime_s);
	write_u8(w, (uint8_t)addr_len(&cie->nbma));
	write_u8(w, 0);
	write_u8(w, (uint8_t)addr_len(&cie->proto));
	write_u8(w, cie->preference);
	write_addr(w, &cie->nbma);
	write_addr(w, &cie->proto);
}

static void write_fixed(struct writer *w, const struct nhrp_packet *p)
{
	write_u16(w, p->afn);
	write_u16(w, p->proto_type);
	write_zero(w, SNAP_LEN);
	write_u8(w, p->hops);
	write_zero(w, 6); /* size, checksum and extension offset follow when they are known */
	write_u8(w, VERSION);
	write_u8(w, p->type);
	write_u8(w, (uint8_t)addr_len(&p->src_nbma));
	write_u8(w, 0);
}

static void write_mandatory(struct writer *w, const struct nhrp_packet *p)
{
	write_u8(w, (uint8_t)addr_len(&p->src_proto));
	write_u8(w, (uint8_t)addr_len(&p->dst_proto));
	write_u16(w, p->flags);
	if (p->type == NHRP_ERROR_INDICATION) {
		write_u16(w, p->error);
		write_u16(w, p->error_offset);
	} else {
		write_u32(w, p->request_id);
	}
	write_addr(w, &p->src_nbma);
	write_addr(w, &p->src_proto);
	write_addr(w, &p->dst_proto);
	if (has_contents(p->type))
		write_bytes(w, p->contents, p->contents_len);
	else
		for (size_t i = 0; i < p->n_cie; i++)
			write_cie(w, &p->cie[i]);
	if (p->type == NHRP_ERROR_INDICATION)
		write_zero(w, NHRP_ERROR_PADDING_LEN);
}

static void write_extensions(struct writer *w, const struct nhrp_packet *p)
{
	write_u16_at(w, EXTENSIONS_AT, (uint16_t)writer_len(w));
	for (size_t i = 0; i < p->n_ext; i++) {
		const struct nhrp_extension *e = &p->ext[i];
		write_u16(w, e->compulsory ? e->type | NHRP_EXT_COMPULSORY : e->type);
		write_u16(w, e->value_len);
		write_bytes(w, e->value, e->value_len);
	}
	write_u16(w, NHRP_EXT_END | NHRP_EXT_COMPULSORY);
	write_u16(w, 0);
}

size_t nhrp_build(const struct nhrp_packet *packet, uint8_t *bytes, size_t size)
{
	struct writer w = writer_over(bytes, size < NHRP_PACKET_MAX ? size : NHRP_PACKET_MAX);

	check(packet->n_cie <= NHRP_CIES_MAX && packet->n_ext <= NHRP_EXTENSIONS_MAX);
	write_fixed(&w, packet);
	write_mandatory(&w, packet);
	if (packet->has_extensions && packet->type != NHRP_ERROR_INDICATION)
		write_extensions(&w, packet);
	if (w.failed)
		return 0;
	size_t len = writer_len(&w);
	write_u16_at(&w, SIZE_AT, (uint16_t)len);
	write_u16_at(&w, CHECKSUM_AT, checksum(bytes, len));
	return len;
}

const struct nhrp_extension *nhrp_extension_find(const struct nhrp_packet *packet, uint16_t type)
{
	for (size_t i = 0; i < packet->n_ext; i++)
		if (packet->ext[i].type == type)
			return &packet->ext[i];
	return NULL;
}

bool nhrp_extension_set(struct nhrp_packet *packet, struct nhrp_extension ext)
{
	packet->has_extensions = true;
	for (size_t i = 0; i < packet->n_ext; i++)
		if (packet->ext[i].type == ext.type) {
			packet->ext[i] = ext;
			return true;
		}
	if (packet->n_ext == NHRP_EXTENSIONS_MAX)
		return false;
	packet->ext[packet->n_ext++] = ext;
	return true;
}

void nhrp_extension_del(struct nhrp_packet *packet, uint16_t type)
{
	size_t kept = 0;

	for (size_t i = 0; i < packet->n_ext; i++)
		if (packet->ext[i].type != type)
			packet->ext[kept++] = packet->ext[i];
	packet->n_ext = kept;
}

int nhrp_extension_cies(const struct nhrp_extension *ext, struct nhrp_cie *ret, size_t max)
{
	struct reader r = reader_over(ext->value, ext->value_len);
	size_t n = 0;

	while (reader_left(&r)) {
		struct nhrp_cie cie;
		if (parse_cie(&r, &cie) != NHRP_WIRE_OK)
			return -1;
		if (n < max)
			ret[n++] = cie;
	}
	return (int)n;
}

size_t nhrp_cie_build(const struct nhrp_cie *cie, uint8_t *bytes, size_t size)
{
	struct writer w = writer_over(bytes, size);

	write_cie(&w, cie);
	return w.failed ? 0 : writer_len(&w);
}

uint8_t nhrp_cie_prefix_len(const struct nhrp_cie *cie, const struct nhrp_packet *packet)
{
	uint8_t bits = (uint8_t)(proto_type_len(packet->proto_type) * 8);

	return cie->prefix_len == 0 || cie->prefix_len > bits ? bits : cie->prefix_len;
}

const char *nhrp_type_name(uint8_t type)
{
	static const char *const name[NHRP_TYPES] = {
		[NHRP_RESOLUTION_REQUEST] = "Resolution Request",
		[NHRP_RESOLUTION_REPLY] = "Resolution Reply",
		[NHRP_REGISTRATION_REQUEST] = "Registration Request",
		[NHRP_REGISTRATION_REPLY] = "Registration Reply",
		[NHRP_PURGE_REQUEST] = "Purge Request",
		[NHRP_PURGE_REPLY] = "Purge Reply",
		[NHRP_ERROR_INDICATION] = "Error Indication",
		[NHRP_TRAFFIC_INDICATION] = "Traffic Indication",
	};

	return type < NHRP_TYPES && name[type] ? name[type] : "unknown";
}

const char *nhrp_code_name(uint8_t code)
{
	switch (code) {
	case NHRP_CODE_SUCCESS:
		return "no error";
	case NHRP_CODE_PROHIBITED:
		return "administratively prohibited";
	case NHRP_CODE_NO_RESOURCES:
		return "insufficient resources";
	case NHRP_CODE_NO_BINDING:
		return "no binding exists";
	case NHRP_CODE_NOT_UNIQUE:
		return "binding exists but is not unique";
	case NHRP_CODE_UNIQUE_REGISTERED:
		return "unique address registered already";
	default:
		return "unknown";
	}
}

const char *nhrp_error_name(uint16_t error)
{
	switch (error) {
	case NHRP_ERROR_UNRECOGNIZED_EXTENSION:
		return "unrecognized extension";
	case NHRP_ERROR_LOOP:
		return "loop detected";
	case NHRP_ERROR_UNREACHABLE:
		return "protocol address unreachable";
	case NHRP_ERROR_PROTOCOL:
		return "protocol error";
	case NHRP_ERROR_SDU_SIZE:
		return "SDU size exceeded";
	case NHRP_ERROR_INVALID_EXTENSION:
		return "invalid extension";
	case NHRP_ERROR_INVALID_REPLY:
		return "invalid resolution reply received";
	case NHRP_ERROR_AUTHENTICATION:
		return "authentication failure";
	case NHRP_ERROR_HOP_COUNT:
		return "hop count exceeded";
	default:
		return "unknown";
	}
}

const char *nhrp_wire_error_text(enum nhrp_wire_error error)
{
	static const char *const text[NHRP_WIRE_ERRORS_N] = {
#define X(id, name, text) [id] = text,
		NHRP_WIRE_ERRORS(X)
#undef X
	};

	return error < NHRP_WIRE_ERRORS_N ? text[error] : "unknown";
}
