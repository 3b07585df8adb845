/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interactive shell: libedit for the line, the daemon for everything that it means. libedit
 * asks us for each key, and while we wait for one we listen to the daemon too, so that log lines
 * appear at once above the line being typed. Keys typed while a command runs are kept for the next
 * line.
 */
#include "shell/interactive.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

#include "shell/screen.h"
#include "util/memory.h"

enum {
	HISTORY_LINES = 256,
	TYPED_MAX = 64 << 10 /* bytes; what is pasted beyond waits in the terminal */
};

struct shell {
	struct client *client;
	EditLine *el;
	History *history;
	struct screen screen;
	int signals;
	struct strbuf typed; /* keys that came while a command ran */
	size_t typed_taken;
	mbstate_t decoding;
	bool ended;
	int status;
	bool abandoned;   /* Ctrl-C: the line is not to be run */
	bool end_follows; /* Ctrl-Z: `end` is to be run after it */
};

static void end(struct shell *sh, int status, const char *sentence)
{
	if (sh->ended)
		return;
	sh->ended = true;
	sh->status = status;
	if (sentence)
		fprintf(stderr, "\rdmvpnsh: %s\n", sentence);
}

static void say_bye(struct shell *sh, const struct protocol_message *bye)
{
	if (bye->text_len)
		fprintf(stderr, "\r%% %.*s\n", (int)bye->text_len, bye->text);
	end(sh, bye->text_len ? EXIT_FAILURE : EXIT_SUCCESS, NULL);
}

/* The next message of what has been read; false when there is none, or the shell has ended. */
static bool next_message(struct shell *sh, struct protocol_message *ret)
{
	switch (client_next(sh->client, ret)) {
	case CLIENT_MESSAGE:
		if (ret->type != PROTOCOL_BYE)
			return true;
		say_bye(sh, ret);
		return false;
	case CLIENT_BROKEN:
		end(sh, EXIT_FAILURE, "dmvpnd does not speak dmvpnsh's protocol");
		return false;
	case CLIENT_NOTHING:
		break;
	}
	return false;
}

