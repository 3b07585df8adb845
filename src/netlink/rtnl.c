/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rtnetlink sockets. The kernel answers a request within the send, so that waiting for the
 * answer takes no time; a timeout guards against an answer that was lost. One thread: the control
 * thread.
 */
#include "netlink/rtnl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <libmnl/libmnl.h>

#include "util/memory.h"

enum {
	RECEIVE_MAX = 32768,      /* the kernel fills no more into one read of a dump */
	ERROR_TEXT_SIZE = 160,    /* longer than any sentence of the kernel's */
	ANSWER_TIMEOUT_S = 5,     /* only for an answer that was lost: it is there at once */
	DUMP_TRIES = 10,          /* of a dump that changes under way */
	NOTIFY_BUFFER = 8 << 20,  /* thousands of neighbours change at once when a hub restarts */
	REQUEST_BUFFER = 1 << 20, /* acknowledgements are short */
};

struct rtnl {
	struct mnl_socket *request, *notify;
	uint32_t sequence;
	char error_text[ERROR_TEXT_SIZE];
	_Alignas(struct nlmsghdr) uint8_t send[NETLINK_MESSAGE_MAX];
	_Alignas(struct nlmsghdr) uint8_t answer[RECEIVE_MAX];
	_Alignas(struct nlmsghdr)
		uint8_t news[RECEIVE_MAX]; /* its own: a callback may send requests */
};

static void set_option(const struct mnl_socket *s, int level, int option, int value)
{
	/* Every option here is an improvement that an old kernel may lack. */
	(void)setsockopt(mnl_socket_get_fd(s), level, option, &value, sizeof value);
}

static void set_receive_buffer(const struct mnl_socket *s, int size)
{
	if (setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		set_option(s, SOL_SOCKET, SO_RCVBUF, size);
}

static struct mnl_socket *open_bound(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		int error = errno;
		mnl_socket_close(s);
		errno = error;
		return NULL;
	}
	return s;
}

static struct mnl_socket *open_request(void)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	struct mnl_socket *s = open_bound();

	if (!s)
		return NULL;
	set_option(s, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_option(s, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_option(s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
	set_receive_buffer(s, REQUEST_BUFFER);
	(void)setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	return s;
}

static struct mnl_socket *open_notify(void)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		                      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_NEIGH };
	struct mnl_socket *s = open_bound();

	if (!s)
		return NULL;
	set_receive_buffer(s, NOTIFY_BUFFER);
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		int group = groups[i];
		if (mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
			int error = errno;
			mnl_socket_close(s);
			errno = error;
			return NULL;
		}
	}
	return s;
}

int rtnl_new(struct rtnl **ret)
{
	struct rtnl *rtnl = memory_new(1, sizeof *rtnl);

	rtnl->request = open_request();
	if (rtnl->request)
		rtnl->notify = open_notify();
	if (!rtnl->notify) {
		int error = -errno;
		rtnl_free(rtnl);
		return error;
	}
	*ret = rtnl;
	return 0;
}

void rtnl_free(struct rtnl *rtnl)
{
	if (!rtnl)
		return;
	if (rtnl->request)
		mnl_socket_close(rtnl->request);
	if (rtnl->notify)
		mnl_socket_close(rtnl->notify);
	free(rtnl);
}

void *rtnl_buffer(struct rtnl *rtnl)
{
	return rtnl->send;
}

const char *rtnl_error_text(const struct rtnl *rtnl)
{
	return rtnl->error_text;
}

/* One read; the number of bytes, or a negative errno. */
static ssize_t receive(const struct mnl_socket *s, uint8_t bytes[RECEIVE_MAX], int flags)
{
	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(s), bytes, RECEIVE_MAX, flags);
		if (n >= 0)
			return n;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_request(struct rtnl *rtnl, struct nlmsghdr *message)
{
	rtnl->error_text[0] = '\0';
	message->nlmsg_seq = ++rtnl->sequence;
	if (mnl_socket_sendto(rtnl->request, message, message->nlmsg_len) < 0)
		return -errno;
	return 0;
}

static void note_text(struct rtnl *rtnl, const char *text)
{
	strncpy(rtnl->error_text, text, sizeof rtnl->error_text - 1);
	rtnl->error_text[sizeof rtnl->error_text - 1] = '\0';
}

/* What the answers to one request have told so far. */
struct answer {
	void (*each)(void *ctx, const struct netlink_event *event);
	void *ctx;
	bool done, changed_under_way;
	int error;
};

