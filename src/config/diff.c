/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing snapshots: what a new one changes. */
#include <string.h>
#include <strings.h>

#include "config/config.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_lines(const struct snap_lines *a, const struct snap_lines *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->line[i].text, b->line[i].text) != 0)
			return false;
	return true;
}

static bool same_nhs(const struct snap_nhs *a, const struct snap_nhs *b)
{
	return addr_equal(&a->address, &b->address) && addr_equal(&a->nbma, &b->nbma) &&
	       strcasecmp(a->fqdn, b->fqdn) == 0 && a->multicast == b->multicast &&
	       a->priority == b->priority && a->cluster == b->cluster;
}

static bool same_nhrp_lists(const struct snap_nhrp *a, const struct snap_nhrp *b)
{
	if (a->n_map != b->n_map || a->n_multicast != b->n_multicast || a->n_nhs != b->n_nhs ||
	    a->n_summary != b->n_summary)
		return false;
	for (size_t i = 0; i < a->n_map; i++)
		if (!prefix_equal(&a->map[i].target, &b->map[i].target) ||
		    !addr_equal(&a->map[i].nbma, &b->map[i].nbma) ||
		    a->map[i].preference != b->map[i].preference)
			return false;
	for (size_t i = 0; i < a->n_summary; i++)
		if (!prefix_equal(&a->summary[i].target, &b->summary[i].target) ||
		    !addr_equal(&a->summary[i].nbma, &b->summary[i].nbma))
			return false;
	for (size_t i = 0; i < a->n_multicast; i++)
		if (!addr_equal(&a->multicast[i].nbma, &b->multicast[i].nbma))
			return false;
	for (size_t i = 0; i < a->n_nhs; i++)
		if (!same_nhs(&a->nhs[i], &b->nhs[i]))
			return false;
	for (size_t i = 0; i < SNAP_CLUSTERS; i++)
		if (a->cluster[i].limited != b->cluster[i].limited ||
		    a->cluster[i].max_connections != b->cluster[i].max_connections)
			return false;
	return true;
}

/* Who asks for a direct path, and what is answered. */
static bool same_resolution(const struct snap_nhrp *a, const struct snap_nhrp *b)
{
	return a->cache_authoritative == b->cache_authoritative &&
	       strcmp(a->responder, b->responder) == 0 && a->interest_none == b->interest_none &&
	       a->use_packets == b->use_packets && a->path_preference == b->path_preference &&
	       a->send_routed == b->send_routed && a->no_route_watch == b->no_route_watch;
}

static bool same_nhrp(const struct snap_nhrp *a, const struct snap_nhrp *b)
{
	return a->network_id == b->network_id &&
	       strcmp(a->authentication, b->authentication) == 0 &&
	       a->holdtime_s == b->holdtime_s &&
	       a->registration_timeout_s == b->registration_timeout_s &&
	       a->registration_delay_s == b->registration_delay_s &&
	       a->registration_no_unique == b->registration_no_unique &&
	       a->server_only == b->server_only &&
	       a->server_only_non_caching == b->server_only_non_caching &&
	       a->if_state == b->if_state && a->no_record == b->no_record &&
	       a->max_send_packets == b->max_send_packets &&
	       a->max_send_every_s == b->max_send_every_s && a->has_keepalive == b->has_keepalive &&
	       a->keepalive_s == b->keepalive_s && a->keepalive_tries == b->keepalive_tries &&
	       a->redirect == b->redirect && a->redirect_timeout_s == b->redirect_timeout_s &&
	       a->shortcut == b->shortcut && a->multicast_dynamic == b->multicast_dynamic &&
	       a->has_nhs_fallback == b->has_nhs_fallback &&
	       a->nhs_fallback_s == b->nhs_fallback_s && a->multicast_batch == b->multicast_batch &&
	       a->multicast_interval_ms == b->multicast_interval_ms && same_resolution(a, b) &&
	       same_nhrp_lists(a, b);
}

static bool same_tunnel(const struct snap_tunnel *a, const struct snap_tunnel *b)
{
	if (!a || !b)
		return a == b;
	return a->number == b->number && a->unfinished == b->unfinished &&
	       strcmp(a->source_interface, b->source_interface) == 0 &&
	       addr_equal(&a->source_address, &b->source_address) &&
	       addr_equal(&a->destination, &b->destination) && a->mode == b->mode &&
	       a->other_mode == b->other_mode && a->protected == b->protected &&
	       strcmp(a->protection.profile, b->protection.profile) == 0 &&
	       a->protection.shared == b->protection.shared && a->has_key == b->has_key &&
	       a->key == b->key && a->has_tos == b->has_tos && a->tos == b->tos &&
	       a->ttl == b->ttl && same_nhrp(&a->nhrp, &b->nhrp);
}

