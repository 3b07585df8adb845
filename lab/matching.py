# SPDX-License-Identifier: Apache-2.0
"""Compares a command's output with a transcript: word for word, runs of blanks aside.

In a transcript {time} stands for a time as IOS writes it, {n} for a number, {hex} for one in
hexadecimal, {any} for any words of a line, {flags a b c} for a list of words that has at
least these.
"""

import re

HOLES = {
    "time": r"(?:\d\d:\d\d:\d\d|\d+d\d\dh|\d+w\d+d)",
    "n": r"\d+",
    "hex": r"0x[0-9A-F]+",
    "any": r".*",
}


def squeeze(text):
    """Lines without blanks at the ends, single blanks inside, no empty lines."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in lines if line]


def _flags(words):
    needed = "".join(rf"(?=.*\b{re.escape(word)}\b)" for word in words.split())
    return needed + r"[a-z -]+"


def _pattern(line):
    parts = re.split(r"\{([^}]*)\}", line)
    out = []
    for i, part in enumerate(parts):
        if i % 2 == 0:
            out.append(re.escape(part))
        elif part.startswith("flags"):
            out.append(_flags(part[len("flags"):]))
        else:
            out.append(HOLES.get(part) or re.escape(f"{{{part}}}"))
    return "".join(out)


def difference(expected, actual):
    """None when they agree, else a text that shows where not."""
    want, have = squeeze(expected), squeeze(actual)
    for i in range(max(len(want), len(have))):
        w = want[i] if i < len(want) else "(end)"
        h = have[i] if i < len(have) else "(end)"
        if i >= len(want) or i >= len(have) or not re.fullmatch(_pattern(w), h):
            return f"line {i + 1}:\n  expected: {w}\n  actual:   {h}\nwhole output:\n{actual}"
    return None


def assert_transcript(expected, actual):
    __tracebackhide__ = True
    problem = difference(expected, actual)
    assert problem is None, problem
