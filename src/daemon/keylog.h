/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys for tshark, so that tests can see what was protected. Each line is the value of one of its
 * -o options: ikev1_decryption_table for IKE SAs, esp_sa for IPsec SAs. The program that users have
 * refuses to write them (daemon/options.h).
 */
#pragma once

#include "node/node.h"
#include "util/strbuf.h"

/* Appends the line of a NODE_IKE_KEYS. */
void keylog_ike(const struct node_action *a, struct strbuf *out);
/* Appends the line of a NODE_SA_ADD. */
void keylog_sa(const struct node_sa *sa, struct strbuf *out);
