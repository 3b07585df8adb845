# SPDX-License-Identifier: Apache-2.0
"""Ten thousand forged and replayed packets of IKE and ESP a second, at the hub and at a spoke."""

import contextlib
import re
import subprocess

import net
from pings import Pings
from test_protect import drops, spi

RATE = 10000
RATE_MIN = RATE // 4  # a slow machine floods slowly; below this the test would show nothing
PINGS = 1000  # answered during each flood
# The machine carries two floods, their receivers and the pings on few cores: where a socket
# overflows because a program had to wait, pings are lost. A tunnel that went down would lose all
# of them for some time.
LOST_MAX = 0.2
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
                                            RATE, stdout=subprocess.PIPE, text=True)

    def end(self):
        self.process.terminate()
        out = self.process.communicate(timeout=net.PATIENCE_S)[0]
        assert self.process.returncode == 0, out
        sent, captured, seconds = re.match(r"(\d+) sent, (\d+) captured, ([\d.]+)", out).groups()
        assert int(sent) / float(seconds) > RATE_MIN, out
        assert int(captured) > 100, out


def rss_kib(router):
    text = open(f"/proc/{router.daemon.pid}/status").read()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


def associations(router, peer):
    """What a forgery could have had renewed."""
    isakmp = [line.split()[3:5] for line in router.shell("show crypto isakmp sa").splitlines()
              if peer.nbma in line and "QM_IDLE" in line]
    return spi(router, peer.nbma), isakmp


@contextlib.contextmanager
def flooded(cloud):
    """Both are flooded meanwhile, and for so long after it that all pings get through."""
    r1, r2 = cloud["R1"], cloud["R2"]
    with Pings(r2, "10.10.10.1") as pings:
        floods = [Flood(cloud, r1, r2), Flood(cloud, r2, r1)]
        yield
        pings.wait(PINGS)
        for flood in floods:
            flood.end()
        pings.wait(1)
    assert pings.lost <= LOST_MAX * pings.sent


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
    r2.wait_registered()
    before = associations(r1, r2), associations(r2, r1)

    with flooded(empty):
        r3.start()
        r3.wait_registered()
    rss = []
    for _ in range(2):
        with flooded(empty):
            pass
        rss.append((rss_kib(r1), rss_kib(r2)))
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
