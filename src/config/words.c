/* SPDX-License-Identifier: Apache-2.0 */
/* What words mean that several commands share, for `?`; and the tables as the engine takes them. */
#include "config/rows.h"

static const struct grammar_word words[] = {
	{ "bfd", "Bidirectional forwarding detection" },
	{ "cache", "The cache" },
	{ "cluster", "Cluster of next hop servers" },
	{ "crypto", "Encryption" },
	{ "destination", "Destination of tunnel" },
	{ "dynamic", "Learnt from elsewhere" },
	{ "gre", "Generic route encapsulation protocol" },
	{ "group", "Group of clients" },
	{ "interface", "Configure an interface" },
	{ "ip", "Internet Protocol" },
	{ "ipv6", "Internet Protocol, version 6" },
	{ "map", "Static mappings to NBMA addresses" },
	{ "mode", "Tunnel encapsulation method" },
	{ "multicast", "Use this NBMA address for broadcasts and multicasts" },
	{ "multipoint", "Multipoint" },
	{ "name", "Name of the route" },
	{ "nbma", "NBMA address or name of the server" },
	{ "nhrp", "Next Hop Resolution Protocol" },
	{ "nhs", "Next hop servers" },
	{ "preference", "Preference of the mapping" },
	{ "priority", "Priority of the server; 0 is the highest" },
	{ "protection", "IPsec protection" },
	{ "registration", "Settings for registration packets" },
	{ "route", "Static routes" },
	{ "secondary", "Make this a secondary address" },
	{ "source", "Source of tunnel packets" },
	{ "tag", "Tag of the route" },
	{ "tcp", "TCP parameters" },
	{ "track", "Object to follow" },
	{ "tunnel", "Protocol-over-protocol tunneling" },
	{ "vrf", "VPN routing and forwarding" },
};

struct grammar config_table(enum config_table table)
{
	const size_t n_words = sizeof words / sizeof words[0];

	switch (table) {
	case TABLE_ROWS:
		return (struct grammar){ &config_rows[0].yes, config_n_rows, sizeof(struct row),
			                 words, n_words };
	case TABLE_NO:
		return (struct grammar){ &config_rows[0].no, config_n_rows, sizeof(struct row),
			                 words, n_words };
	case TABLE_FOREIGN:
		break;
	}
	return (struct grammar){ config_foreign_rows, config_n_foreign_rows,
		                 sizeof(struct foreign_row), words, n_words };
}
