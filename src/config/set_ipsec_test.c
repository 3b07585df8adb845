/* SPDX-License-Identifier: Apache-2.0 */
/* Transform sets and what holds for all SAs, typed line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/fake_desk.h"

static void every_transform_set_of_ours_is_read_and_printed(void **state)
{
	static const struct {
		const char *transforms, *printed;
		enum esp_cipher cipher;
		enum esp_auth auth;
	} sets[] = {
		{ "esp-aes esp-sha-hmac", "esp-aes esp-sha-hmac", ESP_AES128, ESP_SHA1_96 },
		{ "esp-aes 128 esp-sha256-hmac", "esp-aes esp-sha256-hmac", ESP_AES128,
		  ESP_SHA256_128 },
		{ "esp-aes 192 esp-sha384-hmac", "esp-aes 192 esp-sha384-hmac", ESP_AES192,
		  ESP_SHA384_192 },
		{ "esp-aes 256 esp-sha512-hmac", "esp-aes 256 esp-sha512-hmac", ESP_AES256,
		  ESP_SHA512_256 },
		{ "esp-sha-hmac esp-aes 256", "esp-aes 256 esp-sha-hmac", ESP_AES256, ESP_SHA1_96 },
		{ "esp-gcm", "esp-gcm", ESP_GCM128, ESP_AUTH_NONE },
		{ "esp-gcm 192", "esp-gcm 192", ESP_GCM192, ESP_AUTH_NONE },
		{ "esp-gcm 256", "esp-gcm 256", ESP_GCM256, ESP_AUTH_NONE },
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		char line[100];
		snprintf(line, sizeof line, "crypto ipsec transform-set T %s", sets[i].transforms);
		desk_type(&d, line);
		assert_int_equal(d.s->crypto.set->cipher, sets[i].cipher);
		assert_int_equal(d.s->crypto.set->auth, sets[i].auth);
		snprintf(line, sizeof line, "crypto ipsec transform-set T %s\n", sets[i].printed);
		assert_string_equal(desk_print(&d), line);
	}
	assert_int_equal(d.s->crypto.n_sets, 1);
	desk_close(&d);
}

static void weak_sets_work_with_a_warning(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type_warned(&d, "crypto ipsec transform-set T esp-3des esp-md5-hmac",
	                 "esp-3des and esp-md5-hmac are weak: instead write \"esp-aes "
	                 "esp-sha256-hmac\"");
	desk_type_warned(&d, "crypto ipsec transform-set T esp-des esp-sha-hmac",
	                 "esp-des is weak: instead write \"esp-aes\"");
	desk_type_warned(&d, "crypto ipsec transform-set T esp-aes esp-md5-hmac",
	                 "esp-md5-hmac is weak: instead write \"esp-sha256-hmac\"");
	desk_type_warned(&d, "crypto ipsec transform-set T esp-null esp-sha-hmac",
	                 "esp-null encrypts nothing: instead write \"esp-aes\"");
	assert_int_equal(d.s->crypto.set->cipher, ESP_NULL);
	desk_close(&d);
}

static void sets_that_cannot_be_are_refused(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type_refused(&d, "crypto ipsec transform-set T esp-gcm esp-sha-hmac",
	                  "esp-gcm authenticates by itself: leave esp-sha-hmac out");
	assert_int_equal(d.s->crypto.n_sets, 0);
	desk_close(&d);
}

/* They are kept and printed, and nothing runs with them. */
static void sets_that_we_lack_are_not_in_force(void **state)
{
	/* IOS takes the words in any of these. */
	static const char *const orders[] = {
		"esp-aes esp-sha-hmac ah-sha-hmac",  "esp-aes 256 ah-sha256-hmac comp-lzs",
		"esp-sha-hmac esp-3des ah-md5-hmac", "esp-sha-hmac esp-aes comp-lzs",
		"esp-seal esp-sha384-hmac",          "esp-gmac 256 esn",
	};
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec transform-set T esp-gcm");
	desk_type(&d, "mode transport");
	desk_type_warned(&d, "crypto ipsec transform-set T esp-aes 256",
	                 "packets could be changed on their way: tunnels with this transform set "
	                 "stay down until it has esp-sha256-hmac too");
	assert_null(snap_transform_set(&d.s->crypto, "T"));
	assert_string_equal(desk_print(&d),
	                    "crypto ipsec transform-set T esp-aes 256\n mode transport\n");
	assert_true(desk_is_stable(&d));
	desk_type_warned(&d, "crypto ipsec transform-set T ah-sha-hmac esp-aes 192 comp-lzs",
	                 "known, not yet in force: tunnels with this transform set stay down");
	assert_string_equal(desk_print(&d), "crypto ipsec transform-set T ah-sha-hmac esp-aes 192 "
	                                    "comp-lzs\n mode transport\n");
	assert_true(desk_is_stable(&d));
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		char line[64];
		snprintf(line, sizeof line, "crypto ipsec transform-set T %s", orders[i]);
		desk_type_warned(&d, line,
		                 "known, not yet in force: tunnels with this transform set stay "
		                 "down");
		assert_null(snap_transform_set(&d.s->crypto, "T"));
		assert_true(desk_is_stable(&d));
	}
	desk_type(&d, "crypto ipsec transform-set T esp-gcm");
	assert_non_null(snap_transform_set(&d.s->crypto, "T"));
	desk_close(&d);
}

