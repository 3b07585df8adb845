/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ESP (RFC 4303): security associations as values, and packets sealed and opened in bursts. Outer
 * headers and UDP encapsulation are in esp/outer.h; finding an association by its SPI is the
 * caller's.
 *
 * Threads: the control thread owns the library and makes and frees associations. Each worker has an
 * engine of its own. An association's keys and algorithms never change; its sequence number, replay
 * window and counters belong to the one worker that seals or opens with it, and only esp_sa_state()
 * may look at them from elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crypto;

enum {
	ESP_BURST = 64,         /* packets handled at a time; longer bursts are cut */
	ESP_HEADROOM = 24,      /* SPI, sequence number, IV */
	ESP_TAILROOM = 64,      /* padding, trailer, the longest ICV, and what is written at once */
	ESP_PACKET_MAX = 65515, /* SPI to ICV: what fits an IPv4 packet */
	ESP_SPI_MIN = 256,      /* RFC 4303 2.1: the lower ones are reserved */
	ESP_REPLAY_MAX = 1024,
	ESP_IV_KEY_LEN = 24,
	ESP_CIPHER_KEY_MAX = 36,
	ESP_AUTH_KEY_MAX = 64,
};

enum esp_cipher {
	ESP_NULL,
	ESP_DES,
	ESP_3DES,
	ESP_AES128,
	ESP_AES192,
	ESP_AES256,
	ESP_GCM128,
	ESP_GCM192,
	ESP_GCM256,
	ESP_CIPHERS_N
};

enum esp_auth {
	ESP_AUTH_NONE, /* with GCM, and with nothing else */
	ESP_MD5_96,
	ESP_SHA1_96,
	ESP_SHA256_128,
	ESP_SHA384_192,
	ESP_SHA512_256,
	ESP_AUTHS_N
};

struct esp_cipher_algorithm {
	const char *name; /* as IOS writes it in a transform set: "esp-aes 256" */
	uint8_t key_len;  /* of keying material, the salt behind the key included (RFC 4106 8.1) */
	uint8_t salt_len; /* 4 with GCM */
	uint8_t iv_len;   /* in the packet */
	uint8_t align;    /* what is encrypted is a multiple of it */
	uint8_t icv_len;  /* 16 with GCM */
	bool weak;        /* works when written, with a warning */
};

struct esp_auth_algorithm {
	const char *name; /* "esp-sha256-hmac" */
	uint8_t key_len, icv_len;
	bool weak;
};

const struct esp_cipher_algorithm *esp_cipher_algorithm(enum esp_cipher cipher);
const struct esp_auth_algorithm *esp_auth_algorithm(enum esp_auth auth);

/* X(identifier, key, text): counter, row of `show`, metric. */
#define ESP_DROPS(X)                                                                               \
	X(ESP_DROP_NONE, "none", "not refused")                                                    \
	X(ESP_DROP_NO_SA, "no_sa", "no security association")                                      \
	X(ESP_DROP_ROOM, "room", "buffer without room for ESP header and trailer")                 \
	X(ESP_DROP_TOO_LONG, "too_long", "too long for ESP in an IP packet")                       \
	X(ESP_DROP_EXHAUSTED, "exhausted", "security association has no sequence numbers left")    \
	X(ESP_DROP_SHORT, "short", "too short to be ESP of its security association")              \
	X(ESP_DROP_SPI, "spi", "SPI of another security association")                              \
	X(ESP_DROP_BLOCKS, "blocks", "encrypted part is not a whole number of blocks")             \
	X(ESP_DROP_REPLAYED, "replayed", "received before")                                        \
	X(ESP_DROP_OLD, "old", "older than the replay window")                                     \
	X(ESP_DROP_ICV, "icv", "integrity check failed")                                           \
	X(ESP_DROP_PADDING, "padding", "decrypted to wrong padding")                               \
	X(ESP_DROP_NEXT_HEADER, "next_header", "carries what its mode does not carry")             \
	X(ESP_DROP_DUMMY, "dummy", "dummy packet, to be ignored")

enum esp_drop {
#define X(id, key, text) id,
	ESP_DROPS(X)
#undef X
		ESP_DROPS_N
};

const char *esp_drop_key(enum esp_drop drop);
const char *esp_drop_text(enum esp_drop drop);

/* The algorithms of this machine, each from the fastest library that has it. */
struct esp_library;

/*
 * Borrows crypto, which must live longer. accelerate: use ipsec-mb where it was built in and the
 * processor fits; without it everything is OpenSSL's. Never NULL.
 */
