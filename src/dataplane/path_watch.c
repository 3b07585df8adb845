/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path is usable when the route is plain unicast through an Ethernet port that is up, its next
 * hop's MAC is known, and nothing sits between IP output and the driver that we would pass by: no
 * IPsec policy, no packet filter, no shaping queue. It is receivable besides when IP input would
 * take what comes from there by that port for ours, no filter or tc stands before it, and no other
 * interface has its share of the port's packets.
 *
 * Sending past the kernel's neighbour entry keeps the kernel from noticing that it is used. So
 * paths end after some seconds, and the burst that finds its path ended goes through the raw
 * socket, which makes the kernel verify the neighbour as ever (RFC 4861 7.3, which Linux follows
 * for ARP, too).
 */
#include "dataplane/path_watch.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/xfrm.h>
#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/bytes.h"
#include "util/clock.h"
#include "util/memory.h"

enum {
	PATH_LIFE_S = 8,  /* within a neighbour's shortest reachable time, 15 s */
	PATH_RETRY_S = 1, /* until a path that was not usable is looked at again */
	HOPS_MAX = 256,   /* next hops that are watched; paths by others are not usable */
	CHANGES_MAX = 20, /* in a second: where routes come and go, paths are not worth finding */
	MESSAGE_MAX = 8192,
};

enum source { ROUTES, POLICIES, FILTERS, SOURCES };

/* What is between IP and the driver for all packets. */
struct guards {
	bool policies_out, policies_in; /* IPsec */
	bool filters_out, filters_in;
	bool legacy; /* iptables, of any chain; nothing tells of it */
};

/* A next hop that paths go by: what is told about other neighbours changes none. */
struct hop {
	int ifindex;
	uint32_t to_be;
	uint8_t mac[DP_MAC_LEN];
};

struct path_watch {
	int epoll_fd;
	struct mnl_socket
		*request[SOURCES]; /* a socket is NULL where the kernel lacks the family */
	struct mnl_socket *events[SOURCES];
	uint32_t sequence;
	int64_t second_ns; /* when counting changes began anew */
	unsigned n_changes;
	unsigned n_hops;
	struct hop hop[HOPS_MAX];
	int clear_port; /* that is known to be clear for receiving; 0: none */
	bool guards_known;
	struct guards guards;
};

static const int families[SOURCES] = { NETLINK_ROUTE, NETLINK_XFRM, NETLINK_NETFILTER };

/* What is asked about one path, filled in by the replies. */
struct finding {
	struct path_watch *watch;
	bool found;
	int ifindex;
	uint32_t next_hop_be;
	uint32_t route_mtu, link_mtu;
	bool plain_queue;
	uint8_t mac[DP_MAC_LEN], own_mac[DP_MAC_LEN];
};

enum { GROUPS_MAX = 9 /* of a source, and the 0 that ends them */ };

static const uint32_t groups[SOURCES][GROUPS_MAX] = {
	{ RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE,
	  RTNLGRP_NEXTHOP, RTNLGRP_TC, RTNLGRP_IPV4_NETCONF },
	{ XFRMNLGRP_POLICY },
	{ NFNLGRP_NFTABLES },
};

static struct mnl_socket *open_socket(int family, const uint32_t *group)
{
	struct mnl_socket *s = mnl_socket_open2(family, SOCK_CLOEXEC | (group ? SOCK_NONBLOCK : 0));
	struct timeval limit = { .tv_sec = 1 };

	if (!s)
		return NULL;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(s);
		return NULL;
	}
	setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	for (; group && *group; group++) {
		int id = (int)*group;
		mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &id, sizeof id);
	}
	return s;
}

static int watch_events(struct path_watch *w, enum source source)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (!w->events[source])
		return 0;
	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, mnl_socket_get_fd(w->events[source]), &event)
	               ? -errno
	               : 0;
}

int path_watch_new(struct path_watch **ret)
{
	struct path_watch *w = memory_new(1, sizeof *w);
	int error = 0;

	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		error = -errno;
	for (int i = 0; i < SOURCES && !error; i++) {
		w->request[i] = open_socket(families[i], NULL);
		w->events[i] = open_socket(families[i], groups[i]);
		if (i == ROUTES && (!w->request[i] || !w->events[i]))
			error = -errno;
		else
			error = watch_events(w, (enum source)i);
	}
	if (error) {
		path_watch_free(w);
		return error;
	}
	*ret = w;
	return 0;
}

