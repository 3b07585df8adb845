/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nhrp/wire.h"
#include "util/checksum.h"
#include "util/writer.h"

/* 105 bytes of a registration by 192.0.2.2 (10.0.0.2) with its NHS 192.0.2.1 (10.0.0.1). */
static const uint8_t registration[] = {
	/* fixed part: hop count 255, size 105, extensions at 52 */
	0x00, 0x01, 0x08, 0x00, 0, 0, 0, 0, 0, 0xff, 0x00, 0x69, 0x0f, 0xbf, 0x00, 0x34, 1, 3, 4, 0,
	/* unique, NAT supported; request id 1 */
	4, 4, 0x80, 0x02, 0, 0, 0, 1, 192, 0, 2, 2, 10, 0, 0, 2, 10, 0, 0, 1,
	/* CIE: /32, MTU 17916, 7200 s, preference 255 */
	0, 32, 0, 0, 0x45, 0xfc, 0x1c, 0x20, 0, 0, 0, 0xff,
	/* responder, forward and reverse transit */
	0x80, 3, 0, 0, 0x80, 4, 0, 0, 0x80, 5, 0, 0,
	/* authentication "DMVPN" */
	0x80, 7, 0, 9, 0, 0, 0, 1, 'D', 'M', 'V', 'P', 'N',
	/* NAT address: the NHS */
	0x00, 9, 0, 20, 0, 32, 0, 0, 0x45, 0xfc, 0, 0, 4, 0, 4, 0xff, 192, 0, 2, 1, 10, 0, 0, 1,
	/* end */
	0x80, 0, 0, 0
};

/* A redirect by 192.0.2.1 (10.0.0.1) to 10.0.0.3, which sent an ICMP echo to 10.0.0.2. */
static const uint8_t indication[] = {
	/* fixed part: hop count 255, size 84, extensions at 68 */
	0x00, 0x01, 0x08, 0x00, 0, 0, 0, 0, 0, 0xff, 0x00, 0x54, 0x5c, 0xe6, 0x00, 0x44, 1, 8, 4, 0,
	/* no flags, code 0, offset 0 */
	4, 4, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1, 10, 0, 0, 1, 10, 0, 0, 3,
	/* contents: an IPv4 header and 8 bytes */
	0x45, 0, 0, 100, 0, 5, 0, 0, 255, 1, 0xa7, 0x8f, 10, 0, 0, 3, 10, 0, 0, 2, 8, 0, 0x32, 0x5b,
	0, 1, 0, 0,
	/* forward and reverse transit, NAT address, end */
	0x80, 4, 0, 0, 0x80, 5, 0, 0, 0x00, 9, 0, 0, 0x80, 0, 0, 0
};

static struct nhrp_packet parsed(const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p;

	assert_string_equal(nhrp_wire_error_text(nhrp_parse(bytes, len, &p)), "no error");
	return p;
}

static void expect_addr(struct addr got, struct addr want)
{
	assert_true(addr_equal(&got, &want));
}

static void expect_cie(const struct nhrp_cie *got, const struct nhrp_cie *want)
{
	assert_int_equal(got->code, want->code);
	assert_int_equal(got->prefix_len, want->prefix_len);
	assert_int_equal(got->mtu_bytes, want->mtu_bytes);
	assert_int_equal(got->holdtime_s, want->holdtime_s);
	assert_int_equal(got->preference, want->preference);
	expect_addr(got->nbma, want->nbma);
	expect_addr(got->proto, want->proto);
}

static void expect_rebuild(const uint8_t *bytes, size_t len)
{
	struct nhrp_packet p = parsed(bytes, len);
	uint8_t again[NHRP_PACKET_MAX];

	assert_int_equal(nhrp_build(&p, again, sizeof again), len);
	assert_memory_equal(again, bytes, len);
}

/* A copy that a test may spoil; resealed: with a checksum that is right again. */
struct spoilt {
	uint8_t bytes[NHRP_PACKET_MAX + 100];
	size_t len;
};

static struct spoilt copy_of(const uint8_t *bytes, size_t len)
{
	struct spoilt s = { .len = len };

	memcpy(s.bytes, bytes, len);
	return s;
}

