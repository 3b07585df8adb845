/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A burst holds packets of any associations, while a provider takes jobs of one suite: packets are
 * gathered by suite, in their order, so that lanes are filled across associations.
 */
#pragma once

#include "esp/internal.h"
#include "util/check.h"

struct burst_steps {
	bool outbound;
	/* Makes a job of a packet, or refuses it and returns false. */
	bool (*begin)(struct esp_packet *p, struct esp_job *job);
	/* Does n jobs, at least one, all of one suite. */
	void (*run)(struct esp_engine *e, struct esp_job *jobs, size_t n);
};

/* Up to 64 packets. */
static inline __attribute__((always_inline)) void burst_once(struct esp_engine *e,
                                                             struct esp_packet *packets, size_t n,
                                                             const struct burst_steps *steps)
{
	uint64_t left = n == ESP_BURST ? UINT64_MAX : (UINT64_C(1) << n) - 1;

	while (left) {
		const struct esp_sa *first = NULL;
		uint64_t others = 0;
		struct esp_job *job = e->jobs;
		for (uint64_t todo = left; todo; todo &= todo - 1) {
			struct esp_packet *p = &packets[__builtin_ctzll(todo)];
			const struct esp_sa *sa = p->sa;
			if (!sa) {
				esp_refuse(p, ESP_DROP_NO_SA);
				continue;
			}
			first = first ? first : sa;
			if (sa->suite != first->suite) {
				others |= todo & -todo;
				continue;
			}
			check(sa->library == e->library && sa->outbound == steps->outbound);
			if (steps->begin(p, job))
				job++;
		}
		if (job != e->jobs)
			steps->run(e, e->jobs, (size_t)(job - e->jobs));
		left = others;
	}
}

static inline __attribute__((always_inline)) void burst_run(struct esp_engine *e,
                                                            struct esp_packet *packets, size_t n,
                                                            const struct burst_steps *steps)
{
	for (size_t done = 0; done < n; done += ESP_BURST)
		burst_once(e, packets + done, n - done < ESP_BURST ? n - done : ESP_BURST, steps);
}
