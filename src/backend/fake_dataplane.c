/* SPDX-License-Identifier: Apache-2.0 */
#include "backend/fake_dataplane.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

struct dataplane *fake_dataplane(struct dataplane *set)
{
	static struct dataplane *running;

	if (set)
		running = set;
	return running;
}

void fake_traced(const char *format, ...)
{
	struct strbuf *trace = &fake_dataplane(NULL)->trace;
	va_list args;

	va_start(args, format);
	strbuf_vprintf(trace, format, args);
	va_end(args);
	strbuf_addc(trace, '\n');
}

/* ---- dataplane/dataplane.h ---- */

int dataplane_new(const struct dataplane_options *options, struct dataplane **ret,
                  const char **ret_error)
{
	(void)options;
	(void)ret_error;
	*ret = fake_dataplane(NULL);
	return 0;
}

bool dataplane_xdp_receive(const struct dataplane *dp, struct dp_xdp_receive *ret)
{
	(void)dp;
	(void)ret;
	return false;
}

void dataplane_free(struct dataplane *dp)
{
	(void)dp;
}

int dataplane_tunnel_set(struct dataplane *dp, const struct dp_tunnel *tunnel)
{
	(void)dp;
	fake_traced("tunnel %u", tunnel->number);
	return 0;
}

void dataplane_tunnel_del(struct dataplane *dp, uint32_t number, bool remove)
{
	(void)dp;
	fake_traced("tunnel-del %u%s", number, remove ? " remove" : "");
}

int dataplane_tunnel_keep_mac(struct dataplane *dp, uint32_t number)
{
	(void)dp;
	fake_traced("mac %u", number);
	return 0;
}

int dataplane_tunnel_carrier(struct dataplane *dp, uint32_t number, bool on)
{
	(void)dp;
	fake_traced("carrier %u %s", number, on ? "on" : "off");
	return 0;
}

int dataplane_adjacency_add(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma,
                            uint8_t ret_mac[static DP_MAC_LEN])
{
	char text[ADDR_TEXT_LEN];

	if (dp->next == FAKE_ADJACENCIES_MAX)
		return -ENOSPC;
	memset(ret_mac, 0xd6, DP_MAC_LEN);
	ret_mac[5] = dp->next;
	dp->used[dp->next] = true;
	fake_traced("add %u %s = %u", tunnel, addr_format(nbma, text), dp->next);
	dp->next++;
	return 0;
}

int dataplane_multicast_add(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma)
{
	char text[ADDR_TEXT_LEN];

	(void)dp;
	fake_traced("multicast %u %s", tunnel, addr_format(nbma, text));
	return 0;
}

void dataplane_multicast_del(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma)
{
	char text[ADDR_TEXT_LEN];

	(void)dp;
	fake_traced("no multicast %u %s", tunnel, addr_format(nbma, text));
}

bool dataplane_adjacency_del(struct dataplane *dp, const uint8_t mac[static DP_MAC_LEN])
{
	bool was = dp->used[mac[5]];

	dp->used[mac[5]] = false;
	fake_traced("del %u", mac[5]);
	return was;
}

bool dataplane_adjacency_counters(struct dataplane *dp, const uint8_t mac[static DP_MAC_LEN],
                                  struct dp_counters *ret)
{
	*ret = (struct dp_counters){ .tx_packets = dp->tx[mac[5]] };
	return dp->used[mac[5]];
}

bool dataplane_tunnel_counters(struct dataplane *dp, uint32_t number, struct dp_counters *ret)
{
	(void)dp;
	*ret = (struct dp_counters){ .rx_packets = number };
	return true;
}

int dataplane_send(struct dataplane *dp, uint32_t tunnel, const struct addr *from,
                   const struct addr *to, uint16_t proto, const uint8_t *bytes, size_t len)
{
	(void)dp;
	(void)from;
	(void)to;
	(void)bytes;
	fake_traced("send %u %04x %zu", tunnel, proto, len);
	return 0;
}

int dataplane_sa_add(struct dataplane *dp, const struct dp_sa *sa)
{
	const struct esp_sa_config *c = &sa->config;

	(void)dp;
	fake_traced("sa %u tunnel %u spi %x%s mode %d cipher %d key %u port %u df %d", sa->id,
	            sa->tunnel, c->spi, c->outbound ? " out" : "", c->mode, c->cipher,
	            c->cipher_key[0], sa->udp_port, sa->df);
	return 0;
}

void dataplane_sa_del(struct dataplane *dp, uint32_t id)
{
	(void)dp;
	fake_traced("sa-del %u", id);
}

int dataplane_sa_move(struct dataplane *dp, uint32_t id, const struct addr *remote,
                      uint16_t udp_port)
{
	char text[ADDR_TEXT_LEN];

	(void)dp;
	fake_traced("sa-move %u %s %u", id, addr_format(remote, text), udp_port);
	return 0;
}

int dataplane_protect(struct dataplane *dp, uint32_t tunnel, const struct addr *nbma, uint32_t id)
{
	char text[ADDR_TEXT_LEN];

	(void)dp;
	fake_traced("protect %u %s %u", tunnel, addr_format(nbma, text), id);
	return 0;
}

bool dataplane_sa_state(const struct dataplane *dp, uint32_t id, struct esp_sa_state *ret)
{
	(void)dp;
	*ret = (struct esp_sa_state){ .packets = id };
	return true;
}

int dataplane_send_ike(struct dataplane *dp, const struct dp_ike *message)
{
	(void)dp;
	fake_traced("ike port %u len %zu", message->to_port, message->len);
	return 0;
}

int dataplane_punt_fd(const struct dataplane *dp)
{
	(void)dp;
	return 77;
}

void dataplane_punt_drain(struct dataplane *dp, void (*each)(void *ctx, const struct dp_punt *punt),
                          void *ctx)
{
	for (size_t i = 0; i < dp->n_punts; i++)
		each(ctx, &dp->punt[i]);
	dp->n_punts = 0;
}
