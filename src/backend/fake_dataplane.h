/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data plane for tests of backends: what it is asked for is one line of a trace, "add 0 2.2.2.2 =
 * 1", "carrier 0 on". What it hands up is put into `punt`.
 */
#pragma once

#include "dataplane/dataplane.h"
#include "util/strbuf.h"

enum { FAKE_ADJACENCIES_MAX = 32, FAKE_PUNTS_MAX = 8 };

struct dataplane {
	uint64_t tx[FAKE_ADJACENCIES_MAX]; /* packets by index, which is the last byte of the MAC */
	bool used[FAKE_ADJACENCIES_MAX];
	uint8_t next;
	struct dp_punt punt[FAKE_PUNTS_MAX];
	size_t n_punts;
	struct strbuf trace;
};

/* That of the test that is running; set is NULL, or the one to be it. */
struct dataplane *fake_dataplane(struct dataplane *set);
/* A line of its trace. */
void fake_traced(const char *format, ...) __attribute__((format(printf, 1, 2)));
