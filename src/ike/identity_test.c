/* SPDX-License-Identifier: Apache-2.0 */
#include "ike/identity.h"

#include "ike/pair_test.h"

/* The body of an ID payload: type, UDP, port, contents. */
static struct isakmp_payload id_of(uint8_t type, uint16_t port, struct crypto_part contents)
{
	static uint8_t bytes[IKE_ID_BODY_MAX];
	struct writer w = writer_over(bytes, sizeof bytes);

	write_u8(&w, type);
	write_u8(&w, 17);
	write_u16(&w, port);
	write_bytes(&w, contents.bytes, contents.len);
	assert_false(w.failed);
	return (struct isakmp_payload){ ISAKMP_ID, bytes, writer_len(&w) };
}

static struct isakmp_payload named(uint8_t type, const char *name)
{
	return id_of(type, 500, (struct crypto_part){ name, strlen(name) });
}

static void ours_is_as_configured(void **state)
{
	static const struct {
		enum snap_identity identity;
		const char *hostname, *text;
	} cases[] = {
		{ SNAP_ID_ADDRESS, "R2", "2.2.2.2" },
		{ SNAP_ID_HOSTNAME, "R2", "R2" },
		{ SNAP_ID_HOSTNAME, "", "2.2.2.2" },
		{ SNAP_ID_DN, "R2", "CN=R2,O=Lab" },
	};
	struct fake_cert made;
	char text[IKE_ID_TEXT_SIZE];

	(void)state;
	fake_cert_make(&made, &(struct fake_cert_spec){ .name = "R2" });
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pair_spec spec = SPOKE_SPEC;
		struct ike_id_body own;
		struct pair p;
		spec.also.identity = cases[i].identity;
		spec.hostname = cases[i].hostname;
		pair_start(&p, 1, NULL, &spec);
		struct cert *cert = cert_new(p.crypto, fake_cert_der(&made));
		const struct ike_sa *sa = pair_sa(&p, SPOKE);
		ike_identity_own(p.end[SPOKE].ike, sa, cert, &own);
		const struct isakmp_payload id = { ISAKMP_ID, own.bytes, own.len };
		assert_string_equal(ike_identity_text(&id, text), cases[i].text);
		assert_memory_equal(own.bytes + 1, "\x11\x01\xf4", 3);
		ike_identity_own(p.end[SPOKE].ike, sa, NULL, &own);
		if (cases[i].identity == SNAP_ID_DN)
			assert_int_equal(own.bytes[0], 1);
		cert_free(cert);
		pair_fini(&p);
	}
	fake_cert_fini(&made);
}

static void contents_are_compared_and_ports_are_not(void **state)
{
	struct ike_identity a, b;
	struct pair p;

	(void)state;
	pair_lab(&p, 1);
	struct ike *ike = p.end[HUB].ike;
	struct isakmp_payload id = named(2, "r1.example");
	ike_identity_read(ike, &id, &a);
	id = id_of(2, 0, (struct crypto_part){ "r1.example", 10 });
	ike_identity_read(ike, &id, &b);
	assert_true(ike_identity_equal(&a, &b));
	assert_true(addr_is_none(&a.addr));
	id = named(3, "r1.example");
	ike_identity_read(ike, &id, &b);
	assert_false(ike_identity_equal(&a, &b));
	id = named(1, "\x02\x02\x02\x02");
	ike_identity_read(ike, &id, &b);
	assert_true(addr_equal(&b.addr, &p.end[SPOKE].address));
	id.len = 3;
	ike_identity_read(ike, &id, &b);
	assert_true(addr_is_none(&b.addr));
	pair_fini(&p);
}

static void words_are_printable(void **state)
{
	char text[IKE_ID_TEXT_SIZE], longer[400];

	(void)state;
	struct isakmp_payload id = named(2, "r1\n\"\xff");
	assert_string_equal(ike_identity_text(&id, text), "r1?\"?");
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	id = named(3, longer);
	assert_int_equal(strlen(ike_identity_text(&id, text)), IKE_ID_TEXT_SIZE - 1);
	id = named(9, "no name");
	assert_string_equal(ike_identity_text(&id, text), "?");
	id = named(11, "key id");
	assert_string_equal(ike_identity_text(&id, text), "an identity of type 11");
	id = named(2, "");
	assert_string_equal(ike_identity_text(&id, text), "nothing");
	id.len = 0;
	assert_string_equal(ike_identity_text(&id, text), "nothing");
}

static void certificates_bear_identities(void **state)
{
	const struct addr here = addr_v4(2, 2, 2, 2), there = addr_v4(3, 3, 3, 3);
	struct crypto *crypto = crypto_new();
	struct fake_cert with, bare;

	(void)state;
	fake_cert_make(&with, &(struct fake_cert_spec){
				      .name = "R1", .alt = "IP:2.2.2.2,DNS:r1.lab,email:r1@lab" });
	fake_cert_make(&bare, &(struct fake_cert_spec){ .name = "R3" });
	struct cert *r1 = cert_new(crypto, fake_cert_der(&with));
	struct cert *r3 = cert_new(crypto, fake_cert_der(&bare));

	struct isakmp_payload id = named(1, "\x02\x02\x02\x02");
	assert_true(ike_identity_fits(&id, r1, &there));
	assert_true(ike_identity_fits(&id, r3, &here));
	assert_false(ike_identity_fits(&id, r3, &there));
	id = named(1, "\x03\x03\x03\x03");
	assert_false(ike_identity_fits(&id, r1, &there));
	id = named(2, "r1.lab");
	assert_true(ike_identity_fits(&id, r1, &here));
	assert_false(ike_identity_fits(&id, r3, &here));
	id = named(3, "r1@lab");
	assert_true(ike_identity_fits(&id, r1, &here));
	id = id_of(9, 500, cert_subject(r1));
	assert_true(ike_identity_fits(&id, r1, &here));
	assert_false(ike_identity_fits(&id, r3, &here));
	id = named(11, "r1.lab");
	assert_false(ike_identity_fits(&id, r1, &here));
	id.len = 2;
	assert_false(ike_identity_fits(&id, r1, &here));
	cert_free(r1);
	cert_free(r3);
	fake_cert_fini(&with);
	fake_cert_fini(&bare);
	crypto_free(crypto);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_is_as_configured),
		cmocka_unit_test(contents_are_compared_and_ports_are_not),
		cmocka_unit_test(words_are_printable),
		cmocka_unit_test(certificates_bear_identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
