/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ip nhrp summary`: the cache counted. Bytes are what our entries really take. Counters of
 * things that we do not have (BFD, BGP, LFIB, …) are IOS's rows and stay 0.
 */
#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

struct counts {
	size_t by_type[NHRP_ENTRY_INCOMPLETE + 1];
	size_t n;
	size_t nhop;
	size_t rib, nho;
};

struct summary {
	struct counts all, remote, local;
	uint64_t size_bytes;
};

/* The target is a tunnel next hop: said by its flag, or it is its own next hop (static host maps).
 */
static bool is_next_hop(const struct nhrp_entry_view *e)
{
	return words_entry_has(e, NHRP_FLAG_NHOP) ||
	       (!addr_is_none(&e->via) && addr_equal(&e->via, &e->target.addr) &&
	        e->target.len == addr_bits(&e->via));
}

static void count_entry(struct counts *c, const struct nhrp_entry_view *e)
{
	c->n++;
	c->by_type[e->type]++;
	c->nhop += is_next_hop(e);
	c->rib += words_entry_has(e, NHRP_FLAG_RIB);
	c->nho += words_entry_has(e, NHRP_FLAG_NHO);
}

static struct summary summarize(const struct show_query *q)
{
	struct summary s = { 0 };
	struct nhrp_entries entries;

	query_entries(q, &entries);
	for (size_t i = 0; i < entries.n; i++) {
		const struct nhrp_entry_view *e = &entries.entry[i];

		count_entry(&s.all, e);
		count_entry(words_entry_has(e, NHRP_FLAG_LOCAL) ? &s.local : &s.remote, e);
		s.size_bytes += e->size_bytes;
	}
	query_entries_fini(&entries);
	return s;
}

static void add_types(const struct counts *c, struct strbuf *out)
{
	strbuf_printf(out, "    %zu static   %zu dynamic    %zu incomplete\n",
	              c->by_type[NHRP_ENTRY_STATIC], c->by_type[NHRP_ENTRY_DYNAMIC],
	              c->by_type[NHRP_ENTRY_INCOMPLETE]);
}

void show_nhrp_summary_text(const struct show_query *q, struct strbuf *out)
{
	struct summary s = summarize(q);

	strbuf_printf(out, "IP NHRP cache %zu %s, %llu bytes\n", s.all.n,
	              words_plural(s.all.n, "entry", "entries"), (unsigned long long)s.size_bytes);
	add_types(&s.all, out);
	strbuf_printf(out, "%zu Remote\n", s.remote.n);
	add_types(&s.remote, out);
	strbuf_printf(out,
	              "    %zu nhop     0 bfd\n"
	              "    0 default  0 temporary\n"
	              "    %zu route\n"
	              "        %zu rib (%zu H    %zu nho)\n"
	              "        0 bgp\n"
	              "    0 lfib\n",
	              s.remote.nhop, s.remote.rib + s.remote.nho, s.remote.rib + s.remote.nho,
	              s.remote.rib, s.remote.nho);
	strbuf_printf(out, "%zu Local\n", s.local.n);
	add_types(&s.local, out);
	strbuf_adds(out, "    0 lfib\n");
}

static void put_counts(json_t *answer, const char *key, const struct counts *c)
{
	json_t *o = show_put_object(answer, key);

	show_put_u64(o, "entries", c->n);
	show_put_u64(o, "static", c->by_type[NHRP_ENTRY_STATIC]);
	show_put_u64(o, "dynamic", c->by_type[NHRP_ENTRY_DYNAMIC]);
	show_put_u64(o, "incomplete", c->by_type[NHRP_ENTRY_INCOMPLETE]);
	show_put_u64(o, "next_hops", c->nhop);
	show_put_u64(o, "routes", c->rib);
	show_put_u64(o, "next_hop_overrides", c->nho);
}

void show_nhrp_summary_json(const struct show_query *q, json_t *answer)
{
	struct summary s = summarize(q);

	show_put_u64(answer, "size_bytes", s.size_bytes);
	put_counts(answer, "all", &s.all);
	put_counts(answer, "remote", &s.remote);
	put_counts(answer, "local", &s.local);
}
