/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trustpoints' files. What a file is now is told by device, inode, size and times, so that one that
 * was replaced or written over is noticed at the next look, and one that stays as it is costs a
 * stat.
 *
 * Which certificate is what: the one of the key is ours; those that may issue others are trusted,
 * and sent along with ours when they are no roots; others are passed over.
 */
#include "daemon/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/chain.h"
#include "crypto/cert.h"
#include "daemon/pem.h"
#include "util/memory.h"

enum { PATH_SIZE = 512 };

/* What tells one state of a file from another. Zeroes: it is not there. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime, ctime;
	int error; /* of stat */
};

enum file { FILE_KEY, FILE_CRL, FILES_N };

struct credential {
	struct credential *next;
	char name[SNAP_CRYPTO_NAME_SIZE];
	char path[FILES_N][PATH_SIZE]; /* of FILE_KEY: certificates and key, or the key; or "" */
	bool in_state;                 /* FILE_KEY lies in the state directory */
	bool may_lack;    /* a trustpoint for other purposes than ours: many have one */
	struct pem chain; /* certificates of the configuration */
	struct stamp stamp[FILES_N];
	bool was_read;
	struct evp_pkey_st *key;
};

/* ---- files ---- */

static int dir_of(const struct credentials *c, const struct credential *of, enum file file)
{
	return file == FILE_KEY && of->in_state ? c->state_dir_fd : AT_FDCWD;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       same_time(a->mtime, b->mtime) && same_time(a->ctime, b->ctime) &&
	       a->error == b->error;
}

static struct stamp look_at(const struct credentials *c, const struct credential *of,
                            enum file file)
{
	struct stamp stamp = { .error = 0 };
	struct stat st;

	if (!of->path[file][0])
		return stamp;
	if (fstatat(dir_of(c, of, file), of->path[file], &st, 0) < 0) {
		stamp.error = errno;
		return stamp;
	}
	stamp.dev = st.st_dev;
	stamp.ino = st.st_ino;
	stamp.size = st.st_size;
	stamp.mtime = st.st_mtim;
	stamp.ctime = st.st_ctim;
	return stamp;
}

static void complain(const struct credentials *c, const struct credential *of, const char *path,
                     const char *what)
{
	bool is_whole = path[0] == '/';

	log_say(c->log, "PKI-3-CREDENTIALS", "Trustpoint %s: %s%s%s: %s", of->name,
	        is_whole ? "" : c->state_dir, is_whole ? "" : "/", path, what);
}

static ssize_t read_whole(int fd, uint8_t *bytes, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, bytes + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)len;
		len += (size_t)n;
	}
	return -EFBIG;
}

