/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SA payloads of IKEv1: what the configuration offers and admits, written, read and chosen from,
 * and words for what differs when nothing fits (RFC 2408 3.4 to 3.6; RFC 2409 appendix A; RFC
 * 2407 4.5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/crypto.h"
#include "esp/esp.h"
#include "ike/message.h"
#include "node/snapshot_crypto.h"
#include "util/writer.h"

enum {
	V1_TEXT_SIZE = 200, /* of a sentence on what differs */
	V1_POLICIES_MAX =
		64, /* ISAKMP policies that are offered, defaults written out: 44 bytes each */
	V1_SUITES_MAX = 2 * SNAP_PROFILE_SETS_MAX,
	V1_TRANSFORM_MAX = 256, /* bytes of a transform that we may choose */
};

/* One ISAKMP policy with all of its values. */
struct v1_policy {
	enum crypto_cipher cipher;
	enum crypto_hash hash;
	uint16_t group;
	enum snap_isakmp_auth auth;
	uint32_t lifetime_s;
};

struct v1_policies {
	struct v1_policy policy[V1_POLICIES_MAX];
	size_t n;
};

/* One transform of ESP with what goes with it. */
struct v1_suite {
	enum esp_cipher cipher;
	enum esp_auth auth;
	enum esp_mode mode;
	bool udp, esn;
	uint16_t pfs_group; /* 0: none */
	uint32_t lifetime_s;
	uint32_t lifetime_kb; /* 0: no limit */
};

struct v1_suites {
	struct v1_suite suite[V1_SUITES_MAX];
	size_t n;
	uint16_t pfs_group; /* that must be met; 0: what the peer offers */
	bool draft_modes;   /* UDP encapsulation by the numbers of the NAT traversal drafts */
};

/* What was chosen: its values, and its proposal's number and transform as they came. */
struct v1_chosen {
	struct v1_policy policy; /* of main mode, or … */
	struct v1_suite suite;   /* … of quick mode */
	uint32_t spi;            /* of quick mode */
	bool is_shorter;         /* a lifetime of ours than the peer's, of quick mode */
	uint8_t proposal;
	uint8_t transform[V1_TRANSFORM_MAX]; /* with its payload header */
	size_t transform_len;
};

/* Why nothing was chosen. */
struct v1_mismatch {
	/* Of the transform that comes closest: "encryption: offered aes 256, configured aes". */
	char text[V1_TEXT_SIZE];
	bool can_be_written; /* a configuration could admit … */
	struct v1_policy
		policy; /* … this, of those that it could the closest; of main mode, or … */
	struct v1_suite suite; /* … of quick mode */
};

/*
 * What is configured, best first. A parameter left out stands for its secure value and then, but
 * for DES, MD5 and group 1, for IOS's. Ciphers that the machine lacks are left out.
 */
void v1_policies(const struct snap_crypto *crypto, const struct crypto *machine,
                 struct v1_policies *ret);
/* What a profile offers: each set in its mode, and then, unless it is required, in the other. */
void v1_suites(const struct snap_crypto *crypto, const struct snap_ipsec_profile *profile,
               struct v1_suites *ret);

/* Write the body of an SA payload. */
void v1_offer_policies(struct writer *w, const struct v1_policies *p);
void v1_offer_suites(struct writer *w, const struct v1_suites *s, uint32_t spi);
/* The answer: the transform as it came. spi: ours, of quick mode; else 0. */
void v1_answer(struct writer *w, const struct v1_chosen *chosen, uint32_t spi);

void v1_write_lifetimes(struct writer *w, const struct v1_suite *suite);
/* Lifetimes of a RESPONDER-LIFETIME notify (RFC 2407 4.6.3.1), where they are shorter. */
void v1_read_lifetimes(const uint8_t *attributes, size_t len, struct v1_suite *suite);
/* The first transform of the peer's that we admit. False: there is none, and ret_why says why. */
bool v1_choose_policy(const struct isakmp_payload *offer, const struct v1_policies *ours,
                      struct v1_chosen *ret, struct v1_mismatch *ret_why);
bool v1_choose_suite(const struct isakmp_payload *offer, const struct v1_suites *ours,
                     struct v1_chosen *ret, struct v1_mismatch *ret_why);
