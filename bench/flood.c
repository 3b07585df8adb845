/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forged and replayed IKE and ESP at a steady pace, for the lab's test of behaviour under trouble.
 *
 *	flood TARGET PEER RATE
 *
 * TARGET and PEER (IPv4) talk through this namespace: what comes in from PEER to TARGET is kept and
 * sent again, as it was and spoilt, and so are messages by which anybody opens main mode with
 * TARGET. All else is sent from PEER's address and from those of 198.18.0.0/15 (RFC 2544), which
 * nobody has. Packets leave by a raw socket with headers of our own. Ends by SIGTERM, with
 * "N sent, N captured, S seconds", and status 1 when something could not be sent. Single thread.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "util/addr.h"
#include "util/writer.h"

enum {
	PACKET_MAX = 1500,
	IPV4_LEN = 20,
	UDP_LEN = 8,
	ISAKMP_LEN = 28,
	KEPT = 64, /* captured packets of each kind, a ring */
	TICKS_PER_S = 1000,
	IKE_PORT = 500,
	NAT_PORT = 4500,
	ETHERTYPE_IPV4 = 0x0800,
	PROTOCOL_UDP = 17,
	PROTOCOL_ESP = 50,
	RATE_MAX = 1000000,
};

static const uint32_t strangers = 198U << 24 | 18 << 16;
static volatile sig_atomic_t ended;

struct packet {
	size_t len;
	uint8_t bytes[PACKET_MAX]; /* from the IPv4 header on */
};

struct ring {
	size_t n; /* ever kept */
	struct packet packet[KEPT];
};

struct flood {
	uint32_t target, peer, rate;
	int cable, out;
	uint64_t state;              /* of the random numbers: each run sends the same */
	struct ring ike, esp, first; /* first: messages that open main mode */
	uint64_t n_sent, n_failed;
};

static uint32_t draw(struct flood *f)
{
	f->state ^= f->state << 13;
	f->state ^= f->state >> 7;
	f->state ^= f->state << 17;
	return (uint32_t)(f->state >> 32);
}

static void put_random(struct flood *f, struct writer *w, size_t len)
{
	for (size_t i = 0; i < len; i++)
		write_u8(w, (uint8_t)draw(f));
}

static uint32_t stranger(struct flood *f)
{
	return strangers | (draw(f) & 0x1ffff);
}

/* ---- what is seen ---- */

static uint16_t u16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t u32_at(const uint8_t *p)
{
	return (uint32_t)u16_at(p) << 16 | u16_at(p + 2);
}

static void keep(struct ring *r, const uint8_t *bytes, size_t len)
{
	struct packet *p = &r->packet[r->n++ % KEPT];

	memcpy(p->bytes, bytes, len);
	p->len = len;
}

static void sort_in(struct flood *f, const uint8_t *b, size_t len)
{
	const size_t message = IPV4_LEN + UDP_LEN;

	if (len < message || b[0] != 0x45 || u32_at(b + 16) != f->target)
		return;
	bool of_peer = u32_at(b + 12) == f->peer;
	if (b[9] == PROTOCOL_ESP && of_peer) {
		keep(&f->esp, b, len);
	} else if (b[9] == PROTOCOL_UDP && u16_at(b + IPV4_LEN + 2) == IKE_PORT &&
	           len >= message + ISAKMP_LEN) {
		bool opens = !u32_at(b + message + 8) && !u32_at(b + message + 12);
		if (opens || of_peer)
			keep(opens ? &f->first : &f->ike, b, len);
	}
}

/* What passes is seen coming in and going out, and what we send ourselves going out only. */
static void look(struct flood *f)
{
	uint8_t bytes[PACKET_MAX];
	struct sockaddr_ll from;
	socklen_t from_len = sizeof from;
	ssize_t n;

	while ((n = recvfrom(f->cable, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from,
	                     &from_len)) >= 0) {
		if (from.sll_pkttype != PACKET_OUTGOING)
			sort_in(f, bytes, (size_t)n);
		from_len = sizeof from;
	}
}

/* ---- what is sent ---- */

