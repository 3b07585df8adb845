/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto isakmp sa count` and `show crypto ipsec sa count`: for hubs whose associations are
 * too many to be read. IPsec SAs are counted in both directions; those that were replaced and are
 * kept for packets under way are the ones that rekey, those that do not carry yet are invalid.
 */
#include "show/json.h"
#include "show/query_crypto.h"

struct ike_count {
	unsigned active, negotiating, dead;
};

static struct ike_count count_ike(const struct show_query *q)
{
	struct ike_count n = { 0 };
	struct ike_sas sas;

	query_ike_sas(q, &sas);
	for (size_t i = 0; i < sas.n; i++) {
		if (sas.sa[i].deleted)
			n.dead++;
		else if (sas.sa[i].state == IKE_QM_IDLE)
			n.active++;
		else
			n.negotiating++;
	}
	query_ike_sas_fini(&sas);
	return n;
}

void show_isakmp_count_text(const struct show_query *q, struct strbuf *out)
{
	const struct ike_count n = count_ike(q);

	strbuf_printf(out,
	              "Active ISAKMP SA's: %u\n"
	              "Standby ISAKMP SA's: 0\n"
	              "Currently being negotiated ISAKMP SA's: %u\n"
	              "Dead ISAKMP SA's: %u\n\n",
	              n.active, n.negotiating, n.dead);
}

void show_isakmp_count_json(const struct show_query *q, json_t *answer)
{
	const struct ike_count n = count_ike(q);

	show_put_u64(answer, "active", n.active);
	show_put_u64(answer, "negotiating", n.negotiating);
	show_put_u64(answer, "dead", n.dead);
}

struct ipsec_count {
	unsigned total, active, rekeying, invalid;
};

static struct ipsec_count count_ipsec(const struct show_query *q)
{
	struct ipsec_count n = { 0 };
	struct crypto_peers peers;

	query_peers(q, &peers);
	for (size_t i = 0; i < peers.n_pairs; i++) {
		const struct ipsec_view *v = &peers.pair[i].view;
		if (!v->id)
			continue;
		n.total += 2;
		if (v->old)
			n.rekeying += 2;
		else if (v->up)
			n.active += 2;
		else
			n.invalid += 2;
	}
	query_peers_fini(&peers);
	return n;
}

void show_ipsec_count_text(const struct show_query *q, struct strbuf *out)
{
	const struct ipsec_count n = count_ipsec(q);

	strbuf_printf(out, "IPsec SA total: %u, active: %u, rekeying: %u, unused: 0, invalid: %u\n",
	              n.total, n.active, n.rekeying, n.invalid);
}

void show_ipsec_count_json(const struct show_query *q, json_t *answer)
{
	const struct ipsec_count n = count_ipsec(q);

	show_put_u64(answer, "total", n.total);
	show_put_u64(answer, "active", n.active);
	show_put_u64(answer, "rekeying", n.rekeying);
	show_put_u64(answer, "invalid", n.invalid);
}
