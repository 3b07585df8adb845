/* SPDX-License-Identifier: Apache-2.0 */
/* What IKE knows, as plain values for `show crypto …` and the simulator's checkers. No keys. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "esp/esp.h"
#include "node/snapshot_crypto.h"
#include "util/addr.h"
#include "util/clock.h"

/* X(identifier, text as IOS prints it in `show crypto isakmp sa`). */
#define IKE_STATES(X)                                                                              \
	X(IKE_MM_NO_STATE, "MM_NO_STATE")                                                          \
	X(IKE_MM_SA_SETUP, "MM_SA_SETUP")                                                          \
	X(IKE_MM_KEY_EXCH, "MM_KEY_EXCH")                                                          \
	X(IKE_MM_KEY_AUTH, "MM_KEY_AUTH")                                                          \
	X(IKE_AG_INIT_EXCH, "AG_INIT_EXCH")                                                        \
	X(IKE_QM_IDLE, "QM_IDLE")

enum ike_state {
#define X(id, text) id,
	IKE_STATES(X)
#undef X
		IKE_STATES_N
};
const char *ike_state_text(enum ike_state state);

struct ike_sa_view {
	uint32_t id; /* "conn-id": from 1001, as IOS */
	struct addr local, remote;
	uint16_t local_port, remote_port;
	uint16_t nat_port; /* remote_port where peers may share the address, else 0 */
	enum ike_state state;
	bool deleted; /* waits for its end */
	bool initiator;
	enum crypto_cipher cipher;
	enum crypto_hash hash;
	uint16_t group;
	enum snap_isakmp_auth auth;
	bool has_dpd, behind_nat, peer_behind_nat;
	mono expires;
	uint64_t icookie, rcookie;
	struct addr peer_id;   /* in the peer's ID payload; none while it is not known, or a name */
	const char *peer_name; /* a name in it, as text, or NULL; borrowed until the next step */
};

/* A pair of IPsec SAs of a tunnel towards a peer, and what stands if there is none. */
struct ipsec_view {
	uint32_t tunnel;
	struct addr local, remote; /* remote: the peer's name, by which NHRP knows it */
	struct addr at;            /* where it is seen: another's too, where they share a NAT … */
	uint16_t nat_port;         /* … and this tells them apart, else 0. As of its IKE SAs */
	uint16_t remote_port;      /* of UDP encapsulation, else 0 */
	bool wanted;
	bool up;
	bool old;        /* replaced, kept for packets under way */
	uint32_t ike_id; /* of the IKE SA, 0: none */
	uint32_t id;     /* "conn id" of the inbound one, from 2001; the outbound one is id + 1 */
	uint32_t spi_in, spi_out;
	enum esp_cipher cipher;
	enum esp_auth auth;
	enum esp_mode mode;
	bool udp, esn, initiator;
	uint16_t pfs_group;
	uint16_t replay_packets;
	uint32_t lifetime_kb; /* 0: no limit */
	mono since, expires;
	mono peer_since; /* the peer's first pair stood, without a gap since */
	/* Packets of the peer's pairs that are gone: totals go on when SAs are renewed. */
	uint64_t gone_packets_in, gone_packets_out;
};

enum { IKE_FAILURES_KEPT = 50 }; /* as IOS */

/* What went wrong with a peer, as it was told. The same words about the same peer are one. */
struct ike_failure_view {
	struct addr peer;
	int64_t wall_ms; /* of the latest, since 1970-01-01 UTC */
	uint32_t count;
	const char *text;   /* one sentence; borrowed until the next step */
	const char *advice; /* the line of configuration that would help, or NULL; likewise */
};

/* A certificate of a trustpoint, as it was read. */
struct certificate_view {
	const char *trustpoint; /* borrowed until the next step */
	bool own;               /* ours, or on the way from ours to a CA; else a CA that we trust */
	bool has_key;           /* ours, and its key is there */
	struct cert_facts facts;
};

/* X(identifier, key, text): messages that are not acted on. */
#define IKE_DROPS(X)                                                                               \
	X(IKE_DROP_NONE, "none", "not dropped")                                                    \
	X(IKE_DROP_MALFORMED, "malformed", "malformed ISAKMP message")                             \
	X(IKE_DROP_VERSION, "version", "ISAKMP version not spoken")                                \
	X(IKE_DROP_NO_SA, "no_sa", "no such IKE SA (cookies)")                                     \
	X(IKE_DROP_EXCHANGE, "exchange", "exchange type not spoken, or not in this state")         \
	X(IKE_DROP_NO_TUNNEL, "no_tunnel", "to an address that no protected tunnel has")           \
	X(IKE_DROP_NO_PROPOSAL, "no_proposal", "no proposal that is admitted")                     \
	X(IKE_DROP_NO_KEY, "no_key", "no pre-shared key or certificate for the peer")              \
	X(IKE_DROP_DECRYPT, "decrypt", "did not decrypt to a message (pre-shared keys differ?)")   \
	X(IKE_DROP_AUTHENTICATION, "authentication", "wrong hash")                                 \
	X(IKE_DROP_CERTIFICATE, "certificate", "certificate, its signature or identity refused")   \
	X(IKE_DROP_REPLAYED, "replayed", "message id used before, or not a retransmission")        \
	X(IKE_DROP_CROSSED, "crossed", "quick mode that has crossed one of ours, which stands")    \
	X(IKE_DROP_HALF_OPEN, "half_open", "too many exchanges that are not authenticated")        \
	X(IKE_DROP_FULL, "full", "too many IKE SAs")                                               \
	X(IKE_DROP_RATE, "rate", "over a rate limit")

enum ike_drop {
#define X(id, key, text) id,
	IKE_DROPS(X)
#undef X
		IKE_DROPS_N
};
const char *ike_drop_key(enum ike_drop drop);
const char *ike_drop_text(enum ike_drop drop);

struct ike_counters {
	uint64_t sent, received, retransmitted;
	uint64_t drops[IKE_DROPS_N];
	uint64_t main_mode_done, quick_mode_done, failed;
	uint64_t failures_dropped; /* from the history, for others that came later */
	size_t n_half_open, n_sas;
};
