/* SPDX-License-Identifier: Apache-2.0 */
/* Counters with one writer each, a worker or the control thread, and any number of readers. */
#pragma once

#include <stdint.h>

#include "dataplane/dataplane.h"

static inline void counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline void counter_drop(struct dp_counters *counters, enum dp_drop drop)
{
	counter_add(&counters->drops[drop], 1);
}

/* One sent or received packet of a tunnel or an adjacency. */
struct counter_way {
	uint64_t packets, bytes;
	int64_t last_ns;
};

static inline void counter_way_add(struct counter_way *way, uint64_t bytes, int64_t now_ns)
{
	counter_add(&way->packets, 1);
	counter_add(&way->bytes, bytes);
	__atomic_store_n(&way->last_ns, now_ns, __ATOMIC_RELAXED);
}

static inline void counter_rx(struct dp_counters *c, uint64_t bytes, int64_t now_ns)
{
	counter_add(&c->rx_packets, 1);
	counter_add(&c->rx_bytes, bytes);
	__atomic_store_n(&c->last_rx_ns, now_ns, __ATOMIC_RELAXED);
}

static inline void counter_tx(struct dp_counters *c, uint64_t packets, uint64_t bytes,
                              int64_t now_ns)
{
	counter_add(&c->tx_packets, packets);
	counter_add(&c->tx_bytes, bytes);
	__atomic_store_n(&c->last_tx_ns, now_ns, __ATOMIC_RELAXED);
}

/* Adds what another thread counted to *sum. */
void counters_sum(struct dp_counters *sum, const struct dp_counters *part);
void counters_sum_ways(struct dp_counters *sum, const struct counter_way *rx,
                       const struct counter_way *tx);
