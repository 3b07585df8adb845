/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All configuration commands that we know, one row each, in the order in which `show
 * running-config` prints them. Each row is the parser, the `no` form, the completion, the help, the
 * printed line and the entry of the manual. The `no` form of a row is its stem with everything
 * behind it optional.
 */
#include "config/rows.h"

#define ELEMENTS(array)       (sizeof(array) / sizeof(array)[0])
#define SIZE_OF(type, member) sizeof(((type *)0)->member)

#define IN_SNAPSHOT_OR(member, normal)                                                             \
	{                                                                                          \
		BASE_SNAPSHOT, offsetof(struct snapshot, member),                                  \
			SIZE_OF(struct snapshot, member), 0, normal                                \
	}
#define IN_SNAPSHOT(member) IN_SNAPSHOT_OR(member, 0)
#define IN_INTERFACE(member)                                                                       \
	{                                                                                          \
		BASE_INTERFACE, offsetof(struct snap_interface, member),                           \
			SIZE_OF(struct snap_interface, member), 0, 0                               \
	}
#define IN_OBJECT_OR(type, member, normal)                                                         \
	{                                                                                          \
		BASE_OBJECT, offsetof(struct type, member), SIZE_OF(struct type, member), 0,       \
			normal                                                                     \
	}
#define IN_TUNNEL_OR(member, normal)                                                               \
	{                                                                                          \
		BASE_TUNNEL, offsetof(struct snap_tunnel, member),                                 \
			SIZE_OF(struct snap_tunnel, member), 0, normal                             \
	}
#define IN_TUNNEL(member) IN_TUNNEL_OR(member, 0)
#define IN_TUNNEL_IF(member, has)                                                                  \
	{                                                                                          \
		BASE_TUNNEL, offsetof(struct snap_tunnel, member),                                 \
			SIZE_OF(struct snap_tunnel, member), offsetof(struct snap_tunnel, has), 0  \
	}

/* Rows with a number, or with nothing, behind their words. */
#define NUMBER(in, stem, range, where, help, text)                                                 \
	{                                                                                          \
		.yes = { stem " " range, help }, .no = { stem " [" range "]", help },              \
		.value = text, .kind = ROW_NUMBER, .scope = in, .field = where                     \
	}
#define FLAG(in, stem, where, help)                                                                \
	{                                                                                          \
		.yes = { stem, help }, .no = { stem, help }, .kind = ROW_FLAG, .scope = in,        \
		.field = where                                                                     \
	}
#define ON(in, stem, where, help)                                                                  \
	{                                                                                          \
		.yes = { stem, help }, .no = { stem, help }, .value = "on by default",             \
		.kind = ROW_NO, .scope = in, .field = where                                        \
	}

/* Rows that are kept as lines. */
#define KNOWN(in, stem, rest, help, what)                                                          \
	{                                                                                          \
		.yes = { stem rest, help }, .no = { stem " [LINE]", help }, .class = CONFIG_KNOWN, \
		.kind = ROW_KEPT, .scope = in, .flags = what                                       \
	}

/* Such a one of a tunnel that stands in place of a row in force, whose value it clears. */
#define REPLACES(stem, rest, help, clearing)                                                       \
	{                                                                                          \
		.yes = { stem rest, help }, .no = { stem " [LINE]", help }, .class = CONFIG_KNOWN, \
		.kind = ROW_KEPT, .scope = SCOPE_TUNNEL, .set = clearing                           \
	}

/* A line that only says something to readers. */
#define DESCRIPTION(in)                                                                            \
	{                                                                                          \
		.yes = { "description LINE", "Text about this block" },                            \
		.no = { "description [LINE]", "Text about this block" }, .kind = ROW_KEPT,         \
		.scope = in                                                                        \
	}
/* Blocks known and not yet in force. */
#define KNOWN_BLOCK(stem, rest, help)                                                              \
	KNOWN(SCOPE_GLOBAL, "crypto " stem, rest, help, ROW_OPENS | ROW_MANY)

#define MATCH     "match {attribute WORD WORD|geo-location WORD|group WORD|topo-location WORD}"
#define MAPPED_TO "{ADDR [preference <1-255>] [multicast] [" MATCH "]|resolve}"
#define NBMA      "nbma {ADDR|WORD} [multicast]"

