/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads any bytes as an NHRP packet, twice: as they are, and with size and checksum set right, so
 * that they get past them. What parses must build again, and parse to the same packet; its text
 * must be printable.
 */
#include <string.h>

#include "nhrp/dump.h"
#include "nhrp/place.h"
#include "nhrp/wire.h"
#include "util/check.h"
#include "util/checksum.h"
#include "util/writer.h"

enum { SIZE_AT = 10, CHECKSUM_AT = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void same_cie(const struct nhrp_cie *a, const struct nhrp_cie *b)
{
	check(a->code == b->code && a->prefix_len == b->prefix_len);
	check(a->mtu_bytes == b->mtu_bytes && a->holdtime_s == b->holdtime_s);
	check(a->preference == b->preference);
	check(addr_equal(&a->nbma, &b->nbma) && addr_equal(&a->proto, &b->proto));
}

static void same_extension(const struct nhrp_extension *a, const struct nhrp_extension *b)
{
	check(a->type == b->type && a->compulsory == b->compulsory);
	check(a->value_len == b->value_len && memcmp(a->value, b->value, a->value_len) == 0);
}

static void same_packet(const struct nhrp_packet *a, const struct nhrp_packet *b)
{
	check(a->type == b->type && a->hops == b->hops && a->flags == b->flags);
	check(a->afn == b->afn && a->proto_type == b->proto_type);
	check(a->request_id == b->request_id);
	check(a->error == b->error && a->error_offset == b->error_offset);
	check(addr_equal(&a->src_nbma, &b->src_nbma));
	check(addr_equal(&a->src_proto, &b->src_proto));
	check(addr_equal(&a->dst_proto, &b->dst_proto));
	check(a->n_cie == b->n_cie && a->n_ext == b->n_ext);
	check(a->has_extensions == b->has_extensions);
	check(a->contents_len == b->contents_len);
	check(!a->contents_len || memcmp(a->contents, b->contents, a->contents_len) == 0);
	for (size_t i = 0; i < a->n_cie; i++)
		same_cie(&a->cie[i], &b->cie[i]);
	for (size_t i = 0; i < a->n_ext; i++)
		same_extension(&a->ext[i], &b->ext[i]);
}

static void see_extension(const struct nhrp_extension *e)
{
	struct nhrp_cie cie[NHRP_CIES_MAX];
	uint8_t built[64];
	int n = nhrp_extension_cies(e, cie, NHRP_CIES_MAX);

	for (int i = 0; i < n; i++) {
		struct nhrp_cie again;
		struct nhrp_extension one = { .value = built };
		one.value_len = (uint16_t)nhrp_cie_build(&cie[i], built, sizeof built);
		check(nhrp_extension_cies(&one, &again, 1) == 1);
		same_cie(&cie[i], &again);
	}
}

static void see_places(const struct nhrp_packet *p)
{
	const struct nhrp_extension *e = nhrp_place_extension(p);
	struct nhrp_place place[NHRP_PLACES_MAX];
	uint8_t built[NHRP_OUI_LEN + NHRP_PLACE_LEN_MAX];
	int n = e ? nhrp_place_read(e, place, NHRP_PLACES_MAX) : 0;

	for (int i = 0; i < n; i++) {
		struct nhrp_extension one = { .type = NHRP_EXT_VENDOR, .value = built };
		struct nhrp_place again;
		memcpy(built, e->value, NHRP_OUI_LEN);
		size_t len = nhrp_place_build(&place[i], built + NHRP_OUI_LEN, NHRP_PLACE_LEN_MAX);
		one.value_len = (uint16_t)(NHRP_OUI_LEN + len);
		check(len && nhrp_place_read(&one, &again, 1) == 1);
		check(addr_equal(&again.proto, &place[i].proto));
		check(udp_place_equal(&again.place, &place[i].place));
	}
}

static void see_packet(const struct nhrp_packet *p)
{
	uint8_t built[NHRP_PACKET_MAX];
	struct nhrp_packet again;

	for (size_t i = 0; i < p->n_ext; i++)
		see_extension(&p->ext[i]);
	see_places(p);
	for (size_t i = 0; i < p->n_cie; i++)
		check(nhrp_cie_prefix_len(&p->cie[i], p) <= 128);
	size_t len = nhrp_build(p, built, sizeof built);
	if (!len) {
		/* An Error Indication grows by its padding. */
		check(p->type == NHRP_ERROR_INDICATION);
		check(p->contents_len + NHRP_ERROR_PADDING_LEN + NHRP_FIXED_LEN >
		      NHRP_PACKET_MAX - 100);
		return;
	}
	check(nhrp_parse(built, len, &again) == NHRP_WIRE_OK);
	same_packet(p, &again);
}

static void see_text(const uint8_t *bytes, size_t len)
{
	struct strbuf text;

	strbuf_init(&text);
	nhrp_dump(bytes, len, &text);
	check(text.len && text.text[text.len - 1] == '\n');
	for (size_t i = 0; i < text.len; i++)
		check(text.text[i] == '\n' || (text.text[i] >= ' ' && text.text[i] <= '~'));
	strbuf_fini(&text);
}

static void see(const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;

	if (nhrp_parse(bytes, len, &p) == NHRP_WIRE_OK)
		see_packet(&p);
	see_text(bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t sealed[NHRP_PACKET_MAX];

	see(bytes, len);
	if (len < NHRP_FIXED_LEN || len > sizeof sealed)
		return 0;
	struct writer w = writer_over(sealed, sizeof sealed);
	write_bytes(&w, bytes, len);
	write_u16_at(&w, SIZE_AT, (uint16_t)len);
	write_u16_at(&w, CHECKSUM_AT, 0);
	write_u16_at(&w, CHECKSUM_AT, checksum(sealed, len));
	see(sealed, len);
	return 0;
}
