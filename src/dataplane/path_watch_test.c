/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "dataplane/path_watch.h"
#include "util/clock.h"

static const uint8_t hop_mac[] = { 2, 0, 0, 0, 0, 9 };

/* ---- what the kernel says, put otherwise ---- */

static unsigned late;       /* which of the next answers is not there in time; 0: all are */
static bool veth_is_a_card; /* as a network card, it has no kind … */
static bool takes_tags_off; /* … and this offload */
static bool has_no_ethtool;

/* The kind of a link is one attribute: it gets a number that nobody knows. */
static int hide_kind(const struct nlattr *attribute, void *ctx)
{
	(void)ctx;
	if (mnl_attr_get_type(attribute) == IFLA_LINKINFO)
		((struct nlattr *)(uintptr_t)attribute)->nla_type = UINT8_MAX;
	return MNL_CB_OK;
}

static void hide_kinds(const struct nlmsghdr *message, ssize_t n)
{
	for (int left = (int)n; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left))
		if (message->nlmsg_type == RTM_NEWLINK)
			mnl_attr_parse(message, sizeof(struct ifinfomsg), hide_kind, NULL);
}

/* In place of libmnl's. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t size)
{
	if (late && --late == 0) {
		errno = EAGAIN;
		return -1;
	}
	ssize_t n = recv(mnl_socket_get_fd(s), buf, size, 0);
	if (veth_is_a_card)
		hide_kinds(buf, n);
	return n;
}

/* In place of libc's. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;

	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request != SIOCETHTOOL)
		return (int)syscall(SYS_ioctl, fd, request, argument);
	if (has_no_ethtool) {
		errno = EOPNOTSUPP;
		return -1;
	}
	const struct ifreq *asked = argument;
	struct ethtool_value *flags = (void *)asked->ifr_data;
	assert_string_equal(asked->ifr_name, "pwa");
	assert_int_equal(flags->cmd, ETHTOOL_GFLAGS);
	flags->data = takes_tags_off ? ETH_FLAG_RXVLAN : ETH_FLAG_LRO;
	return 0;
}

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
		.receives = true,
		.forced = forced,
	};
	struct path path;

	path_watch_find(w, &q, &path);
	return path;
}

static void test_direct(void **state)
{
	struct path p = find(*state, addr_v4(192, 0, 2, 9), false);

	assert_true(p.usable && p.receivable);
	assert_memory_equal(p.mac, hop_mac, DP_MAC_LEN);
	assert_int_equal(p.mtu_bytes, 1500);
	assert_int_equal(p.ifindex, if_nametoindex("pwa"));
	assert_true(p.until_ns > 1000 + NS_PER_S);
}

static void test_by_a_gateway(void **state)
{
	struct path p = find(*state, addr_v4(198, 51, 100, 7), false);

	assert_true(p.usable && p.receivable);
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
	return test_command("nft", words);
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

/* To the next hop. */
static void expect_receivable(struct path_watch *w, bool receivable)
{
	struct path p = find(w, addr_v4(192, 0, 2, 9), false);

	assert_true(p.usable);
	assert_int_equal(p.receivable, receivable);
}

static void test_what_filters_hold_back_of_what_comes_in(void **state)
{
	static const char *const chains[] = {
		"add chain ip t c { type filter hook input priority 0; }",
		"add chain ip t c { type filter hook prerouting priority 0; }",
	};
	struct path_watch *w = *state;

	for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
		if (nft("add table ip t") != 0 || nft(chains[i]) != 0)
			skip();
		assert_true(path_watch_changed(w));
		expect_receivable(w, false);
		assert_true(find(w, addr_v4(192, 0, 2, 9), true).receivable);
		assert_int_equal(nft("delete table ip t"), 0);
		assert_true(path_watch_changed(w));
		expect_receivable(w, true);
	}
}

/* Chains of a device: ingress is before AF_XDP's sight, egress behind it. */
static void test_filters_of_a_device(void **state)
{
	struct path_watch *w = *state;

	if (nft("add table netdev t; add chain netdev t c "
	        "{ type filter hook ingress device pwa priority 0; }") != 0)
		skip();
	assert_true(path_watch_changed(w));
	expect_receivable(w, false);
	assert_int_equal(nft("delete table netdev t"), 0);
	assert_true(path_watch_changed(w));
	expect_receivable(w, true);
	if (nft("add table netdev t; add chain netdev t c "
	        "{ type filter hook egress device pwa priority 0; }") != 0)
		skip();
	assert_true(path_watch_changed(w));
	assert_false(find(w, addr_v4(192, 0, 2, 9), false).usable);
	assert_int_equal(nft("delete table netdev t"), 0);
}