void path_watch_free(struct path_watch *w)
{
	if (!w)
		return;
	for (int i = 0; i < SOURCES; i++) {
		if (w->request[i])
			mnl_socket_close(w->request[i]);
		if (w->events[i])
			mnl_socket_close(w->events[i]);
	}
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	free(w);
}

int path_watch_fd(const struct path_watch *w)
{
	return w->epoll_fd;
}

/* ---- attributes ---- */

struct attributes {
	const struct nlattr *at[64];
};

static int collect(const struct nlattr *attribute, void *ctx)
{
	struct attributes *as = ctx;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type < sizeof as->at / sizeof as->at[0])
		as->at[type] = attribute;
	return MNL_CB_OK;
}

static bool get_u32(const struct nlattr *attribute, uint32_t *ret)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) < sizeof *ret)
		return false;
	*ret = mnl_attr_get_u32(attribute);
	return true;
}

static bool get_mac(const struct nlattr *attribute, uint8_t ret[static DP_MAC_LEN])
{
	if (!attribute || mnl_attr_get_payload_len(attribute) != DP_MAC_LEN)
		return false;
	memcpy(ret, mnl_attr_get_payload(attribute), DP_MAC_LEN);
	return true;
}

static void get_name(const struct nlattr *attribute, char ret[static IFNAMSIZ])
{
	if (attribute && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0 &&
	    mnl_attr_get_payload_len(attribute) <= IFNAMSIZ)
		memcpy(ret, mnl_attr_get_str(attribute), mnl_attr_get_payload_len(attribute));
}

/* ---- requests ---- */

/* A question on one of the sockets, and who takes the answers. */
struct query {
	enum source source;
	mnl_cb_t reply;
	void *ctx;
};

/*
 * An answer that was not read to its end (too late, or changed while it was given) would be taken
 * for the next one's. When there is no new socket, the next question fails, and tries again.
 */
static void renew(struct path_watch *w, enum source source)
{
	struct mnl_socket *s = open_socket(families[source], NULL);

	if (!s)
		return;
	mnl_socket_close(w->request[source]);
	w->request[source] = s;
}

enum answer { ANSWERED, REFUSED, NO_ANSWER };

/* One datagram of an answer; 0: more is to come. */
static int read_answer(const struct path_watch *w, const struct query *q, enum answer *ret)
{
	struct mnl_socket *s = w->request[q->source];
	_Alignas(struct nlmsghdr) char buf[MESSAGE_MAX];
	const struct nlmsghdr *first = (const void *)buf;
	ssize_t n = mnl_socket_recvfrom(s, buf, sizeof buf);

	*ret = NO_ANSWER;
	if (n < (ssize_t)sizeof *first)
		return MNL_CB_ERROR;
	int state =
		mnl_cb_run(buf, (size_t)n, w->sequence, mnl_socket_get_portid(s), q->reply, q->ctx);
	if (state != MNL_CB_ERROR)
		*ret = ANSWERED;
	else if (first->nlmsg_type == NLMSG_ERROR && first->nlmsg_seq == w->sequence)
		*ret = REFUSED;
	return state;
}

static enum answer ask(struct path_watch *w, const struct query *q, struct nlmsghdr *request)
{
	struct mnl_socket *s = w->request[q->source];
	bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	enum answer answer = NO_ANSWER;
	int state = MNL_CB_ERROR;

	if (!s)
		return REFUSED;
	request->nlmsg_seq = ++w->sequence;
	if (mnl_socket_sendto(s, request, request->nlmsg_len) >= 0) {
		do {
			state = read_answer(w, q, &answer);
		} while (state == MNL_CB_OK && dump); /* a single answer has no end mark */
	}
	if (answer == NO_ANSWER)
		renew(w, q->source);
	return answer;
}

static bool ask_routing(struct finding *f, struct nlmsghdr *request, mnl_cb_t reply)
{
	const struct query q = { ROUTES, reply, f };

	f->found = false;
	return ask(f->watch, &q, request) == ANSWERED && f->found;
}

