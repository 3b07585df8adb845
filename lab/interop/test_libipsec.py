# SPDX-License-Identifier: Apache-2.0
"""strongSwan with ESP in user space (kernel-libipsec), on the host: no guest, no kernel's ESP.

It knows tunnel mode in UDP only, and makes no GRE: a dmvpnd in clear runs above it, and what it
sends to its hub passes through charon.
"""

import pytest

import strongswan
from strongswan import Settings
from test_strongswan import PLAIN
from traffic import Capture, Connection, pattern, sha256

TUNNEL_MODE = PLAIN.ours().replace("mode transport", "mode tunnel")


class Place:
    """A router's namespace, for charon."""

    def __init__(self, router):
        self.router, self.name, self.nbma = router, router.name, router.nbma
        self.dir = self.inside = router.dir / "charon"
        self.vici = self.dir / "vici"
        self.dir.mkdir()

    def run(self, script, check=True, timeout_s=60):
        return self.router.ns.run("bash", "-c", script, check=check, timeout=timeout_s).stdout


@pytest.fixture
def charon(empty):
    """R2 in clear with charon below it, R1 its protected hub."""
    r1, r2 = empty["R1"], empty["R2"]
    r1.configure("R1.cfg", TUNNEL_MODE)
    r1.start()
    # charon's device takes 1400 bytes.
    r2.configure("R2.cfg", "interface Tunnel0\n ip mtu 1300")
    r2.start()
    for key in ("all", "default"):
        r2.ns.sysctl(f"net.ipv4.conf.{key}.rp_filter", 0)
    charon = strongswan.Charon(Place(r2), Settings(
        remote=r1.nbma, mode="tunnel", kernel=strongswan.LIBIPSEC))
    yield charon
    charon.kill()


def test_a_clear_router_above_charon(empty, charon):
    r1, r2 = empty["R1"], empty["R2"]
    with Capture(empty.internet, "to-R1") as capture:
        charon.initiate()
        charon.wait_sas("INSTALLED, TUNNEL-in-UDP")
        r2.wait_registered()
        assert r2.ns.ping("10.10.10.1", 3)
        assert r1.ns.ping("10.10.10.2", 3)
        with Connection(r2.ns, r1.ns, "10.10.10.1") as tcp:
            data = pattern(1 << 18)
            assert tcp.transfer(data)[0] == sha256(data)
            assert tcp.transfer(data, back=True)[0] == sha256(data)
    assert not [p for p in capture.gre() if p[2] == r1.nbma]
