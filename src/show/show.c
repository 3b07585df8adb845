/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of show commands and the frame that every JSON answer has. Control thread only; all
 * values of one answer belong to one instant.
 */
#include "show/show.h"

#include <jansson.h>
#include <stdlib.h>

#include "show/json.h"
#include "show/query.h"
#include "util/check.h"

enum { SCHEMA_VERSION = 1 };

struct command {
	const char *words;
	show_text_fn *text;
	show_json_fn *json;
};

static const struct command commands[] = {
	[SHOW_IP_NHRP] = { "show ip nhrp", show_nhrp_text, show_nhrp_json },
	[SHOW_IP_NHRP_BRIEF] = { "show ip nhrp brief", show_nhrp_brief_text, show_nhrp_brief_json },
	[SHOW_IP_NHRP_DETAIL] = { "show ip nhrp detail", show_nhrp_detail_text, show_nhrp_json },
	[SHOW_IP_NHRP_SUMMARY] = { "show ip nhrp summary", show_nhrp_summary_text,
	                           show_nhrp_summary_json },
	[SHOW_IP_NHRP_TRAFFIC] = { "show ip nhrp traffic", show_nhrp_traffic_text,
	                           show_nhrp_traffic_json },
	[SHOW_IP_NHRP_MULTICAST] = { "show ip nhrp multicast", show_nhrp_multicast_text,
	                             show_nhrp_multicast_json },
	[SHOW_IP_NHRP_NHS] = { "show ip nhrp nhs", show_nhs_text, show_nhs_json },
	[SHOW_IP_NHRP_NHS_DETAIL] = { "show ip nhrp nhs detail", show_nhs_detail_text,
	                              show_nhs_json },
	[SHOW_DMVPN] = { "show dmvpn", show_dmvpn_text, show_dmvpn_json },
	[SHOW_DMVPN_DETAIL] = { "show dmvpn detail", show_dmvpn_detail_text,
	                        show_dmvpn_detail_json },
	[SHOW_INTERFACES] = { "show interfaces", show_interfaces_text, show_interfaces_json },
	[SHOW_IP_INTERFACE_BRIEF] = { "show ip interface brief", show_interface_brief_text,
	                              show_interface_brief_json },
	[SHOW_IP_ROUTE] = { "show ip route", show_route_text, show_route_json },
	[SHOW_VERSION] = { "show version", show_version_text, show_version_json },
	[SHOW_DROPS] = { "show drops", show_drops_text, show_drops_json },
	[SHOW_CRYPTO_ISAKMP_SA] = { "show crypto isakmp sa", show_isakmp_sa_text,
	                            show_isakmp_sa_json },
	[SHOW_CRYPTO_ISAKMP_SA_DETAIL] = { "show crypto isakmp sa detail",
	                                   show_isakmp_sa_detail_text, show_isakmp_sa_json },
	[SHOW_CRYPTO_IPSEC_SA] = { "show crypto ipsec sa", show_ipsec_sa_text, show_ipsec_sa_json },
	[SHOW_CRYPTO_IPSEC_SA_DETAIL] = { "show crypto ipsec sa detail", show_ipsec_sa_text,
	                                  show_ipsec_sa_json },
	[SHOW_CRYPTO_SESSION] = { "show crypto session", show_crypto_session_text,
	                          show_crypto_session_json },
	[SHOW_CRYPTO_SESSION_DETAIL] = { "show crypto session detail", show_crypto_session_text,
	                                 show_crypto_session_json },
	[SHOW_CRYPTO_SESSION_BRIEF] = { "show crypto session brief", show_crypto_session_brief_text,
	                                show_crypto_session_json },
	[SHOW_CRYPTO_ISAKMP_POLICY] = { "show crypto isakmp policy", show_isakmp_policy_text,
	                                show_isakmp_policy_json },
	[SHOW_CRYPTO_ISAKMP_KEY] = { "show crypto isakmp key", show_isakmp_key_text,
	                             show_isakmp_key_json },
	[SHOW_CRYPTO_ISAKMP_STATS] = { "show crypto isakmp stats", show_isakmp_stats_text,
	                               show_isakmp_stats_json },
	[SHOW_CRYPTO_ISAKMP_ERROR] = { "show crypto isakmp diagnose error", show_isakmp_error_text,
	                               show_isakmp_error_json },
	[SHOW_CRYPTO_IPSEC_PROFILE] = { "show crypto ipsec profile", show_ipsec_profile_text,
	                                show_ipsec_profile_json },
	[SHOW_CRYPTO_IPSEC_TRANSFORM_SET] = { "show crypto ipsec transform-set",
	                                      show_transform_set_text, show_transform_set_json },
	[SHOW_CRYPTO_SOCKETS] = { "show crypto sockets", show_crypto_sockets_text,
	                          show_crypto_sockets_json },
	[SHOW_CRYPTO_ISAKMP_SA_COUNT] = { "show crypto isakmp sa count", show_isakmp_count_text,
	                                  show_isakmp_count_json },
	[SHOW_CRYPTO_IPSEC_SA_COUNT] = { "show crypto ipsec sa count", show_ipsec_count_text,
	                                 show_ipsec_count_json },
	[SHOW_CRYPTO_PKI_CERTIFICATES] = { "show crypto pki certificates",
	                                   show_pki_certificates_text, show_pki_certificates_json },
	[SHOW_CRYPTO_PKI_TRUSTPOINTS] = { "show crypto pki trustpoints", show_pki_trustpoints_text,
	                                  show_pki_trustpoints_json },
};

static void answer_json(const struct command *command, const struct show_query *q,
                        struct strbuf *out)
{
	json_t *answer = json_object();

	check(answer);
	show_put_u64(answer, "schema", SCHEMA_VERSION);
	show_put_string(answer, "command", command->words);
	command->json(q, answer);

	char *text = json_dumps(answer, JSON_INDENT(2));
	check(text);
	strbuf_adds(out, text);
	strbuf_addc(out, '\n');
	free(text);
	json_decref(answer);
}

void show(const struct show_source *source, const struct show_request *request, struct strbuf *out)
{
	check((size_t)request->what < sizeof commands / sizeof commands[0]);
	const struct command *command = &commands[request->what];
	struct show_query q = { source, request, source->now(source->ctx).mono };

	if (request->json)
		answer_json(command, &q, out);
	else
		command->text(&q, out);
}
