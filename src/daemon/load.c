/* SPDX-License-Identifier: Apache-2.0 */
/* The startup configuration: finding its directory, reading it, telling what it holds that we don't
 * do. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "daemon/daemon.h"
#include "daemon/files.h"
#include "esp/esp.h"
#include "util/memory.h"

enum { REPORTED_MAX = 50 /* remarks logged one by one at a time: a log is no place for more */ };

/* Asked once, while OpenSSL's files can be reached. */
static struct config_machine look_at_machine(void)
{
	struct config_machine machine = { true, true };
	struct crypto *crypto = crypto_new();

	if (!crypto)
		return machine;
	struct esp_library *esp = esp_library_new(crypto, true);
	machine.no_ike_des = !crypto_has_cipher(crypto, CIPHER_DES);
	machine.no_esp_des = !esp_library_has(esp, ESP_DES, ESP_SHA1_96);
	esp_library_free(esp);
	crypto_free(crypto);
	return machine;
}

/* A link is followed now, so that saving replaces the file and not the link. */
bool config_place_open(struct config_place *place, const char *path, struct strbuf *error)
{
	char real[PATH_MAX];

	if (!realpath(path, real)) {
		strbuf_printf(error, "%s: %s.", path, strerror(errno));
		return false;
	}
	char *slash = strrchr(real, '/');
	*slash = '\0';
	int fd = open(slash == real ? "/" : real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		strbuf_printf(error, "%s: %s.", real, strerror(errno));
		return false;
	}
	*place = (struct config_place){ path, memory_strdup(slash + 1), fd, look_at_machine() };
	return true;
}

bool config_place_exposes(const struct config_place *place, const struct snapshot *s)
{
	struct stat st;

	return fstatat(place->dir_fd, place->name, &st, 0) == 0 && st.st_mode & S_IROTH &&
	       config_has_secrets(s);
}

void config_place_close(struct config_place *place)
{
	if (place->name)
		close(place->dir_fd);
	free(place->name);
	place->name = NULL;
}

struct snapshot *config_load(const struct config_place *place, struct config_remarks *remarks,
                             struct strbuf *error)
{
	struct snapshot *s = NULL;
	struct strbuf text;

	strbuf_init(&text);
	int result = files_read(place->dir_fd, place->name, CONFIG_FILE_MAX, &text);
	if (result < 0)
		strbuf_printf(error, "%s: %s.", place->path, strerror(-result));
	else
		s = config_parse_on(&place->machine, text.text, text.len, remarks);
	if (text.len)
		memory_wipe(text.text, text.len);
	strbuf_fini(&text);
	return s;
}

void config_report(struct log *log, const char *path, const struct config_remarks *remarks)
{
	size_t reported = 0;

	for (size_t i = 0; i < remarks->n; i++) {
		const struct config_remark *r = &remarks->remark[i];
		if (r->severity == CONFIG_NOTE || reported++ >= REPORTED_MAX)
			continue;
		bool bad = r->severity == CONFIG_ERROR;
		struct strbuf line;
		strbuf_init(&line);
		config_print_hidden(r->line, &line);
		log_say(log, bad ? "PARSER-3-CFGERR" : "PARSER-4-BADCFG", "%s:%zu: %s: %s: \"%s\"",
		        path, r->line_number, bad ? "error" : "warning", r->text, line.text);
		strbuf_fini(&line);
	}
	if (remarks->n_errors || remarks->n_warnings || remarks->n_notes)
		log_say(log, "PARSER-5-SUMMARY",
		        "%s: errors: %zu, warnings: %zu, not ours and kept: %zu; --check shows "
		        "them all",
		        path, remarks->n_errors, remarks->n_warnings, remarks->n_notes);
}
