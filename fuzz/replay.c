/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over its corpus, without libFuzzer: replay DIR... feeds every file of each
 * folder, in the order of their names, and one empty input. It fails when a folder holds no file.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/memory.h"

enum { INPUT_MAX = 1 << 20 }; /* bytes of an input that are used: as libFuzzer's own limit */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void replay_file(const char *folder, const char *name)
{
	char path[4096];
	uint8_t *bytes = memory_new(1, INPUT_MAX);

	check(snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path);
	FILE *file = fopen(path, "rb");
	check(file);
	size_t len = fread(bytes, 1, INPUT_MAX, file);
	check(!ferror(file));
	fclose(file);

	/* An allocation of its exact size lets the sanitizer see a read past the end. */
	uint8_t *exact = memory_new(1, len ? len : 1);
	memcpy(exact, bytes, len);
	free(bytes);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder)
{
	struct dirent **entry;
	int n = scandir(folder, &entry, is_input, alphasort);

	for (int i = 0; i < n; i++) {
		replay_file(folder, entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return n;
}

int main(int argc, char **argv)
{
	uint8_t nothing = 0;

	LLVMFuzzerTestOneInput(&nothing, 0);
	for (int i = 1; i < argc; i++) {
		int n = replay_folder(argv[i]);

		if (n <= 0) {
			fprintf(stderr, "%s: no inputs\n", argv[i]);
			return EXIT_FAILURE;
		}
		printf("%s: %d inputs\n", argv[i], n);
	}
	return EXIT_SUCCESS;
}
