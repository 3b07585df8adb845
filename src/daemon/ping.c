/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ICMP echo (RFC 792) over one raw socket a ping, on the control thread's loop. One request is on
 * its way at a time: the next goes when it was answered or its time is up. What comes in is checked
 * against it; everything else that a raw socket hears is passed over.
 */
#include "daemon/ping.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/check.h"
#include "util/checksum.h"
#include "util/memory.h"
#include "util/reader.h"
#include "util/writer.h"

enum {
	IP_HEADER_LEN = 20,
	ECHO_HEADER_LEN = 8,
	PACKET_MAX = 18024, /* bytes of the largest `size` */
	RECEIVE_MAX = 65536,
	RECEIVE_BURST = 64, /* packets read at a time, so that a flood of others stalls nothing */
	LINE_MARKS = 70,    /* as IOS breaks its lines */
	REFUSED_PAUSE_MS = 10, /* after a packet that our own kernel found too long */
	TTL = 255,
};

struct ping {
	struct pings *owner;
	struct ping *next;
	struct cli_session *session; /* NULL: closing */
	struct cli_ping request;
	int fd;
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned n_open; /* handles not closed yet */
	uint16_t id;
	bool waiting; /* a request is unanswered */
	uint64_t sent_ns;
	uint32_t n_sent, n_answered;
	uint32_t n_marks;
	uint64_t rtt_min_ns, rtt_max_ns, rtt_sum_ns;
};

struct pings {
	uv_loop_t *loop;
	struct ping *first;
	uint16_t next_id;
	uint8_t buffer[RECEIVE_MAX];
};

struct pings *pings_new(uv_loop_t *loop)
{
	struct pings *p = memory_new(1, sizeof *p);

	p->loop = loop;
	p->next_id = (uint16_t)getpid();
	return p;
}

static void on_closed(uv_handle_t *handle)
{
	struct ping *ping = handle->data;

	if (--ping->n_open)
		return;
	close(ping->fd);
	free(ping);
}

static void ping_close(struct ping *ping)
{
	struct ping **at = &ping->owner->first;

	while (*at != ping)
		at = &(*at)->next;
	*at = ping->next;
	ping->session = NULL;
	uv_close((uv_handle_t *)&ping->poll, on_closed);
	uv_close((uv_handle_t *)&ping->timer, on_closed);
}

void pings_free(struct pings *p)
{
	if (!p)
		return;
	while (p->first)
		ping_close(p->first);
	free(p);
}

/* ---- what the session sees ---- */

static void print(struct ping *ping, const char *text, size_t len)
{
	cli_print(ping->session, text, len);
}

static void print_start(struct ping *ping)
{
	const struct cli_ping *r = &ping->request;
	char text[ADDR_TEXT_LEN];
	struct strbuf out;

	strbuf_init(&out);
	strbuf_printf(&out,
	              "Type escape sequence to abort.\n"
	              "Sending %u, %u-byte ICMP Echos to %s, timeout is %u seconds:\n",
	              r->repeat, r->size_bytes, addr_format(&r->to, text), r->timeout_s);
	if (!addr_is_none(&r->source))
		strbuf_printf(&out, "Packet sent with a source address of %s\n",
		              addr_format(&r->source, text));
	if (r->df)
		strbuf_adds(&out, "Packet sent with the DF bit set\n");
	print(ping, out.text, out.len);
	strbuf_fini(&out);
}

/* Whole milliseconds as IOS counts them: what is less than one is one. */
static unsigned long long milliseconds(uint64_t ns)
{
	const uint64_t ms = (ns + NS_PER_MS / 2) / NS_PER_MS;

	return ms ? ms : 1;
}

/* n_done: the requests that were answered or given up. */
static void print_end(struct ping *ping, uint32_t n_done)
{
	const uint64_t n = ping->n_answered;
	struct strbuf out;

	strbuf_init(&out);
	if (ping->n_marks % LINE_MARKS)
		strbuf_addc(&out, '\n');
	strbuf_printf(&out, "Success rate is %u percent (%u/%u)",
	              n_done ? (unsigned)(n * 100 / n_done) : 0, ping->n_answered, n_done);
	if (n)
		strbuf_printf(&out, ", round-trip min/avg/max = %llu/%llu/%llu ms",
		              milliseconds(ping->rtt_min_ns), milliseconds(ping->rtt_sum_ns / n),
		              milliseconds(ping->rtt_max_ns));
	strbuf_addc(&out, '\n');
	print(ping, out.text, out.len);
	strbuf_fini(&out);
}