static void put_u16(struct spoilt *s, size_t at, uint16_t value)
{
	s->bytes[at] = (uint8_t)(value >> 8);
	s->bytes[at + 1] = (uint8_t)value;
}

static void reseal(struct spoilt *s)
{
	put_u16(s, 12, 0);
	put_u16(s, 12, checksum(s->bytes, s->len));
}

static void expect_error(const struct spoilt *s, enum nhrp_wire_error want)
{
	struct nhrp_packet p = { .request_id = 4711 };
	uint8_t *exact = malloc(s->len ? s->len : 1); /* so that ASan sees a read too far */

	memcpy(exact, s->bytes, s->len);
	assert_string_equal(nhrp_wire_error_text(nhrp_parse(exact, s->len, &p)),
	                    nhrp_wire_error_text(want));
	assert_int_equal(p.request_id, 4711);
	free(exact);
}

static void expect_error_with_byte(size_t at, uint8_t value, enum nhrp_wire_error want)
{
	struct spoilt s = copy_of(registration, sizeof registration);

	s.bytes[at] = value;
	reseal(&s);
	expect_error(&s, want);
}

static void test_registration(void **state)
{
	struct nhrp_packet p = parsed(registration, sizeof registration);
	struct nhrp_cie cie[2];

	(void)state;
	assert_int_equal(p.type, NHRP_REGISTRATION_REQUEST);
	assert_int_equal(p.hops, 255);
	assert_int_equal(p.afn, 1);
	assert_int_equal(p.proto_type, 0x0800);
	assert_int_equal(p.flags, NHRP_REGISTRATION_UNIQUE | NHRP_CISCO_NAT);
	assert_int_equal(p.request_id, 1);
	expect_addr(p.src_nbma, addr_v4(192, 0, 2, 2));
	expect_addr(p.src_proto, addr_v4(10, 0, 0, 2));
	expect_addr(p.dst_proto, addr_v4(10, 0, 0, 1));
	assert_int_equal(p.n_cie, 1);
	assert_int_equal(p.cie[0].prefix_len, 32);
	assert_int_equal(p.cie[0].mtu_bytes, 17916);
	assert_int_equal(p.cie[0].holdtime_s, 7200);
	assert_int_equal(p.cie[0].preference, 255);
	assert_true(addr_is_none(&p.cie[0].nbma) && addr_is_none(&p.cie[0].proto));
	assert_int_equal(p.n_ext, 5);
	const struct nhrp_extension *auth = nhrp_extension_find(&p, NHRP_EXT_AUTHENTICATION);
	assert_int_equal(auth->value_len, 9);
	assert_true(auth->compulsory);
	assert_memory_equal(auth->value + 4, "DMVPN", 5);
	const struct nhrp_extension *nat = nhrp_extension_find(&p, NHRP_EXT_NAT_ADDRESS);
	assert_false(nat->compulsory);
	assert_int_equal(nhrp_extension_cies(nat, cie, 2), 1);
	expect_addr(cie[0].nbma, addr_v4(192, 0, 2, 1));
	expect_addr(cie[0].proto, addr_v4(10, 0, 0, 1));
	assert_null(nhrp_extension_find(&p, NHRP_EXT_VENDOR));
	expect_rebuild(registration, sizeof registration);
}

static void test_indication(void **state)
{
	struct nhrp_packet p = parsed(indication, sizeof indication);

	(void)state;
	assert_int_equal(p.type, NHRP_TRAFFIC_INDICATION);
	assert_int_equal(p.n_cie, 0);
	assert_int_equal(p.contents_len, NHRP_INDICATION_CONTENTS_LEN);
	assert_memory_equal(p.contents, indication + 40, NHRP_INDICATION_CONTENTS_LEN);
	assert_int_equal(p.n_ext, 3);
	expect_rebuild(indication, sizeof indication);
}

