/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running daemon: one node in real sockets. Private to src/daemon; its functions lie in
 * daemon.c (start, loop, stop), apply.c (a configuration or a changed system put in force),
 * node_io.c (events in, actions out), ike_io.c (those of protection) and host.c (what the CLI asks
 * for). Everything happens in one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>
#include <uthash.h>
#include <uv.h>

#include "backend/backend.h"
#include "config/config.h"
#include "daemon/cache_saver.h"
#include "daemon/claims.h"
#include "daemon/control.h"
#include "daemon/credentials.h"
#include "daemon/fib.h"
#include "daemon/handover.h"
#include "daemon/holds.h"
#include "daemon/ike_ports.h"
#include "daemon/ledger.h"
#include "daemon/log.h"
#include "daemon/names.h"
#include "daemon/options.h"
#include "daemon/ping.h"
#include "daemon/ports.h"
#include "daemon/state.h"
#include "daemon/system.h"
#include "daemon/tunnels.h"
#include "netlink/rtnl.h"
#include "node/node.h"
#include "node/snapshot.h"
#include "show/show.h"
#include "util/strbuf.h"

/* A tunnel as it is in force. */
struct daemon_tunnel {
	uint32_t number;
	struct tunnel_state state;
	bool made;       /* the backend has it */
	bool complained; /* that the backend refused it was logged */
	bool portless;   /* that its port could not be had was logged */
	bool unheld;     /* that its carrier will not outlive us was logged */
	bool answered;   /* with `if-state nhrp`: a server did when the node last said */
	uint8_t mac[NETLINK_MAC_LEN]; /* of its interface, when its neighbours were written last */
	bool told;                    /* the node knows what it was last told: */
	struct addr told_source;
	uint16_t told_mtu_bytes;
	bool told_up, logged_admin_up;
	struct dp_counters cleared; /* what was counted when the counters were zeroed last */
	UT_hash_handle hh;
};

/* A port of the configuration, as the log knows it. */
struct daemon_port {
	char name[SNAP_NAME_SIZE];
	bool up;         /* as was logged last */
	bool deviceless; /* that nobody says which device it is was logged */
	UT_hash_handle hh;
};

/* Where the startup configuration lies; the directory stays open, so that it is found without
 * privileges. */
struct config_place {
	const char *path; /* as the user gave it */
	char *name;       /* in the directory */
	int dir_fd;
	struct config_machine machine; /* on which it is read */
};

/* A NODE_FIND_ROUTE that is not answered yet. */
struct daemon_question {
	uint32_t cookie;
	struct addr to;
};

struct daemon_routes {
	struct fib *fib;
	bool stale; /* the table must be read before it is asked */
	struct daemon_question *question;
	size_t at, n, room; /* at: the next to be answered */
	uv_timer_t timer;
};

/* What the first signal to end said. */
enum daemon_end {
	DAEMON_RUNS,
	DAEMON_STOPS, /* and takes everything back */
	DAEMON_KEEPS, /* everything as it is, for the next start */
	DAEMON_ANEW,  /* likewise, and executes itself */
};

struct daemon {
	const struct options *options;
	struct log log;
	struct config_place config;
	int run_dir_fd;
	mono started;

	struct snapshot *running;
	struct snapshot *loaded; /* as it was read from the file: what is manual is what differs */
	struct crypto *crypto;   /* NULL: nothing can be protected */
	struct node *node;
	struct node_out out;
	struct daemon_tunnel *tunnels;
	struct daemon_port *port_states;

	struct daemon_sa *sas; /* ike_io.c's */
	struct daemon_signature *signatures;
	struct credentials credentials;
	struct ike_ports ike_ports;
	int keylog_fd; /* -1: keys are not written anywhere */

	struct ports ports;
	struct claims claims;
	struct ledger *ledger;
	struct rtnl *rtnl;
	struct system system;
	struct holds holds;
	struct backend *backend;
	const struct backend_ops *ops;
	unsigned n_workers;
	struct dp_counters cleared; /* of no tunnel */
	struct state *state;
	struct daemon_routes routes;
	uint32_t ids_reserved; /* what the node asked to be reserved last */
	bool ids_failing;
	bool refusal_logged; /* that the kernel refused a change; `show drops` has how often */

	uv_loop_t loop;
	uv_timer_t node_timer, apply_timer, poll_timer, sa_timer;
	uv_poll_t backend_poll, rtnl_poll;
	uv_signal_t signals[5];
	uv_prepare_t prepare;
	uint64_t iteration,
		polled_iteration; /* of the loop: its count, and where use was polled last */
	struct cache_saver saver;
	struct names names;
	struct control *control;
	struct pings *pings;

