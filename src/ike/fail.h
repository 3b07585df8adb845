/* SPDX-License-Identifier: Apache-2.0 */
/* Failures told in one sentence each, as TRACE_IKE_FAILED and TRACE_IKE_ADVICE. */
#pragma once

#include "ike/core.h"

/* Counts it, and tells it unless too many were told in this second. False when it was not told. */
bool ike_fail(struct ike *ike, const struct addr *peer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The line of configuration that would help; only right behind a failure that was told. */
void ike_advise(struct ike *ike, const struct addr *peer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void ike_failures_free(struct ike *ike);
