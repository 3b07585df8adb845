/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of configuration that would admit what a peer offers, as one sentence. */
#pragma once

#include "ike/v1_offer.h"
#include "util/strbuf.h"

/* A policy of its own, so that what is configured goes on admitting what it admits. */
void v1_advise_policy(const struct snap_crypto *c, const struct v1_policy *offered,
                      struct strbuf *ret);
/*
 * For a tunnel with this profile. False, with nothing written, when no line of the profile or of
 * its transform sets keeps the offer out, or when it has no room for one more set.
 */
bool v1_advise_suite(const struct snap_crypto *c, const struct snap_ipsec_profile *profile,
                     const struct v1_suite *offered, struct strbuf *ret);
