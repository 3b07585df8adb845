#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The reference lab by hand: lab/lab.sh up|down|demo
set -eu
here=$(dirname -- "$(readlink -f -- "$0")")
if [ ! -x /usr/bin/python3 ]; then
	echo "lab: /usr/bin/python3 is missing: run tools/install-deps.sh demo" >&2
	exit 1
fi
exec /usr/bin/python3 "$here/lab.py" "$@"
