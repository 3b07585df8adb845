/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates and private keys of trustpoints: read from their files, read again when these
 * change, handed to the node as far as they are public, and used to sign for it.
 *
 *	enrollment file PATH	certificates and key lie in PATH
 *	enrollment terminal	certificates in the configuration, key in STATE_DIR/keys/LABEL.pem
 *	crl file PATH		revocation lists
 *
 * A key in a file that others than owner and group may read or write is not used.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "daemon/log.h"
#include "node/node.h"
#include "node/snapshot.h"

enum { CREDENTIALS_FILE_MAX = 256 * 1024 /* bytes; a longer file is not read */ };

struct credential;

/* The caller fills in all but the list. */
struct credentials {
	int state_dir_fd;
	const char *state_dir; /* for the log */
	struct log *log;
	struct crypto *crypto; /* NULL: nothing is read, for nothing can be protected */
	void (*changed)(void *ctx, const struct node_credentials *now); /* borrowed for the call */
	void *ctx;
	struct credential *list;
};

/* A snapshot is in force: its trustpoints are read and told as far as they are new or changed. */
void credentials_configure(struct credentials *c, const struct snapshot *s);
/* Reads again, and tells, where a file has changed. */
void credentials_check(struct credentials *c);
/*
 * Signs bytes as they stand with a trustpoint's key (RSA, PKCS #1 v1.5 without DigestInfo). The
 * signature's length; 0: no such key, or it cannot.
 */
size_t credentials_sign(const struct credentials *c, const char *trustpoint,
                        struct crypto_part bytes, uint8_t ret[static NODE_SIGNATURE_MAX]);
/* Wipes the keys. */
void credentials_fini(struct credentials *c);
