/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Informational messages (RFC 2409 5.7): notifies, DELETE, INITIAL-CONTACT.
 */
#pragma once

#include "ike/child.h"
#include "ike/core.h"
#include "ike/v1_send.h"

/* Types of notify that we know (RFC 2408 3.14.1, RFC 2407 4.6.3, RFC 3706 7). */
enum ike_notify_type {
	IKE_NOTIFY_INVALID_SPI = 11,
	IKE_NOTIFY_NO_PROPOSAL = 14,
	IKE_NOTIFY_INVALID_ID = 18,
	IKE_NOTIFY_INVALID_CERTIFICATE = 20,
	IKE_NOTIFY_AUTHENTICATION = 24,
	IKE_NOTIFY_INVALID_SIGNATURE = 25,
	IKE_NOTIFY_CERTIFICATE_UNAVAILABLE = 28,
	IKE_NOTIFY_ERRORS_END = 16384, /* from here on they are no errors */
	IKE_NOTIFY_RESPONDER_LIFETIME = 24576,
	IKE_NOTIFY_INITIAL_CONTACT = 24578,
	IKE_NOTIFY_R_U_THERE = 36136,
	IKE_NOTIFY_R_U_THERE_ACK = 36137,
};

/* A notify of ours over an IKE SA. */
struct ike_notify {
	enum ike_notify_type type;
	uint32_t spi;     /* of ESP; 0: the notify is about the IKE SA */
	const char *text; /* as its data, or NULL */
	bool has_number;  /* data is a number of DPD */
	uint32_t number;
};
void ike_info_notify(struct ike *ike, struct ike_sa *sa, const struct ike_notify *notify);

/* NO-PROPOSAL-CHOSEN in clear, to somebody with whom we have no IKE SA. */
void ike_info_refuse(struct ike *ike, const struct node_event *event, uint64_t icookie,
                     const char *text);
/* AUTHENTICATION-FAILED in clear: the peer has other keys and could not read anything else. */
void ike_info_refuse_proof(struct ike *ike, struct ike_sa *sa);
void ike_info_delete_sa(struct ike *ike, struct ike_sa *sa);
/* DELETE of a pair, over any IKE SA that stands with its host. */
void ike_info_delete_child(struct ike *ike, const struct ike_child *child);
void ike_info_invalid_spi(struct ike *ike, struct ike_sa *sa, uint32_t spi);

/* INITIAL-CONTACT in message 5. */
void ike_info_add_contact(const struct ike_sa *sa, struct v1_out *o);
bool ike_info_has_contact(const struct isakmp_message *m);
/* RESPONDER-LIFETIME in message 2 of quick mode, when ours are shorter than the initiator's. */
void ike_info_add_lifetimes(struct v1_out *o, const struct v1_suite *suite, uint32_t spi);
/* Lifetimes of a RESPONDER-LIFETIME notify in a quick mode are taken into the suite. */
void ike_info_read_lifetimes(const struct isakmp_message *m, struct v1_suite *suite);

enum ike_drop ike_info_receive(struct ike *ike, struct ike_sa *sa, const struct node_event *event);
