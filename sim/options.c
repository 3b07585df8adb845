/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a run as a table: a name, a unit and a field each. The command line and the lines of a
 * scenario go through the same rows.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "node/snapshot.h"
#include "node/snapshot_crypto.h"

enum {
	WATCH_S = 60, /* the perfect cloud is watched for this long */
	LINE_SIZE = 256,
};

enum unit { UNIT_COUNT, UNIT_SECONDS, UNIT_MS, UNIT_PERMILLE };

struct row {
	const char *name;
	enum unit unit;
	size_t offset;
	uint32_t low, high;
};

#define FIELD(f) offsetof(struct sim_options, f)
static const struct row rows[] = {
	{ "spokes", UNIT_COUNT, FIELD(spokes), 1, SIM_SPOKES_MAX },
	{ "hubs", UNIT_COUNT, FIELD(hubs), 1, SIM_HUBS_MAX },
	{ "homes", UNIT_COUNT, FIELD(homes), 0, SIM_HUBS_MAX },
	{ "clusters", UNIT_COUNT, FIELD(clusters), 1, SNAP_CLUSTERS },
	{ "max-connections", UNIT_COUNT, FIELD(max_connections), 0, SIM_HUBS_MAX },
	{ "fallback", UNIT_SECONDS, FIELD(fallback_s), 0, 60 },
	{ "mesh", UNIT_COUNT, FIELD(mesh), 0, 1 },
	{ "regions", UNIT_COUNT, FIELD(regions), 0, SIM_REGIONS_MAX },
	{ "races", UNIT_COUNT, FIELD(races_per_min), 0, 60000 },
	{ "detect", UNIT_SECONDS, FIELD(detect_s), 0, 65535 },
	{ "holdtime", UNIT_SECONDS, FIELD(holdtime_s), 3, 65535 },
	{ "duration", UNIT_SECONDS, FIELD(duration_s), 1, 7 * 86400 },
	{ "loss", UNIT_PERMILLE, FIELD(loss_permille), 0, 900 },
	{ "duplicate", UNIT_PERMILLE, FIELD(duplicate_permille), 0, 1000 },
	{ "reorder", UNIT_PERMILLE, FIELD(reorder_permille), 0, 1000 },
	{ "delay", UNIT_MS, FIELD(delay_max_ms), 1, 60000 },
	{ "delay-min", UNIT_MS, FIELD(delay_min_ms), 1, 60000 },
	{ "churn", UNIT_COUNT, FIELD(readdress_per_min), 0, 60000 },
	{ "restarts", UNIT_COUNT, FIELD(restarts_per_min), 0, 60000 },
	{ "partition", UNIT_PERMILLE, FIELD(partition_permille), 0, 1000 },
	{ "p2p", UNIT_PERMILLE, FIELD(p2p_permille), 0, 1000 },
	{ "nat", UNIT_PERMILLE, FIELD(nat_permille), 0, 1000 },
	{ "nat-share", UNIT_COUNT, FIELD(nat_share), 1, 1000 },
	{ "no-unique", UNIT_PERMILLE, FIELD(no_unique_permille), 0, 1000 },
	{ "traffic", UNIT_COUNT, FIELD(packets_per_s), 1, 100000 },
	{ "protect", UNIT_COUNT, FIELD(protect_group), 0, UINT16_MAX },
	{ "lifetime", UNIT_SECONDS, FIELD(lifetime_s), 120, 86400 },
};

void sim_options_init(struct sim_options *o)
{
	*o = (struct sim_options){
		.seed = 1,
		.spokes = 100,
		.hubs = 1,
		.clusters = 1,
		.nat_share = 1,
		.holdtime_s = 300,
		.duration_s = 3600,
		.delay_min_ms = 5,
		.delay_max_ms = 50,
		.packets_per_s = 10,
		.lifetime_s = SNAP_IPSEC_LIFETIME_S,
		.plant = -1,
	};
}

/* What a unit multiplies a number with, by the suffix that was typed; 0: no such suffix. */
static uint32_t unit_factor(enum unit unit, const char *suffix)
{
	static const struct {
		enum unit unit;
		const char *suffix;
		uint32_t factor;
	} factors[] = {
		{ UNIT_COUNT, "", 1 },     { UNIT_SECONDS, "", 1 },     { UNIT_SECONDS, "s", 1 },
		{ UNIT_SECONDS, "m", 60 }, { UNIT_SECONDS, "h", 3600 }, { UNIT_MS, "", 1 },
		{ UNIT_MS, "ms", 1 },      { UNIT_MS, "s", 1000 },      { UNIT_PERMILLE, "%", 10 },
	};

	for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
		if (factors[i].unit == unit && strcmp(factors[i].suffix, suffix) == 0)
			return factors[i].factor;
	return 0;
}