static int on_route(const struct nlmsghdr *message, void *ctx)
{
	struct finding *f = ctx;
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	struct attributes as = { { NULL } }, metrics = { { NULL } };
	uint32_t oif;

	if (message->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof *route, collect, &as);
	if (route->rtm_type != RTN_UNICAST || as.at[RTA_VIA] || as.at[RTA_ENCAP] ||
	    !get_u32(as.at[RTA_OIF], &oif))
		return MNL_CB_OK;
	if (as.at[RTA_METRICS])
		mnl_attr_parse_nested(as.at[RTA_METRICS], collect, &metrics);
	get_u32(metrics.at[RTAX_MTU], &f->route_mtu);
	get_u32(as.at[RTA_GATEWAY], &f->next_hop_be);
	f->ifindex = (int)oif;
	f->found = true;
	return MNL_CB_OK;
}

/* A packet whose way is asked for; ifindex: the port that it comes in by, 0: it is ours. */
struct flow {
	const struct addr *from, *to;
	int ifindex;
};

static bool ask_route(struct finding *f, const struct flow *flow, mnl_cb_t reply)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST;
	struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof *route);
	route->rtm_family = AF_INET;
	route->rtm_dst_len = route->rtm_src_len = 32;
	mnl_attr_put(request, RTA_DST, ADDR_V4_LEN, flow->to->bytes);
	mnl_attr_put(request, RTA_SRC, ADDR_V4_LEN, flow->from->bytes);
	if (flow->ifindex)
		mnl_attr_put_u32(request, RTA_IIF, (uint32_t)flow->ifindex);
	return ask_routing(f, request, reply);
}

static bool find_route(struct finding *f, const struct path_question *q)
{
	const struct flow out = { &q->from, &q->to, 0 };

	memcpy(&f->next_hop_be, q->to.bytes, sizeof f->next_hop_be);
	return ask_route(f, &out, on_route);
}

/* Queues that only order packets: nobody misses them. Any other was put there to shape. */
static bool is_plain_queue(const char *name)
{
	static const char *const plain[] = { "noqueue", "mq", "pfifo_fast", "fq_codel", "fq" };

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strcmp(name, plain[i]) == 0)
			return true;
	return false;
}

static int on_link(const struct nlmsghdr *message, void *ctx)
{
	struct finding *f = ctx;
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct attributes as = { { NULL } };
	const unsigned needed = IFF_UP | IFF_LOWER_UP;

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof *link, collect, &as);
	const struct nlattr *queue = as.at[IFLA_QDISC];
	f->plain_queue = queue && mnl_attr_validate(queue, MNL_TYPE_NUL_STRING) >= 0 &&
	                 is_plain_queue(mnl_attr_get_str(queue));
	f->found = link->ifi_type == ARPHRD_ETHER && (link->ifi_flags & needed) == needed &&
	           get_mac(as.at[IFLA_ADDRESS], f->own_mac) &&
	           get_u32(as.at[IFLA_MTU], &f->link_mtu);
	return MNL_CB_OK;
}

static bool find_link(struct finding *f)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(request, sizeof *link);
	link->ifi_index = f->ifindex;
	return ask_routing(f, request, on_link);
}

/* States in which IP output would use the MAC at once. */
static bool is_valid(uint16_t state)
{
	return state &
	       (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE);
}

static int on_neighbour(const struct nlmsghdr *message, void *ctx)
{
	struct finding *f = ctx;
	const struct ndmsg *neighbour = mnl_nlmsg_get_payload(message);
	struct attributes as = { { NULL } };

	if (message->nlmsg_type != RTM_NEWNEIGH)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof *neighbour, collect, &as);
	f->found = is_valid(neighbour->ndm_state) && get_mac(as.at[NDA_LLADDR], f->mac);
	return MNL_CB_OK;
}

static bool find_neighbour(struct finding *f)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = RTM_GETNEIGH;
	request->nlmsg_flags = NLM_F_REQUEST;
	struct ndmsg *neighbour = mnl_nlmsg_put_extra_header(request, sizeof *neighbour);
	neighbour->ndm_family = AF_INET;
	neighbour->ndm_ifindex = f->ifindex;
	mnl_attr_put_u32(request, NDA_DST, f->next_hop_be);
	return ask_routing(f, request, on_neighbour);
}

/* ---- what comes in ---- */

static int on_input(const struct nlmsghdr *message, void *ctx)
{
	struct finding *f = ctx;
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);

	f->found = message->nlmsg_type == RTM_NEWROUTE && route->rtm_type == RTN_LOCAL;
	return MNL_CB_OK;
}