static struct nhrp_packet an_error(const uint8_t *contents, size_t len)
{
	return (struct nhrp_packet){
		.type = NHRP_ERROR_INDICATION,
		.hops = NHRP_HOPS,
		.afn = 1,
		.proto_type = 0x0800,
		.error = NHRP_ERROR_HOP_COUNT,
		.error_offset = 9,
		.src_nbma = addr_v4(192, 0, 2, 1),
		.src_proto = addr_v4(10, 0, 0, 1),
		.dst_proto = addr_v4(10, 0, 0, 2),
		.contents = contents,
		.contents_len = len,
	};
}

static void test_error_indication(void **state)
{
	static const uint8_t zero[40];
	struct nhrp_packet p = an_error(registration, sizeof registration);
	uint8_t bytes[NHRP_PACKET_MAX];
	size_t len = nhrp_build(&p, bytes, sizeof bytes);

	(void)state;
	/* IOS wants zeroes behind the packet in error; they are not part of it. */
	assert_int_equal(len, 40 + sizeof registration + NHRP_ERROR_PADDING_LEN);
	assert_memory_equal(bytes + len - NHRP_ERROR_PADDING_LEN, zero, NHRP_ERROR_PADDING_LEN);
	struct nhrp_packet again = parsed(bytes, len);
	assert_int_equal(again.error, NHRP_ERROR_HOP_COUNT);
	assert_int_equal(again.error_offset, 9);
	assert_int_equal(again.request_id, 0);
	assert_false(again.has_extensions);
	assert_int_equal(again.contents_len, sizeof registration);
	assert_memory_equal(again.contents, registration, sizeof registration);

	/* Zeroes of the contents' own are kept. */
	p = an_error(zero, sizeof zero);
	len = nhrp_build(&p, bytes, sizeof bytes);
	assert_int_equal(parsed(bytes, len).contents_len, sizeof zero);
}

static void test_error_indication_with_extensions(void **state)
{
	struct nhrp_packet p = { .has_extensions = true };
	struct spoilt s = copy_of(indication, sizeof indication);

	(void)state;
	/* RFC 2332 5.2.7 allows none; a sender's End is skipped. */
	s.bytes[17] = NHRP_ERROR_INDICATION;
	reseal(&s);
	p = parsed(s.bytes, s.len);
	assert_false(p.has_extensions);
	assert_int_equal(p.n_ext, 0);
	assert_int_equal(p.contents_len, NHRP_INDICATION_CONTENTS_LEN);
	p.has_extensions = true;
	size_t len = nhrp_build(&p, s.bytes, sizeof s.bytes);
	assert_int_equal(len, 40 + NHRP_INDICATION_CONTENTS_LEN + NHRP_ERROR_PADDING_LEN);
	assert_int_equal(s.bytes[14] << 8 | s.bytes[15], 0);
}

static void test_ipv6(void **state)
{
	struct nhrp_packet p = { .type = NHRP_RESOLUTION_REPLY,
		                 .hops = 255,
		                 .afn = 2,
		                 .proto_type = 0x86dd,
		                 .request_id = 0x01020304,
		                 .n_cie = 2,
		                 .has_extensions = true };
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	addr_parse("2001:db8::2", &p.src_nbma);
	addr_parse("fd00::2", &p.src_proto);
	addr_parse("fd00::3", &p.dst_proto);
	p.cie[0] = (struct nhrp_cie){ .prefix_len = 64, .nbma = p.src_nbma, .proto = p.dst_proto };
	p.cie[1] = (struct nhrp_cie){ .code = NHRP_CODE_NO_BINDING, .proto = p.src_proto };
	size_t len = nhrp_build(&p, bytes, sizeof bytes);
	assert_int_equal(len, 20 + 8 + 48 + 44 + 28 + 4);
	struct nhrp_packet again = parsed(bytes, len);
	assert_int_equal(again.n_cie, 2);
	expect_cie(&again.cie[0], &p.cie[0]);
	expect_cie(&again.cie[1], &p.cie[1]);
	expect_addr(again.dst_proto, p.dst_proto);
	expect_rebuild(bytes, len);
}

static void test_no_extension_part(void **state)
{
	struct nhrp_packet p = parsed(registration, sizeof registration);
	uint8_t bytes[NHRP_PACKET_MAX];

	(void)state;
	p.has_extensions = false;
	assert_int_equal(nhrp_build(&p, bytes, sizeof bytes), 52);
	struct nhrp_packet again = parsed(bytes, 52);
	assert_false(again.has_extensions);
	assert_int_equal(again.n_ext, 0);
	assert_int_equal(again.n_cie, 1);
}