struct esp_library *esp_library_new(struct crypto *crypto, bool accelerate);
/* After all associations and engines. NULL is fine. */
void esp_library_free(struct esp_library *l);
/* False when no library has both: DES without OpenSSL's legacy provider. */
bool esp_library_has(const struct esp_library *l, enum esp_cipher cipher, enum esp_auth auth);
/* Who does the work of full bursts: "ipsec-mb", "OpenSSL" or "" when there is nothing to do. */
const char *esp_library_cipher_provider(const struct esp_library *l, enum esp_cipher cipher);
const char *esp_library_auth_provider(const struct esp_library *l, enum esp_auth auth);

enum esp_mode { ESP_TRANSPORT, ESP_TUNNEL };

struct esp_sa_config {
	uint32_t spi;
	bool outbound; /* for sealing; else for opening */
	enum esp_mode mode;
	enum esp_cipher cipher;
	enum esp_auth auth;
	const uint8_t *cipher_key; /* the algorithm's key_len bytes, copied; NULL without any */
	const uint8_t *auth_key;   /* likewise */
	/*
	 * Outbound: ESP_IV_KEY_LEN random bytes, fresh for each association, that IVs of CBC are
	 * drawn from.
	 */
	const uint8_t *iv_key;
	bool esn;                /* extended sequence numbers (RFC 4303 2.2.1) */
	uint16_t replay_packets; /* inbound: 0 (off) or 64 to 1024, a multiple of 64 */
};

/* X(identifier, text): why a configuration is refused. */
#define ESP_SA_ERRORS(X)                                                                           \
	X(ESP_SA_OK, "none")                                                                       \
	X(ESP_SA_SPI, "SPI 0 to 255 are reserved")                                                 \
	X(ESP_SA_ALGORITHM, "the cipher is not available on this machine")                         \
	X(ESP_SA_NO_AUTH, "a cipher other than GCM needs an authentication algorithm")             \
	X(ESP_SA_TWO_AUTHS, "GCM authenticates by itself")                                         \
	X(ESP_SA_REPLAY, "replay window is not 0 or a multiple of 64 up to 1024")                  \
	X(ESP_SA_ESN, "extended sequence numbers need a replay window")

enum esp_sa_error {
#define X(id, text) id,
	ESP_SA_ERRORS(X)
#undef X
		ESP_SA_ERRORS_N
};

const char *esp_sa_error_text(enum esp_sa_error error);

struct esp_sa;

/* A new association; the caller frees it. NULL with *ret_error set when it cannot be. */
struct esp_sa *esp_sa_new(const struct esp_library *l, const struct esp_sa_config *config,
                          enum esp_sa_error *ret_error);
/* Wipes the keys. No worker may use it any more (an RCU grace period is over). NULL is fine. */
void esp_sa_free(struct esp_sa *sa);

uint32_t esp_sa_spi(const struct esp_sa *sa);
enum esp_mode esp_sa_mode(const struct esp_sa *sa);
/* The longest a sealed packet grows in front of its payload, and in all. */
size_t esp_sa_header_len(const struct esp_sa *sa);
size_t esp_sa_overhead(const struct esp_sa *sa);

/* What the worker has done so far; each number is right by itself. From any thread. */
struct esp_sa_state {
	uint64_t sequence;       /* last sent; highest received */
	uint64_t packets, bytes; /* sealed or opened, and bytes of their payload */
	uint64_t drops[ESP_DROPS_N];
};
void esp_sa_state(const struct esp_sa *sa, struct esp_sa_state *ret);

/* A worker's managers and scratch. */
struct esp_engine;

struct esp_engine *esp_engine_new(const struct esp_library *l);
void esp_engine_free(struct esp_engine *e);

/* One packet, sealed or opened where it lies. */
struct esp_packet {
	struct esp_sa *sa; /* borrowed; NULL: refused */
	uint8_t *bytes;    /* payload when sealing, from the SPI on when opening */
	size_t len;
	size_t headroom, tailroom; /* bytes before and behind that are the packet's own */
	uint8_t next_header;       /* of the payload; given when sealing, found when opening */
	enum esp_drop drop;        /* result; set for each packet */
};

/*
 * Seals packets of any associations in any mixture; those of one association get their sequence
 * numbers in the order of the array. A packet must have ESP_HEADROOM and ESP_TAILROOM. bytes, len
 * and the rooms then describe it from the SPI to the ICV. A refused packet is as it was.
 */
void esp_seal(struct esp_engine *e, struct esp_packet *packets, size_t n);

/*
 * Opens packets likewise. Rooms may be anything and are kept up. Nothing is written outside the
 * packet. A refused packet keeps bytes and len, but what lies there may be spoilt.
 */
void esp_open(struct esp_engine *e, struct esp_packet *packets, size_t n);
