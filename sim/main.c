/* SPDX-License-Identifier: Apache-2.0 */
/* dmvpn-sim: a cloud of real nodes in virtual time, replayed from a seed. See docs/simulator.md. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/memory.h"
#include "world.h"

enum { SCENARIO_MAX = 65536 };

static const char usage[] =
	"usage: dmvpn-sim [--seed N] [--spokes N] [--hubs N] [--duration T] [--holdtime T]\n"
	"                 [--loss P%] [--duplicate P%] [--reorder P%] [--delay MS] [--delay-min "
	"MS]\n"
	"                 [--churn N/min] [--restarts N/min] [--partition P%] [--p2p P%]\n"
	"                 [--no-unique P%] [--traffic N/s] [--scenario FILE] [--plant CHECKER]\n"
	"                 [--protect GROUP] [--lifetime T] [--phase 2|3] [--regions N]\n"
	"                 [--homes N] [--mesh 0|1] [--clusters N]\n"
	"                 [--max-connections N] [--fallback T] [--nat P%] [--nat-share N]\n"
	"                 [--races N/min] [--detect T] [--verbose]\n";

static bool read_scenario(struct sim_options *o, const char *path, struct strbuf *error)
{
	char text[SCENARIO_MAX];
	FILE *f = fopen(path, "re");

	if (!f) {
		strbuf_printf(error, "%s: %s", path, strerror(errno));
		return false;
	}
	size_t n = fread(text, 1, sizeof text - 1, f);
	bool whole = feof(f) && !ferror(f);
	fclose(f);
	text[n] = '\0';
	if (!whole || strlen(text) != n) {
		strbuf_printf(error, "%s: not a text of at most %d bytes", path, SCENARIO_MAX - 1);
		return false;
	}
	struct strbuf why;
	strbuf_init(&why);
	bool ok = sim_options_scenario(o, text, &why);
	if (!ok)
		strbuf_printf(error, "%s: %s", path, why.text);
	strbuf_fini(&why);
	return ok;
}

static bool parse_arguments(struct sim_options *o, int argc, char **argv, struct strbuf *error)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--verbose") == 0) {
			o->verbose = true;
			continue;
		}
		if (strncmp(argv[i], "--", 2) != 0 || i + 1 == argc) {
			strbuf_printf(error, "'%s' is no option, or lacks its value", argv[i]);
			return false;
		}
		const char *name = argv[i] + 2, *value = argv[++i];
		bool ok = strcmp(name, "scenario") == 0 ? read_scenario(o, value, error)
		                                        : sim_options_set(o, name, value, error);
		if (!ok)
			return false;
	}
	return sim_options_check(o, error);
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / NS_PER_S;
}

/* Bytes that a hub holds for each client: its cache entry, and everything. */
static void report_memory(const struct sim_world *w)
{
	const struct sim_router *hub = &w->router[0];
	struct node_cursor cursor = { 0 };
	struct nhrp_entry_view e;
	size_t n = 0, entries = 0;

	if (!hub->up)
		return;
	while (node_entry_next(hub->node, &cursor, &e))
		if (e.flags & 1u << NHRP_FLAG_REGISTERED) {
			n++;
			entries += e.size_bytes;
		}
	if (n)
		printf("memory: %zu bytes of cache entry and %zu bytes all told for each of %zu "
		       "registered spokes\n",
		       entries / n, node_memory_bytes(hub->node) / n, n);
}

static bool report(const struct sim_world *w)
{
	bool ok = true;

	printf("packets: %" PRIu64 " sent, %" PRIu64 " lost, %" PRIu64 " delivered; data: %" PRIu64
	       " of %" PRIu64 " arrived, %" PRIu64 " of them directly\n",
	       w->count.sent, w->count.lost, w->count.delivered, w->count.data_delivered,
	       w->count.data_sent, w->count.data_direct);
	printf("faults: %" PRIu64 " restarts, %" PRIu64 " address changes\n", w->count.restarts,
	       w->count.readdressed);
	printf("live spokes without a path: for %.3f s at most\n", (double)w->outage_ms / 1000);
	for (int c = 0; c < SIM_CHECKERS_N; c++) {
		const struct sim_check *check = &w->check[c];
		if (!sim_options_checks(w->options, (enum sim_checker)c))
			continue;
		const char *verdict = check->failures ? "FAILED"
		                      : check->looks  ? "ok"
		                                      : "NEVER LOOKED";
		printf("checker %-10s %-12s %" PRIu64 " looks, %" PRIu64 " failures (%s)\n",
		       sim_checker_name((enum sim_checker)c), verdict, check->looks,
		       check->failures, sim_checker_text((enum sim_checker)c));
		if (check->failures)
			printf("  first %s\n", check->first);
		ok = ok && check->looks && !check->failures;
	}
	return ok;
}

int main(int argc, char **argv)
{
	struct sim_options options;
	struct strbuf error;

	sim_options_init(&options);
	strbuf_init(&error);
	if (!parse_arguments(&options, argc, argv, &error)) {
		fprintf(stderr, "dmvpn-sim: %s\n%s", error.text, usage);
		strbuf_fini(&error);
		return 2;
	}
	strbuf_fini(&error);

	struct sim_world *w = memory_new(1, sizeof *w);
	double start = cpu_seconds();
	world_init(w, &options);
	world_run(w);
	double spent = cpu_seconds() - start;
	printf("seed %" PRIu64
	       ": %u hubs, %u spokes, %u virtual seconds in %.1f s of processor time\n",
	       options.seed, options.hubs, options.spokes, options.duration_s, spent);
	report_memory(w);
	bool ok = report(w);
	printf("trace hash %016" PRIx64 "\n", w->hash);
	world_fini(w);
	free(w);
	return ok ? 0 : 1;
}
