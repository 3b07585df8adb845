/* SPDX-License-Identifier: Apache-2.0 */
/* Failures in words. A stranger can make exchanges fail as fast as it sends: what is told is
 * bounded. */
#include "ike/fail.h"

#include <stdarg.h>
#include <stdio.h>

#include "ike/out.h"

enum { SENTENCE_SIZE = 400 };

static bool may_tell(struct ike *ike)
{
	if (!mono_before(ike->now.mono, mono_add_s(ike->failures_since, 1))) {
		ike->failures_since = ike->now.mono;
		ike->n_failures = 0;
	}
	return ike->n_failures++ < IKE_FAILURES_PER_S;
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
	ike_out_text(ike, TRACE_IKE_FAILED, peer, text);
	return true;
}

void ike_advise(struct ike *ike, const struct addr *peer, const char *format, ...)
{
	char text[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	ike_out_text(ike, TRACE_IKE_ADVICE, peer, text);
}
