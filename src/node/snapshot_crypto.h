/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crypto part of a snapshot: what `crypto isakmp …`, `crypto keyring`, `crypto ipsec …` and
 * `tunnel protection` say. As in node/snapshot.h zero means "not configured", and the accessors
 * give the value in force.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "esp/esp.h"
#include "node/snapshot_lines.h"
#include "util/addr.h"

enum {
	SNAP_CRYPTO_NAME_SIZE = 64, /* transform sets, profiles, keyrings, with NUL */
	SNAP_SECRET_MAX = 128,      /* characters of a pre-shared key */
	SNAP_ISAKMP_POLICIES_MAX = 64,
	SNAP_ISAKMP_KEYS_MAX = 16384, /* of all keyrings together */
	SNAP_KEYRINGS_MAX = 1024,
	SNAP_ISAKMP_PROFILES_MAX = 256,
	SNAP_TRANSFORM_SETS_MAX = 256,
	SNAP_IPSEC_PROFILES_MAX = 256,
	SNAP_TRUSTPOINTS_MAX = 32,
	SNAP_PROFILE_SETS_MAX = 9, /* transform sets of one profile, as IOS */

	SNAP_ISAKMP_LIFETIME_S = 86400,
	SNAP_ISAKMP_GROUP = 14,
	SNAP_IPSEC_LIFETIME_S = 3600,
	SNAP_IPSEC_LIFETIME_KB = 4608000,
	SNAP_REPLAY_PACKETS = 64,
	SNAP_DPD_IDLE_S = 10, /* without `crypto isakmp keepalive`: ours, on demand */
	SNAP_DPD_RETRY_S = 2,
	SNAP_NAT_KEEPALIVE_S = 20,
};

enum snap_isakmp_auth { SNAP_AUTH_RSA_SIG, SNAP_AUTH_PRE_SHARE };

/* crypto isakmp policy N. What is left out is offered and accepted by ike/ as issue and guide say.
 */
struct snap_isakmp_policy {
	uint16_t priority; /* 1 (best) to 10000 */
	bool has_encryption, has_hash, has_authentication, has_group;
	enum crypto_cipher encryption;
	enum crypto_hash hash;
	enum snap_isakmp_auth authentication; /* IOS's default is rsa-sig */
	uint16_t group;
	uint32_t lifetime_s; /* 0: SNAP_ISAKMP_LIFETIME_S */
	struct snap_lines kept;
};

/* crypto isakmp key …, and pre-shared-key lines of a keyring. */
struct snap_isakmp_key {
	char *secret;       /* NUL-terminated; wiped when freed */
	bool type_6;        /* written as `key 6 …`: kept, of no use without its master key */
	struct prefix peer; /* length 0: any; family none: by hostname */
	char *hostname;     /* or NULL */
	bool no_xauth;
};

/* crypto keyring N. The nameless one, first, holds the lines of `crypto isakmp key`. */
struct snap_keyring {
	char name[SNAP_CRYPTO_NAME_SIZE]; /* "": the global one */
	char vrf[SNAP_CRYPTO_NAME_SIZE];  /* known, not in force */
	struct snap_isakmp_key *key;
	size_t n_keys;
	struct snap_lines kept;
};

/* match identity host [domain] N */
struct snap_match_host {
	char *name;
	bool domain; /* all names below it */
};

/* crypto isakmp profile N */
struct snap_isakmp_profile {
	char name[SNAP_CRYPTO_NAME_SIZE];
	char keyring[SNAP_CRYPTO_NAME_SIZE];    /* "": the global one */
	char trustpoint[SNAP_CRYPTO_NAME_SIZE]; /* ca trust-point T; "": any */
	/*
	 * match identity address A [M]; length 0: anybody, also who is called by a name. Without
	 * any match line nobody is.
	 */
	struct prefix *match;
	size_t n_match;
	struct snap_match_host *host;
	size_t n_hosts;
	uint16_t keepalive_s, keepalive_retry_s; /* 0: the global ones */
	struct snap_lines kept;
};

/* revocation-check …. The last: a CRL is heeded where there is one. IOS's default is crl. */
enum snap_revocation { SNAP_REVOCATION_CRL, SNAP_REVOCATION_NONE, SNAP_REVOCATION_CRL_NONE };

/*
 * crypto pki trustpoint N. Key and certificates lie in a file; with `enrollment terminal` the
 * certificates are in the configuration (crypto pki certificate chain N).
 */
struct snap_trustpoint {
	char name[SNAP_CRYPTO_NAME_SIZE];
	char *file;         /* our own `enrollment file PATH`, or NULL */
	char *crl_file;     /* our own `crl file PATH`, or NULL */
	bool terminal, pem; /* enrollment terminal [pem] */
	enum snap_revocation revocation;
	char key_label[SNAP_CRYPTO_NAME_SIZE]; /* rsakeypair; "": the trustpoint's name */
	uint16_t key_bits[2];                  /* behind it; 0: not said */
	struct snap_lines kept;
};

enum snap_mode { SNAP_IPSEC_TUNNEL, SNAP_IPSEC_TRANSPORT }; /* IOS's default is tunnel */

/* crypto ipsec transform-set N … */
struct snap_transform_set {
	char name[SNAP_CRYPTO_NAME_SIZE];
	enum esp_cipher cipher;
	enum esp_auth auth;
	bool esn;
	enum snap_mode mode;
	bool require; /* `mode transport require`: nothing else is accepted */
	char *other;  /* transforms that we lack, as written: the set is not in force; or NULL */
	struct snap_lines kept;
};