/* Whether IP input would take it: source validation and rules included. */
static bool is_ours(struct finding *f, const struct path_question *q)
{
	const struct flow in = { &q->to, &q->from, f->ifindex };

	return ask_route(f, &in, on_input);
}

/* A port is clear when all of its IP packets go to IP input at once. */
struct clearance {
	int ifindex;
	bool seen, blocked, physical;
	char name[IFNAMSIZ];
};

static const char *link_kind(const struct nlattr *linkinfo)
{
	struct attributes as = { { NULL } };

	if (!linkinfo)
		return NULL;
	mnl_attr_parse_nested(linkinfo, collect, &as);
	const struct nlattr *kind = as.at[IFLA_INFO_KIND];
	return kind && mnl_attr_validate(kind, MNL_TYPE_NUL_STRING) >= 0 ? mnl_attr_get_str(kind)
	                                                                 : NULL;
}

/* The kernel's own GRE, which gets every packet that a raw socket gets. */
static bool is_kernel_gre(const char *kind)
{
	return strcmp(kind, "gre") == 0 || strcmp(kind, "gretap") == 0 ||
	       strcmp(kind, "erspan") == 0;
}

/* Of software interfaces veth alone hands each packet on as a cable would. */
static int on_any_link(const struct nlmsghdr *message, void *ctx)
{
	struct clearance *c = ctx;
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct attributes as = { { NULL } };
	uint32_t below = 0;

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof *link, collect, &as);
	const char *kind = link_kind(as.at[IFLA_LINKINFO]);
	bool software = kind && strcmp(kind, "veth") != 0;
	if (link->ifi_index == c->ifindex) {
		c->seen = true;
		c->physical = !kind;
		get_name(as.at[IFLA_IFNAME], c->name);
		c->blocked |= software || as.at[IFLA_MASTER];
		return MNL_CB_OK;
	}
	if (!software)
		return MNL_CB_OK;
	if (!as.at[IFLA_LINK_NETNSID] && get_u32(as.at[IFLA_LINK], &below) &&
	    (int)below == c->ifindex)
		c->blocked = true; /* VLAN, macvlan and the like */
	if (is_kernel_gre(kind) && link->ifi_flags & IFF_UP)
		c->blocked = true;
	return MNL_CB_OK;
}

static int on_queue(const struct nlmsghdr *message, void *ctx)
{
	struct clearance *c = ctx;
	const struct tcmsg *queue = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_type != RTM_NEWQDISC || queue->tcm_ifindex != c->ifindex)
		return MNL_CB_OK;
	if (queue->tcm_parent == TC_H_INGRESS) /* ingress or clsact */
		c->blocked = true;
	return MNL_CB_OK;
}

static enum answer ask_all(struct path_watch *w, uint16_t type, const struct query *q)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (type == RTM_GETLINK) {
		mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
		mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	} else {
		mnl_nlmsg_put_extra_header(request, sizeof(struct tcmsg));
	}
	return ask(w, q, request);
}

/* A network card that takes VLAN tags off gives packets of all VLANs to a program in front of it.
 */
static bool takes_tags_off(const char *name)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq request = { .ifr_data = (void *)&flags };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return true;
	memcpy(request.ifr_name, name, IFNAMSIZ);
	bool known = ioctl(fd, SIOCETHTOOL, &request) == 0;
	close(fd);
	return !known || flags.data & ETH_FLAG_RXVLAN;
}

static bool is_clear(struct path_watch *w, int ifindex)
{
	struct clearance c = { .ifindex = ifindex };
	const struct query links = { ROUTES, on_any_link, &c }, queues = { ROUTES, on_queue, &c };

	if (w->clear_port == ifindex)
		return true;
	if (ask_all(w, RTM_GETLINK, &links) != ANSWERED ||
	    ask_all(w, RTM_GETQDISC, &queues) != ANSWERED || !c.seen || c.blocked)
		return false;
	if (c.physical && takes_tags_off(c.name))
		return false;
	w->clear_port = ifindex;
	return true;
}

/* ---- what stands in the way ---- */

