# SPDX-License-Identifier: Apache-2.0
"""Protection by certificates, made with the commands of docs/guide.md and put into its lines."""

import os
import re
import subprocess

import pytest

import net
from traffic import Capture

GUIDE = (net.CONFIGS.parents[1] / "docs" / "guide.md").read_text()
SECTION = re.search(r"^## Certificates\n(.*?)^## ", GUIDE, re.DOTALL | re.MULTILINE)[1]

POLICY = """
crypto isakmp policy 10
 authentication rsa-sig
"""
PROTECTED = """
interface Tunnel0
 tunnel protection ipsec profile CERTS
"""


def blocks(first_word):
    """The indented examples of the section that begin with a word, without their indentation."""
    examples = re.findall(r"(?:^    .*\n)+", SECTION, re.MULTILINE)
    plain = [re.sub(r"^    ", "", e, flags=re.MULTILINE) for e in examples]
    return [p for p in plain if p.startswith(first_word)]


def make(folder, name, address, *, days=3650):
    """A CA in the folder if there is none yet, and a router's file: the guide's commands."""
    folder.mkdir(exist_ok=True)
    authority, router = blocks("openssl")
    if not (folder / "ca.key").exists():
        subprocess.run(["sh", "-euc", authority], cwd=folder, check=True, capture_output=True)
    script = router.replace("192.0.2.2", address).replace("r2", name).replace("R2", name.upper())
    script = script.replace("-days 3650", f"-days {days}")
    subprocess.run(["sh", "-euc", script], cwd=folder, check=True, capture_output=True)
    return folder / f"{name}.pem"


def lines(pem, *more):
    """The guide's lines with a router's file."""
    config = blocks("crypto pki")[0]
    config = config.replace("/etc/dmvpnd/r2.pem", str(pem))
    for old, new in more:
        assert old in config
        config = config.replace(old, new)
    return config + PROTECTED


@pytest.fixture
def offices(empty, tmp_path):
    """R1 and R2 with certificates of one CA; not started."""
    folder = tmp_path / "ca"
    for name in ("R1", "R2"):
        pem = make(folder, name.lower(), empty[name].nbma)
        empty[name].configure(f"{name}.cfg", lines(pem))
    return empty, folder


def start(cloud, *names):
    for name in names:
        cloud[name].start()


def test_the_guides_example_protects(offices):
    cloud, _ = offices
    start(cloud, "R1", "R2")
    with Capture(cloud.internet, cloud["R2"].uplink) as capture:
        cloud["R2"].wait_registered()
        cloud["R2"].ns.ping("10.10.10.1", count=5)
    assert not list(capture.gre())
    assert list(capture.ipv4())
    log = cloud["R2"].log()
    assert re.search(r"%PKI-6-CREDENTIALS: Trustpoint OFFICES: certificate CN=R2,O=Example, "
                     r"CA certificates 1, revocation lists 0", log), log
    assert "rsig" in cloud["R2"].shell("show crypto isakmp sa detail")


def test_what_is_printed_is_what_was_written(offices):
    cloud, folder = offices
    start(cloud, "R1")
    text = cloud["R1"].shell("show running-config")
    assert f"crypto pki trustpoint OFFICES\n enrollment file {folder}/r1.pem\n" in text


def refused(cloud, why):
    """R1 refuses R2: no tunnel, one line at each end, which `show` keeps."""
    start(cloud, "R1", "R2")
    with Capture(cloud.internet, cloud["R2"].uplink) as capture:
        for name, words in (("R1", why), ("R2", f"the peer refuses us: {why}")):
            cloud[name].wait_log(words)
            assert cloud[name].log().count("%CRYPTO-6-IKMP_MODE_FAILURE") == 1
            assert words in cloud[name].shell("show crypto isakmp diagnose error")
        assert not cloud["R2"].ns.ping("10.10.10.1")
    assert not list(capture.gre())


