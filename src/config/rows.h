/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the configuration: inside of src/config. A row that works says where its value lives
 * in the snapshot, or brings functions; a row that is known and not yet in force is kept as a line;
 * rows that are not ours are a table of their own (foreign_rows.c), because nothing is ever read
 * from them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum row_kind {
	ROW_CUSTOM, /* set, clear and print */
	ROW_NUMBER, /* a number in a field; 0 is "not configured" unless there is a `has` field */
	ROW_FLAG,   /* a bool, printed when true */
	ROW_NO,     /* a bool that is true for the `no` form, printed so */
	ROW_KEPT,   /* a line among the kept ones; one that works only says something to readers */
	ROW_MODE,   /* moves between blocks; nothing to print */
	ROW_MARK,   /* no command: the place in print of interface lines that are not ours */
};

enum row_scope {
	SCOPE_GLOBAL,
	SCOPE_INTERFACE,
	SCOPE_PORT,
	SCOPE_TUNNEL,
	SCOPE_KEYRING,
	SCOPE_ISAKMP_POLICY,
	SCOPE_ISAKMP_PROFILE,
	SCOPE_TRANSFORM_SET,
	SCOPE_IPSEC_PROFILE,
	SCOPE_TRUSTPOINT,
};

enum row_flag {
	ROW_MANY = 1,     /* several lines of this row may stand side by side */
	ROW_ON = 2,       /* in force by default: the `no` form is kept */
	ROW_OPENS = 4,    /* kept: opens a block of its own */
	ROW_PROTECTS = 8, /* kept: sets snap_tunnel.other_protection */
	ROW_OTHER = 16,   /* kept: sets snap_tunnel.other_mode */
	ROW_ALIAS = 32,   /* another spelling of the row before: not printed */
	ROW_ENTERS = 64,  /* custom: the lines that follow are of a block of ours */
};

/* Where a value lives, as offsets into the structure of its scope. */
struct row_field {
	enum { BASE_SNAPSHOT, BASE_INTERFACE, BASE_TUNNEL, BASE_OBJECT } base;
	size_t offset, size;
	size_t has;      /* of a bool that says that there is a value; 0: none */
	uint32_t normal; /* the default: stored as 0, not printed */
};

struct edit;
struct printing;

struct row {
	struct grammar_row yes, no;
	const char *value; /* default and meaning, for the manual; may be NULL */
	enum config_class class;
	enum row_kind kind;
	enum row_scope scope;
	unsigned flags;
	struct row_field field;
	bool (*set)(struct edit *e, const struct grammar_args *args);
	bool (*clear)(struct edit *e, const struct grammar_args *args);
	void (*print)(const struct printing *p);
};

extern const struct row config_rows[];
extern const size_t config_n_rows;

/* One line on its way into a snapshot. */
struct edit {
	struct snapshot *s;
	struct config_mode *mode;
	enum config_block block;          /* that the line is tried in: that of mode, or global */
	struct snap_interface *interface; /* of CONFIG_INTERFACE, else NULL */
	void *object; /* of a block of crypto: struct snap_keyring and the like; else NULL */
	const struct row *row;
	const char *line; /* trimmed, without a trailing comment */
	bool file;        /* part of a whole file: checks that need the rest come at its end */
	bool outdented;   /* less indented than the block's lines: rather global */
	bool warned;
	char text[256]; /* why it is refused, or the warning */
};

