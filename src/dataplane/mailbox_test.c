/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/mailbox.h"

static struct mailbox box;
static uint8_t bytes[MAIL_BYTES_MAX + 1];

static int setup(void **state)
{
	(void)state;
	return mailbox_init(&box);
}

static int teardown(void **state)
{
	(void)state;
	mailbox_fini(&box);
	return 0;
}

static bool put(uint32_t tunnel, uint32_t len)
{
	const struct mail mail = {
		.type = MAIL_FRAME, .tunnel = tunnel, .len = len, .bytes = bytes
	};

	return mailbox_put(&box, &mail);
}

static bool told(void)
{
	struct pollfd pfd = { .fd = box.event_fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void test_in_order_and_told(void **state)
{
	struct mail mail;

	(void)state;
	bytes[0] = 5;
	assert_false(told());
	assert_true(put(1, 1));
	assert_true(put(2, 0));
	assert_true(told());
	mailbox_open(&box);
	assert_false(told());
	assert_true(mailbox_take(&box, &mail));
	assert_int_equal(mail.tunnel, 1);
	assert_int_equal(mail.len, 1);
	assert_int_equal(mail.bytes[0], 5);
	assert_true(put(3, 1)); /* while the worker looks */
	assert_true(told());
	assert_true(mailbox_take(&box, &mail));
	assert_true(mailbox_take(&box, &mail));
	assert_int_equal(mail.tunnel, 3);
	assert_false(mailbox_take(&box, &mail));
	mailbox_release(&box);
}

/* Who takes a mail may write around its bytes. */
static void test_room(void **state)
{
	struct mail first, second;

	(void)state;
	bytes[0] = 5;
	assert_true(put(1, 1) && put(2, 1));
	mailbox_open(&box);
	assert_true(mailbox_take(&box, &first));
	memset(first.bytes - MAIL_HEADROOM, 0xff, MAIL_HEADROOM);
	memset(first.bytes + 1, 0xff, MAIL_TAILROOM);
	assert_true(mailbox_take(&box, &second));
	assert_int_equal(second.tunnel, 2);
	memset(second.bytes - MAIL_HEADROOM, 0xff, MAIL_HEADROOM);
	assert_int_equal(first.bytes[0], 5);
	mailbox_release(&box);
}

/* Nothing is overwritten before it is released, and a full box refuses. */
static void test_full(void **state)
{
	struct mail first, mail;
	unsigned n = 0;

	(void)state;
	assert_false(put(0, MAIL_BYTES_MAX + 1));
	bytes[0] = 1;
	while (put(n, MAIL_BYTES_MAX))
		n++;
	assert_in_range(n, 16, MAILBOX_BYTES / MAIL_BYTES_MAX);
	mailbox_open(&box);
	assert_true(mailbox_take(&box, &first));
	bytes[0] = 2;
	assert_false(put(n, MAIL_BYTES_MAX));
	assert_int_equal(first.bytes[0], 1);
	mailbox_release(&box);
	assert_true(put(n, MAIL_BYTES_MAX));
	for (unsigned i = 1; i <= n; i++) {
		assert_true(mailbox_take(&box, &mail));
		assert_int_equal(mail.tunnel, i);
	}
	assert_false(mailbox_take(&box, &mail));
	mailbox_release(&box);
}

enum { THREADS = 3, MAILS = 20000, LEN_STEP = 37, LEN_MOST = 1500 };

static void *send_many(void *ctx)
{
	const uint32_t *thread = ctx;

	for (uint32_t i = 0; i < MAILS; i++)
		while (!put(*thread << 24 | i, i * LEN_STEP % LEN_MOST))
			;
	return NULL;
}

/* Each thread's mail comes once, in its order, whole, and the worker is always woken. */
static void test_threads(void **state)
{
	pthread_t thread[THREADS];
	uint32_t number[THREADS], next[THREADS] = { 0 };
	struct pollfd pfd = { .fd = box.event_fd, .events = POLLIN };
	struct mail mail;

	(void)state;
	for (uint32_t i = 0; i < THREADS; i++) {
		number[i] = i;
		pthread_create(&thread[i], NULL, send_many, &number[i]);
	}
	for (unsigned n = 0; n < THREADS * MAILS;) {
		assert_int_equal(poll(&pfd, 1, 10000), 1);
		mailbox_open(&box);
		for (; mailbox_take(&box, &mail); n++) {
			uint32_t from = mail.tunnel >> 24, i = mail.tunnel & 0xffffff;
			assert_int_equal(i, next[from]++);
			assert_int_equal(mail.len, i * LEN_STEP % LEN_MOST);
		}
		mailbox_release(&box);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

static void *wait_for_all(void *ctx)
{
	mailbox_wait(&box);
	__atomic_store_n((bool *)ctx, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static void test_wait(void **state)
{
	bool over = false;
	pthread_t thread;
	struct mail mail;

	(void)state;
	mailbox_wait(&box);
	assert_true(put(1, 10));
	pthread_create(&thread, NULL, wait_for_all, &over);
	mailbox_open(&box);
	assert_true(mailbox_take(&box, &mail));
	assert_false(__atomic_load_n(&over, __ATOMIC_SEQ_CST));
	mailbox_release(&box);
	pthread_join(thread, NULL);
	assert_true(over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order_and_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_room, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
