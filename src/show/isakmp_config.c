/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto isakmp policy` and `show crypto isakmp key`: what is configured, with the values in
 * force for parameters left out. Keys are shown to those who may see the configuration's secrets.
 */
#include <stdio.h>

#include "show/json.h"
#include "show/query.h"
#include "show/words.h"
#include "show/words_crypto.h"

enum { PEER_SIZE = 2 * ADDR_TEXT_LEN + 4 };

static const struct snap_crypto *crypto_of(const struct show_query *q)
{
	return &q->source->running(q->source->ctx)->crypto;
}

/* ---- policies ---- */

static const char *cipher_name(enum crypto_cipher cipher)
{
	static const char *const name[CIPHERS_N] = {
		[CIPHER_DES] = "DES - Data Encryption Standard (56 bit keys).",
		[CIPHER_3DES] = "Three key triple DES",
		[CIPHER_AES128] = "AES - Advanced Encryption Standard (128 bit keys).",
		[CIPHER_AES192] = "AES - Advanced Encryption Standard (192 bit keys).",
		[CIPHER_AES256] = "AES - Advanced Encryption Standard (256 bit keys).",
	};

	return name[cipher];
}

static const char *hash_name(enum crypto_hash hash)
{
	static const char *const name[HASHES_N] = {
		[HASH_MD5] = "Message Digest 5",
		[HASH_SHA1] = "Secure Hash Standard",
		[HASH_SHA256] = "Secure Hash Standard 2 (256 bit)",
		[HASH_SHA384] = "Secure Hash Standard 2 (384 bit)",
		[HASH_SHA512] = "Secure Hash Standard 2 (512 bit)",
	};

	return name[hash];
}

static const char *auth_name(enum snap_isakmp_auth auth)
{
	return auth == SNAP_AUTH_PRE_SHARE ? "Pre-Shared Key" : "Rivest-Shamir-Adleman Signature";
}

static unsigned group_bits(uint16_t number)
{
	const struct dh_group *group = dh_group(number);

	return group ? group->bits : 0;
}

static void add_policy(const struct snap_isakmp_policy *p, struct strbuf *out)
{
	const uint16_t group = snap_policy_group(p);

	strbuf_printf(out,
	              "Protection suite of priority %u\n"
	              "\tencryption algorithm:\t%s\n"
	              "\thash algorithm:\t\t%s\n",
	              p->priority, cipher_name(snap_policy_encryption(p)),
	              hash_name(snap_policy_hash(p)));
	if (!p->has_hash)
		strbuf_printf(out, "\taccepted too:\t\t%s\n", hash_name(HASH_SHA1));
	strbuf_printf(out,
	              "\tauthentication method:\t%s\n"
	              "\tDiffie-Hellman group:\t#%u (%u bit)\n"
	              "\tlifetime:\t\t%u seconds, no volume limit\n",
	              auth_name(snap_policy_authentication(p)), group, group_bits(group),
	              snap_policy_lifetime_s(p));
}

void show_isakmp_policy_text(const struct show_query *q, struct strbuf *out)
{
	const struct snap_crypto *c = crypto_of(q);

	strbuf_adds(out, "\nGlobal IKE policy\n");
	for (size_t i = 0; i < c->n_policies; i++)
		add_policy(&c->policy[i], out);
}

void show_isakmp_policy_json(const struct show_query *q, json_t *answer)
{
	const struct snap_crypto *c = crypto_of(q);
	json_t *array = show_put_array(answer, "policies");

	for (size_t i = 0; i < c->n_policies; i++) {
		const struct snap_isakmp_policy *p = &c->policy[i];
		const uint16_t group = snap_policy_group(p);
		json_t *o = show_add_object(array);

		show_put_u64(o, "priority", p->priority);
		show_put_string(o, "encryption", cipher_algorithm(snap_policy_encryption(p))->name);
		show_put_string(o, "hash", hash_algorithm(snap_policy_hash(p))->name);
		show_put_string(o, "hash_accepted_too",
		                p->has_hash ? NULL : hash_algorithm(HASH_SHA1)->name);
		show_put_string(o, "authentication", words_auth(snap_policy_authentication(p)));
		show_put_u64(o, "group", group);
		show_put_u64(o, "group_bits", group_bits(group));
		show_put_u64(o, "lifetime_s", snap_policy_lifetime_s(p));
	}
}

/* ---- keys ---- */

static const char *secret_of(const struct show_query *q, const struct snap_isakmp_key *key)
{
	return q->request->secrets ? key->secret : "<hidden>";
}

/* "0.0.0.0        [0.0.0.0]" for more than one address. */
static const char *peer_of(const struct snap_isakmp_key *key, char buf[static PEER_SIZE])
{
	const struct prefix *p = &key->peer;
	const struct addr mask = p->addr.family == ADDR_V4 ? prefix_mask_v4(p->len) : ADDR_ANY_NONE;
	char address[ADDR_TEXT_LEN], length[ADDR_TEXT_LEN];

	if (addr_is_none(&p->addr))
		return key->hostname ? key->hostname : "";
	if (p->len == addr_bits(&p->addr))
		snprintf(buf, PEER_SIZE, "%s", addr_format(&p->addr, address));
	else if (p->addr.family == ADDR_V6)
		snprintf(buf, PEER_SIZE, "%s/%u", addr_format(&p->addr, address), p->len);
	else
		snprintf(buf, PEER_SIZE, "%-14s [%s]", addr_format(&p->addr, address),
		         addr_format(&mask, length));
	return buf;
}

static const char *keyring_name(const struct snap_keyring *ring)
{
	return *ring->name ? ring->name : "default";
}

void show_isakmp_key_text(const struct show_query *q, struct strbuf *out)
{
	const struct snap_crypto *c = crypto_of(q);
	char peer[PEER_SIZE];

	strbuf_printf(out, "%-12s %-43s %s\n\n", "Keyring", "Hostname/Address", "Preshared Key");
	for (size_t i = 0; i < c->n_keyrings; i++) {
		const struct snap_keyring *ring = &c->keyring[i];
		for (size_t k = 0; k < ring->n_keys; k++)
			strbuf_printf(out, "%-12s %-43s %s\n", keyring_name(ring),
			              peer_of(&ring->key[k], peer), secret_of(q, &ring->key[k]));
	}
}

void show_isakmp_key_json(const struct show_query *q, json_t *answer)
{
	const struct snap_crypto *c = crypto_of(q);
	json_t *array = show_put_array(answer, "keys");

	for (size_t i = 0; i < c->n_keyrings; i++) {
		const struct snap_keyring *ring = &c->keyring[i];
		for (size_t k = 0; k < ring->n_keys; k++) {
			const struct snap_isakmp_key *key = &ring->key[k];
			json_t *o = show_add_object(array);

			show_put_string(o, "keyring", keyring_name(ring));
			show_put_prefix(o, "peer", &key->peer);
			show_put_string(o, "hostname", key->hostname);
			show_put_bool(o, "encrypted", key->type_6);
			show_put_string(o, "key", secret_of(q, key));
		}
	}
}
