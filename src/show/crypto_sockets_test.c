/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "show/fake_node.h"

static struct fake f;
static const struct show_request request = { .what = SHOW_CRYPTO_SOCKETS };

static void a_socket_for_each_peer(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	expect_show(&f, request,
	            "\n"
	            "Number of Crypto Socket connections 1\n"
	            "\n"
	            "   Tu0 Peers (local/remote): 1.1.1.2/2.2.2.2\n"
	            "       Local Ident  (addr/mask/port/prot): (1.1.1.2/255.255.255.255/0/47)\n"
	            "       Remote Ident (addr/mask/port/prot): (2.2.2.2/255.255.255.255/0/47)\n"
	            "       IPSec Profile: \"DMVPN\"\n"
	            "       Socket State: Open\n"
	            "       Client: \"TUNNEL SEC\" (Client State: Active)\n"
	            "\n"
	            "Crypto Sockets in Listen state:\n"
	            "Client: \"TUNNEL SEC\" Profile: \"DMVPN\" Map-name: \"Tunnel0-head-0\"\n");
	fake_fini(&f);
}

static void a_shared_one_that_is_closed(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	fake_lab_protect(&f);
	f.node.ipsec[0].up = false;
	snapshot_tunnel(f.snapshot, 0)->tunnel->protection.shared = true;
	expect_show_has(&f, request, "   Shd Peers (local/remote): 1.1.1.2/2.2.2.2\n");
	expect_show_has(&f, request,
	                "       Flags: shared\n"
	                "       IPSec Profile: \"DMVPN\"\n"
	                "       Socket State: Closed\n");
	fake_fini(&f);
}

static void nothing_is_protected(void **state)
{
	(void)state;
	fake_init(&f);
	fake_lab_hub(&f);
	expect_show(
		&f, request,
		"\nNumber of Crypto Socket connections 0\n\n\nCrypto Sockets in Listen state:\n");
	fake_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_for_each_peer),
		cmocka_unit_test(a_shared_one_that_is_closed),
		cmocka_unit_test(nothing_is_protected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
