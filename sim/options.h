/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is: options of the command line and scenario files, which say the same things. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/strbuf.h"

enum {
	SIM_SPOKES_MAX = 60000,
	SIM_HUBS_MAX = 8,
	SIM_REGIONS_MAX = 100,
	/* Retransmissions of a registration are at most so far apart (IOS's schedule). */
	SIM_RETRANSMIT_MAX_S = 64,
	SIM_INCIDENTS_MAX = 256, /* "at …" lines of one scenario */
};

enum sim_incident_kind {
	INCIDENT_RESTART_HUB,
	INCIDENT_PARTITION,
	INCIDENT_SPLIT,
	INCIDENT_CONFINE,
	INCIDENT_FLAP,
	INCIDENT_READDRESS,
	INCIDENT_REBIND,   /* NATs give other ports … */
	INCIDENT_RENUMBER, /* … or get other addresses */
};

/* One thing that happens at a set time. */
struct sim_incident {
	enum sim_incident_kind kind;
	int64_t at_s;
	int64_t for_s;     /* how long a hub is down, or the others last */
	bool loses_state;  /* the hub comes back without what it kept on disk */
	uint32_t hub;      /* INCIDENT_RESTART_HUB; regional hubs count on from the hubs */
	uint32_t permille; /* share of spokes that it happens to */
};

/* X(field): checkers, and the bugs that may be planted for them. */
#define SIM_CHECKERS(X)                                                                            \
	X(CHECK_HUB_CACHE, "hub-cache", "a hub's cache equals the live spokes")                    \
	X(CHECK_PATH, "path", "a resolved path points at its owner's NBMA address")                \
	X(CHECK_DELIVERY, "delivery", "traffic arrives, without a loop")                           \
	X(CHECK_GROWTH, "growth", "entries and memory stay in proportion to the cloud")            \
	X(CHECK_LOOP, "loop", "no tables lead round in a circle, at any change of one")            \
	X(CHECK_OUTLIVE, "outlive", "no direct path outlives its owner's registration for long")   \
	X(CHECK_OUTAGE, "outage", "live spokes are never parted for longer than it takes to see")  \
	X(CHECK_SERVERS, "servers", "of each cluster the right servers are used")                  \
	X(CHECK_REQUEST_ID, "request-id", "no request id is used again in a later life")           \
	X(CHECK_AGREEMENT, "agreement", "both ends of an association have the same keys")          \
	X(CHECK_REUSE, "reuse", "no key seals for two associations, no IV two IKE messages")       \
	X(CHECK_CLEAR, "clear", "nothing leaves a protected tunnel in clear")

enum sim_checker {
#define X(id, name, text) id,
	SIM_CHECKERS(X)
#undef X
		SIM_CHECKERS_N,
	SIM_FIRST_OF_PROTECTION = CHECK_AGREEMENT /* the rest looks at protected clouds only */
};

struct sim_options {
	uint64_t seed;
	uint32_t spokes, hubs;
	uint32_t regions;  /* of the spokes so many are regional hubs of the others; 0: none */
	uint32_t homes;    /* hubs that a spoke registers with; 0: all */
	uint32_t clusters; /* that the hubs are in, in turn, when max_connections is set */
	uint32_t max_connections; /* of each cluster; 0: all hubs are used */
	uint32_t fallback_s;      /* until a better hub that is back is used again */
	uint32_t mesh;            /* 1: hubs register with each other; 0: static maps, in phase 3 */
	bool phase3;              /* summaries, redirects and shortcuts */
	uint32_t holdtime_s, duration_s;
	uint32_t loss_permille, duplicate_permille, reorder_permille;
	uint32_t delay_min_ms, delay_max_ms;
	uint32_t readdress_per_min, restarts_per_min; /* of spokes */
	uint32_t partition_permille;                  /* share cut off, one minute in five */
	uint32_t p2p_permille;                        /* share of spokes that are point-to-point */
	uint32_t nat_permille;                        /* share of spokes behind NATs */
	uint32_t nat_share;                           /* of them so many behind each */
	uint32_t no_unique_permille;                  /* share with registration no-unique */
	uint32_t races_per_min;                       /* pairs that resolve each other at once */
	uint32_t detect_s;      /* traffic has a path after so long; 0: the safe bound */
	uint32_t packets_per_s; /* data packets between random spokes */
	uint32_t protect_group; /* of Diffie-Hellman, in both phases; 0: in clear */
	uint32_t lifetime_s;    /* of IPsec SAs */
	bool verbose;           /* every trace on stdout */
	int plant;              /* enum sim_checker, or -1 */
	bool plant_other;       /* the second fault that there is for the checker */
	struct sim_incident incident[SIM_INCIDENTS_MAX];
	size_t n_incidents;
};

void sim_options_init(struct sim_options *o);

/*
 * Sets one option by the name that it has on the command line ("loss") and in scenarios. False with
 * a sentence in error when the name or the value is wrong.
 */
bool sim_options_set(struct sim_options *o, const char *name, const char *value,
                     struct strbuf *error);

/* Reads a scenario: "name value" lines, "at SECONDS …" lines, "#" comments. As above. */
bool sim_options_scenario(struct sim_options *o, const char *text, struct strbuf *error);

/* Whole-run checks: long enough to heal and to look. As above. */
bool sim_options_check(const struct sim_options *o, struct strbuf *error);

/* When all faults end: the rest of the run is for the checkers. Seconds from the start. */
uint32_t sim_options_heal_s(const struct sim_options *o);
/* Whether a checker has something to look at in such a run. */
bool sim_options_checks(const struct sim_options *o, enum sim_checker c);
/* For how long live spokes may be without a path; seconds. */
uint32_t sim_options_detect_s(const struct sim_options *o);
/* When the checkers begin to expect a perfect cloud. Seconds from the start. */
uint32_t sim_options_settled_s(const struct sim_options *o);

const char *sim_checker_name(enum sim_checker c);
const char *sim_checker_text(enum sim_checker c);
