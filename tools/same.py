#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""same.py FILE COMMAND...: fails when the file is not what the command prints, and shows where."""

import difflib
import subprocess
import sys
from pathlib import Path

kept = Path(sys.argv[1]).read_text()
printed = subprocess.run(sys.argv[2:], capture_output=True, text=True, check=True).stdout
if kept != printed:
    print(f"{sys.argv[1]} is out of date: print it anew with {' '.join(sys.argv[2:])}")
    sys.stdout.writelines(difflib.unified_diff(kept.splitlines(True), printed.splitlines(True)))
    sys.exit(1)
