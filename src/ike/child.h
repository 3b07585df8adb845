/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of IPsec SAs, from the quick mode that made them to their DELETE. */
#pragma once

#include "ike/core.h"

enum { IKE_KEYMAT_MAX = ESP_CIPHER_KEY_MAX + ESP_AUTH_KEY_MAX };

struct ike_child {
	UT_hash_handle hh;     /* by id */
	UT_hash_handle hh_spi; /* by spi_in */
	struct timer timer;
	struct ike_child *next_of_peer, *next_of_host;
	struct ike_peer *peer;
	struct ike_host *host;
	uint32_t id; /* of the inbound one; the outbound one is id + 1 */
	uint32_t ike_id, spi_in, spi_out;
	struct node_ike_path path;             /* from us, as of the IKE SA */
	struct addr inner_local, inner_remote; /* of its selectors */
	struct ike_identity peer_id;
	struct addr own; /* address that the peer has itself, by its own word; or none */
	enum esp_cipher cipher;
	enum esp_auth auth;
	enum esp_mode mode;
	bool udp, esn, initiator, peer_behind_nat;
	bool shared; /* for all tunnels of a group */
	uint16_t pfs_group, replay_packets;
	uint32_t lifetime_s, lifetime_kb;
	bool has_in, has_out;
	bool old;          /* replaced; kept for packets under way */
	bool is_deleted;   /* by the peer's DELETE */
	bool lost;         /* goes without a word at its timer, for `reason` */
	uint8_t reason;    /* enum trace_reason */
	mono begun, since; /* its quick mode; itself */
	mono renew_at, ends_at;
	mono settles_at;        /* when packets leave by it at the latest; MONO_NEVER: they do */
	mono used_at, heard_at; /* when traffic was seen last, and traffic of the peer's */
	uint64_t packets_in, packets_out;
};

/* Bytes of keying material of one direction. */
size_t ike_child_keymat_len(const struct ike_child *child);
/* A new pair with the values of `like`, ids drawn; nothing is in force. NULL: too many. */
struct ike_child *ike_child_new(struct ike *ike, struct ike_peer *peer,
                                const struct ike_child *like);
struct ike_child *ike_child_find(const struct ike *ike, uint32_t id);
/* An SPI that is none of ours, 256 or more. */
uint32_t ike_child_draw_spi(struct ike *ike);

/* NODE_SA_ADD of one direction. keymat: the cipher's key, then the authentication's. */
void ike_child_add(struct ike *ike, struct ike_child *child, bool outbound, const uint8_t *keymat);
/*
 * Both directions are in force: packets leave by it, and those before it grow old; now or, when it
 * replaces one and is ours by initiative, once the peer has surely got message 3.
 */
void ike_child_stands(struct ike *ike, struct ike_child *child);
/* The peer has sent by it. */
void ike_child_heard(struct ike *ike, struct ike_child *child);

/* It goes now; tell: by DELETE, when an IKE SA stands. */
void ike_child_delete(struct ike *ike, struct ike_child *child, enum trace_reason reason,
                      bool tell);
/* It goes in this step or one of the next ones, without a word. */
void ike_child_lose(struct ike *ike, struct ike_child *child, enum trace_reason reason);
/* The peer has another address or port. */
void ike_child_move(struct ike *ike, struct ike_child *child, struct ike_host *host,
                    const struct node_ike_path *path);
/* NODE_SA_MOVE of both directions. */
void ike_child_tell_place(struct ike *ike, const struct ike_child *child);
/* A new one is negotiated. */
void ike_child_renew_now(struct ike *ike, struct ike_child *child);
/* Its kilobytes are used up: it goes, when its successor has had IKE_USED_UP_S to come. */
void ike_child_expire(struct ike *ike, struct ike_child *child);
/* It goes when nothing was carried for its profile's idle time. */
void ike_child_check_idle(struct ike *ike, struct ike_child *child);
void ike_child_fire(struct ike *ike, struct ike_child *child);
void ike_child_free(struct ike *ike, struct ike_child *child);
