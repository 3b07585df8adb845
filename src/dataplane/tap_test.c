/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "dataplane/port_test_netns.h"

#include "dataplane/tap.h"
#include "util/check.h"

static void test_queues_and_take_over(void **state)
{
	uint8_t mac[DP_MAC_LEN], again[DP_MAC_LEN];
	int a = tap_open_queue("tt0"), b = tap_open_queue("tt0");

	(void)state;
	assert_true(a >= 0 && b >= 0);
	assert_int_equal(tap_mac(a, mac), 0);
	close(a);
	close(b);
	assert_true(if_nametoindex("tt0") > 0); /* it stays */
	a = tap_open_queue("tt0");
	assert_true(a >= 0);
	assert_int_equal(tap_mac(a, again), 0);
	assert_memory_equal(mac, again, DP_MAC_LEN);
	assert_int_equal(tap_set_carrier(a, false), 0);
	assert_int_equal(tap_unpersist(a), 0);
	close(a);
	assert_int_equal(if_nametoindex("tt0"), 0);
}

static bool has_carrier(const char *ifname)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GLINK };
	struct ifreq ifr = { .ifr_data = (char *)&value };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", ifname);
	assert_int_equal(ioctl(fd, SIOCETHTOOL, &ifr), 0);
	close(fd);
	return value.data != 0;
}

static void test_held_carrier(void **state)
{
	(void)state;
	int held = tap_open_held("tt2"), queue = tap_open_queue("tt2");

	assert_true(held >= 0 && queue >= 0);
	assert_int_equal(test_ip_command("link set tt2 up"), 0);
	assert_true(has_carrier("tt2"));
	close(queue);
	assert_true(has_carrier("tt2"));
	assert_true(tap_is_held(held, "tt2"));
	assert_true(tap_is_held(held, "tt2")); /* asking leaves it as it was */
	assert_false(tap_is_held(held, "tt3"));
	queue = tap_open_queue("tt2");
	assert_true(has_carrier("tt2"));
	close(queue);
	close(held);
	assert_false(has_carrier("tt2"));
	held = tap_open_held("tt2");
	assert_int_equal(test_ip_command("link del tt2"), 0);
	assert_false(tap_is_held(held, "tt2"));
	close(held);
}

/* /sys shows the network namespace that it was mounted in. */
static void see_own_sysfs(void)
{
	check(unshare(CLONE_NEWNS) == 0);
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	check(mount("sysfs", "/sys", "sysfs", 0, NULL) == 0);
}

/* '1' is NET_ADDR_RANDOM, '3' NET_ADDR_SET. */
static void expect_assigned(const char *ifname, char how)
{
	char path[64], found = 0;

	snprintf(path, sizeof path, "/sys/class/net/%s/addr_assign_type", ifname);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, &found, 1), 1);
	close(fd);
	assert_int_equal(found, how);
}

static void test_mac_is_somebodys_choice_once_set(void **state)
{
	static const uint8_t other[DP_MAC_LEN] = { 2, 0, 0, 0, 0, 9 };
	uint8_t mac[DP_MAC_LEN], now[DP_MAC_LEN];
	int fd = tap_open_queue("tt4");

	(void)state;
	assert_int_equal(tap_mac(fd, mac), 0);
	expect_assigned("tt4", '1');
	assert_int_equal(tap_set_mac(fd, mac), 0);
	expect_assigned("tt4", '3');
	assert_int_equal(tap_mac(fd, now), 0);
	assert_memory_equal(now, mac, DP_MAC_LEN);
	assert_int_equal(tap_set_mac(fd, other), 0);
	assert_int_equal(tap_mac(fd, now), 0);
	assert_memory_equal(now, other, DP_MAC_LEN);
	tap_unpersist(fd);
	close(fd);
}

static void test_deleted_by_somebody(void **state)
{
	int fd = tap_open_queue("tt1");

	(void)state;
	assert_true(tap_is_alive(fd));
	assert_int_equal(test_ip_command("link del tt1"), 0);
	assert_false(tap_is_alive(fd));
	close(fd);
}

static void test_name_that_is_taken(void **state)
{
	(void)state;
	assert_true(tap_open_queue("lo") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queues_and_take_over),
		cmocka_unit_test(test_held_carrier),
		cmocka_unit_test(test_mac_is_somebodys_choice_once_set),
		cmocka_unit_test(test_deleted_by_somebody),
		cmocka_unit_test(test_name_that_is_taken),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	see_own_sysfs();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
