#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the parsers that network engineers use ask of the text (their documented constraints, restated):
the golden answers must satisfy it. parsers_test.py GOLDEN_DIR"""

import re
import sys
import unittest
from pathlib import Path

GOLDEN = Path(sys.argv.pop(1))
ADDRESS = r"[0-9a-f.:]+"
TIME = r"(?:(?:\d+\w)+|never|[0-9:]+)"


def lines_of(command):
    return (GOLDEN / f"{command.replace(' ', '-')}.txt").read_text().split("\n")


class ShowIpNhrp(unittest.TestCase):
    TARGET = re.compile(rf"({ADDRESS}/\d+) via ({ADDRESS})")
    INCOMPLETE = re.compile(rf"{ADDRESS}/\d+")

    def entries(self, command):
        entry = []
        for line in lines_of(command):
            if line and not line.startswith(" "):
                if entry:
                    yield entry
                entry = []
            if line:
                entry.append(line)
        yield entry

    def check_complete(self, entry):
        self.assertRegex(entry[1], rf"^ +Tunnel\d+ created {TIME}, (expire {TIME}|never expire)$")
        self.assertRegex(entry[2].strip(), r"^Type: (static|dynamic), Flags:( [a-z-]+)*$")
        self.assertRegex(entry[3].strip(), rf"^NBMA address: {ADDRESS}$")

    def test_entries(self):
        for command in "show ip nhrp", "show ip nhrp detail":
            incomplete = False
            for entry in self.entries(command):
                if self.TARGET.fullmatch(entry[0]):
                    self.assertFalse(incomplete, "an incomplete entry stands before a complete one")
                    self.check_complete(entry)
                else:
                    incomplete = True
                    self.assertRegex(entry[0], self.INCOMPLETE)
                    self.assertIn("Type: incomplete", entry[2])
            self.assertTrue(incomplete)

    def test_brief_has_the_pair(self):
        rows = [line.split() for line in lines_of("show ip nhrp brief")[1:] if line]
        self.assertGreater(len(rows), 3)
        for row in rows:
            self.assertRegex(f"{row[1]} {row[2]}", rf"^{ADDRESS} {ADDRESS}$")

    def test_traffic_has_three_counters_a_line(self):
        words = ["Resolution Request|Resolution Reply|Registration Request",
                 "Registration Reply|Purge Request|Purge Reply",
                 "Error Indication|Traffic Indication|Redirect Suppress"]
        lines = [line for line in lines_of("show ip nhrp traffic") if line]
        self.assertEqual(len(lines) % 9, 0)
        for i in range(0, len(lines), 9):
            self.assertRegex(lines[i], r"^Tunnel\d+: Max-send limit:\d+Pkts/\d+Sec, Usage:\d+%$")
            for at, way in (i + 1, "Sent"), (i + 5, "Rcvd"):
                total = int(re.fullmatch(rf" +{way}: Total (\d+)", lines[at]).group(1))
                counted = 0
                for k, three in enumerate(words):
                    pairs = re.findall(rf"(\d+) ({three})", lines[at + 1 + k])
                    self.assertEqual("|".join(name for _, name in pairs), three)
                    counted += sum(int(n) for n, name in pairs if name != "Redirect Suppress")
                self.assertEqual(total, counted)

    def test_servers_have_their_nbma_address(self):
        for command in "show ip nhrp nhs", "show ip nhrp nhs detail":
            rows = [line for line in lines_of(command) if re.match(rf"{ADDRESS} +[REWD]+ ", line)]
            self.assertGreater(len(rows), 1)
            for row in rows:
                self.assertRegex(row, r"  NBMA Address: \S+ priority = \d+ cluster = \d+")


class ShowDmvpn(unittest.TestCase):
    ROW = re.compile(rf"(?:(\d+) +({ADDRESS}|UNKNOWN) +)?({ADDRESS}) +([A-Za-z]+) +({TIME}) +(\w+)")

    def test_every_interface_has_rows(self):
        rows = peers = None
        for line in map(str.strip, lines_of("show dmvpn") + ["Interface: end,"]):
            if line.startswith("Interface: "):
                self.assertNotEqual(rows, 0)
                self.assertEqual(rows, peers)
                rows = 0
            elif match := re.fullmatch(r"Type:(Hub|Spoke|Hub/Spoke|Unknown), +NHRP Peers:(\d+),", line):
                peers = int(match.group(2))
            elif match := self.ROW.fullmatch(line):
                # A row without a count belongs to the peer above, which must be a known one.
                self.assertTrue(match.group(1) or known)
                known = match.group(2) != "UNKNOWN" if match.group(1) else known
                rows += match.group(1) is not None


class ShowIpInterfaceBrief(unittest.TestCase):
    def test_columns(self):
        rows = [line for line in lines_of("show ip interface brief") if line]
        for row in rows[1:]:
            self.assertRegex(row, rf"^\S+ +({ADDRESS}|unassigned) +YES (manual|NVRAM|DHCP|other|unset) +"
                                  r"(up|down|administratively down) +(up|down) +$")


if __name__ == "__main__":
    unittest.main()
