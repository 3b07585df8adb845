/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures in words. A stranger can make exchanges fail as fast as it sends: what is told and kept
 * is bounded.
 */
#include "ike/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ike/out.h"
#include "node/view.h"
#include "util/memory.h"

enum { SENTENCE_SIZE = 1024 }; /* ten names and what is between them */

static bool may_tell(struct ike *ike)
{
	if (!mono_before(ike->now.mono, mono_add_s(ike->failures_since, 1))) {
		ike->failures_since = ike->now.mono;
		ike->n_failures = 0;
	}
	return ike->n_failures++ < IKE_FAILURES_PER_S;
}

static size_t find_kept(const struct ike *ike, const struct addr *peer, const char *text)
{
	size_t i = 0;

	while (i < ike->n_kept_failures && (!addr_equal(&ike->failure[i].peer, peer) ||
	                                    strcmp(ike->failure[i].text, text) != 0))
		i++;
	return i;
}

static void clear(struct ike_failure *f)
{
	free(f->text);
	free(f->advice);
	*f = (struct ike_failure){ 0 };
}

/* To the front; when there are too many the last one goes. */
static void keep(struct ike *ike, const struct addr *peer, const char *text)
{
	size_t i = find_kept(ike, peer, text);
	struct ike_failure f = { .peer = *peer };

	if (!ike->failure)
		ike->failure = memory_new(IKE_FAILURES_KEPT, sizeof *ike->failure);
	if (i < ike->n_kept_failures) {
		f = ike->failure[i];
	} else {
		f.text = memory_strdup(text);
		if (i == IKE_FAILURES_KEPT) {
			clear(&ike->failure[--i]);
			ike->counters.failures_dropped++;
		} else {
			ike->n_kept_failures++;
		}
	}
	memmove(ike->failure + 1, ike->failure, i * sizeof *ike->failure);
	if (ike->now.wall_ms - f.wall_ms > IKE_FAILURE_PAUSE_S * INT64_C(1000))
		f.repeats = 0;
	else if (f.count && f.repeats < UINT16_MAX)
		f.repeats++;
	f.wall_ms = ike->now.wall_ms;
	f.count++;
	ike->failure[0] = f;
}

void ike_failures_free(struct ike *ike)
{
	for (size_t i = 0; i < ike->n_kept_failures; i++)
		clear(&ike->failure[i]);
	free(ike->failure);
}

bool ike_next_failure(const struct ike *ike, struct node_cursor *cursor,
                      struct ike_failure_view *ret)
{
	const struct ike_failure *f = cursor->at;

	f = cursor->started ? f + 1 : ike->failure;
	if (!f || f == ike->failure + ike->n_kept_failures)
		return false;
	cursor->started = true;
	cursor->at = f;
	*ret = (struct ike_failure_view){ f->peer, f->wall_ms, f->count, f->text, f->advice };
	return true;
}

/* About the failure that was kept last. */
static void tell(struct ike *ike, enum trace_type type, const struct addr *peer, const char *text)
{
	const uint8_t *kept = ike_out_keep(ike, text, strlen(text) + 1);

	ike_out_trace(ike, (struct trace){ .type = type,
	                                   .peer = *peer,
	                                   .text = (const char *)kept,
	                                   .repeats = ike->failure[0].repeats });
}

bool ike_fail(struct ike *ike, const struct addr *peer, const char *format, ...)
{
	char text[SENTENCE_SIZE];
	va_list args;

	ike->counters.failed++;
	if (!may_tell(ike))
		return false;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	keep(ike, peer, text);
	tell(ike, TRACE_IKE_FAILED, peer, text);
	return true;
}

void ike_advise(struct ike *ike, const struct addr *peer, const char *format, ...)
{
	char text[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (!ike->n_kept_failures)
		return;
	tell(ike, TRACE_IKE_ADVICE, peer, text);
	free(ike->failure[0].advice);
	ike->failure[0].advice = memory_strdup(text);
}
