/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of the world and what happens on it. */
#include "world.h"

#include <string.h>

#include "util/check.h"
#include "util/memory.h"

enum {
	WALL_START_MS = 1000000, /* any instant will do, as long as it is the same each time */
	PARTITION_EVERY_S = 300,
	PARTITION_FOR_S = 60,
	CHECK_EVERY_S = 10,
	LOOK_EVERY_S = 10,
	FLAP_MIN_MS = 2000, /* between two looks at who flaps; half of them do */
	FLAP_MAX_MS = 15000,
	MOVE_DELAYS = 4,          /* a resolution takes so many of the longest delays at most */
	STARTS_WITHIN_MS = 10000, /* spokes come up one by one */
	TRIES = 16,
};

uint32_t world_between(struct sim_world *w, uint32_t low, uint32_t high)
{
	return entropy_between(&w->entropy, low, high);
}

bool world_chance(struct sim_world *w, uint32_t permille)
{
	return permille && world_between(w, 0, 999) < permille;
}

uint32_t world_first_spoke(const struct sim_world *w)
{
	return w->options->hubs + w->options->regions;
}

struct sim_router *world_random_spoke(struct sim_world *w)
{
	for (int i = 0; i < TRIES; i++) {
		struct sim_router *r =
			&w->router[world_between(w, world_first_spoke(w), w->n_routers - 1)];
		if (r->up)
			return r;
	}
	return NULL;
}

static void set_job(struct sim_world *w, enum sim_job job, int64_t at_ms)
{
	w->job[job].kind = TIMER_WORLD;
	timers_set(&w->timers, &w->job[job], mono_add_ms((mono){ 0 }, at_ms));
}

static void again(struct sim_world *w, enum sim_job job, int64_t in_ms)
{
	set_job(w, job, w->now.mono.ns / NS_PER_MS + in_ms);
}

/* The next of events that come n a minute, at random. */
static void again_per_min(struct sim_world *w, enum sim_job job, uint32_t n)
{
	again(w, job, world_between(w, 1, 2 * 60000 / n));
}

static void start_jobs(struct sim_world *w)
{
	const struct sim_options *o = w->options;

	set_job(w, JOB_TRAFFIC, 1000);
	set_job(w, JOB_SAVE, 1000);
	set_job(w, JOB_LOOK, LOOK_EVERY_S * 1000);
	if (o->phase3)
		set_job(w, JOB_ROUTES, 1000);
	if (w->crypto)
		set_job(w, JOB_POLL, 1000);
	set_job(w, JOB_HEAL, (int64_t)sim_options_heal_s(o) * 1000);
	set_job(w, JOB_CHECK, (int64_t)sim_options_settled_s(o) * 1000);
	if (o->readdress_per_min)
		set_job(w, JOB_READDRESS, STARTS_WITHIN_MS);
	if (o->restarts_per_min)
		set_job(w, JOB_RESTART, STARTS_WITHIN_MS);
	if (o->races_per_min)
		set_job(w, JOB_RACE, STARTS_WITHIN_MS);
	if (o->partition_permille)
		set_job(w, JOB_PARTITION, PARTITION_FOR_S * 1000);
	for (size_t i = 0; i < o->n_incidents; i++)
		set_job(w, (enum sim_job)(JOB_INCIDENT + i), o->incident[i].at_s * 1000);
}

void world_init(struct sim_world *w, const struct sim_options *o)
{
	*w = (struct sim_world){ .options = o, .hash = SIM_FNV_START };
	prng_seed(&w->prng, o->seed);
	w->entropy = prng_entropy(&w->prng);
	timers_init(&w->timers);
	w->now.wall_ms = WALL_START_MS;
	w->out = memory_new(1, sizeof *w->out);
	if (o->protect_group)
		w->crypto = crypto_new();
	check(w->crypto || !o->protect_group);
	w->n_routers = o->hubs + o->spokes;
	w->router = memory_new(w->n_routers, sizeof *w->router);
	router_build_all(w);
	for (uint32_t i = 0; i < w->n_routers; i++) {
		struct sim_router *r = &w->router[i];
		uint32_t in_ms =
			i < world_first_spoke(w) ? 0 : world_between(w, 0, STARTS_WITHIN_MS);
		timers_set(&w->timers, &r->revive, mono_add_ms((mono){ 0 }, in_ms));
	}

	start_jobs(w);
}