static bool same_addresses(const struct snap_interface *a, const struct snap_interface *b)
{
	if (a->addressing != b->addressing || a->n_address != b->n_address)
		return false;
	for (size_t i = 0; i < a->n_address; i++)
		if (!prefix_equal(&a->address[i], &b->address[i]))
			return false;
	return true;
}

bool config_interface_equal(const struct snap_interface *a, const struct snap_interface *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->device, b->device) == 0 && same_text(a->description, b->description) &&
	       a->shutdown == b->shutdown && a->bandwidth_kbps == b->bandwidth_kbps &&
	       a->delay_tens_us == b->delay_tens_us && a->ip_mtu_bytes == b->ip_mtu_bytes &&
	       a->tcp_mss_bytes == b->tcp_mss_bytes && a->no_ip_redirects == b->no_ip_redirects &&
	       same_addresses(a, b) && same_tunnel(a->tunnel, b->tunnel) &&
	       same_lines(&a->kept, &b->kept);
}

bool config_route_equal(const struct snap_route *a, const struct snap_route *b)
{
	return prefix_equal(&a->to, &b->to) && addr_equal(&a->via, &b->via) &&
	       strcmp(a->interface, b->interface) == 0 && a->distance == b->distance &&
	       same_text(a->rest, b->rest);
}

/* ---- crypto ---- */

static bool same_policy(const struct snap_isakmp_policy *a, const struct snap_isakmp_policy *b)
{
	return a->priority == b->priority && a->has_encryption == b->has_encryption &&
	       a->has_hash == b->has_hash && a->has_authentication == b->has_authentication &&
	       a->has_group == b->has_group && a->encryption == b->encryption &&
	       a->hash == b->hash && a->authentication == b->authentication &&
	       a->group == b->group && a->lifetime_s == b->lifetime_s &&
	       same_lines(&a->kept, &b->kept);
}

static bool same_key(const struct snap_isakmp_key *a, const struct snap_isakmp_key *b)
{
	return same_text(a->secret, b->secret) && a->type_6 == b->type_6 &&
	       prefix_equal(&a->peer, &b->peer) && same_text(a->hostname, b->hostname) &&
	       a->no_xauth == b->no_xauth;
}

static bool same_keyring(const struct snap_keyring *a, const struct snap_keyring *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->vrf, b->vrf) != 0 ||
	    a->n_keys != b->n_keys || !same_lines(&a->kept, &b->kept))
		return false;
	for (size_t i = 0; i < a->n_keys; i++)
		if (!same_key(&a->key[i], &b->key[i]))
			return false;
	return true;
}

static bool same_isakmp_profile(const struct snap_isakmp_profile *a,
                                const struct snap_isakmp_profile *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->keyring, b->keyring) != 0 ||
	    strcmp(a->trustpoint, b->trustpoint) != 0 || a->n_match != b->n_match ||
	    a->keepalive_s != b->keepalive_s || a->keepalive_retry_s != b->keepalive_retry_s ||
	    !same_lines(&a->kept, &b->kept))
		return false;
	for (size_t i = 0; i < a->n_match; i++)
		if (!prefix_equal(&a->match[i], &b->match[i]))
			return false;
	if (a->n_hosts != b->n_hosts)
		return false;
	for (size_t i = 0; i < a->n_hosts; i++)
		if (strcmp(a->host[i].name, b->host[i].name) != 0 ||
		    a->host[i].domain != b->host[i].domain)
			return false;
	return true;
}

static bool same_set(const struct snap_transform_set *a, const struct snap_transform_set *b)
{
	return strcmp(a->name, b->name) == 0 && a->cipher == b->cipher && a->auth == b->auth &&
	       a->esn == b->esn && a->mode == b->mode && a->require == b->require &&
	       same_text(a->other, b->other) && same_lines(&a->kept, &b->kept);
}

