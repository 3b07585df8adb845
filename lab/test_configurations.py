# SPDX-License-Identifier: Apache-2.0
"""Configurations of real routers: no line of a DMVPN in them is refused without reason."""

import re

import pytest

import net
from traffic import shared

# What is wrong in the files themselves: (file, line) of typing errors and of words put in for a
# value. 12-hub-client.cfg is a form to be filled in: none of its values is one.
WRONG = {
    ("04-hub-client.cfg", 27),  # authentication strings have at most 8 characters
    ("04-hub-client.cfg", 65),
    ("04-hub-client.cfg", 105),
    ("22-spoke.cfg", 1),        # "somesay!"
    ("23-spoke.cfg", 30),       # a line of "show ip ospf neighbor"
    ("33-spoke.cfg", 65),       # "ip" for "ip route"
    ("33-spoke.cfg", 72),
    ("33-spoke.cfg", 79),
}
FORM = "12-hub-client.cfg"


def test_configurations_of_real_routers_load():
    folder = shared()
    if not folder:
        pytest.skip("needs ../shared")
    files = sorted((folder / "configs").glob("*.cfg"))
    errors = set()
    for file in files:
        done = net.run(net.BUILD / "dmvpnd", "--check", "--config", file, check=False)
        found = {(file.name, int(line)) for line in
                 re.findall(rf"^{re.escape(str(file))}:(\d+): error: ", done.stdout, re.MULTILINE)}
        assert done.returncode == (1 if found else 0), done.stderr
        errors |= found
    assert len(files) == 59
    assert {e for e in errors if e[0] != FORM} == WRONG