/* The commands that `ip nhrp` and `ipv6 nhrp` share and that are not yet in force. */
#define NHRP_KNOWN(ip)                                                                             \
	KNOWN(SCOPE_TUNNEL, ip " nhrp map group", " WORD service-policy output WORD",              \
	      "Quality of service for a group of clients", ROW_MANY),                              \
		KNOWN(SCOPE_TUNNEL, ip " nhrp cache bgp-sync", "", "Listen to BGP for endpoints",  \
	              0),                                                                          \
		KNOWN(SCOPE_TUNNEL, ip " nhrp trigger-svc", " <1-4294967295> <0-4294967295>",      \
	              "Load in kbit/s that makes and ends a direct path", 0),                      \
		KNOWN(SCOPE_TUNNEL, ip " nhrp reject", " <1-65535> <0-65535>",                     \
	              "Refuse resolution requests", ROW_MANY),                                     \
		KNOWN(SCOPE_TUNNEL, ip " nhrp connect", " <1-65535>", "Event request id", 0),      \
		KNOWN(SCOPE_TUNNEL, ip " nhrp attribute set", " WORD WORD",                        \
	              "Attribute to announce", ROW_MANY),                                          \
		KNOWN(SCOPE_TUNNEL, ip " nhrp attribute group", " WORD", "Group to announce", 0),  \
		KNOWN(SCOPE_TUNNEL, ip " nhrp group", " WORD", "Group to announce", 0),            \
		KNOWN(SCOPE_TUNNEL, ip " nhrp bfd notify services", " {never|<0-10>}",             \
	              "Registration retries before services hear of it", 0),                       \
		KNOWN(SCOPE_TUNNEL, ip " nhrp bfd notify transport", " {never|<0-10>}",            \
	              "Registration retries before the transport hears of it", 0),                 \
		KNOWN(SCOPE_TUNNEL, ip " nhrp bfd strict-mode", "", "Peers are up only with BFD",  \
	              0),                                                                          \
		KNOWN(SCOPE_TUNNEL, ip " nhrp role hub", "", "Role shown to monitoring", 0)

#define TUNNEL_KNOWN(stem, rest, help, what) KNOWN(SCOPE_TUNNEL, "tunnel " stem, rest, help, what)
#define TUNNEL_MODE(stem, rest, help)        TUNNEL_KNOWN("mode " stem, rest, help, ROW_OTHER)