static bool parse_value(const char *text, enum unit unit, uint32_t *ret)
{
	char *suffix;
	double number = strtod(text, &suffix);
	uint32_t factor = unit_factor(unit, suffix);

	if (suffix == text || !factor || number < 0 || number * factor > UINT32_MAX)
		return false;
	*ret = (uint32_t)(number * factor + 0.5);
	return true;
}

static bool set_row(struct sim_options *o, const struct row *row, const char *value,
                    struct strbuf *error)
{
	uint32_t number;

	if (!parse_value(value, row->unit, &number) || number < row->low || number > row->high) {
		strbuf_printf(error, "%s: '%s' is not in range (%s, %u to %u%s)", row->name, value,
		              row->unit == UNIT_PERMILLE ? "a share such as 5%" : "a number",
		              row->unit == UNIT_PERMILLE ? row->low / 10 : row->low,
		              row->unit == UNIT_PERMILLE ? row->high / 10 : row->high,
		              row->unit == UNIT_PERMILLE ? " %" : "");
		return false;
	}
	memcpy((char *)o + row->offset, &number, sizeof number);
	return true;
}

static bool set_plant(struct sim_options *o, const char *value, struct strbuf *error)
{
	/* Of checkers that have two rules. */
	static const struct {
		const char *name;
		enum sim_checker checker;
	} others[] = { { "servers-fallback", CHECK_SERVERS }, { "reuse-iv", CHECK_REUSE } };

	for (int c = 0; c < SIM_CHECKERS_N; c++)
		if (strcmp(value, sim_checker_name((enum sim_checker)c)) == 0) {
			o->plant = c;
			return true;
		}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(value, others[i].name) == 0) {
			o->plant = (int)others[i].checker;
			o->plant_other = true;
			return true;
		}
	strbuf_printf(error, "plant: there is no checker '%s'", value);
	return false;
}

static bool set_phase(struct sim_options *o, const char *value, struct strbuf *error)
{
	if (strcmp(value, "2") != 0 && strcmp(value, "3") != 0) {
		strbuf_printf(error, "phase: '%s' is neither 2 nor 3", value);
		return false;
	}
	o->phase3 = *value == '3';
	return true;
}

bool sim_options_set(struct sim_options *o, const char *name, const char *value,
                     struct strbuf *error)
{
	if (strcmp(name, "seed") == 0) {
		char *end;
		o->seed = strtoull(value, &end, 0);
		if (end != value && !*end)
			return true;
		strbuf_printf(error, "seed: '%s' is no number", value);
		return false;
	}
	if (strcmp(name, "phase") == 0)
		return set_phase(o, value, error);
	if (strcmp(name, "plant") == 0)
		return set_plant(o, value, error);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].name, name) == 0)
			return set_row(o, &rows[i], value, error);
	strbuf_printf(error, "there is no option '%s'", name);
	return false;
}

/* What happens to a share of the spokes or NATs, for a while or at once, by its word. */
static bool find_kind(const char *word, bool lasts, enum sim_incident_kind *ret)
{
	static const struct {
		const char *word;
		bool lasts;
		enum sim_incident_kind kind;
	} kinds[] = {
		{ "partition", true, INCIDENT_PARTITION },  { "split", true, INCIDENT_SPLIT },
		{ "confine", true, INCIDENT_CONFINE },      { "flap", true, INCIDENT_FLAP },
		{ "readdress", false, INCIDENT_READDRESS }, { "rebind", false, INCIDENT_REBIND },
		{ "renumber", false, INCIDENT_RENUMBER },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i].word, word) != 0 || kinds[i].lasts != lasts)
			continue;
		*ret = kinds[i].kind;
		return true;
	}
	return false;
}

/* at S restart hub N down S | at S replace hub N down S */
static bool parse_hub_incident(const char *line, struct sim_incident *ret)
{
	char word[16];
	int used = 0;

	if (sscanf(line, "at %ld %15s hub %u down %ld %n", &ret->at_s, word, &ret->hub, &ret->for_s,
	           &used) != 4 ||
	    !used || line[used])
		return false;
	ret->kind = INCIDENT_RESTART_HUB;
	ret->loses_state = strcmp(word, "replace") == 0;
	return ret->loses_state || strcmp(word, "restart") == 0;
}

/* These, or at S WORD P% for S | at S WORD P% */
static bool parse_incident(const char *line, struct sim_incident *ret)
{
	struct sim_incident i = { 0 };
	unsigned percent = 0;
	char word[16];
	int used = 0;

	if (!parse_hub_incident(line, &i) &&
	    (sscanf(line, "at %ld %15s %u%% for %ld %n", &i.at_s, word, &percent, &i.for_s,
	            &used) != 4 ||
	     !used || line[used] || !find_kind(word, true, &i.kind)) &&
	    (sscanf(line, "at %ld %15s %u%% %n", &i.at_s, word, &percent, &used) != 3 || !used ||
	     line[used] || !find_kind(word, false, &i.kind)))
		return false;
	i.permille = percent * 10;
	if (i.at_s < 0 || i.for_s < 0 || percent > 100 || i.hub >= SIM_HUBS_MAX + SIM_REGIONS_MAX)
		return false;
	*ret = i;
	return true;
}

