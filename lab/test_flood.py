# SPDX-License-Identifier: Apache-2.0
"""Ten thousand forged and replayed packets of IKE and ESP a second, at the hub and at a spoke."""

import re
import subprocess

import net
from test_protect import Pings, drops, spi, start

RATE = 10000
SECONDS = 10
PINGS = 100 * SECONDS
# The machine carries two floods, their receivers and the pings on few cores: where a socket
# overflows because a program had to wait, a ping may be lost, not more.
LOST_MAX = PINGS // 100
GROWTH_MAX_KIB = 1024  # of 100000 packets, ten bytes each, when two floods have touched all tables
LOG_LINES_MAX = 100
HALF_OPEN_MAX = 1000  # IKE_HALF_OPEN_MAX
DROPS = ("malformed ISAKMP message", "ISAKMP version not spoken", "no such IKE SA",
         "did not decrypt to a message", "ESP with an SPI that is none of ours",
         "could not be opened", "neither ESP nor IKE on UDP port 4500")


class Flood:
    """The generator on the Internet, which answers to no one."""

    def __init__(self, cloud, target, peer):
        self.process = cloud.internet.popen(net.BUILD / "bench" / "flood", target.nbma, peer.nbma,
                                            SECONDS, RATE, stdout=subprocess.PIPE, text=True)

    def end(self):
        out = self.process.communicate(timeout=net.COMMAND_S)[0]
        assert self.process.returncode == 0, out
        sent, captured, seconds = re.match(r"(\d+) sent, (\d+) captured, ([\d.]+)", out).groups()
        assert int(sent) / float(seconds) > 0.95 * RATE, out
        assert int(captured) > 100, out


def rss_kib(router):
    text = open(f"/proc/{router.daemon.pid}/status").read()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


def associations(router, peer):
    """What a forgery could have had renewed."""
    isakmp = [line.split()[3:5] for line in router.shell("show crypto isakmp sa").splitlines()
              if peer.nbma in line and "QM_IDLE" in line]
    return spi(router, peer.nbma), isakmp


def flood_both(cloud):
    r1, r2 = cloud["R1"], cloud["R2"]
    floods = [Flood(cloud, r1, r2), Flood(cloud, r2, r1)]
    pings = Pings(r2, "10.10.10.1", PINGS)
    return floods, pings


def end(floods, pings):
    """The pings that were lost."""
    lost = pings.lost()
    for flood in floods:
        flood.end()
    return lost


LONG = """
crypto ipsec profile myDMVPN
set security-association lifetime seconds 3600
"""


def test_flood(empty):
    """The tunnel stays as it was, memory and log do not grow, and a new spoke is let in."""
    r1, r2, r3 = (empty[name] for name in ("R1", "R2", "R3"))
    for router in (r1, r2, r3):
        router.configure(f"{router.name}.cfg", "protect.cfg", LONG)
    r1.start()
    r2.start()
    r2.wait_registered(20)
    before = associations(r1, r2), associations(r2, r1)

    floods, pings = flood_both(empty)
    r3.start()
    r3.wait_registered(SECONDS)
    assert all(f.process.poll() is None for f in floods), "R3 came in during the flood"
    lost, rss = [end(floods, pings)], []
    for _ in range(2):
        lost.append(end(*flood_both(empty)))
        rss.append((rss_kib(r1), rss_kib(r2)))
    assert max(lost) <= LOST_MAX
    for warm, after in zip(*rss):
        assert after - warm <= GROWTH_MAX_KIB
    assert (associations(r1, r2), associations(r2, r1)) == before
    assert r3.ns.ping("10.10.10.1", 3)
    for router in (r1, r2):
        assert "is DOWN" not in router.log()
        assert len(router.log().splitlines()) <= LOG_LINES_MAX
        for words in DROPS:
            assert drops(router, words) > RATE // 10, words
    stats = r1.json("show crypto isakmp stats")
    assert stats["drops"]["half_open"] > 0 and stats["half_open"] <= HALF_OPEN_MAX