void world_fini(struct sim_world *w)
{
	for (uint32_t i = 0; i < w->n_routers; i++)
		router_fini(w, &w->router[i]);
	for (struct timer *t; (t = timers_pop_due(&w->timers, MONO_NEVER)) != NULL;)
		if (t->kind == TIMER_PACKET)
			free((struct sim_packet *)((char *)t - offsetof(struct sim_packet, timer)));
	for (struct sim_packet *p = w->free_packets, *next; p; p = next) {
		next = p->next_free;
		free(p);
	}
	timers_fini(&w->timers);
	protect_fini(w);
	nat_fini(w);
	free(w->router);
	free(w->out);
}

static void run_incident(struct sim_world *w, const struct sim_incident *i)
{
	switch (i->kind) {
	case INCIDENT_RESTART_HUB:
		router_kill(w, &w->router[i->hub]);
		if (i->loses_state)
			w->router[i->hub].n_saved = 0;
		timers_set(&w->timers, &w->router[i->hub].revive,
		           mono_add_s(w->now.mono, i->for_s));
		break;
	case INCIDENT_PARTITION:
		network_partition(w, i->permille);
		again(w, JOB_REJOIN, i->for_s * 1000);
		break;
	case INCIDENT_SPLIT:
		network_split(w, i->permille);
		again(w, JOB_SPLIT_END, i->for_s * 1000);
		break;
	case INCIDENT_CONFINE:
		network_confine(w, i->permille);
		again(w, JOB_CONFINE_END, i->for_s * 1000);
		break;
	case INCIDENT_FLAP:
		for (uint32_t n = world_first_spoke(w); n < w->n_routers; n++)
			w->router[n].flapping = world_chance(w, i->permille);
		again(w, JOB_FLAP, 0);
		again(w, JOB_FLAP_END, i->for_s * 1000);
		break;
	case INCIDENT_REBIND:
	case INCIDENT_RENUMBER:
		nat_rebind(w, i->permille, i->kind == INCIDENT_RENUMBER);
		break;
	case INCIDENT_READDRESS:
		for (uint32_t n = world_first_spoke(w); n < w->n_routers; n++)
			if (w->router[n].up && world_chance(w, i->permille))
				router_readdress(w, &w->router[n]);
		break;
	}
}

/* Restarts a random spoke; it stays down for a moment. */
static void restart_spoke(struct sim_world *w)
{
	struct sim_router *r = world_random_spoke(w);

	if (!r)
		return;
	router_kill(w, r);
	timers_set(&w->timers, &r->revive, mono_add_ms(w->now.mono, world_between(w, 100, 30000)));
}

static void readdress_spoke(struct sim_world *w)
{
	struct sim_router *r = world_random_spoke(w);

	if (r)
		router_readdress(w, r);
}

static void flap(struct sim_world *w, bool over)
{
	for (uint32_t i = world_first_spoke(w); i < w->n_routers; i++)
		if (w->router[i].flapping)
			network_cut(w, &w->router[i], !over && world_chance(w, 500));
	if (over)
		timers_clear(&w->timers, &w->job[JOB_FLAP]);
	else
		again(w, JOB_FLAP, world_between(w, FLAP_MIN_MS, FLAP_MAX_MS));
}

/* In every second race one of the two moves while the resolutions are under way. */
static void race(struct sim_world *w)
{
	w->mover = traffic_race(w);
	if (w->mover && world_chance(w, 500))
		again(w, JOB_RACE_MOVE,
		      world_between(w, 0, MOVE_DELAYS * w->options->delay_max_ms));
}