static void send_packet(struct flood *f, const uint8_t *bytes, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct addr target = addr_from_u32(f->target);

	memcpy(&to.sin_addr, target.bytes, ADDR_V4_LEN);
	if (sendto(f->out, bytes, len, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)len)
		f->n_sent++;
	else
		f->n_failed++;
}

/* The kernel fills in length, identification and checksum. */
static void put_ipv4(struct flood *f, struct writer *w, uint32_t from, uint8_t protocol)
{
	write_u16(w, 0x4500);
	write_zero(w, 6);
	write_u8(w, 64);
	write_u8(w, protocol);
	write_u16(w, 0);
	write_u32(w, from);
	write_u32(w, f->target);
}

/* len: bytes after the header. Without a checksum, as RFC 768 allows. */
static void put_udp(struct writer *w, uint16_t port, size_t len)
{
	write_u16(w, port);
	write_u16(w, port);
	write_u16(w, (uint16_t)(UDP_LEN + len));
	write_u16(w, 0);
}

static void send_junk(struct flood *f, uint16_t port, size_t len)
{
	uint8_t bytes[PACKET_MAX];
	struct writer w = writer_over(bytes, sizeof bytes);

	put_ipv4(f, &w, draw(f) & 1 ? f->peer : stranger(f), PROTOCOL_UDP);
	put_udp(&w, port, len);
	put_random(f, &w, len);
	send_packet(f, bytes, writer_len(&w));
}

/* A header of ISAKMP that is right but for its version or its length, over garbage. */
static void send_header(struct flood *f, uint8_t version, uint32_t says)
{
	uint8_t bytes[PACKET_MAX];
	struct writer w = writer_over(bytes, sizeof bytes);
	const size_t body = 100;

	put_ipv4(f, &w, stranger(f), PROTOCOL_UDP);
	put_udp(&w, IKE_PORT, ISAKMP_LEN + body);
	put_random(f, &w, 8);
	if (draw(f) & 1)
		put_random(f, &w, 8); /* of an SA that is not there */
	else
		write_zero(&w, 8);
	write_u8(&w, 1); /* a payload SA, main mode */
	write_u8(&w, version);
	write_u8(&w, 2);
	write_zero(&w, 5);
	write_u32(&w, says);
	put_random(f, &w, body);
	send_packet(f, bytes, writer_len(&w));
}

static void send_esp(struct flood *f, bool udp)
{
	uint8_t bytes[PACKET_MAX];
	struct writer w = writer_over(bytes, sizeof bytes);
	const size_t len = 100;

	put_ipv4(f, &w, draw(f) & 1 ? f->peer : stranger(f), udp ? PROTOCOL_UDP : PROTOCOL_ESP);
	if (udp)
		put_udp(&w, NAT_PORT, len);
	put_random(f, &w, len);
	send_packet(f, bytes, writer_len(&w));
}

static const struct packet *any_of(struct flood *f, const struct ring *r)
{
	size_t n = r->n < KEPT ? r->n : KEPT;

	return n ? &r->packet[draw(f) % n] : NULL;
}

/* Exactly as it was. */
static void send_again(struct flood *f, const struct ring *r)
{
	const struct packet *p = any_of(f, r);

	if (p)
		send_packet(f, p->bytes, p->len);
}

/* With bytes changed from `from` on: headers, cookies and SPIs are what they were. */
static void send_spoilt(struct flood *f, const struct ring *r, size_t from)
{
	const struct packet *p = any_of(f, r);
	struct packet spoilt;

	if (!p || p->len <= from)
		return;
	spoilt = *p;
	for (int i = 0; i < 8; i++)
		spoilt.bytes[from + draw(f) % (p->len - from)] ^= (uint8_t)(1 + draw(f) % 255);
	spoilt.bytes[IPV4_LEN + 6] = p->bytes[9] == PROTOCOL_UDP ? 0 : p->bytes[IPV4_LEN + 6];
	spoilt.bytes[IPV4_LEN + 7] = p->bytes[9] == PROTOCOL_UDP ? 0 : p->bytes[IPV4_LEN + 7];
	send_packet(f, spoilt.bytes, spoilt.len);
}

