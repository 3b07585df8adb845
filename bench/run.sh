#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make bench`: the comparisons, on the build that make has just made.
# Arguments go to the first one.
here=$(dirname "$0")
build=${DMVPN_BUILD:-build}
/usr/bin/python3 "$here/bench.py" --build "$build" "$@" &&
	exec /usr/bin/python3 "$here/ike_bench.py" --build "$build"