/* crypto ipsec profile N */
struct snap_ipsec_profile {
	char name[SNAP_CRYPTO_NAME_SIZE];
	char set[SNAP_PROFILE_SETS_MAX][SNAP_CRYPTO_NAME_SIZE]; /* in the order of preference */
	size_t n_sets;
	char isakmp_profile[SNAP_CRYPTO_NAME_SIZE]; /* or "" */
	uint16_t pfs_group;                         /* 0: no PFS */
	uint32_t lifetime_s;                        /* 0: the global one */
	uint32_t lifetime_kb;                       /* 0: the global one */
	bool lifetime_kb_off;                       /* `kilobytes disable` */
	uint16_t replay_packets;                    /* 0: the global one */
	bool replay_off;
	uint32_t idle_s; /* 0: the global one, or never */
	struct snap_lines kept;
};

/* crypto isakmp identity …: how we name ourselves. IOS's default is address. */
enum snap_identity { SNAP_ID_ADDRESS, SNAP_ID_HOSTNAME, SNAP_ID_DN };

enum snap_df_bit { SNAP_DF_COPY, SNAP_DF_CLEAR, SNAP_DF_SET };

struct snap_crypto {
	struct snap_isakmp_policy *policy; /* by priority */
	size_t n_policies;
	struct snap_keyring
		*keyring; /* the nameless one, if any, is first; then in order of writing */
	size_t n_keyrings;
	struct snap_isakmp_profile *isakmp_profile;
	size_t n_isakmp_profiles;
	struct snap_transform_set *set;
	size_t n_sets;
	struct snap_ipsec_profile *profile;
	size_t n_profiles;
	struct snap_trustpoint *trustpoint;
	size_t n_trustpoints;

	uint16_t keepalive_s, keepalive_retry_s; /* 0: SNAP_DPD_… */
	bool keepalive_periodic;
	enum snap_identity identity;
	uint16_t nat_keepalive_s;         /* 0: SNAP_NAT_KEEPALIVE_S */
	bool no_invalid_spi_recovery;     /* ours is on by default */
	bool no_fragmentation;            /* of long IKE messages; it is on by default */
	bool aggressive_accept;           /* our own `crypto isakmp aggressive-mode accept` */
	bool no_nat_transparency;         /* no crypto ipsec nat-transparency udp-encapsulation */
	bool force_udp;                   /* our own `… udp-encapsulation force` */
	uint32_t lifetime_s, lifetime_kb; /* crypto ipsec security-association lifetime */
	bool lifetime_kb_off;
	uint16_t replay_packets; /* crypto ipsec security-association replay window-size */
	bool replay_off;
	uint32_t idle_s;
	enum snap_df_bit df_bit;

	bool no_ike_des, no_esp_des; /* not configured: the machine lacks them */
};

/* tunnel protection ipsec profile P [shared] */
struct snap_protection {
	char profile[SNAP_CRYPTO_NAME_SIZE]; /* "": none */
	bool shared;
};

/* A deep copy. */
struct snap_crypto snap_crypto_copy(const struct snap_crypto *from);
/* Secrets are wiped. */
void snap_crypto_fini(struct snap_crypto *c);
/* What the arrays hold, before they are taken out of them. */
void snap_isakmp_key_fini(struct snap_isakmp_key *k);
void snap_keyring_fini(struct snap_keyring *k);
void snap_transform_set_fini(struct snap_transform_set *s);
void snap_isakmp_profile_fini(struct snap_isakmp_profile *p);
void snap_trustpoint_fini(struct snap_trustpoint *t);

/* NULL when there is none of that name. */
const struct snap_keyring *snap_keyring(const struct snap_crypto *c, const char *name);
const struct snap_isakmp_profile *snap_isakmp_profile(const struct snap_crypto *c,
                                                      const char *name);
/* NULL for one that is not in force, too. */
const struct snap_transform_set *snap_transform_set(const struct snap_crypto *c, const char *name);
const struct snap_ipsec_profile *snap_ipsec_profile(const struct snap_crypto *c, const char *name);
const struct snap_trustpoint *snap_trustpoint(const struct snap_crypto *c, const char *name);
/* The longest match for a peer's address within a keyring; NULL when none matches. */
const struct snap_isakmp_key *snap_isakmp_key(const struct snap_keyring *k,
                                              const struct addr *peer);

/* The values in force for an IPsec profile. 0 kilobytes: no limit. 0 packets: no replay check. */
uint32_t snap_profile_lifetime_s(const struct snap_crypto *c, const struct snap_ipsec_profile *p);
uint32_t snap_profile_lifetime_kb(const struct snap_crypto *c, const struct snap_ipsec_profile *p);
uint16_t snap_profile_replay(const struct snap_crypto *c, const struct snap_ipsec_profile *p);
/*
 * True when the profile has a transform set, and all that it names are there: transform sets, the
 * ISAKMP profile, and its keyring.
 */
bool snap_profile_is_complete(const struct snap_crypto *c, const struct snap_ipsec_profile *p);
/* What is offered first for a parameter left out is the secure value, where IOS has an older one.
 */
enum crypto_cipher snap_policy_encryption(const struct snap_isakmp_policy *p);
enum crypto_hash snap_policy_hash(const struct snap_isakmp_policy *p);
enum snap_isakmp_auth snap_policy_authentication(const struct snap_isakmp_policy *p);
uint16_t snap_policy_group(const struct snap_isakmp_policy *p);
uint32_t snap_policy_lifetime_s(const struct snap_isakmp_policy *p);
