/* SPDX-License-Identifier: Apache-2.0 */
/* Resolution requests that routing has a say in: forwarded along the route, or answered at its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

/* R2, which is registered with R1, asks it for an address. */
static void request_as(struct cloud *c, const char *to, uint16_t flags)
{
	struct nhrp_packet p = {
		.type = NHRP_RESOLUTION_REQUEST,
		.hops = NHRP_HOPS,
		.afn = 1,
		.proto_type = 0x0800,
		.flags = flags,
		.request_id = 9,
		.src_nbma = cloud_addr("2.2.2.2"),
		.src_proto = cloud_addr("10.10.10.2"),
		.dst_proto = cloud_addr(to),
		.cie = { { .prefix_len = 32, .holdtime_s = 600 } },
		.n_cie = 1,
	};

	cloud_inject(c, "2.2.2.2", R1, &p);
}

static void request(struct cloud *c, const char *to)
{
	request_as(c, to, NHRP_RESOLUTION_AUTHORITATIVE | NHRP_RESOLUTION_SOURCE_STABLE);
}

static void set_up(struct cloud *c, const char *first, const char *second)
{
	const char *const routes[CLOUD_LINES_MAX] = { first, second };

	c->terse = true;
	cloud_add_three(c);
	cloud_reroute(c, R1, routes);
}

static const struct nhrp_packet *latest(const struct cloud *c)
{
	static struct nhrp_packet p;

	assert_int_equal(nhrp_parse(c->last.bytes, c->last.len, &p), NHRP_WIRE_OK);
	return &p;
}

static void along_the_route(void **state)
{
	struct cloud *c = *state;

	set_up(c, "192.168.3.0/24 10.10.10.3", NULL);
	request(c, "192.168.3.7");
	cloud_expect(c, "   2.000 R1 forwarded 3.3.3.2 Resolution Request 9 192.168.3.7\n");
	assert_int_equal(latest(c)->hops, NHRP_HOPS - 1);
}

/* The hub is the last router of the network on the way. */
static void at_the_end_of_the_route(void **state)
{
	struct cloud *c = *state;

	set_up(c, "192.168.1.0/24 local", NULL);
	request(c, "192.168.1.7");
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 9\n");
	const struct nhrp_cie *cie = &latest(c)->cie[0];
	struct addr own = cloud_addr("10.10.10.1");
	assert_int_equal(cie->prefix_len, 24);
	assert_true(addr_equal(&cie->proto, &own));
}

static void back_to_where_it_came_from(void **state)
{
	struct cloud *c = *state;

	set_up(c, "192.168.9.0/24 10.10.10.2", NULL);
	request(c, "192.168.9.7");
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 9 code 12\n");
}

static void nowhere(void **state)
{
	struct cloud *c = *state;

	set_up(c, NULL, NULL);
	request(c, "192.168.9.7");
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 9 code 12\n");
}

static void no_better_than_a_default(void **state)
{
	struct cloud *c = *state;

	set_up(c, "8.0.0.0/7 local", "192.0.0.0/8 local");
	request(c, "8.8.8.8");
	request(c, "192.168.9.7");
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 9 code 12\n"
	                "   2.000 R1 sent 2.2.2.2 Resolution Reply 9\n");
	assert_int_equal(latest(c)->cie[0].prefix_len, 8);
}

/* Answers that nobody waits for any more, or never did. */
static void late_answers_change_nothing(void **state)
{
	struct cloud *c = *state;
	struct node_event answer = { .type = NODE_ROUTE };

	set_up(c, "192.168.1.0/24 local", NULL);
	answer.route.cookie = 99;
	cloud_event(c, R1, &answer);
	answer.route.found = answer.route.by_tunnel = true;
	answer.route.tunnel = 7;
	for (uint32_t cookie = 0; cookie < 20; cookie++) {
		answer.route.cookie = cookie;
		cloud_event(c, R1, &answer);
	}
	cloud_expect(c, "");
}

/* A caller that never answers is asked no more than so many questions. */
static void open_questions_are_bounded(void **state)
{
	enum { QUESTIONS = 1024 };
	struct cloud *c = *state;
	struct node_event event = { .type = NODE_PACKET };
	struct node_out *out = &c->out;
	struct nhrp_packet p;
	uint8_t bytes[NHRP_PACKET_MAX];

	set_up(c, NULL, NULL);
	request(c, "192.168.9.7");
	p = *latest(c);
	p.type = NHRP_RESOLUTION_REQUEST;
	p.n_ext = 0;
	event.packet.from = cloud_addr("2.2.2.2");
	event.packet.to = cloud_addr("1.1.1.2");
	event.packet.bytes = bytes;
	event.packet.len = nhrp_build(&p, bytes, sizeof bytes);
	for (unsigned i = 0; i < QUESTIONS; i++)
		node_step(c->router[R1].node, cloud_now(c), &event, out);
	assert_int_equal(cloud_drops(c, R1, DROP_ROUTE_BUSY), 0);
	node_step(c->router[R1].node, cloud_now(c), &event, out);
	assert_int_equal(cloud_drops(c, R1, DROP_ROUTE_BUSY), 1);
}

static void sends_routed(struct snap_nhrp *nhrp)
{
	nhrp->send_routed = true;
}

/* `ip nhrp send-routed`: a host route beats what is registered; on the link that is what counts. */
static void the_route_goes_first(void **state)
{
	static const char *const routes[CLOUD_LINES_MAX] = { "10.10.10.3/32 10.10.10.4",
		                                             "10.10.10.0/24 link" };
	static const char *const link[CLOUD_LINES_MAX] = { "10.10.10.0/24 link" };
	struct cloud *c = *state;
	struct cloud_spec hub = cloud_r1;

	c->terse = true;
	cloud_add_three(c);
	cloud_add(c, &cloud_r4);
	hub.map[0] = "10.10.10.4/32 4.4.4.2";
	cloud_configure(c, R1, &hub);
	cloud_reroute(c, R1, routes);
	cloud_quiet(c);
	request(c, "10.10.10.3");
	cloud_expect(c, "   2.000 R1 forwarded 3.3.3.2 Resolution Request 9 10.10.10.3\n");
	hub = c->router[R1].spec;
	hub.also = sends_routed;
	cloud_configure(c, R1, &hub);
	request(c, "10.10.10.3");
	cloud_expect(c, "   2.000 R1 forwarded 4.4.4.2 Resolution Request 9 10.10.10.3\n");
	request(c, "10.10.10.4");
	cloud_expect(c, "   2.000 R1 forwarded 4.4.4.2 Resolution Request 9 10.10.10.4\n");
	request(c, "10.10.10.77");
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 9 code 12\n");
	cloud_reroute(c, R1, link);
	request_as(c, "10.10.10.3", 0);
	cloud_expect(c, "   2.000 R1 sent 2.2.2.2 Resolution Reply 9\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(along_the_route),
		cloud_unit_test(at_the_end_of_the_route),
		cloud_unit_test(back_to_where_it_came_from),
		cloud_unit_test(nowhere),
		cloud_unit_test(no_better_than_a_default),
		cloud_unit_test(late_answers_change_nothing),
		cloud_unit_test(open_questions_are_bounded),
		cloud_unit_test(the_route_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
