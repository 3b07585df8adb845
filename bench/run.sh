#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make bench`: the comparison, on the build that make has just made.
exec /usr/bin/python3 "$(dirname "$0")/bench.py" --build "${DMVPN_BUILD:-build}" "$@"
