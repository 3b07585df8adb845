/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/port_test_netns.h"

#include "dataplane/bytes.h"
#include "dataplane/port.h"

enum { WORKERS = 3, SENDERS = 60 };

static const uint8_t payload[] = { 0x45, 1, 2, 3, 4, 5 };

static void fill(struct tx_packet *p, uint8_t from)
{
	const struct encap e = {
		.from = addr_v4(127, 1, 0, from),
		.to = addr_v4(127, 0, 0, 1),
		.tos = 0xc0,
		.ttl = 99,
		.gre_len = 4,
	};

	*p = (struct tx_packet){ 0 };
	encap_start(p, &e, GRE_PROTO_IPV4);
	p->payload = payload;
	p->payload_len = sizeof payload;
	assert_true(encap_finish(p, 1));
}

static void send_from(struct port *port, uint8_t from)
{
	struct tx_packet p;

	fill(&p, from);
	port->ops->send(port, &p, 1, 0);
	assert_false(p.refused);
}

static void test_header_fields(void **state)
{
	int fd = port_socket(0, 1);
	struct port *port = port_raw_new(fd);
	struct port_receiver *r = port_receiver_new(fd);
	uint8_t *bytes;
	size_t len;

	(void)state;
	assert_true(fd >= 0);
	send_from(port, 7);
	assert_int_equal(port_receive(r), 1);
	assert_true(port_received(r, 0, &bytes, &len));
	assert_int_equal(len, 20 + 4 + sizeof payload);
	assert_int_equal(bytes[1], 0xc0);
	assert_int_equal(bytes_u16(bytes + 6), 0); /* DF 0 */
	assert_int_equal(bytes[8], 99);
	assert_int_equal(bytes_u32(bytes + 12), 0x7f010007);
	assert_int_equal(bytes_u16(bytes + 22), GRE_PROTO_IPV4);
	assert_memory_equal(bytes + 24, payload, sizeof payload);
	assert_int_equal(port_receive(r), 0);
	port_receiver_free(r);
	port->ops->free(port);
	close(fd);
}

/* Every sender belongs to exactly one worker, and none of them has all. */
static void test_one_worker_owns_a_sender(void **state)
{
	int fd[WORKERS];
	struct port_receiver *r[WORKERS];
	unsigned n[WORKERS], sum = 0;

	(void)state;
	for (unsigned i = 0; i < WORKERS; i++) {
		fd[i] = port_socket(i, WORKERS);
		r[i] = port_receiver_new(fd[i]);
	}
	struct port *port = port_raw_new(fd[0]);
	for (uint8_t from = 1; from <= SENDERS; from++)
		send_from(port, from);
	for (unsigned i = 0; i < WORKERS; i++) {
		n[i] = port_receive(r[i]);
		sum += n[i];
		assert_true(n[i] > SENDERS / WORKERS / 2);
	}
	assert_int_equal(sum, SENDERS);
	port->ops->free(port);
	for (unsigned i = 0; i < WORKERS; i++) {
		port_receiver_free(r[i]);
		close(fd[i]);
	}
}

/* One that the kernel refuses does not keep back the others. */
static void test_refused(void **state)
{
	int fd = port_socket(0, 1);
	struct port *port = port_raw_new(fd);
	struct port_receiver *r = port_receiver_new(fd);
	struct tx_packet p[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		fill(&p[i], 7);
	p[1].to[0] = 203; /* no route */
	port->ops->send(port, p, 3, 0);
	assert_false(p[0].refused);
	assert_true(p[1].refused);
	assert_false(p[2].refused);
	assert_int_equal(port_receive(r), 2);
	port_receiver_free(r);
	port->ops->free(port);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_fields),
		cmocka_unit_test(test_one_worker_owns_a_sender),
		cmocka_unit_test(test_refused),
	};

	if (!test_netns_enter())
		return TEST_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
