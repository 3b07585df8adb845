/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of bytes behind a lock. Mostly it is empty: a TAP learns which queue a connection's
 * answers came by, and gives the connection to the same one.
 */
#include "dataplane/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/memory.h"

enum { ALIGN = 64 };

int mailbox_init(struct mailbox *m)
{
	*m = (struct mailbox){ .event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (m->event_fd < 0)
		return -errno;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->released, NULL);
	m->ring = memory_new(1, MAILBOX_BYTES);
	return 0;
}

void mailbox_fini(struct mailbox *m)
{
	if (!m->ring)
		return;
	free(m->ring);
	pthread_cond_destroy(&m->released);
	pthread_mutex_destroy(&m->lock);
	close(m->event_fd);
	m->ring = NULL;
}

static size_t entry_len(const struct mail *mail)
{
	size_t len = sizeof *mail + MAIL_HEADROOM + mail->len + MAIL_TAILROOM;

	return (len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* An entry does not wrap round: it lies in one piece. */
static bool put(struct mailbox *m, const struct mail *mail)
{
	size_t at = m->put % MAILBOX_BYTES, to_end = MAILBOX_BYTES - at, len = entry_len(mail);
	size_t skip = len > to_end ? to_end : 0;

	if (m->put + skip + len - m->taken > MAILBOX_BYTES)
		return false;
	if (skip) {
		const struct mail filler = { .type = MAIL_SKIP };
		if (to_end >= sizeof filler)
			memcpy(m->ring + at, &filler, sizeof filler);
		m->put += skip;
		at = 0;
	}
	memcpy(m->ring + at, mail, sizeof *mail);
	if (mail->len)
		memcpy(m->ring + at + sizeof *mail + MAIL_HEADROOM, mail->bytes, mail->len);
	m->put += len;
	return true;
}

bool mailbox_put(struct mailbox *m, const struct mail *mail)
{
	const uint64_t one = 1;
	bool tell = false;

	if (mail->len > MAIL_BYTES_MAX)
		return false;
	pthread_mutex_lock(&m->lock);
	bool done = put(m, mail);
	if (done && !m->told)
		m->told = tell = true;
	pthread_mutex_unlock(&m->lock);
	if (tell)
		(void)!write(m->event_fd, &one, sizeof one);
	return done;
}

void mailbox_open(struct mailbox *m)
{
	uint64_t count;

	(void)!read(m->event_fd, &count, sizeof count);
	pthread_mutex_lock(&m->lock);
	m->told = false;
	pthread_mutex_unlock(&m->lock);
}

bool mailbox_take(struct mailbox *m, struct mail *ret)
{
	pthread_mutex_lock(&m->lock);
	uint64_t end = m->put;
	pthread_mutex_unlock(&m->lock);

	while (m->read != end) {
		size_t at = m->read % MAILBOX_BYTES, to_end = MAILBOX_BYTES - at;
		if (to_end >= sizeof *ret)
			memcpy(ret, m->ring + at, sizeof *ret);
		if (to_end < sizeof *ret || ret->type == MAIL_SKIP) {
			m->read += to_end;
			continue;
		}
		ret->bytes = m->ring + at + sizeof *ret + MAIL_HEADROOM;
		m->read += entry_len(ret);
		return true;
	}
	return false;
}

void mailbox_release(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	m->taken = m->read;
	pthread_cond_broadcast(&m->released);
	pthread_mutex_unlock(&m->lock);
}

void mailbox_wait(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	for (uint64_t end = m->put; m->taken < end;)
		pthread_cond_wait(&m->released, &m->lock);
	pthread_mutex_unlock(&m->lock);
}
