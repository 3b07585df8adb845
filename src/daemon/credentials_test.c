/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/credentials.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "crypto/cert.h"
#include "crypto/fake_ca.h"
#include "daemon/files.h"
#include "util/memory.h"
#include "util/strbuf.h"

static struct fake_cert root, sub, router, other;
static struct fake_crl crl;

/* A directory with the state directory's keys in it, and what was told and logged. */
struct place {
	struct credentials c;
	struct log log;
	struct snapshot *s;
	char path[64], file[96], crl_file[96], log_file[96];
	int dir, keys;
	struct strbuf told; /* "CA: own 1, ca 1, crl 0, key" */
};

static int make_all(void **state)
{
	(void)state;
	fake_cert_make(&root, &(struct fake_cert_spec){ .name = "Root", .ca = true });
	fake_cert_make(&sub,
	               &(struct fake_cert_spec){ .name = "Sub", .ca = true, .issuer = &root });
	fake_cert_make(&router, &(struct fake_cert_spec){ .name = "R1", .issuer = &sub });
	fake_cert_make(&other, &(struct fake_cert_spec){ .name = "R2", .issuer = &sub });
	fake_crl_make(&crl, &(struct fake_crl_spec){ .issuer = &sub });
	return 0;
}

static int free_all(void **state)
{
	(void)state;
	fake_cert_fini(&root);
	fake_cert_fini(&sub);
	fake_cert_fini(&router);
	fake_cert_fini(&other);
	return 0;
}

static void on_changed(void *ctx, const struct node_credentials *now)
{
	struct place *p = ctx;

	strbuf_printf(&p->told, "%s: own %zu, ca %zu, crl %zu%s\n", now->trustpoint, now->n_own,
	              now->n_ca, now->n_crl, now->has_key ? ", key" : "");
	if (now->n_own)
		assert_memory_equal(now->own[0].bytes, router.der, router.der_len);
}

