/* SPDX-License-Identifier: Apache-2.0 */
/* `show version`: the program, the system under it and how long it has run. */
#include <inttypes.h>

#include "show/json.h"
#include "show/query.h"
#include "show/words.h"

enum { MINUTE_S = 60, HOUR_S = 60 * MINUTE_S, DAY_S = 24 * HOUR_S, WEEK_S = 7 * DAY_S };

/* IOS's way: "1 week, 2 days, 3 hours, 4 minutes", without the leading parts that are 0. */
static void add_uptime(int64_t seconds, struct strbuf *out)
{
	uint64_t s = (uint64_t)seconds;
	const struct {
		uint64_t n;
		const char *one, *many;
	} part[] = {
		{ s / WEEK_S, "week", "weeks" },
		{ s % WEEK_S / DAY_S, "day", "days" },
		{ s % DAY_S / HOUR_S, "hour", "hours" },
		{ s % HOUR_S / MINUTE_S, "minute", "minutes" },
	};
	enum { PARTS = sizeof part / sizeof part[0] };
	size_t i = 0;

	while (i < PARTS - 1 && !part[i].n)
		i++;
	for (const char *separator = ""; i < PARTS; i++, separator = ", ")
		strbuf_printf(out, "%s%llu %s", separator, (unsigned long long)part[i].n,
		              words_plural(part[i].n, part[i].one, part[i].many));
}

static struct program_view program_of(const struct show_query *q)
{
	struct program_view p = { 0 };

	q->source->program(q->source->ctx, &p);
	return p;
}

static const char *or_unknown(const char *text)
{
	return text ? text : "unknown";
}

/* What the data plane receives by AF_XDP, and an empty line. */
static void add_xdp(const struct program_view *p, struct strbuf *out)
{
	if (p->xdp_receive)
		strbuf_printf(out,
		              "AF_XDP receives on %u %s: %" PRIu64 " packets, %" PRIu64
		              " dropped%s%s\n",
		              p->n_xdp_ports, words_plural(p->n_xdp_ports, "port", "ports"),
		              p->xdp_packets, p->xdp_dropped, p->xdp_error ? "; " : "",
		              p->xdp_error ? p->xdp_error : "");
	strbuf_adds(out, "\n");
}

void show_version_text(const struct show_query *q, struct strbuf *out)
{
	struct program_view p = program_of(q);
	size_t node_bytes = node_memory_bytes(q->source->node(q->source->ctx));

	strbuf_printf(out, "OpenDMVPN Software, Version %s\n", or_unknown(p.version));
	strbuf_printf(out, "Linux %s, data plane \"%s\", %u %s\n", or_unknown(p.kernel),
	              or_unknown(p.backend), p.n_workers,
	              words_plural(p.n_workers, "worker", "workers"));
	add_xdp(&p, out);
	strbuf_printf(out, "%s uptime is ", or_unknown(p.hostname));
	add_uptime(query_age_s(q, p.started), out);
	strbuf_printf(out, "\nConfiguration file is \"%s\"\n", or_unknown(p.config_file));
	strbuf_printf(out, "%zuK bytes of memory in use, %zuK of them by NHRP\n",
	              p.memory_bytes / 1024, node_bytes / 1024);
}

void show_version_json(const struct show_query *q, json_t *answer)
{
	struct program_view p = program_of(q);

	show_put_string(answer, "version", p.version);
	show_put_string(answer, "hostname", p.hostname);
	show_put_seconds(answer, "uptime_s", query_age_s(q, p.started));
	show_put_string(answer, "kernel", p.kernel);
	show_put_string(answer, "backend", p.backend);
	show_put_u64(answer, "workers", p.n_workers);
	show_put_bool(answer, "xdp_receive", p.xdp_receive);
	show_put_u64(answer, "xdp_ports", p.n_xdp_ports);
	show_put_u64(answer, "xdp_packets", p.xdp_packets);
	show_put_u64(answer, "xdp_dropped", p.xdp_dropped);
	show_put_string(answer, "xdp_error", p.xdp_error);
	show_put_string(answer, "config_file", p.config_file);
	show_put_u64(answer, "memory_bytes", p.memory_bytes);
	show_put_u64(answer, "nhrp_memory_bytes",
	             node_memory_bytes(q->source->node(q->source->ctx)));
}