static bool scenario_line(struct sim_options *o, char *line, struct strbuf *error)
{
	char name[LINE_SIZE], value[LINE_SIZE], rest[2];

	line[strcspn(line, "#\r")] = '\0';
	if (!line[strspn(line, " \t")])
		return true;
	if (strncmp(line, "at ", 3) == 0) {
		if (o->n_incidents < SIM_INCIDENTS_MAX &&
		    parse_incident(line, &o->incident[o->n_incidents])) {
			o->n_incidents++;
			return true;
		}
		strbuf_printf(error, "not understood, or one too many: '%s'", line);
		return false;
	}
	if (sscanf(line, "%255s %255s %1s", name, value, rest) != 2) {
		strbuf_printf(error, "not 'name value': '%s'", line);
		return false;
	}
	return sim_options_set(o, name, value, error);
}

bool sim_options_scenario(struct sim_options *o, const char *text, struct strbuf *error)
{
	for (size_t number = 1; *text; number++) {
		char line[LINE_SIZE];
		size_t len = strcspn(text, "\n");
		if (len >= sizeof line) {
			strbuf_printf(error, "line %zu: longer than %d bytes", number,
			              LINE_SIZE - 1);
			return false;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		struct strbuf why;
		strbuf_init(&why);
		bool ok = scenario_line(o, line, &why);
		if (!ok)
			strbuf_printf(error, "line %zu: %s", number, why.text);
		strbuf_fini(&why);
		if (!ok)
			return false;
		text += len + (text[len] == '\n');
	}
	return true;
}

uint32_t sim_options_settled_s(const struct sim_options *o)
{
	return o->duration_s - WATCH_S;
}

uint32_t sim_options_heal_s(const struct sim_options *o)
{
	return sim_options_settled_s(o) - o->holdtime_s - SIM_RETRANSMIT_MAX_S;
}

bool sim_options_checks(const struct sim_options *o, enum sim_checker c)
{
	if (c == CHECK_SERVERS)
		return o->max_connections;
	return c < SIM_FIRST_OF_PROTECTION || o->protect_group;
}

uint32_t sim_options_detect_s(const struct sim_options *o)
{
	return o->detect_s ? o->detect_s : o->holdtime_s + SIM_RETRANSMIT_MAX_S;
}

bool sim_options_check(const struct sim_options *o, struct strbuf *error)
{
	uint32_t least = WATCH_S + 2 * o->holdtime_s + SIM_RETRANSMIT_MAX_S;

	if (o->duration_s < least) {
		strbuf_printf(error, "a holding time of %u s needs a duration of %u s at least",
		              o->holdtime_s, least);
		return false;
	}
	if (o->protect_group && !dh_group((uint16_t)o->protect_group)) {
		strbuf_printf(error, "protect: there is no group %u", o->protect_group);
		return false;
	}
	if (o->regions && (!o->phase3 || o->spokes <= o->regions)) {
		strbuf_adds(error, "regions need phase 3, and spokes beside the regional hubs");
		return false;
	}
	if (o->phase3 && o->p2p_permille) {
		strbuf_adds(error, "p2p has no shortcuts: not with phase 3");
		return false;
	}
	if (o->max_connections && (o->regions || o->homes)) {
		strbuf_adds(error, "max-connections: not with regions or homes");
		return false;
	}
	if (o->fallback_s > o->holdtime_s) {
		strbuf_adds(error, "fallback is longer than the holding time");
		return false;
	}
	if (o->nat_share > 1 && !o->protect_group) {
		strbuf_adds(error, "nat-share: in clear a NAT lets out one spoke only");
		return false;
	}
	if (o->delay_min_ms > o->delay_max_ms) {
		strbuf_adds(error, "delay-min is more than delay");
		return false;
	}
	for (size_t i = 0; i < o->n_incidents; i++) {
		const struct sim_incident *at = &o->incident[i];
		if (at->at_s + at->for_s > sim_options_heal_s(o)) {
			strbuf_printf(error,
			              "what happens at %ld s is not over at %u s, when the "
			              "cloud is to heal",
			              at->at_s, sim_options_heal_s(o));
			return false;
		}
		if (at->kind == INCIDENT_RESTART_HUB && at->hub >= o->hubs + o->regions) {
			strbuf_printf(error, "there is no hub %u", at->hub);
			return false;
		}
	}
	return true;
}

const char *sim_checker_name(enum sim_checker c)
{
	static const char *const names[] = {
#define X(id, name, text) [id] = name,
		SIM_CHECKERS(X)
#undef X
	};
	return names[c];
}

const char *sim_checker_text(enum sim_checker c)
{
	static const char *const texts[] = {
#define X(id, name, text) [id] = text,
		SIM_CHECKERS(X)
#undef X
	};
	return texts[c];
}