static void handle_signal(struct shell *sh)
{
	struct signalfd_siginfo info;

	if (read(sh->signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGWINCH)
		el_resize(sh->el);
	else
		end(sh, EXIT_FAILURE, NULL);
}

/* Waits for the daemon, a signal or a key, and deals with the first two. True: there is a key. */
static bool wait_for_key(struct shell *sh, bool want_keys)
{
	struct pollfd fd[] = { { .fd = sh->client->fd, .events = POLLIN },
		               { .fd = sh->signals, .events = POLLIN },
		               { .fd = want_keys ? STDIN_FILENO : -1, .events = POLLIN } };

	if (poll(fd, 3, -1) < 0)
		return false;
	if (fd[1].revents)
		handle_signal(sh);
	if (fd[0].revents && !client_read(sh->client))
		end(sh, EXIT_FAILURE, "dmvpnd has gone");
	return fd[2].revents;
}

static bool send_request(struct shell *sh, enum protocol_type type, uint8_t flags, const char *text)
{
	if (client_send(sh->client, type, flags, text))
		return true;
	end(sh, EXIT_FAILURE, "dmvpnd has gone");
	return false;
}

/* ---- running a command ---- */

/* A key while a command runs: Ctrl-C stops it, others are kept for the next line. */
static void take_key(struct shell *sh)
{
	char key;

	if (read(STDIN_FILENO, &key, 1) != 1)
		end(sh, EXIT_SUCCESS, NULL);
	else if (key == KEY_CTRL_C || key == KEY_BREAK)
		(void)send_request(sh, PROTOCOL_INTERRUPT, 0, "");
	else
		strbuf_addc(&sh->typed, key);
}

static void write_message(struct shell *sh, const struct protocol_message *m)
{
	const bool had_quit = sh->screen.quit;

	if (m->type == PROTOCOL_OUTPUT || m->type == PROTOCOL_LOG)
		screen_write(&sh->screen, m->text, m->text_len);
	if (m->type == PROTOCOL_LOG)
		screen_write(&sh->screen, "\n", 1);
	if (sh->screen.quit && !had_quit)
		(void)send_request(sh, PROTOCOL_INTERRUPT, 0, "");
}

/* Prints what comes until the answer is complete. */
static void print_answer(struct shell *sh, bool want_keys)
{
	struct protocol_message m;

	screen_start(&sh->screen, sh->client->page_lines);
	while (!sh->ended) {
		if (next_message(sh, &m)) {
			if (m.type == PROTOCOL_READY)
				return;
			write_message(sh, &m);
		} else if (!sh->ended && wait_for_key(sh, want_keys && sh->typed.len < TYPED_MAX)) {
			take_key(sh);
		}
	}
}

static void run_line(struct shell *sh, const char *line)
{
	if (sh->ended || !send_request(sh, PROTOCOL_EXEC, 0, line))
		return;
	print_answer(sh, true);
}

/* ---- the line being typed ---- */

static struct shell *shell_of(EditLine *el)
{
	void *data = NULL;

	el_get(el, EL_CLIENTDATA, &data);
	return data;
}

static char *prompt(EditLine *el)
{
	return shell_of(el)->client->prompt;
}

/* The line up to the cursor, which the caller frees. */
static char *typed_line(EditLine *el)
{
	const LineInfo *line = el_line(el);
	const size_t len = (size_t)(line->cursor - line->buffer);
	char *copy = memory_new(len + 1, 1);

	memcpy(copy, line->buffer, len);
	return copy;
}

static void redraw(struct shell *sh)
{
	fflush(stdout);
	el_set(sh->el, EL_REFRESH);
}

/* Columns that UTF-8 text takes, were all its characters of one. */
static size_t width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* Takes the line being typed off the screen; the cursor is then where its prompt began. */
static void erase_line(struct shell *sh)
{
	const LineInfo *line = el_line(sh->el);
	const size_t at = strlen(sh->client->prompt) +
	                  width(line->buffer, (size_t)(line->cursor - line->buffer));
	const size_t rows = at / screen_columns();

	if (rows)
		printf("\033[%zuA", rows);
	fputs("\r\033[J", stdout);
}

static void show_log(struct shell *sh, const struct protocol_message *m)
{
	erase_line(sh);
	printf("%.*s\n", (int)m->text_len, m->text);
	redraw(sh);
}

/* Decodes one byte of a multibyte character. True: *ret is the whole character. */
static bool decode(struct shell *sh, char byte, wchar_t *ret)
{
	const size_t n = mbrtowc(ret, &byte, 1, &sh->decoding);

	if (n == (size_t)-2)
		return false;
	if (n == (size_t)-1) {
		memset(&sh->decoding, 0, sizeof sh->decoding);
		*ret = L'?';
	}
	return true;
}

static bool take_typed(struct shell *sh, char *ret)
{
	if (sh->typed_taken == sh->typed.len)
		return false;
	*ret = sh->typed.text[sh->typed_taken++];
	if (sh->typed_taken == sh->typed.len) {
		strbuf_truncate(&sh->typed, 0);
		sh->typed_taken = 0;
	}
	return true;
}

/* libedit wants a character: 1 and the character, or 0 at the end. */
static int get_character(EditLine *el, wchar_t *ret)
{
	struct shell *sh = shell_of(el);
	struct protocol_message m;
	char byte;

	while (!sh->ended) {
		if (take_typed(sh, &byte)) {
			if (decode(sh, byte, ret))
				return 1;
		} else if (next_message(sh, &m)) {
			if (m.type == PROTOCOL_LOG)
				show_log(sh, &m);
		} else if (!sh->ended && wait_for_key(sh, true)) {
			if (read(STDIN_FILENO, &byte, 1) != 1)
				return 0;
			if (decode(sh, byte, ret))
				return 1;
		}
	}
	return 0;
}

/* `?`: help for the word at the cursor, at once. */
static unsigned char on_help(EditLine *el, int key)
{
	struct shell *sh = shell_of(el);
	char *line = typed_line(el);

	(void)key;
	fputs("?\n", stdout);
	if (send_request(sh, PROTOCOL_HELP, 0, line))
		print_answer(sh, false);
	free(line);
	if (sh->ended)
		return CC_EOF;
	redraw(sh);
	return CC_NORM;
}

/* Collects the answer to a completion. Log lines of the meantime are shown. */
static void collect_answer(struct shell *sh, struct strbuf *out)
{
	struct protocol_message m;

	while (!sh->ended) {
		if (!next_message(sh, &m)) {
			if (!sh->ended)
				(void)wait_for_key(sh, false);
		} else if (m.type == PROTOCOL_READY) {
			return;
		} else if (m.type == PROTOCOL_OUTPUT) {
			strbuf_add(out, m.text, m.text_len);
		} else if (m.type == PROTOCOL_LOG) {
			show_log(sh, &m);
		}
	}
}

/* The length of what all words of a list, one a line, begin with. */
static size_t common_len(const char *words, size_t *ret_n)
{
	size_t common = strcspn(words, "\n");

	*ret_n = 0;
	for (const char *word = words; *word; (*ret_n)++) {
		const size_t len = strcspn(word, "\n");
		size_t same = 0;
		while (same < common && same < len && word[same] == words[same])
			same++;
		common = same;
		word += len + (word[len] == '\n');
	}
	return common;
}

/* Puts the word in place of what was typed of it, whose case may differ. */
static void insert_word(EditLine *el, const char *word, size_t len, bool whole)
{
	char *text = typed_line(el);
	const char *blank = strrchr(text, ' ');
	const size_t typed = strlen(blank ? blank + 1 : text);
	struct strbuf insert;

	strbuf_init(&insert);
	strbuf_add(&insert, word, len);
	if (whole)
		strbuf_addc(&insert, ' ');
	el_deletestr(el, (int)typed);
	el_insertstr(el, insert.text);
	strbuf_fini(&insert);
	free(text);
}

/* TAB: completes the word as far as it is sure; when nothing is, shows what it may be. */
static unsigned char on_tab(EditLine *el, int key)
{
	struct shell *sh = shell_of(el);
	char *line = typed_line(el);
	struct strbuf words;
	size_t n;

	strbuf_init(&words);
	if (send_request(sh, PROTOCOL_COMPLETE, 0, line))
		collect_answer(sh, &words);
	const char *blank = strrchr(line, ' ');
	const size_t typed = strlen(blank ? blank + 1 : line);
	const size_t common = common_len(words.text, &n);
	unsigned char result = CC_REFRESH;
	if (n == 1 || (n > 1 && common > typed))
		insert_word(el, words.text, common, n == 1);
	else if (n > 1)
		result = on_help(el, key);
	else
		result = CC_REFRESH_BEEP;
	strbuf_fini(&words);
	free(line);
	return sh->ended ? CC_EOF : result;
}

static unsigned char on_ctrl_c(EditLine *el, int key)
{
	struct shell *sh = shell_of(el);

	(void)key;
	fputs("^C\n", stdout);
	if (send_request(sh, PROTOCOL_INTERRUPT, PROTOCOL_IDLE, ""))
		print_answer(sh, false);
	sh->abandoned = true;
	return sh->ended ? CC_EOF : CC_NEWLINE;
}

static unsigned char on_ctrl_z(EditLine *el, int key)
{
	struct shell *sh = shell_of(el);

	(void)key;
	if (!client_configures(sh->client))
		return CC_ERROR;
	fputs("^Z\n", stdout);
	fflush(stdout);
	sh->end_follows = true;
	return CC_NEWLINE;
}

/* ---- the shell ---- */

static void bind_keys(EditLine *el)
{
	static const char *const keys[][2] = {
		{ "?", "dmvpn-help" },           { "\t", "dmvpn-complete" },
		{ "^C", "dmvpn-interrupt" },     { "^Z", "dmvpn-end" },
		{ "^W", "ed-delete-prev-word" }, { "^U", "vi-kill-line-prev" },
		{ "^X", "vi-kill-line-prev" },   { "\\e[3~", "ed-delete-next-char" },
		{ "\\e[1~", "ed-move-to-beg" },  { "\\e[4~", "ed-move-to-end" },
		{ "\\e[H", "ed-move-to-beg" },   { "\\e[F", "ed-move-to-end" },
	};

	/* Wide, because libedit keeps these pointers, and would keep copies that nobody frees. */
	el_wset(el, EL_ADDFN, L"dmvpn-help", L"Help for the word at the cursor", on_help);
	el_wset(el, EL_ADDFN, L"dmvpn-complete", L"Complete the word", on_tab);
	el_wset(el, EL_ADDFN, L"dmvpn-interrupt", L"Abandon the line", on_ctrl_c);
	el_wset(el, EL_ADDFN, L"dmvpn-end", L"Leave configuration mode", on_ctrl_z);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		el_set(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

static void catch_signals(struct shell *sh)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sh->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool open_editor(struct shell *sh)
{
	HistEvent event;

	sh->el = el_init("dmvpnsh", stdin, stdout, stderr);
	sh->history = history_init();
	if (!sh->el || !sh->history)
		return false;
	history(sh->history, &event, H_SETSIZE, HISTORY_LINES);
	history(sh->history, &event, H_SETUNIQUE, 1);
	el_set(sh->el, EL_CLIENTDATA, sh);
	el_set(sh->el, EL_PROMPT, prompt);
	el_set(sh->el, EL_HIST, history, sh->history);
	el_set(sh->el, EL_EDITOR, "emacs");
	el_set(sh->el, EL_GETCFN, get_character);
	/* Keys come one by one, unechoed, without signals: also while no line is being typed. */
	el_set(sh->el, EL_SETTY, "-d", "-isig", NULL);
	el_set(sh->el, EL_SETTY, "-x", "-isig", "-icanon", "-echo", NULL);
	el_source(sh->el, NULL);
	bind_keys(sh->el);
	return true;
}

static void close_editor(struct shell *sh)
{
	if (sh->history)
		history_end(sh->history);
	if (sh->el)
		el_end(sh->el);
	strbuf_fini(&sh->typed);
	close(sh->signals);
}

/* One line from the terminal and its answer. */
static void turn(struct shell *sh)
{
	HistEvent event;
	int len = 0;

	sh->abandoned = sh->end_follows = false;
	const char *text = el_gets(sh->el, &len);
	if (sh->ended || sh->abandoned)
		return;
	if (!text || len <= 0) {
		if (!sh->end_follows) {
			putchar('\n');
			end(sh, EXIT_SUCCESS, NULL);
			return;
		}
		text = "";
	}
	char *line = memory_strdup(text);
	line[strcspn(line, "\r\n")] = '\0';
	if (line[strspn(line, " \t")]) {
		history(sh->history, &event, H_ENTER, line);
		run_line(sh, line);
	}
	if (sh->end_follows)
		run_line(sh, "end");
	memory_wipe(line, strlen(line));
	free(line);
}

int interactive_run(struct client *c)
{
	struct shell sh = { .client = c };

	setlocale(LC_CTYPE, "");
	strbuf_init(&sh.typed);
	catch_signals(&sh);
	if (!open_editor(&sh))
		end(&sh, EXIT_FAILURE, "cannot use this terminal");
	else
		print_answer(&sh, false);
	while (!sh.ended)
		turn(&sh);
	close_editor(&sh);
	return sh.status;
}
