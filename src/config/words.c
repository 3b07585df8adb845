/* SPDX-License-Identifier: Apache-2.0 */
/* What words mean that several commands share, for `?`; and the tables as the engine takes them. */
#include "config/rows.h"

static const struct grammar_word words[] = {
	{ "aggressive-mode", "Aggressive mode, which shows a hash of the key" },
	{ "bfd", "Bidirectional forwarding detection" },
	{ "cache", "The cache" },
	{ "cluster", "Cluster of next hop servers" },
	{ "crypto", "Encryption" },
	{ "destination", "Destination of tunnel" },
	{ "df-bit", "DF bit of outer packets" },
	{ "dynamic", "Learnt from elsewhere" },
	{ "gre", "Generic route encapsulation protocol" },
	{ "group", "Group of clients" },
	{ "hostname", "By host name" },
	{ "identity", "Who somebody is" },
	{ "idle-time", "End of security associations without traffic" },
	{ "ikev2", "Internet Key Exchange, version 2" },
	{ "interface", "Configure an interface" },
	{ "ip", "Internet Protocol" },
	{ "ipsec", "Internet Protocol Security" },
	{ "ipv6", "Internet Protocol, version 6" },
	{ "isakmp", "Internet Key Exchange, version 1" },
	{ "key", "A secret" },
	{ "keyring", "Pre-shared keys under a name" },
	{ "kilobytes", "By traffic" },
	{ "lifetime", "How long keys are used" },
	{ "map", "Static mappings to NBMA addresses" },
	{ "match", "Whom this is for" },
	{ "mode", "Tunnel encapsulation method" },
	{ "multicast", "Use this NBMA address for broadcasts and multicasts" },
	{ "multipoint", "Multipoint" },
	{ "name", "Name of the route" },
	{ "nat", "Address translation on the way" },
	{ "nat-transparency", "Address translation on the way" },
	{ "nbma", "NBMA address or name of the server" },
	{ "nhrp", "Next Hop Resolution Protocol" },
	{ "nhs", "Next hop servers" },
	{ "pfs", "Perfect forward secrecy" },
	{ "pki", "Certificates" },
	{ "policy", "What is offered and accepted" },
	{ "pre-shared-key", "A secret that both ends know" },
	{ "preference", "Preference of the mapping" },
	{ "priority", "Priority of the server; 0 is the highest" },
	{ "profile", "Settings under a name" },
	{ "protection", "IPsec protection" },
	{ "registration", "Settings for registration packets" },
	{ "replay", "Protection from repeated packets" },
	{ "route", "Static routes" },
	{ "secondary", "Make this a secondary address" },
	{ "seconds", "By time" },
	{ "security-association", "Keys and how long they are used" },
	{ "set", "A setting of this profile" },
	{ "source", "Source of tunnel packets" },
	{ "tag", "Tag of the route" },
	{ "tcp", "TCP parameters" },
	{ "track", "Object to follow" },
	{ "transform-set", "Algorithms for packets" },
	{ "trustpoint", "An authority and our certificate by it" },
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
