/* SPDX-License-Identifier: Apache-2.0 */
/* Made and freed by the control thread; used by the one worker that it was made for. */
#include "dataplane/shield.h"

#include <stdlib.h>
#include <unistd.h>

#include "util/memory.h"

static int open_ports(struct shield *s, const struct shield_options *options)
{
	s->whole_fd = port_icmp_socket(ADDR_V4);
	if (s->whole_fd < 0)
		return s->whole_fd;
	s->esp_fd = port_esp_socket(options->worker, options->n_workers);
	if (s->esp_fd < 0)
		return s->esp_fd;
	s->whole_port = port_whole_new(s->whole_fd);
	s->udp_port = port_udp_new(s->udp_fd);
	if (options->packet_port) {
		struct port_packet_options packet = *options->packet_port;
		packet.fd = s->esp_fd;
		return port_packet_new(&packet, &s->esp_port);
	}
	s->esp_port = port_raw_new(s->esp_fd);
	return 0;
}

int shield_new(const struct shield_options *options, struct shield **ret)
{
	struct shield *s = memory_new(1, sizeof *s);

	s->udp_fd = options->udp_fd;
	s->esp_fd = s->whole_fd = -1;
	int error = open_ports(s, options);
	if (error) {
		shield_free(s);
		return error;
	}
	s->engine = esp_engine_new(options->library);
	s->esp_receiver = port_receiver_new(s->esp_fd);
	s->udp_receiver = udp_receiver_new(s->udp_fd);
	open_init(&s->open, s->engine);
	seal_init(&s->seal, s->engine);
	*ret = s;
	return 0;
}

static void free_port(struct port *port)
{
	if (port)
		port->ops->free(port);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void shield_free(struct shield *s)
{
	if (!s)
		return;
	free_port(s->esp_port);
	free_port(s->udp_port);
	free_port(s->whole_port);
	port_receiver_free(s->esp_receiver);
	udp_receiver_free(s->udp_receiver);
	if (s->engine)
		esp_engine_free(s->engine);
	close_if_open(s->esp_fd);
	close_if_open(s->udp_fd);
	close_if_open(s->whole_fd);
	free(s);
}

static struct port *port_for(const struct shield *s, const struct tx_packet *p)
{
	if (p->df)
		return s->whole_port;
	return p->udp_to ? s->udp_port : s->esp_port;
}

void shield_send(struct shield *s, struct tx_packet *packets, unsigned n, int64_t now_ns)
{
	for (unsigned first = 0, end = 0; first < n; first = end) {
		struct port *port = port_for(s, &packets[first]);
		while (end < n && port_for(s, &packets[end]) == port)
			end++;
		port->ops->send(port, packets + first, end - first, now_ns);
	}
}
