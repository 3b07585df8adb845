/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "show/show.h"

enum {
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
	DAY_S = 24 * HOUR_S,
	WEEK_S = 7 * DAY_S,
	YEAR_S = 365 * DAY_S,
	YEARS_MAX = 999,
};

const char *show_time(int64_t seconds, char buf[static SHOW_TIME_SIZE])
{
	if (seconds < 0)
		return "never";
	if (seconds > (int64_t)YEARS_MAX * YEAR_S)
		seconds = (int64_t)YEARS_MAX * YEAR_S;
	uint64_t s = (uint64_t)seconds;
	if (s < DAY_S)
		snprintf(buf, SHOW_TIME_SIZE, "%02u:%02u:%02u", (unsigned)(s / HOUR_S),
		         (unsigned)(s / MINUTE_S % 60), (unsigned)(s % 60));
	else if (s < WEEK_S)
		snprintf(buf, SHOW_TIME_SIZE, "%ud%02uh", (unsigned)(s / DAY_S),
		         (unsigned)(s % DAY_S / HOUR_S));
	else if (s < YEAR_S)
		snprintf(buf, SHOW_TIME_SIZE, "%uw%ud", (unsigned)(s / WEEK_S),
		         (unsigned)(s % WEEK_S / DAY_S));
	else
		snprintf(buf, SHOW_TIME_SIZE, "%uy%uw", (unsigned)(s / YEAR_S),
		         (unsigned)(s % YEAR_S / WEEK_S));
	return buf;
}
