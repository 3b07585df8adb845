/* SPDX-License-Identifier: Apache-2.0 */
/* Main mode (RFC 2409 5.4), both ends. */
#pragma once

#include "ike/core.h"
#include "ike/message.h"

/* Sends message 1. False when the configuration has nothing to offer (told), or there are too many.
 */
bool ike_main_start(struct ike *ike, struct ike_host *host);
/* Likewise, to learn whether the host is alive: when it does not answer, its pairs go. */
bool ike_main_probe(struct ike *ike, struct ike_host *host);
/* Message 1 of a peer. */
enum ike_drop ike_main_answer(struct ike *ike, const struct node_event *event,
                              const struct isakmp_header *header);
/* A later message. */
enum ike_drop ike_main_receive(struct ike *ike, struct ike_sa *sa, const struct node_event *event);
/* A notify in clear, while main mode is under way: the peer has refused. */
void ike_main_refused(struct ike *ike, struct ike_sa *sa, uint16_t type, const char *text);
/* Likewise, over an IKE SA that stands: the peer could not accept message 6. */
void ike_main_disowned(struct ike *ike, struct ike_sa *sa, const char *text);
/* The peer has fallen silent. */
void ike_main_timed_out(struct ike *ike, struct ike_sa *sa);
/* Whether the configuration still admits the SA. */
bool ike_main_is_admitted(const struct ike *ike, const struct ike_sa *sa);
/* What both ends have said, borrowed. */
void v1_main_shared(const struct ike_sa *sa, struct v1_shared *ret);
void ike_main_free(struct ike_main *m);
