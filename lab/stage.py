# SPDX-License-Identifier: Apache-2.0
"""What the demo prints, and what it demands of it."""

import matching
import net


def say(text):
    print(f"\n== {text}", flush=True)


def tell(text):
    print(text, flush=True)


def demand(condition, text):
    """LabError with this sentence unless the condition holds."""
    if not condition:
        raise net.LabError(text)


def transcript(router, command):
    """Runs a command, prints it as a terminal would show it, and returns its output."""
    print(f"\n{router.name}#{command}", flush=True)
    out = router.shell(command)
    print(out.rstrip("\n"), flush=True)
    return out


def play(cloud, steps):
    """Transcripts of (router, command, expected), which must be as expected."""
    for name, command, expected in steps:
        out = transcript(cloud[name], command)
        problem = matching.difference(expected, out)
        demand(not problem, f"{name}#{command} does not show what it should: {problem}")