static void test_subaddresses_are_skipped(void **state)
{
	uint8_t bytes[100];
	struct writer w = writer_over(bytes, sizeof bytes);
	struct spoilt s;

	(void)state;
	write_bytes(&w, registration, 19);
	write_u8(&w, 0x42); /* E.164, 2 bytes */
	write_bytes(&w, registration + 20, 12);
	write_u16(&w, 0xbeef);
	write_bytes(&w, registration + 32, 8 + 8);
	write_u8(&w, 4);
	write_u8(&w, 3);
	write_u16(&w, 0x0400);
	write_u32(&w, 0x01010101);
	write_bytes(&w, "abc", 3);
	write_u32(&w, 0x02020202);
	write_u16_at(&w, 10, (uint16_t)writer_len(&w));
	write_u16_at(&w, 14, 0);
	s = copy_of(bytes, writer_len(&w));
	reseal(&s);
	struct nhrp_packet p = parsed(s.bytes, s.len);
	expect_addr(p.src_proto, addr_v4(10, 0, 0, 2));
	assert_int_equal(p.n_cie, 1);
	expect_addr(p.cie[0].nbma, addr_v4(1, 1, 1, 1));
	expect_addr(p.cie[0].proto, addr_v4(2, 2, 2, 2));
}

static void test_padding_is_ignored(void **state)
{
	struct spoilt s = copy_of(registration, sizeof registration);

	(void)state;
	s.len += 50;
	assert_int_equal(parsed(s.bytes, s.len).n_ext, 5);
}

static void test_every_cut_is_an_error(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof registration; len++) {
		struct spoilt s = copy_of(registration, len);
		expect_error(&s, len < NHRP_FIXED_LEN ? NHRP_WIRE_SHORT : NHRP_WIRE_SIZE);
		if (len < NHRP_FIXED_LEN)
			continue;
		put_u16(&s, 10, (uint16_t)len);
		reseal(&s);
		if (len <= 52) {
			expect_error(&s, NHRP_WIRE_EXTENSIONS);
			put_u16(&s, 14, 0);
			reseal(&s);
			if (len == 40 || len == 52)
				assert_int_equal(parsed(s.bytes, len).n_cie, len / 52);
			else
				expect_error(&s, NHRP_WIRE_SHORT);
		} else {
			expect_error(&s, NHRP_WIRE_EXTENSIONS);
		}
	}
}

static void test_every_flipped_byte_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof registration; i++) {
		struct spoilt s = copy_of(registration, sizeof registration);
		struct nhrp_packet p;
		s.bytes[i] ^= 0x20;
		assert_int_not_equal(nhrp_parse(s.bytes, s.len, &p), NHRP_WIRE_OK);
	}
}

static void test_fixed_part_errors(void **state)
{
	struct spoilt s = copy_of(registration, sizeof registration);

	(void)state;
	expect_error_with_byte(16, 0, NHRP_WIRE_VERSION);
	expect_error_with_byte(16, 2, NHRP_WIRE_VERSION);
	expect_error_with_byte(17, 0, NHRP_WIRE_TYPE);
	expect_error_with_byte(17, 9, NHRP_WIRE_TYPE);
	expect_error_with_byte(0, 1, NHRP_WIRE_FAMILY);
	expect_error_with_byte(1, 3, NHRP_WIRE_FAMILY);
	expect_error_with_byte(2, 9, NHRP_WIRE_FAMILY);
	expect_error_with_byte(11, 19, NHRP_WIRE_SIZE);
	expect_error_with_byte(11, sizeof registration + 1, NHRP_WIRE_SIZE);
	expect_error_with_byte(15, 19, NHRP_WIRE_EXTENSIONS);
	expect_error_with_byte(15, sizeof registration, NHRP_WIRE_EXTENSIONS);
	s.len = NHRP_PACKET_MAX + 1;
	put_u16(&s, 10, NHRP_PACKET_MAX + 1);
	reseal(&s);
	expect_error(&s, NHRP_WIRE_LONG);
}

