/* SPDX-License-Identifier: Apache-2.0 */
/* The part of debug lines that is about IKE and IPsec. */
#pragma once

#include "show/show.h"

/* Traces of TRACE_IKE_… and TRACE_IPSEC_… as lines of `debug crypto …`. */
void trace_debug_crypto(const struct trace *t, unsigned debug, struct strbuf *out);
