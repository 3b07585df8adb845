/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include "dataplane/path_watch.h"
#include "util/clock.h"

static const uint8_t hop_mac[] = { 2, 0, 0, 0, 0, 9 };

static int setup(void **state)
{
	struct path_watch *w;

	test_ip_command("link add pwa type veth peer name pwb");
	test_ip_command("link set pwa up");
	test_ip_command("link set pwb up");
	test_ip_command("addr add 192.0.2.1/24 dev pwa");
	test_ip_command("route add 198.51.100.0/24 via 192.0.2.9 mtu 1300");
	test_ip_command("neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev pwa");
	assert_int_equal(path_watch_new(&w), 0);
	path_watch_changed(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	path_watch_free(*state);
	return test_ip_command("link del pwa");
}

static struct path find(struct path_watch *w, struct addr to, bool forced)
{
	const struct path_question q = {
		.from = addr_v4(192, 0, 2, 1),
		.to = to,
		.now_ns = 1000,
		.forced = forced,
	};
	struct path path;

	path_watch_find(w, &q, &path);
	return path;
}

static void test_direct(void **state)
{
	struct path p = find(*state, addr_v4(192, 0, 2, 9), false);

	assert_true(p.usable);
	assert_memory_equal(p.mac, hop_mac, DP_MAC_LEN);
	assert_int_equal(p.mtu_bytes, 1500);
	assert_int_equal(p.ifindex, if_nametoindex("pwa"));
	assert_true(p.until_ns > 1000 + NS_PER_S);
}

static void test_by_a_gateway(void **state)
{
	struct path p = find(*state, addr_v4(198, 51, 100, 7), false);

	assert_true(p.usable);
	assert_memory_equal(p.mac, hop_mac, DP_MAC_LEN);
	assert_int_equal(p.mtu_bytes, 1300);
}

static void test_not_plain(void **state)
{
	assert_false(find(*state, addr_v4(203, 0, 113, 1), false).usable); /* no route */
	assert_false(find(*state, addr_v4(127, 0, 0, 1), false).usable);   /* local */
	assert_false(find(*state, addr_v4(192, 0, 2, 8), false).usable);   /* no neighbour */
}

static void test_changes_void_paths(void **state)
{
	struct path_watch *w = *state;

	assert_true(find(w, addr_v4(192, 0, 2, 9), false).usable);
	assert_false(path_watch_changed(w));
	test_ip_command("neigh add 192.0.2.77 lladdr 02:00:00:00:00:77 dev pwa");
	assert_false(path_watch_changed(w)); /* nobody's next hop */
	test_ip_command("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:19 dev pwa");
	assert_true(path_watch_changed(w));
	struct path p = find(w, addr_v4(192, 0, 2, 9), false);
	assert_int_equal(p.mac[5], 0x19);
	test_ip_command("route add 203.0.113.0/24 via 192.0.2.9");
	assert_true(path_watch_changed(w));
	test_ip_command("link set pwb down");
	assert_true(path_watch_changed(w));
	assert_false(find(w, addr_v4(192, 0, 2, 9), false).usable);
}

/* What IP output would do to a packet must not be passed by. */
static void test_ipsec_policy(void **state)
{
	if (test_ip_command("xfrm policy add src 192.0.2.1 dst 192.0.2.9 proto 47 dir out "
	                    "tmpl proto esp mode transport") != 0)
		skip();
	assert_true(path_watch_changed(*state));
	assert_false(find(*state, addr_v4(192, 0, 2, 9), true).usable);
	test_ip_command("xfrm policy flush");
	assert_true(path_watch_changed(*state));
	assert_true(find(*state, addr_v4(192, 0, 2, 9), false).usable);
}

/* Where routes come and go, looking for paths would take longer than they save. */
static void test_restless(void **state)
{
	struct path_watch *w = *state;

	for (unsigned i = 0; i < 15; i++) {
		test_ip_command("route add 203.0.113.0/24 via 192.0.2.9");
		path_watch_changed(w);
		test_ip_command("route del 203.0.113.0/24");
		path_watch_changed(w);
	}
	assert_false(find(w, addr_v4(192, 0, 2, 9), false).usable);
	const struct path_question later = {
		.from = addr_v4(192, 0, 2, 1),
		.to = addr_v4(192, 0, 2, 9),
		.now_ns = 2 * NS_PER_S,
	};
	struct path path;
	path_watch_find(w, &later, &path);
	assert_true(path.usable);
}

static int nft(const char *words)
{
	char command[256], *argument[] = { (char *)"nft", command, NULL };
	int status = -1;

	snprintf(command, sizeof command, "%s", words);
	pid_t pid = fork();
	if (pid == 0) {
		execvp("nft", argument);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void test_output_filter(void **state)
{
	if (nft("add table ip t; add chain ip t c { type filter hook output priority 0; }") != 0)
		skip();
	assert_true(path_watch_changed(*state));
	assert_false(find(*state, addr_v4(192, 0, 2, 9), false).usable);
	assert_true(find(*state, addr_v4(192, 0, 2, 9), true).usable);
	assert_int_equal(nft("delete table ip t"), 0);
	assert_true(path_watch_changed(*state));
	assert_true(find(*state, addr_v4(192, 0, 2, 9), false).usable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_direct, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_a_gateway, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_plain, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes_void_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restless, setup, teardown),
		cmocka_unit_test_setup_teardown(test_output_filter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ipsec_policy, setup, teardown),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