static bool same_profile(const struct snap_ipsec_profile *a, const struct snap_ipsec_profile *b)
{
	if (strcmp(a->name, b->name) != 0 || a->n_sets != b->n_sets)
		return false;
	for (size_t i = 0; i < a->n_sets; i++)
		if (strcmp(a->set[i], b->set[i]) != 0)
			return false;
	return strcmp(a->isakmp_profile, b->isakmp_profile) == 0 && a->pfs_group == b->pfs_group &&
	       a->lifetime_s == b->lifetime_s && a->lifetime_kb == b->lifetime_kb &&
	       a->lifetime_kb_off == b->lifetime_kb_off && a->replay_packets == b->replay_packets &&
	       a->replay_off == b->replay_off && a->idle_s == b->idle_s &&
	       same_lines(&a->kept, &b->kept);
}

static bool same_trustpoint(const struct snap_trustpoint *a, const struct snap_trustpoint *b)
{
	return strcmp(a->name, b->name) == 0 && same_text(a->file, b->file) &&
	       same_text(a->crl_file, b->crl_file) && a->terminal == b->terminal &&
	       a->pem == b->pem && a->revocation == b->revocation &&
	       strcmp(a->key_label, b->key_label) == 0 && a->key_bits[0] == b->key_bits[0] &&
	       a->key_bits[1] == b->key_bits[1] && same_lines(&a->kept, &b->kept);
}

static bool same_crypto_blocks(const struct snap_crypto *a, const struct snap_crypto *b)
{
	if (a->n_policies != b->n_policies || a->n_keyrings != b->n_keyrings ||
	    a->n_isakmp_profiles != b->n_isakmp_profiles || a->n_sets != b->n_sets ||
	    a->n_profiles != b->n_profiles || a->n_trustpoints != b->n_trustpoints)
		return false;
	for (size_t i = 0; i < a->n_policies; i++)
		if (!same_policy(&a->policy[i], &b->policy[i]))
			return false;
	for (size_t i = 0; i < a->n_keyrings; i++)
		if (!same_keyring(&a->keyring[i], &b->keyring[i]))
			return false;
	for (size_t i = 0; i < a->n_isakmp_profiles; i++)
		if (!same_isakmp_profile(&a->isakmp_profile[i], &b->isakmp_profile[i]))
			return false;
	for (size_t i = 0; i < a->n_sets; i++)
		if (!same_set(&a->set[i], &b->set[i]))
			return false;
	for (size_t i = 0; i < a->n_profiles; i++)
		if (!same_profile(&a->profile[i], &b->profile[i]))
			return false;
	for (size_t i = 0; i < a->n_trustpoints; i++)
		if (!same_trustpoint(&a->trustpoint[i], &b->trustpoint[i]))
			return false;
	return true;
}

static bool same_crypto(const struct snap_crypto *a, const struct snap_crypto *b)
{
	return a->identity == b->identity && a->keepalive_s == b->keepalive_s &&
	       a->keepalive_retry_s == b->keepalive_retry_s &&
	       a->keepalive_periodic == b->keepalive_periodic &&
	       a->nat_keepalive_s == b->nat_keepalive_s &&
	       a->no_invalid_spi_recovery == b->no_invalid_spi_recovery &&
	       a->no_fragmentation == b->no_fragmentation &&
	       a->aggressive_accept == b->aggressive_accept &&
	       a->no_nat_transparency == b->no_nat_transparency && a->force_udp == b->force_udp &&
	       a->lifetime_s == b->lifetime_s && a->lifetime_kb == b->lifetime_kb &&
	       a->lifetime_kb_off == b->lifetime_kb_off && a->replay_packets == b->replay_packets &&
	       a->replay_off == b->replay_off && a->idle_s == b->idle_s && a->df_bit == b->df_bit &&
	       same_crypto_blocks(a, b);
}

bool config_equal(const struct snapshot *a, const struct snapshot *b)
{
	if (strcmp(a->hostname, b->hostname) != 0 || a->no_ip_routing != b->no_ip_routing ||
	    !same_crypto(&a->crypto, &b->crypto) || a->n_interfaces != b->n_interfaces ||
	    a->n_routes != b->n_routes || !same_lines(&a->kept, &b->kept) ||
	    !same_lines(&a->foreign, &b->foreign))
		return false;
	for (size_t i = 0; i < a->n_interfaces; i++)
		if (!config_interface_equal(a->interface[i], b->interface[i]))
			return false;
	for (size_t i = 0; i < a->n_routes; i++)
		if (!config_route_equal(&a->route[i], &b->route[i]))
			return false;
	return true;
}