static void test_address_errors(void **state)
{
	(void)state;
	expect_error_with_byte(18, 5, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(18, 16, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(20, 3, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(20, 16, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(21, 16, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(48, 5, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(50, 7, NHRP_WIRE_ADDRESS);
	expect_error_with_byte(48, 4, NHRP_WIRE_SHORT);
	expect_error_with_byte(49, 4, NHRP_WIRE_SHORT);
	expect_error_with_byte(19, 63, NHRP_WIRE_SHORT);
	/* A CIE of the other family: an IPv6 NBMA address in a packet of IPv4's. */
	struct spoilt s = copy_of(registration, 40 + 28);
	put_u16(&s, 10, 40 + 28);
	put_u16(&s, 14, 0);
	s.bytes[48] = 16;
	reseal(&s);
	expect_error(&s, NHRP_WIRE_ADDRESS);
	s.bytes[48] = 0;
	s.bytes[50] = 16;
	reseal(&s);
	expect_error(&s, NHRP_WIRE_ADDRESS);
}

static void test_limits(void **state)
{
	struct nhrp_packet p = parsed(registration, sizeof registration);
	struct spoilt s;

	(void)state;
	p.n_cie = NHRP_CIES_MAX;
	s.len = nhrp_build(&p, s.bytes, sizeof s.bytes);
	assert_int_equal(parsed(s.bytes, s.len).n_cie, NHRP_CIES_MAX);
	memmove(s.bytes + 52, s.bytes + 40, s.len - 40);
	s.len += 12;
	put_u16(&s, 10, (uint16_t)s.len);
	put_u16(&s, 14, 40 + 12 * (NHRP_CIES_MAX + 1));
	reseal(&s);
	expect_error(&s, NHRP_WIRE_CIES);

	p = parsed(registration, sizeof registration);
	for (uint16_t type = 100; p.n_ext < NHRP_EXTENSIONS_MAX; type++)
		assert_true(nhrp_extension_set(&p, (struct nhrp_extension){ .type = type }));
	assert_false(nhrp_extension_set(&p, (struct nhrp_extension){ .type = 99 }));
	s.len = nhrp_build(&p, s.bytes, sizeof s.bytes);
	assert_int_equal(parsed(s.bytes, s.len).n_ext, NHRP_EXTENSIONS_MAX);
	memmove(s.bytes + 56, s.bytes + 52, s.len - 52);
	s.len += 4;
	put_u16(&s, 10, (uint16_t)s.len);
	reseal(&s);
	expect_error(&s, NHRP_WIRE_EXTENSIONS);
}

static void test_build_needs_room(void **state)
{
	struct nhrp_packet p = parsed(registration, sizeof registration);
	uint8_t bytes[sizeof registration];
	uint8_t huge[NHRP_PACKET_MAX] = { 0 };
	uint8_t big[4000];

	(void)state;
	for (size_t size = 0; size < sizeof registration; size++)
		assert_int_equal(nhrp_build(&p, bytes, size), 0);
	assert_int_equal(nhrp_build(&p, bytes, sizeof bytes), sizeof bytes);
	nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_VENDOR,
	                                                .value = huge,
	                                                .value_len = sizeof huge });
	assert_int_equal(nhrp_build(&p, big, sizeof big), 0);
}

static void test_extension_set_keeps_the_order(void **state)
{
	static const uint8_t secret[] = { 0, 0, 0, 1, 'x' };
	struct nhrp_packet p = parsed(registration, sizeof registration);

	(void)state;
	assert_true(nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_AUTHENTICATION,
	                                                            .compulsory = true,
	                                                            .value = secret,
	                                                            .value_len = sizeof secret }));
	assert_int_equal(p.n_ext, 5);
	assert_int_equal(p.ext[3].type, NHRP_EXT_AUTHENTICATION);
	assert_int_equal(p.ext[3].value_len, 5);
	assert_true(nhrp_extension_set(&p, (struct nhrp_extension){ .type = NHRP_EXT_VENDOR }));
	assert_int_equal(p.n_ext, 6);
	assert_int_equal(p.ext[5].type, NHRP_EXT_VENDOR);
	nhrp_extension_del(&p, NHRP_EXT_AUTHENTICATION);
	nhrp_extension_del(&p, NHRP_EXT_AUTHENTICATION);
	assert_int_equal(p.n_ext, 5);
	assert_int_equal(p.ext[2].type, NHRP_EXT_REVERSE_TRANSIT);
	assert_int_equal(p.ext[3].type, NHRP_EXT_NAT_ADDRESS);
}

static void test_cies_of_an_extension(void **state)
{
	const struct nhrp_cie cie = { .prefix_len = 32,
		                      .mtu_bytes = 1400,
		                      .holdtime_s = 600,
		                      .nbma = addr_v4(192, 0, 2, 9),
		                      .proto = addr_v4(10, 0, 0, 9) };
	struct nhrp_cie got[2];
	uint8_t value[60];

	(void)state;
	assert_int_equal(nhrp_cie_build(&cie, value, 19), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(nhrp_cie_build(&cie, value + 20 * i, 20), 20);
	struct nhrp_extension ext = { .value = value, .value_len = 60 };
	assert_int_equal(nhrp_extension_cies(&ext, got, 2), 2);
	expect_cie(&got[1], &cie);
	ext.value_len = 0;
	assert_int_equal(nhrp_extension_cies(&ext, got, 2), 0);
	ext.value = NULL;
	assert_int_equal(nhrp_extension_cies(&ext, got, 2), 0);
	ext = (struct nhrp_extension){ .value = value, .value_len = 59 };
	assert_int_equal(nhrp_extension_cies(&ext, got, 2), -1);
	value[8] = 9;
	ext.value_len = 60;
	assert_int_equal(nhrp_extension_cies(&ext, got, 2), -1);
}

static void test_prefix_len(void **state)
{
	const struct nhrp_packet v4 = { .proto_type = 0x0800 }, v6 = { .proto_type = 0x86dd };
	const struct {
		uint8_t field, v4, v6;
	} row[] = { { 0, 32, 128 }, { 255, 32, 128 }, { 32, 32, 32 },
		    { 24, 24, 24 }, { 64, 32, 64 },   { 128, 32, 128 } };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct nhrp_cie cie = { .prefix_len = row[i].field };
		assert_int_equal(nhrp_cie_prefix_len(&cie, &v4), row[i].v4);
		assert_int_equal(nhrp_cie_prefix_len(&cie, &v6), row[i].v6);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(nhrp_type_name(NHRP_REGISTRATION_REQUEST), "Registration Request");
	assert_string_equal(nhrp_type_name(NHRP_TRAFFIC_INDICATION), "Traffic Indication");
	assert_string_equal(nhrp_type_name(0), "unknown");
	assert_string_equal(nhrp_type_name(NHRP_TYPES), "unknown");
	assert_string_equal(nhrp_code_name(NHRP_CODE_UNIQUE_REGISTERED),
	                    "unique address registered already");
	assert_string_equal(nhrp_code_name(200), "unknown");
	assert_string_equal(nhrp_error_name(NHRP_ERROR_LOOP), "loop detected");
	assert_string_equal(nhrp_error_name(2), "unknown");
	for (int e = 0; e < NHRP_WIRE_ERRORS_N; e++)
		assert_non_null(nhrp_wire_error_text((enum nhrp_wire_error)e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registration),
		cmocka_unit_test(test_indication),
		cmocka_unit_test(test_error_indication),
		cmocka_unit_test(test_error_indication_with_extensions),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_no_extension_part),
		cmocka_unit_test(test_subaddresses_are_skipped),
		cmocka_unit_test(test_padding_is_ignored),
		cmocka_unit_test(test_every_cut_is_an_error),
		cmocka_unit_test(test_every_flipped_byte_is_an_error),
		cmocka_unit_test(test_fixed_part_errors),
		cmocka_unit_test(test_address_errors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_build_needs_room),
		cmocka_unit_test(test_extension_set_keeps_the_order),
		cmocka_unit_test(test_cies_of_an_extension),
		cmocka_unit_test(test_prefix_len),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
