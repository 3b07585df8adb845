#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How many IKE negotiations a hub gets through, ours beside strongSwan's, under one load generator.

    bench/ike_bench.py [--build build] [--spokes 300] [--rounds 3] [--only NAME]...

A negotiation is IKEv1 main mode (pre-shared key) and one quick mode with PFS. Hub and generator
(bench/ike_load.c) sit in two network namespaces, each on a processor of its own where there are
two. What counts is the hub's CPU time, so that a busy machine harms little: negotiations per second
of one core. Hubs take turns in every round; the table shows medians.
"""

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import BenchError, inside, run, wait_for

ROOT = Path(__file__).resolve().parent.parent
HUB, LOAD = "dmvpnbench-hub", "dmvpnbench-load"
HUB_ADDRESS, LOAD_ADDRESS = "192.0.2.1", "192.0.2.2"
SPOKES, FIRST = "198.18.0.0/15", "198.18.0.1"
AT_A_TIME = 32
READY_S = 15
SECRET = "cisco123"
# Name: IOS's group, strongSwan's word for it.
GROUPS = {"group 14": (14, "modp2048"), "group 19": (19, "ecp256")}

CRYPTO = """crypto isakmp policy 10
 encryption aes
 hash sha256
 authentication pre-share
 group {group}
crypto isakmp key {secret} address 0.0.0.0 0.0.0.0
crypto ipsec transform-set bench esp-aes esp-sha256-hmac
 mode tunnel
crypto ipsec profile bench
 set transform-set bench
 set pfs group{group}
"""
HUB_TUNNEL = """hostname hub
interface hub0
 ip address 192.0.2.1 255.255.255.0
interface Tunnel0
 ip address 10.0.0.1 255.254.0.0
 ip nhrp network-id 1
 tunnel source hub0
 tunnel mode gre multipoint
 tunnel protection ipsec profile bench
ip route 198.18.0.0 255.254.0.0 192.0.2.2
"""
LOAD_TUNNEL = """interface Tunnel0
 tunnel source 192.0.2.2
 tunnel mode gre multipoint
 tunnel protection ipsec profile bench
