/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/screen.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/protocol.h"

#define MORE_PROMPT " --More-- "

enum { COLUMNS_DEFAULT = 80, ROWS_DEFAULT = 24 };

size_t screen_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return COLUMNS_DEFAULT;
	return size.ws_col;
}

size_t screen_rows(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row)
		return ROWS_DEFAULT;
	return size.ws_row;
}

void screen_start(struct screen *s, uint16_t lines)
{
	s->quit = false;
	pager_start(&s->pager, lines == PROTOCOL_PAGE_AUTO ? screen_rows() : lines,
	            screen_columns());
}

/* One key, or Ctrl-C when there will be none. */
static char read_key(void)
{
	char key;
	ssize_t n;

	do
		n = read(STDIN_FILENO, &key, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? key : KEY_CTRL_C;
}

/* Blank: a page. Return: a line. Any other key: enough, as in IOS. */
static void ask_for_more(struct screen *s)
{
	fputs(MORE_PROMPT, stdout);
	fflush(stdout);
	switch (read_key()) {
	case ' ':
		pager_more(&s->pager, s->pager.rows);
		break;
	case '\r':
	case '\n':
		pager_more(&s->pager, 1);
		break;
	default:
		s->quit = true;
	}
	printf("\r%*s\r", (int)sizeof MORE_PROMPT - 1, "");
}

void screen_write(struct screen *s, const char *text, size_t len)
{
	while (len && !s->quit) {
		const size_t n = pager_fit(&s->pager, text, len);
		fwrite(text, 1, n, stdout);
		text += n;
		len -= n;
		if (len)
			ask_for_more(s);
	}
	fflush(stdout);
}