static int on_policy_count(const struct nlmsghdr *message, void *ctx)
{
	struct guards *g = ctx;
	struct attributes as = { { NULL } };
	struct xfrmu_spdinfo info;

	if (message->nlmsg_type != XFRM_MSG_NEWSPDINFO)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof(uint32_t), collect, &as);
	const struct nlattr *counts = as.at[XFRMA_SPD_INFO];
	if (!counts || mnl_attr_get_payload_len(counts) < sizeof info)
		return MNL_CB_OK;
	memcpy(&info, mnl_attr_get_payload(counts), sizeof info);
	g->policies_out = info.outcnt != 0;
	g->policies_in = info.incnt != 0;
	return MNL_CB_OK;
}

static bool find_policies(struct path_watch *w, struct guards *g)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	const struct query q = { POLICIES, on_policy_count, g };

	request->nlmsg_type = XFRM_MSG_GETSPDINFO;
	request->nlmsg_flags = NLM_F_REQUEST;
	*(uint32_t *)mnl_nlmsg_put_extra_header(request, sizeof(uint32_t)) = 0;
	enum answer answer = ask(w, &q, request);
	/* A kernel without IPsec has no socket for it, and no policies. */
	if (answer != ANSWERED && w->request[POLICIES])
		g->policies_out = g->policies_in = true;
	return answer != NO_ANSWER;
}

/* A chain without a hook only serves others. */
static int on_chain(const struct nlmsghdr *message, void *ctx)
{
	struct guards *g = ctx;
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(message);
	struct attributes as = { { NULL } }, hook = { { NULL } };

	if (message->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN))
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof *head, collect, &as);
	if (!as.at[NFTA_CHAIN_HOOK])
		return MNL_CB_OK;
	mnl_attr_parse_nested(as.at[NFTA_CHAIN_HOOK], collect, &hook);
	const struct nlattr *number = hook.at[NFTA_HOOK_HOOKNUM];
	if (!number || mnl_attr_get_payload_len(number) < sizeof(uint32_t))
		return MNL_CB_OK;
	uint32_t hook_number = bytes_u32(mnl_attr_get_payload(number));
	if (head->nfgen_family == NFPROTO_NETDEV) {
		*(hook_number == NF_NETDEV_INGRESS ? &g->filters_in : &g->filters_out) = true;
		return MNL_CB_OK;
	}
	if (hook_number == NF_INET_LOCAL_OUT || hook_number == NF_INET_POST_ROUTING)
		g->filters_out = true;
	if (hook_number == NF_INET_PRE_ROUTING || hook_number == NF_INET_LOCAL_IN ||
	    hook_number == NF_INET_INGRESS)
		g->filters_in = true;
	return MNL_CB_OK;
}

/* Legacy iptables lists its tables here while it has any. */
static bool any_legacy_table(void)
{
	FILE *file = fopen("/proc/net/ip_tables_names", "re");

	if (!file)
		return errno != ENOENT; /* whoever may not look cannot know */
	bool any = fgetc(file) != EOF;
	fclose(file);
	return any;
}

static bool find_filters(struct path_watch *w, struct guards *g)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	const struct query q = { FILTERS, on_chain, g };

	request->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);
	head->nfgen_family = NFPROTO_UNSPEC;
	head->version = NFNETLINK_V0;
	/* A kernel without nftables refuses the question. */
	enum answer answer = ask(w, &q, request);
	if (answer == NO_ANSWER)
		g->filters_out = g->filters_in = true;
	return answer != NO_ANSWER;
}

static const struct guards *find_guards(struct path_watch *w)
{
	if (!w->guards_known) {
		w->guards = (struct guards){ 0 };
		bool policies_known = find_policies(w, &w->guards);
		bool filters_known = find_filters(w, &w->guards);
		w->guards_known = policies_known && filters_known;
	}
	w->guards.legacy = any_legacy_table();
	return &w->guards;
}

/* No setting lets packets past an IPsec policy. */
static bool may_send(const struct guards *g, bool forced)
{
	return !g->policies_out && ((!g->filters_out && !g->legacy) || forced);
}

static bool may_receive(const struct guards *g, bool forced)
{
	return !g->policies_in && ((!g->filters_in && !g->legacy) || forced);
}

/* ---- paths ---- */

static struct hop *find_hop(struct path_watch *w, int ifindex, uint32_t to_be)
{
	for (unsigned i = 0; i < w->n_hops; i++)
		if (w->hop[i].ifindex == ifindex && w->hop[i].to_be == to_be)
			return &w->hop[i];
	return NULL;
}