/* Sets the reason; gives false, or true, for the caller to return. */
bool edit_refuse(struct edit *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool edit_warn(struct edit *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Refuses what cannot be the NBMA address of one router. */
bool edit_takes_nbma(struct edit *e, const struct addr *nbma);

/* The settings of the tunnel that is configured. */
struct snap_nhrp *edit_nhrp(const struct edit *e);

/* Moves to a block. False when its name is too long. */
bool edit_enter(struct edit *e, enum config_block block, const char *name);
/* Drops kept lines of rows that begin with a stem ("tunnel mode"). */
void edit_forget(struct edit *e, const char *stem);
/* True when there is such a line. */
bool edit_has(const struct edit *e, const char *stem);
/* True for a host name (RFC 1123) that is not an address. */
bool config_is_name(const char *text);
/* Of a line with A.B.C.D [MASK]: whom it means. 0.0.0.0 alone is anybody, as IOS prints it. */
struct prefix config_peers(const struct grammar_args *args);

struct printing {
	const struct snapshot *s;
	enum config_block block;
	const struct snap_interface *interface; /* as in struct edit */
	const void *object;
	const struct row *row;
	bool hide;
	struct strbuf *out;
	size_t start; /* of the text in it */
};

/* "address A [MASK]" as config_peers() reads it. */
void print_peers(const struct prefix *peers, bool with_any_mask, struct strbuf *out);
/* Prints a block: its head line, and what the rows of it and its kept lines say. */
void print_block(const struct printing *p, enum config_block block, const void *object,
                 const char *head);

/* ---- rows that are not ours ---- */

enum foreign_flag {
	FOREIGN_OPENS = 1, /* a block follows */
	FOREIGN_LATE =
		2, /* IOS prints it behind the interfaces; in an interface: late in its block */
	FOREIGN_SUB = 4, /* seen inside blocks only, though it looks like a global command */
};

struct foreign_row {
	struct grammar_row head;
	enum config_block block;
	unsigned flags;
};

extern const struct foreign_row config_foreign_rows[];
extern const size_t config_n_foreign_rows;

enum config_table { TABLE_ROWS, TABLE_NO, TABLE_FOREIGN };
/* The rows, their `no` forms, or the rows that are not ours, for the engine. */
struct grammar config_table(enum config_table table);

/* ---- what rows.c calls, by topic ---- */

bool set_hostname(struct edit *e, const struct grammar_args *args);
bool clear_hostname(struct edit *e, const struct grammar_args *args);
void print_hostname(const struct printing *p);
bool set_interface(struct edit *e, const struct grammar_args *args);
bool clear_interface(struct edit *e, const struct grammar_args *args);
bool set_route(struct edit *e, const struct grammar_args *args);
bool clear_route(struct edit *e, const struct grammar_args *args);
void print_routes(const struct printing *p);
bool set_exit(struct edit *e, const struct grammar_args *args);
bool set_end(struct edit *e, const struct grammar_args *args);

bool set_description(struct edit *e, const struct grammar_args *args);
bool clear_description(struct edit *e, const struct grammar_args *args);
void print_description(const struct printing *p);
bool set_device(struct edit *e, const struct grammar_args *args);
bool clear_device(struct edit *e, const struct grammar_args *args);
void print_device(const struct printing *p);
bool set_address(struct edit *e, const struct grammar_args *args);
bool clear_address(struct edit *e, const struct grammar_args *args);
void print_address(const struct printing *p);
bool set_address_dhcp(struct edit *e, const struct grammar_args *args);

bool set_source(struct edit *e, const struct grammar_args *args);
bool clear_source(struct edit *e, const struct grammar_args *args);
void print_source(const struct printing *p);
bool set_destination(struct edit *e, const struct grammar_args *args);
bool set_destination_name(struct edit *e, const struct grammar_args *args);
bool clear_destination(struct edit *e, const struct grammar_args *args);
void print_destination(const struct printing *p);
bool set_mode(struct edit *e, const struct grammar_args *args);
bool clear_mode(struct edit *e, const struct grammar_args *args);
void print_mode(const struct printing *p);

bool set_protection(struct edit *e, const struct grammar_args *args);
bool set_other_protection(struct edit *e, const struct grammar_args *args);
bool clear_protection(struct edit *e, const struct grammar_args *args);
void print_protection(const struct printing *p);

#define ROW_FUNCTIONS(topic)                                                                       \
	bool set_##topic(struct edit *e, const struct grammar_args *args);                         \
	bool clear_##topic(struct edit *e, const struct grammar_args *args);                       \
	void print_##topic(const struct printing *p);

ROW_FUNCTIONS(trustpoint)
ROW_FUNCTIONS(enrollment_file)
ROW_FUNCTIONS(enrollment_terminal)
bool set_other_enrollment(struct edit *e, const struct grammar_args *args);
ROW_FUNCTIONS(revocation)
bool set_other_revocation(struct edit *e, const struct grammar_args *args);
ROW_FUNCTIONS(crl_file)
ROW_FUNCTIONS(rsakeypair)
ROW_FUNCTIONS(profile_trustpoint)
ROW_FUNCTIONS(keyring)
ROW_FUNCTIONS(keyring_key)
ROW_FUNCTIONS(isakmp_key)
ROW_FUNCTIONS(isakmp_policy)
ROW_FUNCTIONS(encryption)
ROW_FUNCTIONS(hash)
ROW_FUNCTIONS(isakmp_authentication)
bool set_other_authentication(struct edit *e, const struct grammar_args *args);
ROW_FUNCTIONS(group)
ROW_FUNCTIONS(isakmp_identity)
ROW_FUNCTIONS(isakmp_keepalive)
bool set_no_aggressive_mode(struct edit *e, const struct grammar_args *args);
ROW_FUNCTIONS(isakmp_profile)
ROW_FUNCTIONS(profile_keyring)
ROW_FUNCTIONS(match_address)
ROW_FUNCTIONS(match_host)
ROW_FUNCTIONS(profile_keepalive)
ROW_FUNCTIONS(transform_set)
bool set_other_transform_set(struct edit *e, const struct grammar_args *args);
ROW_FUNCTIONS(ipsec_mode)
ROW_FUNCTIONS(df_bit)
ROW_FUNCTIONS(udp_encapsulation)
ROW_FUNCTIONS(sa_volume)
ROW_FUNCTIONS(sa_replay)
ROW_FUNCTIONS(ipsec_profile)
ROW_FUNCTIONS(profile_sets)
ROW_FUNCTIONS(pfs)
bool set_lifetime_days(struct edit *e, const struct grammar_args *args);
bool clear_lifetime_days(struct edit *e, const struct grammar_args *args);
ROW_FUNCTIONS(profile_isakmp)

bool set_authentication(struct edit *e, const struct grammar_args *args);
bool clear_authentication(struct edit *e, const struct grammar_args *args);
void print_authentication(const struct printing *p);
bool set_map(struct edit *e, const struct grammar_args *args);
bool clear_map(struct edit *e, const struct grammar_args *args);
void print_maps(const struct printing *p);
bool set_multicast(struct edit *e, const struct grammar_args *args);
bool clear_multicast(struct edit *e, const struct grammar_args *args);
void print_multicast(const struct printing *p);
ROW_FUNCTIONS(responder)
ROW_FUNCTIONS(interest)
ROW_FUNCTIONS(preference)
bool set_summary(struct edit *e, const struct grammar_args *args);
bool clear_summary(struct edit *e, const struct grammar_args *args);
void print_summaries(const struct printing *p);
bool set_redirect(struct edit *e, const struct grammar_args *args);
bool clear_redirect(struct edit *e, const struct grammar_args *args);
void print_redirect(const struct printing *p);
bool set_batch(struct edit *e, const struct grammar_args *args);
bool clear_batch(struct edit *e, const struct grammar_args *args);
void print_batch(const struct printing *p);
bool set_nhs(struct edit *e, const struct grammar_args *args);
bool clear_nhs(struct edit *e, const struct grammar_args *args);
void print_nhs(const struct printing *p);
bool set_cluster(struct edit *e, const struct grammar_args *args);
bool clear_cluster(struct edit *e, const struct grammar_args *args);
void print_cluster(const struct printing *p);
bool set_server_only(struct edit *e, const struct grammar_args *args);
bool clear_server_only(struct edit *e, const struct grammar_args *args);
void print_server_only(const struct printing *p);
bool set_keepalive(struct edit *e, const struct grammar_args *args);
bool clear_keepalive(struct edit *e, const struct grammar_args *args);
void print_keepalive(const struct printing *p);
bool set_max_send(struct edit *e, const struct grammar_args *args);
bool clear_max_send(struct edit *e, const struct grammar_args *args);
void print_max_send(const struct printing *p);
