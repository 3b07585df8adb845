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

/* Which of up to 64 packets have an association. The others are refused. */
static inline uint64_t burst_owned(const struct esp_engine *e, struct esp_packet *packets, size_t n,
                                   bool outbound)
{
	uint64_t owned = 0;

	for (size_t i = 0; i < n; i++) {
		const struct esp_sa *sa = packets[i].sa;
		if (!sa) {
			esp_refuse(&packets[i], ESP_DROP_NO_SA);
			continue;
		}
		check(sa->library == e->library && sa->outbound == outbound);
		owned |= UINT64_C(1) << i;
	}
	return owned;
}

/* Up to 64 packets. */
static inline void burst_once(struct esp_engine *e, struct esp_packet *packets, size_t n,
                              const struct burst_steps *steps)
{
	uint64_t left = burst_owned(e, packets, n, steps->outbound);

	while (left) {
		uint8_t suite = packets[__builtin_ctzll(left)].sa->suite;
		size_t n_jobs = 0;
		for (uint64_t todo = left; todo; todo &= todo - 1) {
			struct esp_packet *p = &packets[__builtin_ctzll(todo)];
			if (p->sa->suite != suite)
				continue;
			left &= ~(todo & -todo);
			if (steps->begin(p, &e->jobs[n_jobs]))
				n_jobs++;
		}
		if (n_jobs)
			steps->run(e, e->jobs, n_jobs);
	}
}

static inline void burst_run(struct esp_engine *e, struct esp_packet *packets, size_t n,
                             const struct burst_steps *steps)
{
	for (size_t done = 0; done < n; done += ESP_BURST)
		burst_once(e, packets + done, n - done < ESP_BURST ? n - done : ESP_BURST, steps);
}