/* Adds what is in a file. False (told) when it cannot be had; what it held so far is in ret. */
static bool read_file(const struct credentials *c, const struct credential *of, enum file file,
                      struct pem *ret)
{
	const char *path = of->path[file], *wrong = NULL;
	bool had_key = ret->key;
	struct stat st;
	int fd = openat(dir_of(c, of, file), path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (errno != ENOENT || !of->may_lack || file != FILE_KEY)
			complain(c, of, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	uint8_t *bytes = memory_new(CREDENTIALS_FILE_MAX, 1);
	ssize_t len = S_ISREG(st.st_mode) ? read_whole(fd, bytes, CREDENTIALS_FILE_MAX) : -EINVAL;
	close(fd);
	if (len < 0)
		wrong = strerror((int)-len);
	else
		wrong = pem_read(ret, bytes, (size_t)len);
	memory_wipe(bytes, CREDENTIALS_FILE_MAX);
	free(bytes);
	if (ret->key && !had_key && st.st_mode & (S_IROTH | S_IWOTH)) {
		wrong = "everybody may read or write the private key in it, so it is not used: "
			"chmod 600";
		EVP_PKEY_free(ret->key);
		ret->key = NULL;
	}
	if (wrong)
		complain(c, of, path, wrong);
	return !wrong;
}

/* ---- what is what ---- */

struct sorted {
	struct crypto_part own[NODE_CERTIFICATES_MAX], ca[NODE_CERTIFICATES_MAX];
	size_t n_own, n_ca;
};

static void sort_cas(const struct credentials *c, const struct pem *p, struct sorted *s)
{
	for (size_t i = 0; i < p->n_certs && s->n_ca < NODE_CERTIFICATES_MAX; i++) {
		struct cert *cert = cert_new(c->crypto, p->cert[i]);
		if (cert && cert_is_ca(cert)) {
			s->ca[s->n_ca++] = p->cert[i];
			if (!cert_names_equal(cert_subject(cert), cert_issuer(cert)) && s->n_own &&
			    s->n_own < NODE_CERTIFICATES_MAX)
				s->own[s->n_own++] = p->cert[i];
		}
		cert_free(cert);
	}
}

static struct sorted sort(const struct credentials *c, const struct pem *p)
{
	struct sorted s = { .n_own = 0 };

	for (size_t i = 0; i < p->n_certs && !s.n_own; i++)
		if (pem_key_fits(p, p->cert[i]))
			s.own[s.n_own++] = p->cert[i];
	sort_cas(c, p, &s);
	return s;
}

static void report(const struct credentials *c, const struct credential *of, const struct pem *p,
                   const struct sorted *s)
{
	char name[CERT_NAME_SIZE] = "none of ours";
	struct cert *own = s->n_own ? cert_new(c->crypto, s->own[0]) : NULL;

	if (own)
		cert_format_name(cert_subject(own), name);
	else if (p->key)
		complain(c, of, of->path[FILE_KEY], "no certificate is that of the private key");
	cert_free(own);
	if (of->may_lack && !p->key)
		return;
	log_say(c->log, "PKI-6-CREDENTIALS",
	        "Trustpoint %s: certificate %s, CA certificates %zu, revocation lists %zu",
	        of->name, name, s->n_ca, p->n_crls);
}

static void add_chain(struct pem *to, const struct pem *from)
{
	for (size_t i = 0; i < from->n_certs && to->n_certs < PEM_CERTIFICATES_MAX; i++) {
		uint8_t *bytes = memory_new(1, from->cert[i].len);
		memcpy(bytes, from->cert[i].bytes, from->cert[i].len);
		to->cert[to->n_certs++] = (struct crypto_part){ bytes, from->cert[i].len };
	}
}

static void read_and_tell(struct credentials *c, struct credential *of)
{
	struct pem pem = { .n_certs = 0 };

	add_chain(&pem, &of->chain);
	if (of->path[FILE_KEY][0])
		(void)read_file(c, of, FILE_KEY, &pem);
	if (of->path[FILE_CRL][0])
		(void)read_file(c, of, FILE_CRL, &pem);
	struct sorted s = sort(c, &pem);
	report(c, of, &pem, &s);
	EVP_PKEY_free(of->key);
	of->key = pem.key;
	pem.key = NULL;
	const struct node_credentials now = {
		.trustpoint = of->name,
		.own = s.own,
		.ca = s.ca,
		.crl = pem.crl,
		.n_own = s.n_own,
		.n_ca = s.n_ca,
		.n_crl = pem.n_crls,
		.has_key = of->key && s.n_own,
	};
	c->changed(c->ctx, &now);
	pem_fini(&pem);
}

void credentials_check(struct credentials *c)
{
	for (struct credential *of = c->list; of; of = of->next) {
		bool changed = !of->was_read;
		for (int i = 0; i < FILES_N; i++) {
			struct stamp now = look_at(c, of, (enum file)i);
			changed |= !same_stamp(&now, &of->stamp[i]);
			of->stamp[i] = now;
		}
		if (!changed)
			continue;
		of->was_read = true;
		read_and_tell(c, of);
	}
}

/* ---- configuration ---- */

static void free_one(struct credential *of)
{
	pem_fini(&of->chain);
	EVP_PKEY_free(of->key);
	free(of);
}

static void read_chain(struct credential *of, const struct snapshot *s)
{
	struct config_certificate cert;
	const char *cursor = NULL;

	while (of->chain.n_certs < PEM_CERTIFICATES_MAX &&
	       config_chain_next(s, of->name, &cursor, &cert)) {
		uint8_t *bytes = memory_new(1, cert.len);
		memcpy(bytes, cert.der, cert.len);
		of->chain.cert[of->chain.n_certs++] = (struct crypto_part){ bytes, cert.len };
	}
}

static struct credential *new_one(const struct snapshot *s, const struct snap_trustpoint *from)
{
	struct credential *of = memory_new(1, sizeof *of);
	const char *label = from->key_label[0] ? from->key_label : from->name;

	snprintf(of->name, sizeof of->name, "%s", from->name);
	if (from->file)
		snprintf(of->path[FILE_KEY], PATH_SIZE, "%s", from->file);
	if (from->crl_file)
		snprintf(of->path[FILE_CRL], PATH_SIZE, "%s", from->crl_file);
	if (from->file)
		return of;
	read_chain(of, s);
	/* A label is part of a file's name. */
	of->in_state = true;
	of->may_lack = !from->terminal;
	if (!strchr(label, '/'))
		snprintf(of->path[FILE_KEY], PATH_SIZE, "keys/%s.pem", label);
	return of;
}

static bool same_chain(const struct pem *a, const struct pem *b)
{
	if (a->n_certs != b->n_certs)
		return false;
	for (size_t i = 0; i < a->n_certs; i++)
		if (a->cert[i].len != b->cert[i].len ||
		    memcmp(a->cert[i].bytes, b->cert[i].bytes, a->cert[i].len) != 0)
			return false;
	return true;
}

static bool same(const struct credential *a, const struct credential *b)
{
	for (int i = 0; i < FILES_N; i++)
		if (strcmp(a->path[i], b->path[i]) != 0)
			return false;
	return strcmp(a->name, b->name) == 0 && same_chain(&a->chain, &b->chain);
}

/* Takes the one that was there before, if nothing about it has changed. */
static struct credential *keep_or_take(struct credentials *c, struct credential *new)
{
	for (struct credential **at = &c->list; *at; at = &(*at)->next) {
		struct credential *old = *at;
		if (!same(old, new))
			continue;
		*at = old->next;
		free_one(new);
		return old;
	}
	return new;
}

void credentials_configure(struct credentials *c, const struct snapshot *s)
{
	struct credential *list = NULL, **end = &list;

	if (!c->crypto)
		return;
	for (size_t i = 0; i < s->crypto.n_trustpoints; i++) {
		*end = keep_or_take(c, new_one(s, &s->crypto.trustpoint[i]));
		(*end)->next = NULL;
		end = &(*end)->next;
	}
	credentials_fini(c);
	c->list = list;
	credentials_check(c);
}

void credentials_fini(struct credentials *c)
{
	while (c->list) {
		struct credential *gone = c->list;
		c->list = gone->next;
		free_one(gone);
	}
}

/* ---- signing ---- */

static const struct credential *find(const struct credentials *c, const char *name)
{
	const struct credential *of = c->list;

	while (of && strcmp(of->name, name) != 0)
		of = of->next;
	return of;
}

size_t credentials_sign(const struct credentials *c, const char *trustpoint,
                        struct crypto_part bytes, uint8_t ret[static NODE_SIGNATURE_MAX])
{
	const struct credential *of = find(c, trustpoint);
	size_t len = NODE_SIGNATURE_MAX;

	if (!of || !of->key || EVP_PKEY_get_size(of->key) > NODE_SIGNATURE_MAX)
		return 0;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(of->key, NULL);
	bool fine = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
	            EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	            EVP_PKEY_sign(ctx, ret, &len, bytes.bytes, bytes.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return fine ? len : 0;
}