static void take_message(struct rtnl *rtnl, const struct nlmsghdr *m, struct answer *answer)
{
	const char *text;
	struct netlink_event event;

	/* Left over from a request whose answer came too late. */
	if (m->nlmsg_seq != rtnl->sequence)
		return;
	if (m->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->changed_under_way = true;
	if (netlink_parse_error(m, &answer->error, &text)) {
		answer->done = true;
		if (answer->error && text)
			note_text(rtnl, text);
	} else if (answer->each && netlink_parse(m, &event)) {
		answer->each(answer->ctx, &event);
	}
}

/* Reads until the acknowledgement. */
static int take_answer(struct rtnl *rtnl, struct answer *answer)
{
	while (!answer->done) {
		ssize_t n = receive(rtnl->request, rtnl->answer, 0);
		if (n < 0)
			return n == -EAGAIN ? -EIO : (int)n;
		const void *at = rtnl->answer;
		int left = (int)n;
		for (const struct nlmsghdr *m = at; !answer->done && mnl_nlmsg_ok(m, left);
		     m = mnl_nlmsg_next(m, &left))
			take_message(rtnl, m, answer);
	}
	return answer->error;
}

int rtnl_request(struct rtnl *rtnl, struct nlmsghdr *message)
{
	struct answer answer = { 0 };
	int error = send_request(rtnl, message);

	return error ? error : take_answer(rtnl, &answer);
}

/* What became of the messages of a batch, which have the sequence numbers from `first` on. */
struct outcome {
	uint32_t first;
	size_t n, n_known;
	int error[NETLINK_BATCH_MAX];
};

static void take_outcome(struct rtnl *rtnl, const struct nlmsghdr *m, struct outcome *o)
{
	uint32_t which = m->nlmsg_seq - o->first;
	const char *text;
	int error;

	if (which >= o->n || !netlink_parse_error(m, &error, &text))
		return;
	o->error[which] = error;
	o->n_known++;
	if (error && text && !rtnl->error_text[0])
		note_text(rtnl, text);
}

static void take_outcomes(struct rtnl *rtnl, struct outcome *o)
{
	while (o->n_known < o->n) {
		ssize_t n = receive(rtnl->request, rtnl->answer, 0);
		if (n < 0)
			return; /* what has no answer has failed */
		const void *at = rtnl->answer;
		int left = (int)n;
		for (const struct nlmsghdr *m = at; mnl_nlmsg_ok(m, left);
		     m = mnl_nlmsg_next(m, &left))
			take_outcome(rtnl, m, o);
	}
}

void rtnl_send(struct rtnl *rtnl, struct netlink_batch *batch,
               void (*refused)(void *ctx, const struct netlink_event *event, int error), void *ctx)
{
	struct outcome o = { .first = rtnl->sequence + 1, .n = batch->n };
	struct netlink_event event;
	size_t i = 0;

	if (!batch->n)
		return;
	rtnl->error_text[0] = '\0';
	for (struct nlmsghdr *m = NULL; (m = netlink_batch_next(batch, m));)
		m->nlmsg_seq = ++rtnl->sequence;
	ssize_t sent = mnl_socket_sendto(rtnl->request, batch->bytes, batch->len);
	int error = sent < 0 ? -errno : -EIO;
	for (size_t k = 0; k < o.n; k++)
		o.error[k] = error;
	if (sent >= 0)
		take_outcomes(rtnl, &o);
	for (struct nlmsghdr *m = NULL; (m = netlink_batch_next(batch, m)); i++)
		if (o.error[i] && netlink_parse(m, &event))
			refused(ctx, &event, o.error[i]);
	batch->n = batch->len = 0;
}

int rtnl_dump(struct rtnl *rtnl, struct nlmsghdr *message,
              void (*each)(void *ctx, const struct netlink_event *event), void *ctx)
{
	for (int i = 0; i < DUMP_TRIES; i++) {
		struct answer answer = { .each = each, .ctx = ctx };
		int error = send_request(rtnl, message);
		if (!error)
			error = take_answer(rtnl, &answer);
		if (error || !answer.changed_under_way)
			return error;
	}
	return -EAGAIN;
}

struct link_query {
	const char *name;
	struct netlink_link *ret;
	bool found;
};

static void take_link(void *ctx, const struct netlink_event *event)
{
	struct link_query *q = ctx;

	if (event->object == NETLINK_LINK && strcmp(event->link.name, q->name) == 0) {
		*q->ret = event->link;
		q->found = true;
	}
}

int rtnl_link(struct rtnl *rtnl, const char *name, struct netlink_link *ret)
{
	struct link_query q = { .name = name, .ret = ret };

	if (name[0] == '\0' || strlen(name) >= NETLINK_NAME_SIZE)
		return -ENODEV;
	int error = rtnl_dump(rtnl, netlink_link_get(rtnl->send, name), take_link, &q);
	if (error)
		return error;
	return q.found ? 0 : -ENODEV;
}

struct neighbour_list {
	int index;
	struct netlink_neighbour *at;
	size_t n, room;
};

static void take_neighbour(void *ctx, const struct netlink_event *event)
{
	struct neighbour_list *list = ctx;

	if (event->object != NETLINK_NEIGHBOUR || event->neighbour.index != list->index ||
	    event->neighbour.state & NUD_NOARP)
		return;
	if (list->n == list->room) {
		list->room = list->room ? list->room * 2 : 64;
		list->at = memory_resize(list->at, list->room, sizeof *list->at);
	}
	list->at[list->n++] = event->neighbour;
}

int rtnl_flush_neighbours(struct rtnl *rtnl, int index)
{
	struct neighbour_list list = { .index = index };
	int error =
		rtnl_dump(rtnl, netlink_neighbour_dump(rtnl->send, index), take_neighbour, &list);

	for (size_t i = 0; i < list.n && !error; i++) {
		error = rtnl_request(rtnl, netlink_neighbour_del(rtnl->send, &list.at[i]));
		if (error == -ENOENT)
			error = 0;
	}
	free(list.at);
	return error;
}

int rtnl_notify_fd(const struct rtnl *rtnl)
{
	return mnl_socket_get_fd(rtnl->notify);
}

int rtnl_notify(struct rtnl *rtnl, void (*each)(void *ctx, const struct netlink_event *event),
                void *ctx)
{
	for (int i = 0; i < RTNL_NOTIFY_MAX; i++) {
		ssize_t n = receive(rtnl->notify, rtnl->news, MSG_DONTWAIT);
		if (n < 0)
			return n == -EAGAIN ? 0 : (int)n;
		const void *at = rtnl->news;
		int left = (int)n;
		for (const struct nlmsghdr *m = at; mnl_nlmsg_ok(m, left);
		     m = mnl_nlmsg_next(m, &left)) {
			struct netlink_event event;
			if (netlink_parse(m, &event))
				each(ctx, &event);
		}
	}
	return 0;
}