static void mark(struct ping *ping, char c)
{
	const char text[2] = { c, '\n' };

	ping->n_marks++;
	print(ping, text, ping->n_marks % LINE_MARKS ? 1 : 2);
}

static void finish(struct ping *ping, uint32_t n_done)
{
	struct cli_session *session = ping->session;

	print_end(ping, n_done);
	ping_close(ping);
	cli_done(session, true);
}

void pings_stop(struct pings *p, struct cli_session *session)
{
	struct ping *ping = p->first;

	while (ping && ping->session != session)
		ping = ping->next;
	if (ping)
		finish(ping, ping->n_sent - ping->waiting);
}

/* ---- sending ---- */

static size_t build_echo(struct ping *ping, uint8_t *packet)
{
	enum { FILLER = 0xabcd, CHECKSUM_AT = 2 };
	const size_t len = ping->request.size_bytes - IP_HEADER_LEN;
	struct writer w = writer_over(packet, len);

	write_u8(&w, ICMP_ECHO);
	write_u8(&w, 0);
	write_u16(&w, 0);
	write_u16(&w, ping->id);
	write_u16(&w, (uint16_t)ping->n_sent);
	while (writer_len(&w) + 2 <= len)
		write_u16(&w, FILLER);
	if (writer_len(&w) < len)
		write_u8(&w, FILLER >> 8);
	write_u16_at(&w, CHECKSUM_AT, checksum(packet, len));
	check(!w.failed);
	return len;
}

static struct sockaddr_in to_sockaddr(const struct addr *a)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };

	memcpy(&sa.sin_addr, a->bytes, ADDR_V4_LEN);
	return sa;
}

static void on_timer(uv_timer_t *timer);

static void send_next(struct ping *ping)
{
	const struct sockaddr_in to = to_sockaddr(&ping->request.to);
	uint64_t wait_ms = ping->request.timeout_s * 1000ULL;

	if (ping->n_sent == ping->request.repeat) {
		finish(ping, ping->n_sent);
		return;
	}
	const size_t len = build_echo(ping, ping->owner->buffer);
	ping->sent_ns = uv_hrtime();
	ping->waiting = true;
	if (sendto(ping->fd, ping->owner->buffer, len, 0, (const struct sockaddr *)&to, sizeof to) <
	            0 &&
	    errno == EMSGSIZE) {
		mark(ping, 'M');
		ping->waiting = false;
		wait_ms = REFUSED_PAUSE_MS;
	}
	/* Any other failure is a packet that got lost early: its time runs out. */
	ping->n_sent++;
	uv_update_time(ping->owner->loop);
	uv_timer_start(&ping->timer, on_timer, wait_ms, 0);
}

static void settle(struct ping *ping, char c)
{
	ping->waiting = false;
	mark(ping, c);
	send_next(ping);
}

static void on_timer(uv_timer_t *timer)
{
	struct ping *ping = timer->data;

	if (ping->waiting)
		settle(ping, '.');
	else
		send_next(ping);
}

/* ---- receiving ---- */

struct heard {
	uint8_t type, code;
	struct addr from, to; /* of the outer header */
	struct reader body;   /* behind the ICMP header's first four bytes */
};

/* Skips an IPv4 header; its addresses go to *from and *to. */
static bool read_ip(struct reader *r, struct addr *from, struct addr *to)
{
	const uint8_t version_ihl = read_u8(r);
	const size_t header_len = (size_t)(version_ihl & 0xf) * 4;

	read_skip(r, 11);
	*from = read_addr(r, ADDR_V4_LEN);
	*to = read_addr(r, ADDR_V4_LEN);
	if (version_ihl >> 4 != 4 || header_len < IP_HEADER_LEN)
		return false;
	read_skip(r, header_len - IP_HEADER_LEN);
	return !r->failed;
}

static bool parse_icmp(const uint8_t *packet, size_t len, struct heard *ret)
{
	struct reader r = reader_over(packet, len);

	if (!read_ip(&r, &ret->from, &ret->to))
		return false;
	ret->type = read_u8(&r);
	ret->code = read_u8(&r);
	read_skip(&r, 2);
	ret->body = r;
	return !r.failed;
}

static bool is_ours(const struct ping *ping, struct reader *r)
{
	const uint16_t id = read_u16(r), sequence = read_u16(r);

	return !r->failed && id == ping->id && sequence == (uint16_t)(ping->n_sent - 1);
}

