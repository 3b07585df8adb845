/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/keylog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void ike(void **state)
{
	struct node_action a = { .type = NODE_IKE_KEYS };
	struct strbuf out;

	(void)state;
	a.keys.icookie = 0x0123456789abcdef;
	a.keys.cipher = CIPHER_AES128;
	memset(a.keys.key, 0xa5, sizeof a.keys.key);
	strbuf_init(&out);
	keylog_ike(&a, &out);
	assert_string_equal(out.text, "uat:ikev1_decryption_table:0123456789abcdef,"
	                              "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\n");
	strbuf_fini(&out);
}

static void esp(void **state)
{
	struct node_sa sa = { .local = addr_v4(1, 1, 1, 2),
		              .remote = addr_v4(2, 2, 2, 2),
		              .spi = 0x1000,
		              .cipher = ESP_AES128,
		              .auth = ESP_SHA1_96,
		              .outbound = true };
	struct strbuf out;

	(void)state;
	memset(sa.cipher_key, 0x11, sizeof sa.cipher_key);
	memset(sa.auth_key, 0x22, sizeof sa.auth_key);
	strbuf_init(&out);
	keylog_sa(&sa, &out);
	assert_string_equal(out.text,
	                    "uat:esp_sa:\"IPv4\",\"1.1.1.2\",\"2.2.2.2\",\"0x00001000\","
	                    "\"AES-CBC [RFC3602]\",\"0x11111111111111111111111111111111\","
	                    "\"HMAC-SHA-1-96 [RFC2404]\","
	                    "\"0x2222222222222222222222222222222222222222\",\"32-bit\",\"0\"\n");
	strbuf_truncate(&out, 0);
	sa.outbound = false;
	sa.esn = true;
	sa.cipher = ESP_GCM128;
	sa.auth = ESP_AUTH_NONE;
	keylog_sa(&sa, &out);
	assert_string_equal(out.text,
	                    "uat:esp_sa:\"IPv4\",\"2.2.2.2\",\"1.1.1.2\",\"0x00001000\","
	                    "\"AES-GCM with 16 octet ICV [RFC4106]\","
	                    "\"0x1111111111111111111111111111111111111111\",\"NULL\",\"\","
	                    "\"64-bit\",\"0\"\n");
	strbuf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ike),
		cmocka_unit_test(esp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
