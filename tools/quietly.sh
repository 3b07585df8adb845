#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# quietly.sh WHAT COMMAND...: one line while it works, the command's whole output when it fails.
set -u
what=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "$what"
"$@" >"$log" 2>&1 </dev/null
status=$?
if [ $status != 0 ]; then
	cat "$log" >&2
	echo "$what: failed with exit status $status: $*" >&2
fi
exit $status