def test_an_expired_certificate_is_told_at_both_ends(offices):
    cloud, folder = offices
    make(folder, "r2", cloud["R2"].nbma, days=0)
    refused(cloud, "certificate CN=R2,O=Example has expired on")


def test_a_wrong_identity_is_told_at_both_ends(offices):
    """The certificate is for another address than R2's."""
    cloud, folder = offices
    make(folder, "r2", "3.3.3.2")
    refused(cloud, "identity: 2.2.2.2 is not in certificate CN=R2,O=Example")


def test_a_revoked_certificate_is_refused_until_the_list_changes(offices):
    cloud, folder = offices
    needs_list = [("revocation-check none", f"revocation-check crl\n crl file {folder}/ca.crl")]
    cloud["R1"].configure("R1.cfg", lines(folder / "r1.pem", *needs_list))
    revoke, = blocks("touch")
    subprocess.run(["sh", "-euc", revoke], cwd=folder, check=True, capture_output=True)
    start(cloud, "R1", "R2")
    cloud["R1"].wait_log("certificate CN=R2,O=Example is revoked")
    cloud["R2"].wait_log("the peer refuses us: certificate CN=R2,O=Example is revoked")
    # A new certificate, and the daemons notice files by themselves.
    make(folder, "r2", cloud["R2"].nbma)
    cloud["R2"].wait_registered()


def test_a_key_that_everybody_may_read_is_not_used(offices):
    cloud, folder = offices
    os.chmod(folder / "r2.pem", 0o644)
    start(cloud, "R1", "R2")
    cloud["R2"].wait_log("r2.pem: everybody may read or write the private key in it, so it is not "
                         "used: chmod 600")
    cloud["R2"].wait_log("no trustpoint has a certificate of ours and its key")
    os.chmod(folder / "r2.pem", 0o600)
    cloud["R2"].wait_registered()


def test_profiles_by_authority_and_names_by_subject(offices):
    """A hub that admits offices of one authority, whatever they are called."""
    cloud, folder = offices
    profile = ("crypto isakmp identity dn\n"
               "crypto isakmp profile WHO\n"
               " ca trust-point OFFICES\n"
               " match identity address 0.0.0.0\n")
    names = [(" set transform-set TS", " set transform-set TS\n set isakmp-profile WHO")]
    for name in ("R1", "R2"):
        cloud[name].configure(f"{name}.cfg", profile,
                              lines(folder / f"{name.lower()}.pem", *names))
    start(cloud, "R1", "R2")
    cloud["R2"].wait_registered()
    # Typed away, the hub has nothing to prove itself by, and nobody is let in any more.
    cloud["R1"].shell("configure terminal", "no crypto pki trustpoint OFFICES")
    cloud["R2"].shell("clear crypto session")
    cloud["R1"].wait_log("no trustpoint has a certificate of ours and its key")


def test_certificates_in_the_configuration(offices):
    """As IOS prints them; the key lies in the state directory."""
    cloud, folder = offices
    router = cloud["R2"]
    chain = "crypto pki certificate chain OFFICES\n"
    for head, name in (("certificate 02", "r2.crt"), ("certificate ca 01", "ca.crt")):
        der = subprocess.run(["openssl", "x509", "-in", name, "-outform", "DER"], cwd=folder,
                             check=True, capture_output=True).stdout.hex().upper()
        chain += f" {head}\n"
        chain += "".join(f"  {' '.join(re.findall('.{1,8}', der[i:i + 64]))}\n"
                         for i in range(0, len(der), 64))
        chain += "  \tquit\n"
    router.configure("R2.cfg", chain, lines(folder / "r2.pem", (
        f"enrollment file {folder}/r2.pem", "enrollment terminal pem\n rsakeypair r2")))
    keys = router.state_dir / "keys"
    keys.mkdir()
    (keys / "r2.pem").write_bytes((folder / "r2.key").read_bytes())
    (keys / "r2.pem").chmod(0o600)
    start(cloud, "R1", "R2")
    router.wait_registered()
    assert " certificate ca 01\n" in router.shell("show running-config")