static void the_mode_stays_when_the_algorithms_change(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec transform-set T esp-gcm esn");
	desk_type(&d, "mode transport require");
	desk_type(&d, "crypto ipsec transform-set T esp-gcm 256");
	assert_string_equal(desk_print(&d), "crypto ipsec transform-set T esp-gcm 256\n"
	                                    " mode transport require\n");
	desk_type(&d, "mode transport");
	assert_false(d.s->crypto.set->require);
	desk_type(&d, "no mode");
	assert_int_equal(d.s->crypto.set->mode, SNAP_IPSEC_TUNNEL);
	desk_type(&d, "no crypto ipsec transform-set T esp-gcm 256");
	desk_type_refused(&d, "no crypto ipsec transform-set T", "there is no such transform set");
	desk_close(&d);
}

static void what_holds_for_all_associations(void **state)
{
	struct desk d;

	(void)state;
	desk_open(&d);
	desk_type(&d, "crypto ipsec security-association lifetime seconds 900");
	desk_type(&d, "crypto ipsec security-association lifetime kilobytes disable");
	desk_type(&d, "crypto ipsec security-association idle-time 60");
	desk_type(&d, "crypto ipsec security-association replay window-size 1024");
	desk_type(&d, "crypto ipsec df-bit clear");
	desk_type(&d, "crypto ipsec nat-transparency udp-encapsulation force");
	assert_string_equal(desk_print(&d),
	                    "crypto ipsec security-association lifetime seconds 900\n"
	                    "crypto ipsec security-association lifetime kilobytes disable\n"
	                    "crypto ipsec security-association idle-time 60\n"
	                    "crypto ipsec security-association replay window-size 1024\n"
	                    "crypto ipsec df-bit clear\n"
	                    "crypto ipsec nat-transparency udp-encapsulation force\n");
	assert_true(desk_is_stable(&d));
	desk_type(&d, "no crypto ipsec security-association lifetime seconds");
	desk_type(&d, "no crypto ipsec security-association lifetime kilobytes");
	desk_type(&d, "no crypto ipsec security-association idle-time");
	desk_type(&d, "no crypto ipsec security-association replay window-size");
	desk_type(&d, "no crypto ipsec df-bit");
	desk_type(&d, "no crypto ipsec nat-transparency udp-encapsulation force");
	assert_string_equal(desk_print(&d), "");
	desk_type(&d, "no crypto ipsec nat-transparency udp-encaps");
	desk_type(&d, "crypto ipsec security-association lifetime kilobytes 2560");
	desk_type(&d, "crypto ipsec security-association replay disable");
	assert_string_equal(desk_print(&d),
	                    "crypto ipsec security-association lifetime kilobytes 2560\n"
	                    "crypto ipsec security-association replay disable\n"
	                    "no crypto ipsec nat-transparency udp-encapsulation\n");
	assert_true(desk_is_stable(&d));
	desk_close(&d);
}

/* As where OpenSSL has no legacy provider; it goes for lines typed later too. */
static void des_is_refused_where_there_is_none(void **state)
{
	const struct config_machine machine = { .no_esp_des = true };
	struct config_remarks remarks;
	struct desk d;

	(void)state;
	desk_open(&d);
	snapshot_free(d.s);
	d.s = config_parse_on(&machine, "", 0, &remarks);
	desk_type_refused(&d, "crypto ipsec transform-set T esp-des esp-sha-hmac",
	                  "this machine has no DES, for OpenSSL's legacy provider is missing: "
	                  "write \"esp-aes\"");
	assert_int_equal(d.s->crypto.n_sets, 0);
	desk_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transform_set_of_ours_is_read_and_printed),
		cmocka_unit_test(weak_sets_work_with_a_warning),
		cmocka_unit_test(sets_that_cannot_be_are_refused),
		cmocka_unit_test(sets_that_we_lack_are_not_in_force),
		cmocka_unit_test(the_mode_stays_when_the_algorithms_change),
		cmocka_unit_test(what_holds_for_all_associations),
		cmocka_unit_test(des_is_refused_where_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
