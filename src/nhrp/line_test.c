/* SPDX-License-Identifier: Apache-2.0 */
#include "nhrp/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "node/cloud_test.h"

static void add_follower(struct cloud *c, const struct cloud_spec *spec)
{
	struct cloud_spec it = *spec;

	it.if_state = true;
	c->terse = true;
	cloud_add(c, &it);
}

/* Only what is said of the line. */
static void expect_lines(struct cloud *c, const char *text)
{
	struct strbuf lines;

	strbuf_init(&lines);
	for (const char *at = c->trace.text; *at;) {
		const char *end = strchr(at, '\n') + 1;
		const char *word = strstr(at, " line ");
		if (word && word < end)
			strbuf_printf(&lines, "%.*s", (int)(end - at), at);
		at = end;
	}
	assert_string_equal(lines.text, text);
	strbuf_fini(&lines);
	cloud_quiet(c);
}

static void the_line_follows_the_server(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	add_follower(c, &cloud_r2);
	cloud_run(c, 3000);
	expect_lines(c, "   0.020 R2 line up\n");
	c->router[R1].deaf = true;
	cloud_run(c, 2400 * 1000 + 16000); /* the renewal and three requests without an answer */
	assert_non_null(strstr(c->trace.text, "nhs-down"));
	assert_non_null(strstr(strstr(c->trace.text, "nhs-down"), "R2 line down\n"));
	cloud_quiet(c);
	/* What is down registers on, and the first reply is enough. */
	c->router[R1].deaf = false;
	cloud_run(c, 65000);
	assert_non_null(strstr(c->trace.text, "Registration Request"));
	assert_non_null(strstr(c->trace.text, "R2 line up\n"));
}

static void nothing_is_said_without_the_line(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_move(c, 1, NULL);
	expect_lines(c, "");
}

/* A hub: there is nobody to follow. */
static void without_servers_it_is_up(void **state)
{
	struct cloud *c = *state;

	add_follower(c, &cloud_r1);
	expect_lines(c, "   0.000 R1 line up\n");
}

/* Nobody ever answers: not told twice, and only when the trial is over. */
static void a_server_that_never_answers(void **state)
{
	struct cloud *c = *state;

	add_follower(c, &cloud_r2);
	cloud_run(c, 8000);
	expect_lines(c, "");
	cloud_run(c, 10000);
	assert_non_null(strstr(c->trace.text, "R2 line down\n"));
	cloud_quiet(c);
	cloud_run(c, 300 * 1000);
	expect_lines(c, "");
}

/* Without protection no request goes out at all: its time is bounded all the same. */
static void a_server_that_is_never_protected(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spec = cloud_r2;

	spec.psk = "cisco123";
	add_follower(c, &spec);
	cloud_run(c, 15000);
	expect_lines(c, "");
	cloud_run(c, 2000);
	expect_lines(c, "  16.000 R2 line down\n");
}

static void the_source_goes_and_comes_back(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	add_follower(c, &cloud_r2);
	cloud_run(c, 3000);
	cloud_quiet(c);
	cloud_move(c, 1, NULL);
	expect_lines(c, "   3.000 R2 line down\n");
	cloud_move(c, 1, "2.2.2.2");
	cloud_run(c, 1000);
	expect_lines(c, "   3.020 R2 line up\n");
}

/* One of two is enough. */
static void one_server_of_two(void **state)
{
	struct cloud *c = *state;

	cloud_add(c, &cloud_r1);
	add_follower(c, &cloud_r2_twice);
	cloud_add(c, &cloud_r4);
	cloud_run(c, 3000);
	expect_lines(c, "   0.020 R2 line up\n");
	c->router[0].deaf = true;
	cloud_run(c, 2400 * 1000 + 16000);
	assert_non_null(strstr(c->trace.text, "nhs-down"));
	expect_lines(c, "");
}

static void the_line_of_the_configuration_comes_and_goes(void **state)
{
	struct cloud *c = *state;
	struct cloud_spec spec = cloud_r2;

	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_run(c, 3000);
	spec.if_state = true;
	cloud_configure(c, 1, &spec);
	expect_lines(c, "   3.000 R2 line up\n");
	cloud_configure(c, 1, &cloud_r2);
	cloud_move(c, 1, NULL);
	expect_lines(c, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cloud_unit_test(the_line_follows_the_server),
		cloud_unit_test(nothing_is_said_without_the_line),
		cloud_unit_test(without_servers_it_is_up),
		cloud_unit_test(a_server_that_never_answers),
		cloud_unit_test(a_server_that_is_never_protected),
		cloud_unit_test(the_source_goes_and_comes_back),
		cloud_unit_test(one_server_of_two),
		cloud_unit_test(the_line_of_the_configuration_comes_and_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
