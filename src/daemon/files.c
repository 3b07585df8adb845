/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memory.h"

int files_open_dir(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof part)
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (i < len)
			part[i] = '/';
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_all(int fd, size_t max, struct strbuf *out)
{
	char part[4096];
	size_t before = out->len;
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || out->len - before + (size_t)n > max) {
			int error = n < 0 ? -errno : -EFBIG;
			strbuf_truncate(out, before);
			return error;
		}
		strbuf_add(out, part, (size_t)n);
	}
	memory_wipe(part, sizeof part); /* a configuration holds secrets */
	return 0;
}

int files_read(int dir_fd, const char *name, size_t max, struct strbuf *out)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int result = read_all(fd, max, out);
	close(fd);
	return result;
}

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Writes and syncs the file beside the one that it is to become. */
static int write_beside(int dir_fd, const char *name, mode_t mode, const char *text)
{
	int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return -errno;
	int result = write_all(fd, text);
	if (result == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		result = -errno;
	if (close(fd) < 0 && result == 0)
		result = -errno;
	return result;
}

int files_replace(int dir_fd, const char *name, mode_t mode, const char *text)
{
	char beside[NAME_MAX + 1];

	if ((size_t)snprintf(beside, sizeof beside, ".%s.new", name) >= sizeof beside)
		return -ENAMETOOLONG;
	if (unlinkat(dir_fd, beside, 0) < 0 && errno != ENOENT) /* left by a crash */
		return -errno;
	int result = write_beside(dir_fd, beside, mode, text);
	if (result == 0 && renameat(dir_fd, beside, dir_fd, name) < 0)
		result = -errno;
	if (result < 0) {
		unlinkat(dir_fd, beside, 0);
		return result;
	}
	return fsync(dir_fd) < 0 ? -errno : 0;
}