static void heal(struct sim_world *w)
{
	w->healed = true;
	network_partition(w, 0);
	timers_clear(&w->timers, &w->job[JOB_READDRESS]);
	timers_clear(&w->timers, &w->job[JOB_RESTART]);
	timers_clear(&w->timers, &w->job[JOB_RACE]);
	timers_clear(&w->timers, &w->job[JOB_RACE_MOVE]);
	timers_clear(&w->timers, &w->job[JOB_PARTITION]);
}

/* What goes on until the end, faults or not. */
static void run_regular(struct sim_world *w, enum sim_job job)
{
	int64_t every_ms = 1000;

	switch (job) {
	case JOB_SAVE:
		/* One in a second: a hub of many spokes has more to do than that. */
		router_save(w, &w->router[w->saver++ % world_first_spoke(w)]);
		break;
	case JOB_POLL:
		for (uint32_t i = 0; i < w->n_routers; i++)
			protect_poll(w, &w->router[i]);
		break;
	case JOB_ROUTES:
		routes_tell(w);
		break;
	case JOB_LOOK:
		check_paths(w);
		check_servers(w);
		every_ms = LOOK_EVERY_S * 1000;
		break;
	case JOB_CHECK:
		check_cloud(w);
		every_ms = CHECK_EVERY_S * 1000;
		break;
	default:
		return;
	}
	again(w, job, every_ms);
}

static void run_job(struct sim_world *w, enum sim_job job)
{
	const struct sim_options *o = w->options;

	switch (job) {
	case JOB_TRAFFIC:
		traffic_send(w);
		again(w, job, world_between(w, 1, 2000 / o->packets_per_s + 1));
		break;
	case JOB_READDRESS:
		readdress_spoke(w);
		again_per_min(w, job, o->readdress_per_min);
		break;
	case JOB_RESTART:
		restart_spoke(w);
		again_per_min(w, job, o->restarts_per_min);
		break;
	case JOB_PARTITION:
		network_partition(w, o->partition_permille);
		again(w, JOB_REJOIN, PARTITION_FOR_S * 1000);
		again(w, job, PARTITION_EVERY_S * 1000);
		break;
	case JOB_REJOIN:
		network_partition(w, 0);
		break;
	case JOB_RACE:
		race(w);
		again_per_min(w, job, o->races_per_min);
		break;
	case JOB_RACE_MOVE:
		if (w->mover && w->mover->up)
			router_readdress(w, w->mover);
		break;
	case JOB_FLAP:
	case JOB_FLAP_END:
		flap(w, job == JOB_FLAP_END);
		break;
	case JOB_SPLIT_END:
		network_split(w, 0);
		break;
	case JOB_CONFINE_END:
		network_confine(w, 0);
		break;
	case JOB_HEAL:
		heal(w);
		break;
	default:
		if (job >= JOB_INCIDENT)
			run_incident(w, &o->incident[job - JOB_INCIDENT]);
		else
			run_regular(w, job);
		break;
	}
}

static void fire(struct sim_world *w, struct timer *t)
{
	static const struct node_event tick = { .type = NODE_TICK };

	switch ((enum sim_timer_kind)t->kind) {
	case TIMER_TICK:
		router_step(w, (struct sim_router *)((char *)t - offsetof(struct sim_router, tick)),
		            &tick);
		break;
	case TIMER_REVIVE:
		router_start(
			w, (struct sim_router *)((char *)t - offsetof(struct sim_router, revive)));
		break;
	case TIMER_PACKET:
		network_arrive(
			w, (struct sim_packet *)((char *)t - offsetof(struct sim_packet, timer)));
		break;
	case TIMER_WORLD:
		run_job(w, (enum sim_job)(t - w->job));
		break;
	}
}

void world_run(struct sim_world *w)
{
	mono end = mono_add_s((mono){ 0 }, w->options->duration_s);

	while (mono_before(timers_deadline(&w->timers), end)) {
		mono at = timers_deadline(&w->timers);
		/* A deadline in the past is due now: time never goes back. */
		if (mono_before(w->now.mono, at))
			w->now = (struct now){ at, WALL_START_MS + at.ns / NS_PER_MS };
		fire(w, timers_pop_due(&w->timers, w->now.mono));
	}
}
