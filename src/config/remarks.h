/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting remarks: inside of src/config. */
#pragma once

#include "config/config.h"

/* Copies a remark, or counts it as lost when there are too many. */
void remarks_add(struct config_remarks *r, const struct config_remark *new);
/* By line, the graver first. */
void remarks_sort(struct config_remarks *r);
