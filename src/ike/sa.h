/* SPDX-License-Identifier: Apache-2.0 */
/* The table of IKE SAs, their timers and their end. */
#pragma once

#include "ike/core.h"

/* A new one whose main mode begins. path: from us. NULL when there are too many. */
struct ike_sa *ike_sa_new(struct ike *ike, struct ike_host *host, const struct node_ike_path *path,
                          bool initiator);
/* Room for one more exchange that a peer begins, with host (NULL: a new one). */
bool ike_sa_has_room(const struct ike *ike, const struct ike_host *host);
/*
 * Makes room for one more exchange that a peer begins, with host (NULL: a new one). When there is
 * none, the oldest exchange whose peer has not shown yet that our answer reaches it is given up,
 * and counted as IKE_DROP_HALF_OPEN: who forges sources loses his own, and a peer has the time that
 * the table lasts to answer. False when all of them have shown it.
 */
bool ike_sa_make_room(struct ike *ike, const struct ike_host *host);
/* By the cookies of a message; NULL when there is none, or it was deleted. */
struct ike_sa *ike_sa_find(const struct ike *ike, uint64_t icookie, uint64_t rcookie);
/* By our cookie alone. */
struct ike_sa *ike_sa_ours(const struct ike *ike, uint64_t ours);
uint64_t ike_sa_theirs(const struct ike_sa *sa);

/* Sets the timer to the first of the SA's deadlines. */
void ike_sa_arm(struct ike *ike, struct ike_sa *sa);
void ike_sa_fire(struct ike *ike, struct ike_sa *sa);

/* The peer is authenticated: the SA is used from now on, and others of the host are replaced. */
void ike_sa_stands(struct ike *ike, struct ike_sa *sa);
/*
 * The peer has said something that is authenticated, maybe from another address or port: behind a
 * NAT it is followed. The caller has made sure that it is no earlier message that somebody repeats.
 * That the id of an informational exchange is new does not show it, for few are remembered.
 */
void ike_sa_heard_from(struct ike *ike, struct ike_sa *sa, const struct node_event *event);
/* Message ids are used once (RFC 2409 appendix B). Of informational exchanges the latest are known.
 */
bool ike_sa_is_new_info(const struct ike_sa *sa, uint32_t message_id);
void ike_sa_note_info(struct ike_sa *sa, uint32_t message_id);
/*
 * Of quick modes all are known, those that have been refused aside. An SA that has little room left
 * for more is renewed. False when there is none left: the SA ends, and the next one has some.
 */
bool ike_sa_has_quicks_left(struct ike *ike, struct ike_sa *sa);
bool ike_sa_is_new_quick(const struct ike_sa *sa, uint32_t message_id);
void ike_sa_note_quick(struct ike *ike, struct ike_sa *sa, uint32_t message_id);
/* It ends; it is freed at its timer, in this step. tell: with a DELETE. */
void ike_sa_delete(struct ike *ike, struct ike_sa *sa, enum trace_reason reason, bool tell);
/* Likewise, with a DELETE, in this step or one of the next ones. */
void ike_sa_delete_later(struct ike *ike, struct ike_sa *sa, enum trace_reason reason);
/* The peer's DELETE: of the SA whose cookies these are. */
void ike_sa_deleted_by_peer(struct ike *ike, const struct ike_sa *over, const uint8_t *cookies,
                            size_t len);
void ike_sa_free(struct ike *ike, struct ike_sa *sa);