static int open_place(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/credentials-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	snprintf(p->file, sizeof p->file, "%s/r1.pem", p->path);
	snprintf(p->crl_file, sizeof p->crl_file, "%s/crl.pem", p->path);
	snprintf(p->log_file, sizeof p->log_file, "%s/log", p->path);
	p->dir = files_open_dir(p->path);
	assert_int_equal(mkdirat(p->dir, "keys", 0700), 0);
	p->keys = openat(p->dir, "keys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	log_init(&p->log, open(p->log_file, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600));
	strbuf_init(&p->told);
	p->c = (struct credentials){ .state_dir_fd = p->dir,
		                     .state_dir = "/state",
		                     .log = &p->log,
		                     .crypto = crypto_new(),
		                     .changed = on_changed,
		                     .ctx = p };
	p->s = snapshot_new();
	p->s->crypto.trustpoint = memory_new(1, sizeof *p->s->crypto.trustpoint);
	p->s->crypto.n_trustpoints = 1;
	snprintf(p->s->crypto.trustpoint->name, SNAP_CRYPTO_NAME_SIZE, "CA");
	*state = p;
	return 0;
}

static int close_place(void **state)
{
	struct place *p = *state;

	credentials_fini(&p->c);
	crypto_free(p->c.crypto);
	snapshot_free(p->s);
	close(p->log.fd);
	strbuf_fini(&p->told);
	unlinkat(p->keys, "CA.pem", 0);
	unlinkat(p->keys, "router.pem", 0);
	close(p->keys);
	unlinkat(p->dir, "keys", AT_REMOVEDIR);
	unlinkat(p->dir, "r1.pem", 0);
	unlinkat(p->dir, "crl.pem", 0);
	unlinkat(p->dir, "log", 0);
	close(p->dir);
	assert_int_equal(rmdir(p->path), 0);
	free(p);
	return 0;
}

static void add(struct strbuf *to, char *text)
{
	strbuf_adds(to, text);
	free(text);
}

static void write_file(struct place *p, mode_t mode, const struct fake_cert *key)
{
	struct strbuf text;

	strbuf_init(&text);
	if (key)
		add(&text, fake_key_pem(key));
	add(&text, fake_cert_pem(&other));
	add(&text, fake_cert_pem(&root));
	add(&text, fake_cert_pem(&sub));
	add(&text, fake_cert_pem(&router));
	assert_int_equal(files_replace(p->dir, "r1.pem", mode, text.text), 0);
	strbuf_fini(&text);
}

static void use_file(struct place *p)
{
	p->s->crypto.trustpoint->file = memory_strdup(p->file);
}

/* What was told since the last time. */
static void expect_told(struct place *p, const char *text)
{
	assert_string_equal(p->told.text, text);
	strbuf_truncate(&p->told, 0);
}

static void expect_logged(struct place *p, const char *text, size_t times)
{
	struct strbuf log;
	size_t n = 0;

	strbuf_init(&log);
	assert_int_equal(files_read(p->dir, "log", 1 << 20, &log), 0);
	for (const char *at = log.text; (at = strstr(at, text)); at++)
		n++;
	if (n != times)
		print_error("%s", log.text);
	assert_int_equal(n, times);
	strbuf_fini(&log);
}

/* Whether the trustpoint's signature is that of R1's key. */
static bool signs(const struct place *p)
{
	const struct crypto_part hash = { "0123456789abcdef0123", 20 };
	uint8_t signature[NODE_SIGNATURE_MAX];
	size_t len = credentials_sign(&p->c, "CA", hash, signature);
	struct cert *cert = cert_new(p->c.crypto, fake_cert_der(&router));
	bool fine = len && cert_verify_raw(cert, hash, (struct crypto_part){ signature, len });

	cert_free(cert);
	return fine;
}

static void a_file_is_sorted_and_its_key_signs(void **state)
{
	struct place *p = *state;

	write_file(p, 0600, &router);
	use_file(p);
	credentials_configure(&p->c, p->s);
	/* Ours, and the CA that is no root; both CAs are trusted. */
	expect_told(p, "CA: own 2, ca 2, crl 0, key\n");
	expect_logged(p,
	              "%PKI-6-CREDENTIALS: Trustpoint CA: certificate CN=R1,O=Lab, CA "
	              "certificates 2, revocation lists 0",
	              1);
	assert_true(signs(p));
	assert_int_equal(credentials_sign(&p->c, "NONE", (struct crypto_part){ "x", 1 },
	                                  (uint8_t[NODE_SIGNATURE_MAX]){ 0 }),
	                 0);
}

static void only_what_changed_is_read_again(void **state)
{
	struct place *p = *state;

	write_file(p, 0600, &router);
	use_file(p);
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 2, ca 2, crl 0, key\n");
	credentials_check(&p->c);
	credentials_configure(&p->c, p->s);
	expect_told(p, "");
	write_file(p, 0600, NULL);
	credentials_check(&p->c);
	expect_told(p, "CA: own 0, ca 2, crl 0\n");
	assert_false(signs(p));
	assert_int_equal(unlink(p->file), 0);
	credentials_check(&p->c);
	credentials_check(&p->c);
	expect_told(p, "CA: own 0, ca 0, crl 0\n");
	expect_logged(p, "r1.pem: No such file or directory", 1);
	write_file(p, 0600, &router);
	credentials_check(&p->c);
	expect_told(p, "CA: own 2, ca 2, crl 0, key\n");
}

static void a_key_that_all_may_read_is_not_used(void **state)
{
	struct place *p = *state;

	write_file(p, 0604, &router);
	use_file(p);
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 2, crl 0\n");
	expect_logged(p,
	              "r1.pem: everybody may read or write the private key in it, so it is not "
	              "used: chmod 600",
	              1);
	assert_false(signs(p));
	/* A mended mode is a change. */
	assert_int_equal(chmod(p->file, 0640), 0);
	credentials_check(&p->c);
	expect_told(p, "CA: own 2, ca 2, crl 0, key\n");
	assert_true(signs(p));
}

static void a_key_of_no_certificate(void **state)
{
	struct place *p = *state;

	write_file(p, 0600, &root);
	use_file(p);
	/* Even the root's key makes no router of it: its certificate is the one that fits. */
	assert_int_equal(unlink(p->file), 0);
	char *key = fake_key_pem(&router);
	assert_int_equal(files_replace(p->dir, "r1.pem", 0600, key), 0);
	free(key);
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 0, crl 0\n");
	expect_logged(p, "r1.pem: no certificate is that of the private key", 1);
}

static void revocation_lists_have_a_file(void **state)
{
	struct place *p = *state;
	char *text = fake_crl_pem(&crl);

	write_file(p, 0600, &router);
	use_file(p);
	p->s->crypto.trustpoint->crl_file = memory_strdup(p->crl_file);
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 2, ca 2, crl 0, key\n");
	expect_logged(p, "crl.pem: No such file or directory", 1);
	assert_int_equal(files_replace(p->dir, "crl.pem", 0644, text), 0);
	credentials_check(&p->c);
	expect_told(p, "CA: own 2, ca 2, crl 1, key\n");
	free(text);
}

static void add_certificate(struct strbuf *text, const char *head, const struct fake_cert *cert)
{
	strbuf_printf(text, "\n certificate %s\n  ", head);
	for (size_t i = 0; i < cert->der_len; i++)
		strbuf_printf(text, "%02X", cert->der[i]);
	strbuf_adds(text, "\n  quit");
}

static void certificates_of_the_configuration(void **state)
{
	struct place *p = *state;
	struct snap_trustpoint *t = p->s->crypto.trustpoint;
	char *key = fake_key_pem(&router);
	struct strbuf text;

	strbuf_init(&text);
	strbuf_adds(&text, "crypto pki certificate chain CA");
	add_certificate(&text, "02", &router);
	add_certificate(&text, "ca 01", &sub);
	snap_lines_add(&p->s->foreign, text.text);
	strbuf_fini(&text);
	t->terminal = true;
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 1, crl 0\n");
	expect_logged(p, "Trustpoint CA: /state/keys/CA.pem: No such file or directory", 1);
	assert_int_equal(files_replace(p->keys, "CA.pem", 0600, key), 0);
	credentials_check(&p->c);
	expect_told(p, "CA: own 2, ca 1, crl 0, key\n");
	assert_true(signs(p));
	snprintf(t->key_label, sizeof t->key_label, "router");
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 1, crl 0\n");
	assert_int_equal(files_replace(p->keys, "router.pem", 0600, key), 0);
	credentials_check(&p->c);
	expect_told(p, "CA: own 2, ca 1, crl 0, key\n");
	/* A label cannot lead out of the directory. */
	snprintf(t->key_label, sizeof t->key_label, "../r1");
	write_file(p, 0600, &router);
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 1, crl 0\n");
	free(key);
}

/* Routers have trustpoints for their web servers, too. */
static void other_trustpoints_are_quiet(void **state)
{
	struct place *p = *state;

	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 0, crl 0\n");
	expect_logged(p, "Trustpoint", 0);
}

static void what_is_no_file_is_told(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkfifo(p->file, 0600), 0);
	use_file(p);
	credentials_configure(&p->c, p->s);
	expect_told(p, "CA: own 0, ca 0, crl 0\n");
	expect_logged(p, "r1.pem: Invalid argument", 1);
	assert_int_equal(unlink(p->file), 0);
	int fd = openat(p->dir, "r1.pem", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, CREDENTIALS_FILE_MAX + 1), 0);
	close(fd);
	credentials_check(&p->c);
	expect_logged(p, "r1.pem: File too large", 1);
}

static void a_trustpoint_that_goes_takes_its_key_along(void **state)
{
	struct place *p = *state;

	write_file(p, 0600, &router);
	use_file(p);
	credentials_configure(&p->c, p->s);
	assert_true(signs(p));
	size_t n = p->s->crypto.n_trustpoints;
	p->s->crypto.n_trustpoints = 0;
	credentials_configure(&p->c, p->s);
	p->s->crypto.n_trustpoints = n;
	assert_false(signs(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)
		IN_PLACE(a_file_is_sorted_and_its_key_signs),
		IN_PLACE(only_what_changed_is_read_again),
		IN_PLACE(a_key_that_all_may_read_is_not_used),
		IN_PLACE(a_key_of_no_certificate),
		IN_PLACE(revocation_lists_have_a_file),
		IN_PLACE(certificates_of_the_configuration),
		IN_PLACE(other_trustpoints_are_quiet),
		IN_PLACE(what_is_no_file_is_told),
		IN_PLACE(a_trustpoint_that_goes_takes_its_key_along),
#undef IN_PLACE
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