"""
PLUGINS = ("random nonce openssl kdf pem pkcs1 pubkey kernel-libipsec kernel-netlink "
           "socket-default vici")
CHARON = """charon-systemd {{
  load_modular = no
  load = {plugins}
  journal {{ default = -1 }}
  syslog {{ daemon {{ default = -1 }} }}
  filelog {{ charon {{ path = {scratch}/charon.log
    default = 0 }} }}
  plugins {{ vici {{ socket = unix://{scratch}/vici }}
    kernel-libipsec {{ allow_peer_ts = yes }} }}
  install_routes = no
  install_virtual_ip = no
  init_limit_half_open = 0
  cookie_threshold = 0
  block_threshold = 0
}}
swanctl {{ load = pem pkcs1 pubkey openssl random }}
"""
SWANCTL = """connections {{
  bench {{
    version = 1
    local_addrs = 192.0.2.1
    remote_addrs = %any
    proposals = aes128-sha256-{word}
    mobike = no
    unique = never
    local {{ auth = psk
      id = 192.0.2.1 }}
    remote {{ auth = psk }}
    children {{
      gre {{
        mode = tunnel
        local_ts = dynamic[gre]
        remote_ts = dynamic[gre]
        esp_proposals = aes128-sha256-{word}
      }}
    }}
  }}
}}
secrets {{ ike-bench {{ secret = "{secret}" }} }}
"""


class Network:
    """Hub and load generator, one cable apart; all spokes' addresses are the generator's own."""

    def __enter__(self):
        self.__exit__()
        for netns in (HUB, LOAD):
            run("ip", "netns", "add", netns)
            run("ip", "-n", netns, "link", "set", "lo", "up")
        run("ip", "link", "add", "hub0", "netns", HUB, "type", "veth", "peer", "name", "load0",
            "netns", LOAD)
        for netns, port, address in ((HUB, "hub0", HUB_ADDRESS), (LOAD, "load0", LOAD_ADDRESS)):
            run("ip", "-n", netns, "link", "set", port, "up")
            run("ip", "-n", netns, "addr", "add", address + "/24", "dev", port)
        run("ip", "-n", LOAD, "route", "add", "local", SPOKES, "dev", "lo")
        run("ip", "-n", HUB, "route", "replace", SPOKES, "via", LOAD_ADDRESS)
        return self

    def __exit__(self, *_):
        for netns in (HUB, LOAD):
            run("ip", "netns", "del", netns, check=False)


def on_processor(i, words):
    return ["taskset", "-c", str(i), *words] if (os.cpu_count() or 1) > 1 else list(words)


class Hub:
    name, process, environment = "", None, None

    def __init__(self, build, scratch, group):
        self.build, self.scratch, self.group = build, Path(scratch), group

    def spawn(self, *words):
        with open(self.scratch / "hub.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(on_processor(0, inside(HUB, *words)), stdout=log,
                                            stderr=log, env=self.environment)

    def listens(self):
        if self.process.poll() is not None:
            raise BenchError(f"{self.name} ended: " + (self.scratch / "hub.log").read_text()[-500:])
        return run(*inside(HUB, "ss", "-Hlun", "sport = :500")) != ""

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(READY_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu_s(self):
        """CPU time of all its threads, to the nanosecond."""
        return sum(int(stat.read_text().split()[0])
                   for stat in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")) / 1e9


class Dmvpnd(Hub):
    name = "dmvpnd"

    def start(self):
        config = self.scratch / "hub.conf"
        config.write_text(CRYPTO.format(group=GROUPS[self.group][0], secret=SECRET) + HUB_TUNNEL)
        config.chmod(0o600)
        self.spawn(self.build / "dmvpnd", "--config", config, "--run-dir", self.scratch / "run",
                   "--state-dir", self.scratch / "state")
        wait_for(self.listens, "dmvpnd listens on port 500")


class StrongSwan(Hub):
    name = "strongSwan"

    def start(self):
        if not shutil.which("swanctl"):
            raise BenchError("strongSwan is missing: run tools/install-deps.sh bench")
        conf = self.scratch / "strongswan.conf"
        conf.write_text(CHARON.format(scratch=self.scratch, plugins=PLUGINS))
        swanctl = self.scratch / "swanctl.conf"
        swanctl.write_text(SWANCTL.format(word=GROUPS[self.group][1], secret=SECRET))
        self.environment = {**os.environ, "STRONGSWAN_CONF": str(conf)}
        self.spawn("charon-systemd")
        wait_for(lambda: self.listens() and (self.scratch / "vici").exists(), "charon listens")
        words = ["swanctl", "--load-all", "--noprompt", "--file", str(swanctl),
                 "--uri", f"unix://{self.scratch}/vici"]
        done = subprocess.run(words, env=self.environment, timeout=READY_S, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise BenchError(f"swanctl: {done.stderr or done.stdout}")


def measure(hub, options):
    config = hub.scratch / "load.conf"
    config.write_text(CRYPTO.format(group=GROUPS[hub.group][0], secret=SECRET) + LOAD_TUNNEL)
    before = hub.cpu_s()
    done = subprocess.run(on_processor(1, inside(
        LOAD, options.build / "bench/ike_load", config, HUB_ADDRESS, FIRST, options.spokes,
        AT_A_TIME)), capture_output=True, text=True, timeout=600)
    cpu_s = hub.cpu_s() - before
    said = re.search(r"(\d+) done, (\d+) failed, ([\d.]+) seconds", done.stdout)
    if not said or said[2] != "0":
        raise BenchError(f"{hub.name}, {hub.group}: {done.stdout.strip()} {done.stderr.strip()}")
    return {"per_core_s": int(said[1]) / cpu_s, "per_s": int(said[1]) / float(said[3])}


def one_run(kind, group, options):
    with tempfile.TemporaryDirectory() as scratch, Network():
        hub = kind(options.build, scratch, group)
        try:
            hub.start()
            return measure(hub, options)
        finally:
            if hub.process:
                hub.stop()


def check_machine(build):
    if os.geteuid() != 0:
        raise BenchError("the benchmark makes network namespaces: run it as root")
    for program in ("ip", "ss", "taskset"):
        if not shutil.which(program):
            raise BenchError(f"{program} is missing: run tools/install-deps.sh bench")
    subprocess.run(["ninja", "-C", str(build), "--quiet", "bench/ike_load"], check=True)


def main():
    parser = argparse.ArgumentParser(prog="ike_bench.py")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--spokes", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append")
    options = parser.parse_args()
    options.build = options.build.resolve()
    check_machine(options.build)
    kinds = [k for k in (Dmvpnd, StrongSwan) if not options.only or k.name in options.only]
    results = {(k.name, g): [] for k in kinds for g in GROUPS}
    for i in range(options.rounds):
        for kind in kinds:
            for group in GROUPS:
                result = one_run(kind, group, options)
                results[kind.name, group].append(result)
                print(f"  round {i + 1}: {kind.name:10} {group} {result['per_core_s']:8.0f} a core-"
                      f"second, {result['per_s']:8.0f} a second", file=sys.stderr)
    print("\n| hub | group | negotiations per second of one core | ratio to strongSwan |")
    print("|---|---|---|---|")
    for (name, group), runs in results.items():
        other = results.get((StrongSwan.name, group), [])
        ratios = [a["per_core_s"] / b["per_core_s"] for a, b in zip(runs, other)]
        ratio = f"{statistics.median(ratios):.2f}" if ratios else ""
        print(f"| {name} | {group[6:]} | {statistics.median(r['per_core_s'] for r in runs):.0f} "
              f"| {ratio} |")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as e:
        print(f"ike_bench: {e}", file=sys.stderr)
        sys.exit(1)
