/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/cache_saver.h"

static void on_timer(uv_timer_t *timer);

static void arm(struct cache_saver *s)
{
	uint64_t now = uv_now(s->timer.loop), wait = CACHE_SAVER_SOON_MS;

	if (s->last_ms && s->last_ms + CACHE_SAVER_EVERY_MS > now + wait)
		wait = s->last_ms + CACHE_SAVER_EVERY_MS - now;
	uv_timer_start(&s->timer, on_timer, wait, 0);
}

static void write_file(uv_work_t *work)
{
	struct cache_saver *s = work->data;

	s->result = state_save_cache(s->state, s->text.text);
}

static void written(struct cache_saver *s)
{
	strbuf_fini(&s->text);
	s->busy = false;
	if (s->result < 0)
		s->dirty = true;
	if (s->result < 0 && !s->failing)
		s->failed(s->ctx, s->result);
	s->failing = s->result < 0;
}

static void on_written(uv_work_t *work, int status)
{
	struct cache_saver *s = work->data;

	(void)status; /* never cancelled */
	written(s);
	if (s->dirty && !uv_is_closing((uv_handle_t *)&s->timer))
		arm(s);
}

static void begin(struct cache_saver *s)
{
	s->dirty = false;
	s->busy = true;
	s->last_ms = uv_now(s->timer.loop);
	strbuf_init(&s->text);
	s->print(s->ctx, &s->text);
}

static void on_timer(uv_timer_t *timer)
{
	struct cache_saver *s = timer->data;

	begin(s);
	if (uv_queue_work(timer->loop, &s->work, write_file, on_written) < 0) {
		write_file(&s->work);
		written(s);
	}
}

void cache_saver_start(struct cache_saver *s, uv_loop_t *loop)
{
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	s->work.data = s;
}

void cache_saver_mark(struct cache_saver *s)
{
	if (!s->dirty && !s->busy)
		arm(s);
	s->dirty = true;
}

void cache_saver_stop(struct cache_saver *s)
{
	uv_loop_t *loop = s->timer.loop;

	uv_close((uv_handle_t *)&s->timer, NULL);
	while (s->busy)
		uv_run(loop, UV_RUN_ONCE);
	if (s->dirty) {
		begin(s);
		write_file(&s->work);
		written(s);
	}
}
