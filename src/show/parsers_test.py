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


class ShowCryptoIsakmp(unittest.TestCase):
    def test_both_families_have_their_heading(self):
        for command in "show crypto isakmp sa", "show crypto isakmp sa detail":
            lines = lines_of(command)
            self.assertIn("IPv4 Crypto ISAKMP SA", lines)
            self.assertIn("IPv6 Crypto ISAKMP SA", lines)

    def test_rows(self):
        lines = lines_of("show crypto isakmp sa")
        start = lines.index("dst             src             state          conn-id status") + 1
        rows = lines[start:lines.index("", start)]
        self.assertGreater(len(rows), 2)
        for row in rows:
            self.assertRegex(row, rf"^{ADDRESS} +{ADDRESS} +(MM|QM|AG)_[A-Z_]+ +\d+ ACTIVE( \(deleted\))?$")

    def test_detail_has_capabilities(self):
        rows = [line for line in lines_of("show crypto isakmp sa detail") if re.match(r"\d+ +", line)]
        agreed = [row for row in rows if " psk " in row or " rsig " in row]
        self.assertGreater(len(agreed), 2)
        for row in agreed:
            self.assertRegex(row, rf"^\d+ +{ADDRESS} +{ADDRESS} +(ACTIVE +)?(aes|3des|des) +"
                                  r"(md5|sha|sha256|sha384|sha512) +(psk|rsig) +\d+ +\d+:\d\d:\d\d [DN]+ *$")

    def test_policy_has_what_scripts_grep(self):
        text = "\n".join(lines_of("show crypto isakmp policy"))
        for words in "(256 bit keys)", "Secure Hash Standard 2 (256 bit)", "Pre-Shared Key", "#14":
            self.assertIn(words, text)


class ShowCryptoIpsecSa(unittest.TestCase):
    # The lines of a peer in their order; those of an SA are checked apart.
    PEER = [r"protected vrf: \(none\)",
            rf"local +ident \(addr/mask/prot/port\): \({ADDRESS}/255\.255\.255\.255/47/0\)",
            rf"remote +ident \(addr/mask/prot/port\): \({ADDRESS}/255\.255\.255\.255/47/0\)",
            rf"current_peer {ADDRESS} port \d+",
            r"PERMIT, flags=\{origin_is_acl,\}",
            r"#pkts encaps: \d+, #pkts encrypt: \d+, #pkts digest: \d+",
            r"#pkts decaps: \d+, #pkts decrypt: \d+, #pkts verify: \d+",
            r"#pkts compressed: \d+, #pkts decompressed: \d+",
            r"#pkts not compressed: \d+, #pkts compr\. failed: \d+",
            r"#pkts not decompressed: \d+, #pkts decompress failed: \d+",
            r"#send errors \d+, #recv errors \d+",
            rf"local crypto endpt\.: {ADDRESS}, remote crypto endpt\.: {ADDRESS}",
            r"plaintext mtu \d+, path mtu \d+, ip mtu \d+, ip mtu idb \S+",
            r"current outbound spi: 0x[0-9A-F]+\(\d+\)",
            r"PFS \(Y/N\): [YN], DH group: \w+"]
    SA = [r"spi: 0x[0-9A-F]+\(\d+\)",
          r"transform: esp-\S+( \d+)?( esp-\S+-hmac)? ,",
          r"in use settings =\{(Tunnel|Transport)( UDP-Encaps)?, \}",
          r"conn id: \d+, flow_id: \w+:\d+, sibling_flags [0-9A-F]+, crypto map: Tunnel\d+-head-0",
          r"sa timing: remaining key lifetime (\(k/sec\): \(\d+/\d+\)|\(sec\): \(\d+\))",
          r"IV size: \d+ bytes",
          r"replay detection support: [YN]",
          r"Status: ACTIVE\(ACTIVE\)"]

    def expect(self, lines, patterns):
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line.strip(), rf"^{pattern}$")

    def test_blocks(self):
        lines = [line for line in lines_of("show crypto ipsec sa") if line]
        self.assertRegex(lines[0], r"^interface: Tunnel\d+$")
        self.assertRegex(lines[1], rf"^    Crypto map tag: Tunnel\d+-head-0, local addr {ADDRESS}$")
        peers = [i for i, line in enumerate(lines) if "protected vrf" in line]
        sas = [i for i, line in enumerate(lines) if line.strip().startswith("spi: ")]
        self.assertGreater(len(peers), 2)
        self.assertGreater(len(sas), 4)
        for i in peers:
            self.expect(lines[i:], self.PEER)
        for i in sas:
            self.expect(lines[i:], self.SA)


class ShowCryptoSession(unittest.TestCase):
    STATUS = r"Session status: (UP-ACTIVE|UP-IDLE|UP-NO-IKE|DOWN-NEGOTIATING|DOWN) *"

    def test_sessions(self):
        for command in "show crypto session", "show crypto session detail":
            lines = lines_of(command)
            status = [line for line in lines if line.startswith("Session status")]
            self.assertGreater(len(status), 2)
            for line in status:
                self.assertRegex(line, rf"^{self.STATUS}$")
            for line in lines:
                if line.startswith("Peer: "):
                    self.assertRegex(line, rf"^Peer: {ADDRESS} port \d+ ")
                if "IKEv1 SA" in line:
                    self.assertRegex(line, rf"^  IKEv1 SA: local {ADDRESS}/\d+ remote {ADDRESS}/\d+ "
                                           r"(Active|Inactive) *$")
                if "#pkts" in line:
                    self.assertRegex(line, r"#pkts (dec|enc)'ed \d+ drop \d+ life \(KB/Sec\) "
                                           r"(\d+|KB Vol Rekey Disabled)/\d+$")

    def test_brief_is_found_by_scripts(self):
        self.assertRegex("\n".join(lines_of("show crypto session brief")), r"2\.2\.2\.2\s+Tu0\s+.*UA")


if __name__ == "__main__":
    unittest.main()