/* True when an error is about the request on its way: the error quotes its headers. */
static bool quotes_ours(const struct ping *ping, struct reader *r)
{
	struct addr from, to;

	read_skip(r, 4);
	if (!read_ip(r, &from, &to) || !addr_equal(&to, &ping->request.to))
		return false;
	const uint8_t type = read_u8(r);
	read_skip(r, 3);
	return type == ICMP_ECHO && is_ours(ping, r);
}

static char error_mark(const struct heard *h)
{
	switch (h->type) {
	case ICMP_DEST_UNREACH:
		return h->code == ICMP_FRAG_NEEDED ? 'M' : 'U';
	case ICMP_SOURCE_QUENCH:
		return 'Q';
	case ICMP_TIME_EXCEEDED:
		return '&';
	default:
		return '?';
	}
}

static void answered(struct ping *ping)
{
	const uint64_t rtt = uv_hrtime() - ping->sent_ns;

	if (!ping->n_answered || rtt < ping->rtt_min_ns)
		ping->rtt_min_ns = rtt;
	if (rtt > ping->rtt_max_ns)
		ping->rtt_max_ns = rtt;
	ping->rtt_sum_ns += rtt;
	ping->n_answered++;
	settle(ping, '!');
}

static void hear(struct ping *ping, const uint8_t *packet, size_t len)
{
	const bool to_many = addr_is_multicast(&ping->request.to);
	struct heard h;

	if (!ping->waiting || !parse_icmp(packet, len, &h))
		return;
	if (h.type == ICMP_ECHOREPLY) {
		if (len >= ping->request.size_bytes && is_ours(ping, &h.body) &&
		    (to_many || addr_equal(&h.from, &ping->request.to)))
			answered(ping);
		return;
	}
	/* Our own kernel's errors tell of an unanswered ARP: IOS waits, and so do we. */
	if (!addr_equal(&h.from, &h.to) && quotes_ours(ping, &h.body))
		settle(ping, error_mark(&h));
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct ping *ping = poll->data;
	struct pings *p = ping->owner;

	(void)events;
	if (status < 0)
		return;
	for (int i = 0; i < RECEIVE_BURST && ping->session; i++) {
		const ssize_t len = recv(ping->fd, p->buffer, sizeof p->buffer, 0);
		if (len < 0)
			return;
		hear(ping, p->buffer, (size_t)len);
	}
}

/* ---- start ---- */

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_options(int fd, const struct cli_ping *request)
{
	const struct icmp_filter filter = {
		.data = ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH |
		          1U << ICMP_SOURCE_QUENCH | 1U << ICMP_TIME_EXCEEDED |
		          1U << ICMP_PARAMETERPROB)
	};
	int failed = setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter) < 0 ? -errno : 0;

	if (!failed)
		failed = set_option(fd, IPPROTO_IP, IP_TTL, TTL);
	if (!failed)
		failed = set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER,
		                    request->df ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
	return failed;
}

static int open_socket(const struct cli_ping *request, struct strbuf *error)
{
	const int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0) {
		const int refused = -errno;
		strbuf_printf(error, "Cannot ping: %s", strerror(-refused));
		return refused;
	}
	int failed = set_options(fd, request);
	if (!failed && !addr_is_none(&request->source)) {
		const struct sockaddr_in from = to_sockaddr(&request->source);
		if (bind(fd, (const struct sockaddr *)&from, sizeof from) < 0)
			failed = -errno;
	}
	if (!failed)
		return fd;
	if (failed == -EADDRNOTAVAIL)
		strbuf_adds(error, "Invalid source address- IP address not on any of our up "
		                   "interfaces");
	else
		strbuf_printf(error, "Cannot ping: %s", strerror(-failed));
	close(fd);
	return failed;
}

int pings_start(struct pings *p, struct cli_session *session, const struct cli_ping *request,
                struct strbuf *error)
{
	check(request->to.family == ADDR_V4 && request->size_bytes <= PACKET_MAX &&
	      request->size_bytes >= IP_HEADER_LEN + ECHO_HEADER_LEN);
	const int fd = open_socket(request, error);
	if (fd < 0)
		return fd;

	struct ping *ping = memory_new(1, sizeof *ping);
	ping->owner = p;
	ping->session = session;
	ping->request = *request;
	ping->fd = fd;
	ping->id = p->next_id++;
	ping->next = p->first;
	p->first = ping;
	check(!uv_poll_init(p->loop, &ping->poll, fd));
	check(!uv_timer_init(p->loop, &ping->timer));
	ping->n_open = 2;
	ping->poll.data = ping->timer.data = ping;
	check(!uv_poll_start(&ping->poll, UV_READABLE, on_readable));
	print_start(ping);
	send_next(ping);
	return 0;
}