static void send_first(struct flood *f, uint32_t from)
{
	const struct packet *p = any_of(f, &f->first);
	struct packet forged;
	struct writer w;

	if (!p)
		return;
	forged = *p;
	w = writer_over(forged.bytes, forged.len);
	put_ipv4(f, &w, from, PROTOCOL_UDP);
	put_udp(&w, IKE_PORT, p->len - IPV4_LEN - UDP_LEN);
	put_random(f, &w, 8); /* the initiator's cookie */
	send_packet(f, forged.bytes, forged.len);
}

enum { KINDS = 15 };

static void send_kind(struct flood *f, unsigned kind)
{
	const size_t isakmp_body = IPV4_LEN + UDP_LEN + ISAKMP_LEN;
	const size_t esp_body = IPV4_LEN + 8; /* after SPI and sequence number */

	switch (kind) {
	case 0:
		return send_junk(f, IKE_PORT, draw(f) % 400);
	case 1:
		return send_junk(f, IKE_PORT, draw(f) % ISAKMP_LEN);
	case 2:
		return send_header(f, 0x10, draw(f));
	case 3:
		return send_header(f, 0x10, ISAKMP_LEN + 100);
	case 4:
		return send_header(f, 0x30, ISAKMP_LEN + 100);
	case 5:
		return send_first(f, stranger(f));
	case 6:
		return send_spoilt(f, &f->first, isakmp_body);
	case 7:
		return send_spoilt(f, &f->ike, isakmp_body);
	case 8:
		return send_again(f, &f->ike);
	case 9:
		return send_again(f, &f->first);
	case 10:
		return send_esp(f, false);
	case 11:
		return send_spoilt(f, &f->esp, esp_body);
	case 12:
		return send_again(f, &f->esp);
	case 13:
		return send_junk(f, NAT_PORT, 1 + draw(f) % 8); /* keepalives and what is short */
	default:
		return send_esp(f, true);
	}
}

/* ---- pace ---- */

static int64_t elapsed_ns(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000000000LL + now.tv_nsec - since->tv_nsec;
}

static void end(int number)
{
	(void)number;
	ended = 1;
}

/* Returns the seconds that it took. What a tick could not send is sent in the next. */
static double run(struct flood *f)
{
	const struct timespec tick = { .tv_nsec = 1000000000 / TICKS_PER_S };
	struct timespec begun;
	uint64_t turn = 0;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	while (!ended) {
		int64_t ns = elapsed_ns(&begun);
		uint64_t due = (uint64_t)((double)ns / 1e9 * f->rate);
		look(f);
		while (f->n_sent + f->n_failed < due && !ended)
			send_kind(f, (unsigned)(turn++ % KINDS));
		clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, NULL);
	}
	return (double)elapsed_ns(&begun) / 1e9;
}

static bool open_sockets(struct flood *f)
{
	int size = 4 << 20;

	f->cable = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETHERTYPE_IPV4));
	f->out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	return f->cable >= 0 && f->out >= 0 &&
	       !setsockopt(f->out, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
}

static bool read_number(const char *text, uint32_t max, uint32_t *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*ret = (uint32_t)n;
	return *text && !*end && n > 0 && n <= max;
}

int main(int argc, char **argv)
{
	static struct flood f = { .state = 0x9e3779b97f4a7c15 };
	struct addr target, peer;

	if (argc != 4 || !addr_parse(argv[1], &target) || !addr_parse(argv[2], &peer) ||
	    target.family != ADDR_V4 || peer.family != ADDR_V4 ||
	    !read_number(argv[3], RATE_MAX, &f.rate)) {
		fprintf(stderr, "flood TARGET PEER RATE (IPv4; up to %d)\n", RATE_MAX);
		return 2;
	}
	f.target = addr_to_u32(&target);
	f.peer = addr_to_u32(&peer);
	if (!open_sockets(&f)) {
		fprintf(stderr, "flood: sockets: %s\n", strerror(errno));
		return 1;
	}
	if (signal(SIGTERM, end) == SIG_ERR)
		return 1;
	double seconds = run(&f);
	printf("%llu sent, %llu captured, %.3f seconds\n", (unsigned long long)f.n_sent,
	       (unsigned long long)(f.ike.n + f.first.n + f.esp.n), seconds);
	return f.n_failed ? 1 : 0;
}
