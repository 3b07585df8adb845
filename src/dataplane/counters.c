/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/counters.h"

static uint64_t load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void later(int64_t *latest_ns, const int64_t *ns)
{
	int64_t other_ns = __atomic_load_n(ns, __ATOMIC_RELAXED);

	if (other_ns > *latest_ns)
		*latest_ns = other_ns;
}

void counters_sum(struct dp_counters *sum, const struct dp_counters *part)
{
	sum->rx_packets += load(&part->rx_packets);
	sum->rx_bytes += load(&part->rx_bytes);
	sum->tx_packets += load(&part->tx_packets);
	sum->tx_bytes += load(&part->tx_bytes);
	for (unsigned i = 0; i < DP_DROPS_N; i++)
		sum->drops[i] += load(&part->drops[i]);
	later(&sum->last_rx_ns, &part->last_rx_ns);
	later(&sum->last_tx_ns, &part->last_tx_ns);
}

void counters_sum_ways(struct dp_counters *sum, const struct counter_way *rx,
                       const struct counter_way *tx)
{
	sum->rx_packets += load(&rx->packets);
	sum->rx_bytes += load(&rx->bytes);
	sum->tx_packets += load(&tx->packets);
	sum->tx_bytes += load(&tx->bytes);
	later(&sum->last_rx_ns, &rx->last_ns);
	later(&sum->last_tx_ns, &tx->last_ns);
}

const char *dp_drop_key(enum dp_drop drop)
{
	static const char *const keys[DP_DROPS_N] = {
#define X(id, key, text) [id] = key,
		DP_DROPS(X)
#undef X
	};

	return (unsigned)drop < DP_DROPS_N ? keys[drop] : "unknown";
}

const char *dp_drop_text(enum dp_drop drop)
{
	static const char *const texts[DP_DROPS_N] = {
#define X(id, key, text) [id] = text,
		DP_DROPS(X)
#undef X
	};

	return (unsigned)drop < DP_DROPS_N ? texts[drop] : "unknown";
}