const struct row config_rows[] = {
	/* ---- global ---- */
	{ .yes = { "hostname WORD", "Name of this router" },
	  .no = { "hostname [WORD]", "Name of this router" },
	  .value = "the system's name by default",
	  .set = set_hostname,
	  .clear = clear_hostname,
	  .print = print_hostname },
	ON(SCOPE_GLOBAL, "ip routing", IN_SNAPSHOT(no_ip_routing), "Forward packets"),
	KNOWN(SCOPE_GLOBAL, "ipv6 unicast-routing", "", "Forward IPv6 packets", 0),
	KNOWN(SCOPE_GLOBAL, "nhrp multicast queue", " size <512-10240> threshold <0-10240>",
	      "Queue of multicast packets", 0),
	KNOWN(SCOPE_GLOBAL, "nhrp G-Ach type", " <0-32767>", "Type of the associated channel", 0),
	KNOWN(SCOPE_GLOBAL, "logging dmvpn", " [rate-limit <1-10000>]", "Log DMVPN events", 0),
	KNOWN(SCOPE_GLOBAL, "monitor event-trace dmvpn", " [LINE]", "Trace of DMVPN events",
	      ROW_MANY),
	KNOWN(SCOPE_GLOBAL, "snmp-server enable traps nhrp", " [LINE]", "Traps for NHRP events",
	      ROW_MANY),
	KNOWN(SCOPE_GLOBAL, "router nhrp", " <1-65535>", "NHRP as a routing process", ROW_OPENS),

#include "config/rows_pki.inc"
#include "config/rows_crypto.inc"
	{ .yes = { "interface INTERFACE [{point-to-point|multipoint|type tunnel}]",
	           "Configure an interface: a port, TunnelN, LoopbackN, or a Linux name" },
	  .no = { "interface INTERFACE", "Remove an interface from the configuration" },
	  .kind = ROW_CUSTOM,
	  .flags = ROW_ENTERS,
	  .set = set_interface,
	  .clear = clear_interface },
	{ .yes = { "ip route A.B.C.D MASK {A.B.C.D|INTERFACE [A.B.C.D]} [<1-255>] "
	           "[tag <1-4294967295>] [name WORD] [{permanent|track <1-1000>}] "
	           "[tag <1-4294967295>] [name WORD]",
	           "Static route; Null0 drops; the number is the distance" },
	  .no = { "ip route A.B.C.D MASK [{A.B.C.D|INTERFACE [A.B.C.D]} [LINE]]", "Static route" },
	  .value = "distance 1; tag, name, permanent and track are kept and do nothing",
	  .set = set_route,
	  .clear = clear_route,
	  .print = print_routes },
	KNOWN(SCOPE_GLOBAL, "ip route vrf", " WORD A.B.C.D MASK LINE", "Static route of a VRF",
	      ROW_MANY),
	{ .yes = { "ip route A.B.C.D MASK {dhcp|INTERFACE dhcp} [<1-255>]",
	           "Static route by the gateway that DHCP gave" },
	  .no = { "ip route A.B.C.D MASK {dhcp|INTERFACE dhcp} [<1-255>]", "Static route" },
	  .class = CONFIG_KNOWN,
	  .kind = ROW_KEPT,
	  .flags = ROW_MANY },
	KNOWN(SCOPE_GLOBAL, "ipv6 route", " LINE", "Static IPv6 route", ROW_MANY),
	{ .yes = { "no LINE", "Negate a command or set its defaults" }, .kind = ROW_MODE },
	{ .yes = { "do LINE", "Run exec commands in configuration mode" }, .kind = ROW_MODE },
	{ .yes = { "exit", "Leave the current mode" }, .kind = ROW_MODE, .set = set_exit },
	{ .yes = { "end", "Leave configuration mode" }, .kind = ROW_MODE, .set = set_end },

	/* ---- any interface ---- */
	{ .yes = { "device WORD", "Linux interface behind this port" },
	  .no = { "device [WORD]", "Linux interface behind this port" },
	  .scope = SCOPE_PORT,
	  .value = "without it --port or the name itself says which",
	  .set = set_device,
	  .clear = clear_device,
	  .print = print_device },
	{ .yes = { "description LINE", "Text about this interface" },
	  .no = { "description [LINE]", "Text about this interface" },
	  .scope = SCOPE_INTERFACE,
	  .set = set_description,
	  .clear = clear_description,
	  .print = print_description },
	NUMBER(SCOPE_INTERFACE, "bandwidth", "<1-4294967295>", IN_INTERFACE(bandwidth_kbps),
	       "Bandwidth in kbit/s, for show and routing protocols", "100 on a tunnel"),
	{ .kind = ROW_MARK },
	{ .yes = { "ip address A.B.C.D MASK [secondary]", "Address of this interface" },
	  .no = { "ip address [A.B.C.D [MASK [secondary]]]", "Address of this interface" },
	  .scope = SCOPE_INTERFACE,
	  .value = "a port without an address line keeps the system's",
	  .set = set_address,
	  .clear = clear_address,
	  .print = print_address },
	{ .yes = { "ip address dhcp", "The system's DHCP client gives the address" },
	  .no = { "ip address dhcp", "Address of this interface" },
	  .scope = SCOPE_PORT,
	  .set = set_address_dhcp,
	  .clear = clear_address },
	{ .yes = { "ip redirects", "Send ICMP redirects" },
	  .no = { "ip redirects", "Send ICMP redirects" },
	  .value = "kept either way: a tunnel sends none, a port what the system does",
	  .kind = ROW_NO,
	  .scope = SCOPE_INTERFACE,
	  .field = IN_INTERFACE(no_ip_redirects) },
	NUMBER(SCOPE_INTERFACE, "ip mtu", "<68-17916>", IN_INTERFACE(ip_mtu_bytes),
	       "Largest IP packet in bytes",
	       "on a tunnel the largest that needs no outer fragment"),

	/* ---- NHRP ---- */
	{ .yes = { "ip nhrp authentication WORD", "Authentication string, up to 8 characters" },
	  .no = { "ip nhrp authentication [WORD]", "Authentication string" },
	  .scope = SCOPE_TUNNEL,
	  .set = set_authentication,
	  .clear = clear_authentication,
	  .print = print_authentication },
	FLAG(SCOPE_TUNNEL, "ip nhrp map multicast dynamic", IN_TUNNEL(nhrp.multicast_dynamic),
	     "Multicast goes to all who register"),
	{ .yes = { "ip nhrp map A.B.C.D [MASK] ADDR [preference <1-255>]",
	           "Static mapping to an NBMA address" },
	  .no = { "ip nhrp map A.B.C.D [MASK] [ADDR [preference <1-255>]]", "Static mapping" },
	  .scope = SCOPE_TUNNEL,
	  .value = "preference 255; an address has one mapping, so it is shown and decides nothing",
	  .set = set_map,
	  .clear = clear_map,
	  .print = print_maps },
	{ .yes = { "ip nhrp map multicast ADDR", "Where multicast goes" },
	  .no = { "ip nhrp map multicast ADDR", "Where multicast goes" },
	  .scope = SCOPE_TUNNEL,
	  .set = set_multicast,
	  .clear = clear_multicast,
	  .print = print_multicast },
	{ .yes = { "ip nhrp multicast batch-size <1-65535> [batch-interval <1-65535>]",
	           "Copies of multicast at a time, and milliseconds between" },
	  .no = { "ip nhrp multicast batch-size [<1-65535> [batch-interval <1-65535>]]",
	          "Copies of multicast at a time" },
	  .scope = SCOPE_TUNNEL,
	  .value = "as fast as the underlay takes them; batch-interval 10",
	  .set = set_batch,
	  .clear = clear_batch,
	  .print = print_batch },
	REPLACES("ip nhrp multicast batch-size", "",
	         "As many copies of multicast at a time as IOS makes", clear_batch),
	NUMBER(SCOPE_TUNNEL, "ip nhrp network-id", "<1-4294967295>", IN_TUNNEL(nhrp.network_id),
	       "Network identifier; turns NHRP on", "of local meaning only"),
	NUMBER(SCOPE_TUNNEL, "ip nhrp holdtime", "<1-65535>",
	       IN_TUNNEL_OR(nhrp.holdtime_s, SNAP_HOLDTIME_S),
	       "Seconds that other routers keep our mappings", "7200"),
	{ .yes = { "ip nhrp hold-time <1-65535>", "As ip nhrp holdtime" },
	  .no = { "ip nhrp hold-time [<1-65535>]", "As ip nhrp holdtime" },
	  .kind = ROW_NUMBER,
	  .scope = SCOPE_TUNNEL,
	  .flags = ROW_ALIAS,
	  .field = IN_TUNNEL_OR(nhrp.holdtime_s, SNAP_HOLDTIME_S) },
	{ .yes = { "ip nhrp nhs {A.B.C.D [" NBMA "]|dynamic " NBMA
	           "} [priority <0-255>] [cluster <0-10>]",
	           "Next hop server" },
	  .no = { "ip nhrp nhs {A.B.C.D [" NBMA "]|dynamic [" NBMA
	          "]} [priority <0-255>] [cluster <0-10>]",
	          "Next hop server" },
	  .scope = SCOPE_TUNNEL,
	  .value = "priority 0, the highest; cluster 0",
	  .set = set_nhs,
	  .clear = clear_nhs,
	  .print = print_nhs },
	{ .yes = { "ip nhrp nhs cluster <0-10> max-connections <0-255>",
	           "How many servers of a cluster to use" },
	  .no = { "ip nhrp nhs cluster <0-10> [max-connections [<0-255>]]",
	          "How many servers of a cluster to use" },
	  .scope = SCOPE_TUNNEL,
	  .value = "all of them",
	  .set = set_cluster,
	  .clear = clear_cluster,
	  .print = print_cluster },
	NUMBER(SCOPE_TUNNEL, "ip nhrp nhs fallback", "<0-60>",
	       IN_TUNNEL_IF(nhrp.nhs_fallback_s, nhrp.has_nhs_fallback),
	       "Seconds before going back to a better server", "at once"),
	NUMBER(SCOPE_TUNNEL, "ip nhrp registration timeout", "<1-65535>",
	       IN_TUNNEL(nhrp.registration_timeout_s), "Seconds between registrations",
	       "a third of the holding time"),
	NUMBER(SCOPE_TUNNEL, "ip nhrp registration delay", "<0-10>",
	       IN_TUNNEL(nhrp.registration_delay_s), "Seconds to wait before registering",
	       "0, from when the tunnel has come up"),
	FLAG(SCOPE_TUNNEL, "ip nhrp registration no-unique", IN_TUNNEL(nhrp.registration_no_unique),
	     "Let another NBMA address replace our registration"),
	KNOWN(SCOPE_TUNNEL, "ip nhrp registration req-def-map", "",
	      "Ask for the default mapping on registration", 0),
	{ .yes = { "ip nhrp server-only [non-caching]",
	           "Never ask, only answer; non-caching: nor keep who asks" },
	  .no = { "ip nhrp server-only [non-caching]", "Never ask, only answer" },
	  .scope = SCOPE_TUNNEL,
	  .set = set_server_only,
	  .clear = clear_server_only,
	  .print = print_server_only },
	ON(SCOPE_TUNNEL, "ip nhrp record", IN_TUNNEL(nhrp.no_record),
	   "Record transit routers in requests"),
	{ .yes = { "ip nhrp max-send <1-65535> every <10-65535>",
	           "Limit of packets in so many seconds" },
	  .no = { "ip nhrp max-send [<1-65535> [every <10-65535>]]", "Limit of packets" },
	  .scope = SCOPE_TUNNEL,
	  .value = "10000 every 10",
	  .set = set_max_send,
	  .clear = clear_max_send,
	  .print = print_max_send },
	{ .yes = { "ip nhrp keepalive <0-60> [<1-10>]", "Seconds between questions by direct paths "
	                                                "in clear, and how many make one dead" },
	  .no = { "ip nhrp keepalive [<0-60> [<1-10>]]", "Questions by direct paths" },
	  .scope = SCOPE_TUNNEL,
	  .value = "10 3; 0: none",
	  .set = set_keepalive,
	  .clear = clear_keepalive,
	  .print = print_keepalive },
	FLAG(SCOPE_TUNNEL, "ip nhrp shortcut", IN_TUNNEL(nhrp.shortcut),
	     "Use direct paths that redirects announce"),
	KNOWN(SCOPE_TUNNEL, "ip nhrp shortcut virtual-template", " <1-4095>",
	      "Direct paths over interfaces of their own", 0),
	{ .yes = { "ip nhrp redirect [timeout <2-30>]", "Tell spokes of direct paths" },
	  .no = { "ip nhrp redirect [timeout <2-30>]", "Tell spokes of direct paths" },
	  .scope = SCOPE_TUNNEL,
	  .value = "each flow once in 8 seconds",
	  .set = set_redirect,
	  .clear = clear_redirect,
	  .print = print_redirect },
	{ .yes = { "ip nhrp summary-map {A.B.C.D MASK|A.B.C.D/M} ADDR",
	           "Network to answer with for all that is routed in it" },
	  .no = { "ip nhrp summary-map {A.B.C.D MASK|A.B.C.D/M} [ADDR]",
	          "Network to answer with for all that is routed in it" },
	  .scope = SCOPE_TUNNEL,
	  .value = "the route's own network; the address is this tunnel's source",
	  .set = set_summary,
	  .clear = clear_summary,
	  .print = print_summaries },
	KNOWN(SCOPE_TUNNEL, "ip nhrp summary-map",
	      " {A.B.C.D MASK|A.B.C.D/M} {ADDR {preference <1-255> [multicast] [" MATCH
	      "]|multicast [" MATCH "]|" MATCH "}|resolve}",
	      "Mapping of a summary", ROW_MANY),
	ON(SCOPE_TUNNEL, "ip nhrp cache non-authoritative", IN_TUNNEL(nhrp.cache_authoritative),
	   "Leave authoritative answers to the clients themselves"),
	{ .yes = { "ip nhrp responder INTERFACE",
	           "Interface whose address stands in our Resolution Replies as the responder's" },
	  .no = { "ip nhrp responder [INTERFACE]", "Interface whose address is the responder's" },
	  .scope = SCOPE_TUNNEL,
	  .value = "the tunnel itself, as for an interface without an address line",
	  .set = set_responder,
	  .clear = clear_responder,
	  .print = print_responder },
	{ .yes = { "ip nhrp interest none", "No traffic asks for a direct path" },
	  .no = { "ip nhrp interest [none]", "Traffic that asks for a direct path" },
	  .scope = SCOPE_TUNNEL,
	  .value = "all of it does",
	  .set = set_interest,
	  .clear = clear_interest,
	  .print = print_interest },
	REPLACES("ip nhrp interest", " {<1-199>|WORD}",
	         "Access list of traffic that asks for a direct path", clear_interest),
	NUMBER(SCOPE_TUNNEL, "ip nhrp use", "<1-65535>", IN_TUNNEL_OR(nhrp.use_packets, 1),
	       "Packets to a next hop in a minute that ask for a direct path",
	       "1; counted every five seconds"),
	{ .yes = { "ip nhrp path preference <1-255>", "Preference of our address by this tunnel" },
	  .no = { "ip nhrp path preference [<1-255>]", "Preference of our address by this tunnel" },
	  .scope = SCOPE_TUNNEL,
	  .value = "255 in registrations, 0 in resolutions",
	  .set = set_preference,
	  .clear = clear_preference,
	  .print = print_preference },
	REPLACES("ip nhrp path preference", " {<1-255> adaptive|adaptive}",
	         "Preference that adapts itself", clear_preference),
	FLAG(SCOPE_TUNNEL, "ip nhrp send-routed", IN_TUNNEL(nhrp.send_routed),
	     "Forward requests along the route first, also inside of the tunnel's network"),
	NHRP_KNOWN("ip"),
	KNOWN(SCOPE_TUNNEL, "llp nhrp map multicast", " {ADDR|dynamic}",
	      "Where multicast of link layer protocols goes", ROW_MANY),
	NUMBER(SCOPE_INTERFACE, "ip tcp adjust-mss", "<500-1460>", IN_INTERFACE(tcp_mss_bytes),
	       "Largest TCP segment in bytes that passing connections may agree on", NULL),
	{ .kind = ROW_MARK },
	NUMBER(SCOPE_INTERFACE, "delay", "<1-16777215>", IN_INTERFACE(delay_tens_us),
	       "Delay in tens of microseconds, for show and routing protocols", "5000 on a tunnel"),
	FLAG(SCOPE_INTERFACE, "shutdown", IN_INTERFACE(shutdown), "Take this interface down"),

	KNOWN(SCOPE_INTERFACE, "crypto ipsec df-bit", " {copy|clear|set}",
	      "DF bit of outer packets of this interface", 0),
	KNOWN(SCOPE_INTERFACE, "crypto ipsec fragmentation",
	      " {before-encryption|after-encryption}", "When long packets are cut", 0),

	/* ---- IPv6 ---- */
	KNOWN(SCOPE_INTERFACE, "ipv6 address", " LINE", "IPv6 address", ROW_MANY),
	KNOWN(SCOPE_INTERFACE, "ipv6 enable", "", "IPv6 with a link-local address", 0),
	KNOWN(SCOPE_INTERFACE, "ipv6 mtu", " <1280-65535>", "Largest IPv6 packet in bytes", 0),
	KNOWN(SCOPE_INTERFACE, "ipv6 tcp adjust-mss", " <40-9920>", "Largest TCP segment", 0),
	KNOWN(SCOPE_INTERFACE, "ipv6 unnumbered", " INTERFACE", "Use another one's address", 0),
	KNOWN(SCOPE_INTERFACE, "ipv6 nd", " LINE", "Neighbour discovery", ROW_MANY),
	KNOWN(SCOPE_INTERFACE, "ipv6 redirects", "", "Send ICMP redirects", ROW_ON),
	KNOWN(SCOPE_INTERFACE, "ipv6 unreachables", "", "Send ICMP unreachables", ROW_ON),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp authentication", " WORD", "Authentication string", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp map", " X:X::X/M ADDR [preference <1-255>]",
	      "Static mapping to an NBMA address", ROW_MANY),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp map multicast", " {ADDR|dynamic}", "Where multicast goes",
	      ROW_MANY),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp shortcut", " [virtual-template <1-4095>]",
	      "Use direct paths that redirects announce", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp redirect", " [timeout <2-30>]",
	      "Tell spokes of direct paths", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp multicast batch-size",
	      " [<1-65535> [batch-interval <1-65535>]]", "Replicate multicast in batches", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp network-id", " <1-4294967295>", "Network identifier", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp holdtime", " <1-65535>",
	      "Seconds that other routers keep our mappings", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp nhs",
	      " {X:X::X [" NBMA "]|dynamic " NBMA "} [priority <0-255>] [cluster <0-10>]",
	      "Next hop server", ROW_MANY),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp registration timeout", " <1-65535>",
	      "Seconds between registrations", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp registration no-unique", "",
	      "Let another NBMA address replace our registration", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp server-only", " [non-caching]", "Never ask, only answer", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp record", "", "Record transit routers in requests", ROW_ON),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp max-send", " <1-65535> every <10-65535>",
	      "Limit of packets in so many seconds", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp summary-map", " X:X::X/M " MAPPED_TO, "Mapping of a summary",
	      ROW_MANY),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp nhs cluster", " <0-10> max-connections <0-255>",
	      "How many servers of a cluster to use", ROW_MANY),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp nhs fallback", " <0-60>",
	      "Seconds before going back to a better server", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp registration delay", " <0-10>",
	      "Seconds to wait before registering", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp cache non-authoritative", "",
	      "Leave authoritative answers to the clients themselves", ROW_ON),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp responder", " INTERFACE",
	      "Interface whose address is the responder's", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp interest", " {none|<1-199>|WORD}",
	      "Access list of traffic that asks for a direct path", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp use", " <1-65535>",
	      "Number of packets that ask for a direct path", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp path preference", " {<1-255> [adaptive]|adaptive}",
	      "Preference of our address by this tunnel", 0),
	KNOWN(SCOPE_TUNNEL, "ipv6 nhrp send-routed", "", "Send along the routed path first", 0),
	NHRP_KNOWN("ipv6"),

	/* ---- NHRP for all of an interface ---- */
	KNOWN(SCOPE_TUNNEL, "nhrp group", " WORD", "Group to announce", 0),
	KNOWN(SCOPE_TUNNEL, "nhrp attribute group", " WORD", "Group to announce", 0),
	KNOWN(SCOPE_TUNNEL, "nhrp map group", " WORD service-policy output WORD",
	      "Quality of service for a group of clients", ROW_MANY),
	KNOWN(SCOPE_TUNNEL, "nhrp event-publisher", " [max-event-timeout <1-22>]", "Publish events",
	      0),
	ON(SCOPE_TUNNEL, "nhrp route-watch", IN_TUNNEL(nhrp.no_route_watch),
	   "Shortcuts, and what we told of our networks, go with the routes under them"),
	FLAG(SCOPE_TUNNEL, "if-state nhrp", IN_TUNNEL(nhrp.if_state),
	     "Line protocol follows the servers"),
	KNOWN(SCOPE_TUNNEL, "if-state track", " <1-1000>", "Line protocol follows an object", 0),
	KNOWN(SCOPE_TUNNEL, "mpls nhrp", "", "MPLS over direct paths", 0),

	/* ---- the tunnel ---- */
	{ .yes = { "tunnel source {INTERFACE|ADDR}", "Where our packets come from" },
	  .no = { "tunnel source [{INTERFACE|ADDR}]", "Where our packets come from" },
	  .scope = SCOPE_TUNNEL,
	  .set = set_source,
	  .clear = clear_source,
	  .print = print_source },
	TUNNEL_KNOWN("source dynamic", "", "Source from elsewhere", 0),
	{ .yes = { "tunnel mode gre {ip|multipoint}", "Point to point, or multipoint" },
	  .no = { "tunnel mode [gre [{ip|multipoint}]]", "Point to point, or multipoint" },
	  .scope = SCOPE_TUNNEL,
	  .value = "gre ip",
	  .set = set_mode,
	  .clear = clear_mode,
	  .print = print_mode },
	{ .yes = { "tunnel destination ADDR", "Where our packets go; not with multipoint" },
	  .no = { "tunnel destination [ADDR]", "Where our packets go" },
	  .scope = SCOPE_TUNNEL,
	  .set = set_destination,
	  .clear = clear_destination,
	  .print = print_destination },
	{ .yes = { "tunnel destination {dynamic|WORD}", "Destination by name or from elsewhere" },
	  .no = { "tunnel destination {dynamic|WORD}", "Destination" },
	  .class = CONFIG_KNOWN,
	  .kind = ROW_KEPT,
	  .scope = SCOPE_TUNNEL,
	  .set = set_destination_name },
	NUMBER(SCOPE_TUNNEL, "tunnel key", "<0-4294967295>", IN_TUNNEL_IF(key, has_key),
	       "GRE key: tells tunnels on one source apart", NULL),
	NUMBER(SCOPE_TUNNEL, "tunnel tos", "<0-255>", IN_TUNNEL_IF(tos, has_tos),
	       "Type of service of outer packets", "that of the inner packet"),
	NUMBER(SCOPE_TUNNEL, "tunnel ttl", "<1-255>", IN_TUNNEL_OR(ttl, SNAP_TTL),
	       "Time to live of outer packets", "255"),
	TUNNEL_MODE("gre ipv6", "", "GRE over IPv6"),
	TUNNEL_MODE("gre multipoint ipv6", "", "Multipoint GRE over IPv6"),
	TUNNEL_MODE("udp", " {ip|ipv6|multipoint [ipv6]}", "UDP"),
	TUNNEL_MODE("ipsec", " {ipv4 [v6-overlay]|ipv6 [v4-overlay]|dual-overlay}", "IPsec"),
	TUNNEL_MODE("ethernet", " {gre {ipv4|ipv6} [p2p]|l2tpv3 manual}", "Ethernet"),
	TUNNEL_MODE("vxlan", " {ipv4|ipv6|multipoint {ip|ipv6}} [LINE]", "VXLAN"),
	TUNNEL_MODE("vxlan-gpe", " {ipv4|ipv6|multipoint {ip|ipv6}}", "VXLAN GPE"),
	TUNNEL_MODE("ipip", " [decapsulate-any]", "IP over IP"),
	TUNNEL_MODE("ipv6", "", "Packets over IPv6"),
	TUNNEL_MODE("ipv6ip", " [{6rd|6to4|isatap|auto-tunnel}]", "IPv6 over IP"),
	TUNNEL_MODE("mpls traffic-eng", " [{multilsp|point-to-multipoint}]", "MPLS"),
	TUNNEL_MODE("{aurp|cayman|dvmrp|eon|iptalk|nos|rbscp|tag-switching|sdwan}", "",
	            "Other encapsulations"),
	TUNNEL_KNOWN("vrf", " WORD [{egress-only|ingress-only}]", "VRF of outer packets", 0),
	TUNNEL_KNOWN("vrf multiplexing", "", "Several VRFs", 0),
	TUNNEL_KNOWN("route-via", " INTERFACE {mandatory|preferred}", "Route of outer packets", 0),
	TUNNEL_KNOWN("path-mtu-discovery", " [age-timer {<10-30>|infinite}] [min-mtu <92-65535>]",
	             "Learn the path's MTU", 0),
	TUNNEL_KNOWN("checksum", "", "GRE checksums", 0),
	TUNNEL_KNOWN("sequence-datagrams", "", "GRE sequence numbers", 0),
	TUNNEL_KNOWN("bandwidth", " {receive|transmit} <1-10000000>", "For RSVP and satellites",
	             ROW_MANY),
	TUNNEL_KNOWN("entropy", "", "Hash of the payload in the key", 0),
	TUNNEL_KNOWN("flow egress-records", "", "Flow records of outer packets", 0),
	TUNNEL_KNOWN("endpoint service-policy output", " WORD", "Quality of service", 0),
	TUNNEL_KNOWN("fixup nat", "", "Fix addresses behind NAT", 0),
	TUNNEL_KNOWN("metadata", " {sgt|src_vpn}", "Metadata of packets", ROW_MANY),
	TUNNEL_KNOWN("mpls-ip-only", "", "Copy DF through MPLS", 0),
	TUNNEL_KNOWN("mpls traffic-eng", " [LINE]", "MPLS traffic engineering", ROW_MANY),
	TUNNEL_KNOWN("raw-packet-interface", " INTERFACE", "Port of raw packets", 0),
	TUNNEL_KNOWN("network-id", " <1-65535> [nexthop A.B.C.D] [weight <1-65535>] [qos WORD]",
	             "Network id", ROW_MANY),
	TUNNEL_KNOWN("snooping enable", "", "Snooping", 0),
	TUNNEL_KNOWN("src-mac-address", " WORD", "MAC address", 0),
	TUNNEL_KNOWN("dst-port", " {dynamic|<0-65535>}", "UDP port", 0),
	TUNNEL_KNOWN("src-port", " {dynamic|<0-65535>}", "UDP port", 0),
	TUNNEL_KNOWN("vxlan vni", " <1-16777215>", "VXLAN network", 0),
	TUNNEL_KNOWN("vxlan src-port-range", " <1-65535> <1-65535>", "VXLAN ports", 0),
	TUNNEL_KNOWN("vlan", " <1-4094> [WORD] [<1-4094>]", "VLAN of Ethernet over GRE", 0),
	TUNNEL_KNOWN("6rd", " LINE", "6rd parameters", ROW_MANY),
	TUNNEL_KNOWN("rbscp", " LINE", "RBSCP parameters", ROW_MANY),
	TUNNEL_KNOWN("rrr", " WORD", "RRR parameters", 0),
	TUNNEL_KNOWN("tsp-hop", " LINE", "TSP hop", ROW_MANY),
	TUNNEL_KNOWN("udlr", " {address-resolution|receive-only INTERFACE|send-only INTERFACE}",
	             "Unidirectional links", ROW_MANY),
	{ .yes = { "tunnel protection ipsec profile WORD [shared]",
	           "Nothing goes in clear; shared: by several tunnels of one source" },
	  .no = { "tunnel protection [ipsec [profile [WORD [shared]]]]", "IPsec protection" },
	  .scope = SCOPE_TUNNEL,
	  .set = set_protection,
	  .clear = clear_protection,
	  .print = print_protection },
	{ .yes = { "tunnel protection ipsec profile WORD [shared] {isakmp-profile|ikev2-profile} "
	           "WORD",
	           "Protection with a profile of its own; until it is in force the tunnel stays "
	           "down" },
	  .no = { "tunnel protection ipsec profile WORD [shared] {isakmp-profile|ikev2-profile} "
	          "WORD",
	          "IPsec protection" },
	  .class = CONFIG_KNOWN,
	  .kind = ROW_KEPT,
	  .scope = SCOPE_TUNNEL,
	  .flags = ROW_PROTECTS,
	  .set = set_other_protection },
	TUNNEL_KNOWN(
		"protection ipsec", " {policy {ipv4|ipv6} WORD|initiate|local-address INTERFACE}",
		"Protection; until it is in force the tunnel stays down", ROW_MANY | ROW_PROTECTS),
	{ .yes = { "tunnel protection psk LINE",
	           "Pre-shared key; until it is in force the tunnel stays down" },
	  .no = { "tunnel protection psk [LINE]", "Pre-shared key" },
	  .class = CONFIG_KNOWN,
	  .kind = ROW_KEPT,
	  .scope = SCOPE_TUNNEL,
	  .flags = ROW_PROTECTS,
	  .set = set_other_protection },
	{ .yes = { "tunnel protection dike profile WORD local WORD remote WORD",
	           "IKE profile; until it is in force the tunnel stays down" },
	  .no = { "tunnel protection dike [LINE]", "IKE profile" },
	  .class = CONFIG_KNOWN,
	  .kind = ROW_KEPT,
	  .scope = SCOPE_TUNNEL,
	  .flags = ROW_PROTECTS,
	  .set = set_other_protection },
};

const size_t config_n_rows = ELEMENTS(config_rows);
