/* SPDX-License-Identifier: Apache-2.0 */
/* Protection in a daemon whose port 500 is a real one, on the loopback of a namespace of its own.
 */
#include <errno.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/fake_daemon.h"

#define PROTECTION                                                                                 \
	"crypto isakmp policy 10\n"                                                                \
	" authentication pre-share\n"                                                              \
	"crypto isakmp key cisco123 address 0.0.0.0 0.0.0.0\n"                                     \
	"crypto ipsec transform-set mySet esp-aes esp-sha-hmac\n"                                  \
	"crypto ipsec profile myDMVPN\n"                                                           \
	" set transform-set mySet\n"

static const char spoke[] = PROTECTION "interface Tunnel0\n"
				       " ip address 10.10.10.2 255.255.255.0\n"
				       " ip nhrp map 10.10.10.1 127.0.0.1\n"
				       " ip nhrp network-id 1\n"
				       " ip nhrp nhs 10.10.10.1\n"
				       " tunnel source eth0\n"
				       " tunnel destination 127.0.0.1\n"
				       " tunnel protection ipsec profile myDMVPN\n"
				       "interface eth0\n"
				       " ip address 127.0.0.2 255.0.0.0\n";

static int set_up(void **state)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int result = fake_daemon_set_up(state);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &lo), 0);
	lo.ifr_flags |= IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &lo), 0);
	close(fd);
	return result;
}

static void commit(struct fake_daemon *f, const char *text)
{
	struct strbuf error;

	strbuf_init(&error);
	assert_int_equal(fake_daemon_commit(f, text, &error), 0);
	assert_string_equal(error.text, "");
	strbuf_fini(&error);
}

static void on_message(void *ctx, const struct node_ike_path *path, const uint8_t *bytes,
                       size_t len)
{
	size_t *n = ctx;

	(void)bytes;
	(void)len;
	*n += path->from_port == IKE_PORTS_PORT;
}

static void dials_from_its_port(void **state)
{
	struct fake_daemon *f = *state;
	size_t n = 0;
	struct ike_ports hub = {
		.loop = &f->d.loop, .number = IKE_PORTS_PORT, .message = on_message, .ctx = &n
	};

	assert_int_equal(ike_ports_want(&hub, &(struct addr){ ADDR_V4, { 127, 0, 0, 1 } }), 0);
	commit(f, spoke);
	fake_daemon_run(f, 100);
	assert_true(n >= 1);
	assert_null(strstr(f->kernel.trace.text, "send"));
	ike_ports_stop(&hub);
}

static void port_is_held_while_a_tunnel_is_protected(void **state)
{
	struct fake_daemon *f = *state;

	assert_null(f->d.ike_ports.first);
	commit(f, spoke);
	assert_non_null(f->d.ike_ports.first);
	commit(f, fake_spoke);
	assert_null(f->d.ike_ports.first);
}

static void tunnel_without_its_port_is_down(void **state)
{
	struct fake_daemon *f = *state;
	struct ike_ports other = { .loop = &f->d.loop, .number = IKE_PORTS_PORT };

	assert_int_equal(ike_ports_want(&other, &(struct addr){ ADDR_V4, { 127, 0, 0, 2 } }), 0);
	commit(f, spoke);
	commit(f, spoke);
	assert_false(daemon_tunnel(&f->d, 0)->state.dp.up);
	assert_true(daemon_tunnel(&f->d, 0)->state.dp.protected);
	assert_int_equal(fake_daemon_logged(f, "%CRYPTO-3-PORT: UDP port 500 of 127.0.0.2 cannot "
	                                       "be had, so Tunnel0 stays down: another program"),
	                 1);
	assert_true(f->d.system.waiting);
	ike_ports_stop(&other);
	commit(f, spoke);
	assert_true(daemon_tunnel(&f->d, 0)->state.dp.up);
}

static const struct addr peer = { ADDR_V4, { 1, 1, 1, 2 } };

static void add(struct fake_daemon *f, uint32_t id, bool outbound)
{
	const struct node_sa sa = { .id = id, .nbma = peer, .outbound = outbound };

	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_ADD, .sa = &sa });
}

static void associations_reach_the_back_end(void **state)
{
	struct fake_daemon *f = *state;
	struct node_action use = { .type = NODE_SA_USE, .use = { 0, peer, 2002 } };
	struct node_action move = { .type = NODE_SA_MOVE, .move = { 2002, peer, 1024 } };
	struct node_action send = { .type = NODE_IKE_SEND, .ike.path = { peer, peer, 4500, 1024 } };

	strbuf_truncate(&f->kernel.trace, 0);
	add(f, 2001, false);
	add(f, 2002, true);
	daemon_protect(&f->d, &use);
	daemon_protect(&f->d, &move);
	daemon_protect(&f->d, &send);
	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_DEL, .sa_id = 2002 });
	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_DEL, .sa_id = 2001 });
	fake_expect(&f->kernel, "sa 2001 in tunnel 0 1.1.1.2\n"
	                        "sa 2002 out tunnel 0 1.1.1.2\n"
	                        "sa-use 0 1.1.1.2 = 2002\n"
	                        "sa-move 2002 1.1.1.2:1024\n"
	                        "ike 4500 > 1.1.1.2:1024 0 bytes\n"
	                        "sa-del 2002\n"
	                        "sa-del 2001\n");
}

static void what_they_carry_is_polled(void **state)
{
	struct fake_daemon *f = *state;

	add(f, 2001, false);
	add(f, 2002, true);
	strbuf_truncate(&f->kernel.trace, 0);
	fake_daemon_run(f, 1200);
	fake_expect(&f->kernel, "sa-state 2001\nsa-state 2002\n");
	daemon_protect(&f->d, &(struct node_action){ .type = NODE_SA_DEL, .sa_id = 2001 });
	strbuf_truncate(&f->kernel.trace, 0);
	fake_daemon_run(f, 1200);
	fake_expect(&f->kernel, "");
}

static void refused_associations_are_told(void **state)
{
	struct fake_daemon *f = *state;

	f->backend.refuse_sas = -ENOSPC;
	add(f, 2001, false);
	assert_int_equal(fake_daemon_logged(f, "%CRYPTO-3-SA: A security association with 1.1.1.2 "
	                                       "cannot be put in force: No space left on device"),
	                 1);
	assert_null(f->d.sas);
}

/* Without a key the answer is that there is none; it is given once. */
static void what_was_to_be_signed_is_answered(void **state)
{
	struct fake_daemon *f = *state;
	const struct node_action sign = {
		.type = NODE_IKE_SIGN,
		.sign = { .cookie = 7,
		          .trustpoint = "CA",
		          .bytes = (const uint8_t *)"x",
		          .len = 1 },
	};

	daemon_protect(&f->d, &sign);
	daemon_protect(&f->d, &sign);
	assert_true(daemon_tell_signature(&f->d));
	assert_true(daemon_tell_signature(&f->d));
	assert_false(daemon_tell_signature(&f->d));
	daemon_protect(&f->d, &sign);
	daemon_step(&f->d, &(struct node_event){ .type = NODE_TICK });
	assert_false(daemon_tell_signature(&f->d));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fake_daemon_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dials_from_its_port),
		TEST(port_is_held_while_a_tunnel_is_protected),
		TEST(tunnel_without_its_port_is_down),
		TEST(associations_reach_the_back_end),
		TEST(what_they_carry_is_polled),
		TEST(refused_associations_are_told),
		TEST(what_was_to_be_signed_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