static bool remember_hop(struct path_watch *w, const struct finding *f)
{
	struct hop *hop = find_hop(w, f->ifindex, f->next_hop_be);

	if (!hop) {
		if (w->n_hops == HOPS_MAX)
			return false;
		hop = &w->hop[w->n_hops++];
	}
	*hop = (struct hop){ .ifindex = f->ifindex, .to_be = f->next_hop_be };
	memcpy(hop->mac, f->mac, DP_MAC_LEN);
	return true;
}

static bool is_restless(struct path_watch *w, int64_t now_ns)
{
	if (now_ns - w->second_ns >= NS_PER_S) {
		w->second_ns = now_ns;
		w->n_changes = 0;
	}
	return w->n_changes > CHANGES_MAX;
}

void path_watch_find(struct path_watch *w, const struct path_question *q, struct path *ret)
{
	struct finding f = { .watch = w };
	const struct guards *g = find_guards(w);
	bool usable = !is_restless(w, q->now_ns) && may_send(g, q->forced) && find_route(&f, q) &&
	              find_link(&f) && (f.plain_queue || q->forced) && find_neighbour(&f) &&
	              remember_hop(w, &f);
	uint32_t mtu = f.route_mtu && f.route_mtu < f.link_mtu ? f.route_mtu : f.link_mtu;

	*ret = (struct path){
		.usable = usable,
		.receivable = q->receives && usable && may_receive(g, q->forced) &&
		              is_clear(w, f.ifindex) && is_ours(&f, q),
		.until_ns = q->now_ns + (usable ? PATH_LIFE_S : PATH_RETRY_S) * NS_PER_S,
		.ifindex = f.ifindex,
		.mtu_bytes = (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX),
	};
	memcpy(ret->mac, f.mac, DP_MAC_LEN);
	memcpy(ret->own_mac, f.own_mac, DP_MAC_LEN);
}

/* ---- changes ---- */

/* A neighbour matters when a path goes by it and its MAC is no longer the one known. */
static bool neighbour_matters(struct path_watch *w, const struct nlmsghdr *message)
{
	const struct ndmsg *neighbour = mnl_nlmsg_get_payload(message);
	struct attributes as = { { NULL } };
	uint8_t mac[DP_MAC_LEN];
	uint32_t to_be;

	if (neighbour->ndm_family != AF_INET)
		return false;
	mnl_attr_parse(message, sizeof *neighbour, collect, &as);
	if (!get_u32(as.at[NDA_DST], &to_be))
		return false;
	const struct hop *hop = find_hop(w, neighbour->ndm_ifindex, to_be);
	return hop && (message->nlmsg_type == RTM_DELNEIGH || !is_valid(neighbour->ndm_state) ||
	               !get_mac(as.at[NDA_LLADDR], mac) || memcmp(mac, hop->mac, DP_MAC_LEN) != 0);
}

struct change {
	struct path_watch *watch;
	enum source source;
	bool any;
};

static int on_change(const struct nlmsghdr *message, void *ctx)
{
	struct change *c = ctx;
	bool neighbour = message->nlmsg_type == RTM_NEWNEIGH || message->nlmsg_type == RTM_DELNEIGH;

	if (c->source != ROUTES || !neighbour)
		c->any = true;
	else if (neighbour_matters(c->watch, message))
		c->any = true;
	return MNL_CB_OK;
}

static void read_changes(struct change *c)
{
	struct mnl_socket *s = c->watch->events[c->source];
	char buf[MESSAGE_MAX];

	while (s) {
		ssize_t n = mnl_socket_recvfrom(s, buf, sizeof buf);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) { /* too much happened: anything may have changed */
			c->any = true;
			return;
		}
		mnl_cb_run(buf, (size_t)n, 0, 0, on_change, c);
	}
}

bool path_watch_changed(struct path_watch *w)
{
	bool any = false;

	for (int i = 0; i < SOURCES; i++) {
		struct change c = { w, (enum source)i, false };
		read_changes(&c);
		if (c.any && i != ROUTES)
			w->guards_known = false;
		any |= c.any;
	}
	if (any) {
		w->n_hops = 0;
		w->clear_port = 0;
		w->n_changes++;
	}
	return any;
}