	struct utsname uname;           /* what program_view points into */
	struct route_view *route_views; /* while `show` walks them */
	size_t n_route_views;

	struct handover handover;
	enum daemon_end end;
	bool stopping, node_stopped;
	int exit_status;
};

/* ---- daemon.c ---- */

/* Runs until it is told to end. The exit status. config: the file's text, parsed; both are taken.
 */
int daemon_run(const struct options *options, struct config_place *config, struct snapshot *first,
               const struct config_remarks *remarks);
/* Now on both clocks. */
struct now daemon_now(void);
/* Looks at the system again within a few milliseconds. */
void daemon_apply_soon(struct daemon *d);

/* ---- apply.c ---- */

/*
 * Puts a snapshot in force (it is taken in any case), or with NULL the running one on a system that
 * has changed. Negative errno with a sentence in error: nothing was changed.
 */
int daemon_apply(struct daemon *d, struct snapshot *next, struct strbuf *error);
/* Claims the devices of a snapshot. Negative errno with a sentence in error: it has no more than
 * before. */
int daemon_claim(struct daemon *d, const struct snapshot *s, struct strbuf *error);
/* Takes everything back that was added to the system. */
void daemon_unapply(struct daemon *d);
/* Forgets it; the system stays as it is. */
void daemon_leave(struct daemon *d);
struct daemon_tunnel *daemon_tunnel(const struct daemon *d, uint32_t number);
/* NODE_LINE: put in force within a few milliseconds. */
void daemon_set_line(struct daemon *d, uint32_t number, bool up);

/* ---- port_log.c ---- */

/* Logs which ports of the running configuration have come up or gone down, and which have no
 * device. */
void daemon_log_ports(struct daemon *d);
void daemon_forget_ports(struct daemon *d);

/* ---- node_io.c ---- */

/* One step of the node, and one for each signature that comes of it; actions are carried out. */
void daemon_step(struct daemon *d, const struct node_event *event);
/* Likewise, of the event alone. */
void daemon_step_once(struct daemon *d, const struct node_event *event);
/* The file that the cache is kept in. */
void daemon_print_cache(void *daemon, struct strbuf *out);
/* Hands the node what was kept of an earlier life. */
void daemon_restore_cache(struct daemon *d);
/* The backend's events; the ctx is the daemon. */
struct backend_events daemon_backend_events(struct daemon *d);
/* Has the node end its registrations. */
void daemon_stop_node(struct daemon *d);
/* Tells the node which peers were used since the last time. */
void daemon_poll_used(struct daemon *d);

/* ---- ike_io.c ---- */

/* With the loop. */
void daemon_start_ike(struct daemon *d);
/* Carries out NODE_IKE_SEND, NODE_IKE_SIGN and NODE_SA_…. */
void daemon_protect(struct daemon *d, const struct node_action *a);
/* Fills in what the backend tells of protection. */
void daemon_ike_events(struct backend_events *events);
/* Tells the node what each pair of security associations has carried. */
void daemon_poll_sas(struct daemon *d);
void daemon_forget_sas(struct daemon *d);
/* Gives a signature that was made back to the node. False: there is none. */
bool daemon_tell_signature(struct daemon *d);

/* ---- host.c ---- */

/* What the CLI may ask of the daemon. */
struct cli_host daemon_cli_host(struct daemon *d);

/* ---- routes.c ---- */

/* With the loop. */
void daemon_start_routes(struct daemon *d);
void daemon_forget_routes(struct daemon *d);
/* A route came or went. */
void daemon_take_route(struct daemon *d, const struct netlink_event *event);
/* Routes may have gone that the kernel did not tell of. */
void daemon_routes_stale(struct daemon *d);
/* Notes a NODE_FIND_ROUTE. */
void daemon_ask_route(struct daemon *d, const struct node_action *a);
/* The answer to the question asked longest ago. False when none is open. */
bool daemon_answer_route(struct daemon *d, struct node_event *ret);

/* ---- load.c ---- */

/*
 * Finds and reads the configuration file. Null and a sentence in error when it can't be read. The
 * caller frees snapshot, remarks and place.
 */
struct snapshot *config_load(const struct config_place *place, struct config_remarks *remarks,
                             struct strbuf *error);
bool config_place_open(struct config_place *place, const char *path, struct strbuf *error);
void config_place_close(struct config_place *place);
#define CONFIG_EXPOSED "it holds secrets, and everyone may read it: chmod o-r"
/* True when it does. */
bool config_place_exposes(const struct config_place *place, const struct snapshot *s);
/* Errors and warnings line by line, the rest in one. */
void config_report(struct log *log, const char *path, const struct config_remarks *remarks);
