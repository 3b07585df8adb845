/* SPDX-License-Identifier: Apache-2.0 */
/* The clouds that most tests begin with. */
#include <stdlib.h>

#include "node/cloud_test.h"
#include "util/memory.h"

const struct cloud_spec cloud_r1 = { .name = "R1", .nbma = "1.1.1.2", .overlay = "10.10.10.1/24" };
const struct cloud_spec cloud_r2 = { .name = "R2",
	                             .nbma = "2.2.2.2",
	                             .overlay = "10.10.10.2/24",
	                             .nhs = { "10.10.10.1 nbma 1.1.1.2" } };
const struct cloud_spec cloud_r3 = { .name = "R3",
	                             .nbma = "3.3.3.2",
	                             .overlay = "10.10.10.3/24",
	                             .nhs = { "10.10.10.1 nbma 1.1.1.2" } };

const struct cloud_spec cloud_r4 = { .name = "R4", .nbma = "4.4.4.2", .overlay = "10.10.10.4/24" };
const struct cloud_spec cloud_r2_twice = { .name = "R2",
	                                   .nbma = "2.2.2.2",
	                                   .overlay = "10.10.10.2/24",
	                                   .nhs = { "10.10.10.1 nbma 1.1.1.2",
	                                            "10.10.10.4 nbma 4.4.4.2" } };

void cloud_add_three(struct cloud *c)
{
	cloud_add(c, &cloud_r1);
	cloud_add(c, &cloud_r2);
	cloud_add(c, &cloud_r3);
	cloud_run(c, 2000);
	cloud_quiet(c);
}

void cloud_add_three_protected(struct cloud *c)
{
	const struct cloud_spec *specs[] = { &cloud_r1, &cloud_r2, &cloud_r3 };

	for (size_t i = 0; i < 3; i++) {
		struct cloud_spec spec = *specs[i];
		spec.psk = "cisco123";
		cloud_add(c, &spec);
	}
	cloud_run(c, 3000);
	cloud_quiet(c);
}

int cloud_setup(void **state)
{
	struct cloud *c = memory_new(1, sizeof *c);

	cloud_init(c);
	*state = c;
	return 0;
}

int cloud_teardown(void **state)
{
	cloud_fini(*state);
	free(*state);
	return 0;
}