/* An interface that takes, or should take, packets of the port; each goes with `undo`. */
static void test_others_on_the_port(void **state)
{
	static const struct {
		const char *add, *more, *undo;
	} others[] = {
		{ "link add pwm link pwa type macvlan", NULL, "link del pwm" },
		{ "link add pwv link pwa type vlan id 5", NULL, "link del pwv" },
		{ "link add pwbr type bridge", "link set pwa master pwbr", "link del pwbr" },
		{ "link add pwg type gre local 192.0.2.1 remote 192.0.2.9", "link set pwg up",
		  "link del pwg" },
	};
	struct path_watch *w = *state;
	unsigned n_seen = 0;

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (test_ip_command(others[i].add) != 0)
			continue; /* the kernel has no such kind */
		n_seen++;
		assert_true(!others[i].more || test_ip_command(others[i].more) == 0);
		assert_true(path_watch_changed(w));
		assert_false(find(w, addr_v4(192, 0, 2, 9), false).receivable);
		assert_int_equal(test_ip_command(others[i].undo), 0);
		assert_true(path_watch_changed(w));
		test_ip_command("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev pwa");
		path_watch_changed(w);
		expect_receivable(w, true);
	}
	if (n_seen == 0)
		skip();
}

/* A card that takes VLAN tags off, or may, hands a program in front of it what is of a VLAN. */
static void test_tags_of_vlans(void **state)
{
	struct path_watch *w = *state;

	veth_is_a_card = takes_tags_off = true;
	expect_receivable(w, false);
	takes_tags_off = false;
	has_no_ethtool = true;
	expect_receivable(w, false);
	has_no_ethtool = false;
	expect_receivable(w, true);
	veth_is_a_card = false;
}

/* An answer that comes too late makes no path, and is not taken for that to the next question. */
static void test_late_answers(void **state)
{
	enum { SOURCES = 3, ROUTING = 3 }; /* of those: route, link and neighbour */
	bool all_came = false;
	unsigned i = 0;

	(void)state;
	while (!all_came) {
		struct path_watch *w;
		assert_int_equal(path_watch_new(&w), 0);
		late = ++i;
		bool receivable = find(w, addr_v4(192, 0, 2, 9), false).receivable;
		all_came = late;
		assert_int_equal(receivable, all_came);
		late = 0;
		expect_receivable(w, true);
		path_watch_free(w);
	}
	assert_true(i > SOURCES + ROUTING);
}

static void test_traffic_control_at_ingress(void **state)
{
	struct path_watch *w = *state;

	if (test_command("tc", "qdisc add dev pwa clsact") != 0)
		skip();
	assert_true(path_watch_changed(w));
	expect_receivable(w, false);
	assert_int_equal(test_command("tc", "qdisc del dev pwa clsact"), 0);
	assert_true(path_watch_changed(w));
	expect_receivable(w, true);
}

/* IP input would not take it for ours: another address, or source validation. */
static void test_not_for_us(void **state)
{
	const struct path_question q = {
		.from = addr_v4(192, 0, 2, 77),
		.to = addr_v4(192, 0, 2, 9),
		.now_ns = 1000,
		.receives = true,
	};
	struct path_watch *w = *state;
	struct path path;

	path_watch_find(w, &q, &path);
	assert_false(path.receivable);
	test_ip_command("addr add 192.0.2.77/24 dev pwa");
	assert_true(path_watch_changed(w));
	path_watch_find(w, &q, &path);
	assert_true(path.receivable);
}

static void test_nobody_asked_for_what_comes_in(void **state)
{
	const struct path_question q = {
		.from = addr_v4(192, 0, 2, 1),
		.to = addr_v4(192, 0, 2, 9),
		.now_ns = 1000,
	};
	struct path path;

	path_watch_find(*state, &q, &path);
	assert_true(path.usable && !path.receivable);
}

static void test_inbound_ipsec_policy(void **state)
{
	if (test_ip_command("xfrm policy add src 192.0.2.9 dst 192.0.2.1 proto 47 dir in "
	                    "tmpl proto esp mode transport") != 0)
		skip();
	assert_true(path_watch_changed(*state));
	assert_true(find(*state, addr_v4(192, 0, 2, 9), false).usable);
	assert_false(find(*state, addr_v4(192, 0, 2, 9), true).receivable);
	test_ip_command("xfrm policy flush");
	assert_true(path_watch_changed(*state));
	expect_receivable(*state, true);
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
		cmocka_unit_test_setup_teardown(test_inbound_ipsec_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_asked_for_what_comes_in, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_not_for_us, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others_on_the_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags_of_vlans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_traffic_control_at_ingress, setup, teardown),
		cmocka_unit_test_setup_teardown(test_filters_of_a_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_filters_hold_back_of_what_comes_in, setup,
		                                teardown),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
