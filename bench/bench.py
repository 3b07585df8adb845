#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How fast TCP gets through the tunnel between two network namespaces, beside others.

    bench/bench.py [--seconds 4] [--rounds 5] [--build build] [--only NAME]... [--json FILE]

Every round measures every variant once, one after the other, so that a machine that drifts drifts
for all; the table shows medians, and ratios to the copy-only tunnel over the same kind of socket.
All of it, both ends of TCP included, shares this machine's cores.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE, THERE = "dmvpnbench-a", "dmvpnbench-b"
PORTS = {HERE: "bench-va", THERE: "bench-vb"}
OUTER = {HERE: "192.0.2.1", THERE: "192.0.2.2"}
INNER = {HERE: "10.9.9.1", THERE: "10.9.9.2"}
RAW_REFERENCE, UDP_REFERENCE = "nulltun", "nulltun udp"
START_S = 15
POLL_S = 0.02
OFFLOADS = ["tso", "gso", "gro", "tx", "rx", "tx-udp-segmentation"]
TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """A sentence for the user."""


def run(*words, check=True):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=60)
    if check and done.returncode != 0:
        raise BenchError(f"{' '.join(str(w) for w in words)}: {done.stderr.strip()}")
    return done.stdout


def wait_for(condition, what, processes=()):
    """Until the condition holds. BenchError when time is over or one of the processes has ended."""
    end = time.monotonic() + START_S
    while not condition():
        if time.monotonic() > end or any(p.poll() is not None for p in processes):
            raise BenchError(f"waited in vain until {what}")
        time.sleep(POLL_S)


def inside(netns, *words):
    return ["ip", "netns", "exec", netns, *[str(w) for w in words]]


class Network:
    """Two namespaces with one cable."""

    def __enter__(self):
        for netns in (HERE, THERE):
            run("ip", "netns", "del", netns, check=False)
            run("ip", "netns", "add", netns)
        run("ip", "link", "add", PORTS[HERE], "netns", HERE, "type", "veth",
            "peer", "name", PORTS[THERE], "netns", THERE)
        for netns in (HERE, THERE):
            run("ip", "-n", netns, "link", "set", "lo", "up")
            run("ip", "-n", netns, "link", "set", PORTS[netns], "up")
            run("ip", "-n", netns, "addr", "add", OUTER[netns] + "/24", "dev", PORTS[netns])
        return self

    def __exit__(self, *_):
        for netns in (HERE, THERE):
            run("ip", "netns", "del", netns, check=False)

    def set_offloads(self, on):
        for netns in (HERE, THERE):
            for feature in OFFLOADS:
                run(*inside(netns, "ethtool", "-K", PORTS[netns], feature, "on" if on else "off"),
                    check=False)


class Variant:
    """Something that carries TCP. `processes` are what it costs CPU time with."""

    name = "veth"
    target = OUTER[THERE]
    reference = RAW_REFERENCE

    def __init__(self, build, scratch):
        self.build, self.scratch, self.processes = build, Path(scratch), []

    def start(self):
        pass

    def spawn(self, netns, *words):
        log = open(self.scratch / f"{self.name.replace(' ', '-')}-{netns}.log", "w")
        self.processes.append(subprocess.Popen(inside(netns, *words), stdout=log, stderr=log))
        log.close()

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []

    def wait(self):
        ping = inside(HERE, "ping", "-c1", "-W1", self.target)
        self.wait_for(lambda: subprocess.run(ping, capture_output=True).returncode == 0, "comes up")

    def wait_for(self, condition, what):
        try:
            wait_for(condition, f"{self.name} {what}", self.processes)
        except BenchError as error:
            raise BenchError(f"{error}; its log: {self.log()}") from None

    def log(self):
        """The last line that an end of it wrote."""
        for file in sorted(self.scratch.glob(self.name.replace(" ", "-") + "-*.log")):
            lines = file.read_text().splitlines()
            if lines:
                return lines[-1]
        return "empty"

    def cpu_ticks(self):
        total = 0
        for process in self.processes:
            for stat in Path(f"/proc/{process.pid}/task").glob("*/stat"):
                fields = stat.read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total


class Tunnel(Variant):
    """One whose TAP interfaces we give addresses."""

    target = INNER[THERE]
    tap = "bench-tun"
    arp = True

    def give_addresses(self, mtu):
        for netns in (HERE, THERE):
            wait_for(lambda: run("ip", "-n", netns, "link", "show", self.tap, check=False),
                     f"{self.name} makes an interface")
            run("ip", "-n", netns, "link", "set", self.tap, "arp", "on" if self.arp else "off")
            run("ip", "-n", netns, "link", "set", self.tap, "mtu", mtu, "up")
            run("ip", "-n", netns, "addr", "add", INNER[netns] + "/24", "dev", self.tap)

    def stop(self):
        super().stop()
        for netns in (HERE, THERE):
            run("ip", "-n", netns, "link", "del", self.tap, check=False)


class Nulltun(Tunnel):
    def __init__(self, build, scratch, raw):
        super().__init__(build, scratch)
        self.raw = raw
        self.name = self.reference = RAW_REFERENCE if raw else UDP_REFERENCE

    def start(self):
        for netns, other in ((HERE, THERE), (THERE, HERE)):
            self.spawn(netns, self.build / "bench/nulltun", self.tap, OUTER[netns], OUTER[other],
                       int(self.raw))
        self.give_addresses(1500)


class Gretun(Tunnel):
    """Our data plane; protected with a suite and an encapsulation, or in clear."""

    arp = False
    mtus = {(): 1476, ("cbc-sha1", "plain"): 1434, ("cbc-sha1", "udp"): 1418,
            ("gcm", "plain"): 1442, ("gcm", "udp"): 1434}

    def __init__(self, build, scratch, port, *protection, workers=0):
        super().__init__(build, scratch)
        self.port, self.protection, self.workers = port, protection, workers
        self.name = f"gre {port}"
        if protection:
            suite, encapsulation = protection
            self.name = f"esp {'udp' if encapsulation == 'udp' else port} {suite}"
            self.reference = UDP_REFERENCE if encapsulation == "udp" else RAW_REFERENCE

    def start(self):
        for netns, other in ((HERE, THERE), (THERE, HERE)):
            self.spawn(netns, self.build / "bench/gretun", self.tap, OUTER[netns], OUTER[other],
                       self.port, self.workers, *self.protection)
        self.give_addresses(self.mtus[self.protection])
        for netns in (HERE, THERE):  # as the daemon does (DP_FRAME_SEGMENTS)
            run("ip", "-n", netns, "link", "set", self.tap, "gso_max_segs", 44)


class Daemon(Variant):
    """A hub and a spoke as people run them."""

    name = "dmvpnd"
    target = INNER[THERE]
    config = """hostname {name}
interface {port}
 ip address {outer} 255.255.255.0
interface Tunnel0
 ip address {inner} 255.255.255.0
 ip nhrp network-id 1
{more} tunnel source {port}
 tunnel mode gre multipoint
"""

    def start(self):
        nhs = f" ip nhrp nhs {INNER[THERE]} nbma {OUTER[THERE]}\n"
        for netns, name, more in ((THERE, "hub", ""), (HERE, "spoke", nhs)):
            run("ip", "-n", netns, "addr", "flush", "dev", PORTS[netns])
            file = self.scratch / f"{name}.conf"
            file.write_text(self.config.format(name=name, port=PORTS[netns], outer=OUTER[netns],
                                               inner=INNER[netns], more=more))
            self.spawn(netns, self.build / "dmvpnd", "--config", file,
                       "--run-dir", self.scratch / name, "--state-dir", self.scratch / f"{name}.d")

    def stop(self):
        super().stop()
        for netns in (HERE, THERE):
            run("ip", "-n", netns, "addr", "flush", "dev", PORTS[netns])
            run("ip", "-n", netns, "addr", "add", OUTER[netns] + "/24", "dev", PORTS[netns])


class OpenVPN(Variant):
    """Point to point over UDP: a static key without cipher, or TLS with its default cipher."""

    target = INNER[THERE]

    def __init__(self, build, scratch, cipher):
        super().__init__(build, scratch)
        self.name = "openvpn null" if cipher is None else "openvpn"
        self.null = cipher is None

    def options(self, netns):
        if self.null:
            key = self.scratch / "static.key"
            if not key.exists():
                run("openvpn", "--genkey", "secret", key)
            return ["--secret", key, "--cipher", "none", "--auth", "none"]
        prints = {}
        for end in (HERE, THERE):
            if not (self.scratch / f"{end}.crt").exists():
                run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={end}",
                    "-keyout", self.scratch / f"{end}.key", "-out", self.scratch / f"{end}.crt")
            said = run("openssl", "x509", "-in", self.scratch / f"{end}.crt", "-noout",
                       "-fingerprint", "-sha256")
            prints[end] = said.strip().partition("=")[2]
        other = THERE if netns == HERE else HERE
        role = ["--tls-client"] if netns == HERE else ["--tls-server", "--dh", "none"]
        return [*role, "--cert", self.scratch / f"{netns}.crt",
                "--key", self.scratch / f"{netns}.key",
                "--peer-fingerprint", prints[other]]

    def start(self):
        for netns, other in ((HERE, THERE), (THERE, HERE)):
            self.spawn(netns, "openvpn", "--dev", "bench-ovpn", "--dev-type", "tun",
                       "--proto", "udp", "--local", OUTER[netns], "--remote", OUTER[other],
                       "--ifconfig", INNER[netns], INNER[other],
                       *self.options(netns))


class Libipsec(Variant):
    """Two charons of strongSwan with ESP in user space (kernel-libipsec), which is always in UDP
    and in tunnel mode; between the inner addresses only."""

    target = INNER[THERE]
    tun = "ipsec0"
    proposals = {"cbc-sha1": "aes128-sha1", "gcm": "aes128gcm16"}
    conf = """charon-systemd {{
  load_modular = no
  load = random nonce openssl hmac kdf kernel-libipsec kernel-netlink socket-default vici
  journal {{ default = -1 }}
  syslog {{ daemon {{ default = -1 }} }}
  filelog {{ stderr {{ default = 0 }} }}
  plugins {{ vici {{ socket = unix://{vici} }} }}
  install_routes = no
}}
"""
    swanctl = """connections {{ bench {{
  version = 2
  local_addrs = {outer}
  remote_addrs = {other}
  proposals = aes128-sha256-ecp256
  local {{ auth = psk }}
  remote {{ auth = psk }}
  children {{ inner {{
    local_ts = {inner}/32
    remote_ts = {target}/32
    esp_proposals = {esp}
    start_action = {action}
  }} }}
}} }}
secrets {{ ike-bench {{ secret = "bench" }} }}
"""

    def __init__(self, build, scratch, suite):
        super().__init__(build, scratch)
        self.name, self.suite = f"libipsec {suite}", suite

    def start(self):
        for netns, other in ((THERE, HERE), (HERE, THERE)):
            vici = self.scratch / f"{netns}.vici"
            file = self.scratch / f"{netns}.swanctl"
            conf = self.scratch / f"{netns}.strongswan"
            conf.write_text(self.conf.format(vici=vici))
            file.write_text(self.swanctl.format(
                outer=OUTER[netns], other=OUTER[other], inner=INNER[netns], target=INNER[other],
                esp=self.proposals[self.suite], action="start" if netns == HERE else "none"))
            run("ip", "-n", netns, "addr", "add", INNER[netns] + "/32", "dev", "lo")
            self.spawn(netns, "env", f"STRONGSWAN_CONF={conf}", "charon-systemd")
            self.load(conf, file, vici)
            run("ip", "-n", netns, "route", "add", INNER[other], "dev", self.tun,
                "src", INNER[netns])

    def load(self, conf, file, vici):
        self.wait_for(vici.exists, "starts")
        run("env", f"STRONGSWAN_CONF={conf}", "swanctl", "--load-all", "--noprompt",
            "--file", file, "--uri", f"unix://{vici}")

    def stop(self):
        super().stop()
        for netns in (HERE, THERE):
            (self.scratch / f"{netns}.vici").unlink(missing_ok=True)
            run("ip", "-n", netns, "addr", "del", INNER[netns] + "/32", "dev", "lo", check=False)


def transmitted(netns):
    link = json.loads(run("ip", "-j", "-s", "-n", netns, "link", "show", PORTS[netns]))[0]
    return link["stats64"]["tx"]["packets"]


def wait_listening():
    """Until iperf3 at the far end takes connections."""
    wait_for(lambda: run(*inside(THERE, "ss", "-Hltn", "sport = :5201")), "iperf3 listens")


def measure(variant, seconds):
    """One run: bits and underlay packets per second, CPU seconds of the tunnel per such packet."""
    server = subprocess.Popen(inside(THERE, "iperf3", "-s", "-1"), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        wait_listening()
        ticks, packets = variant.cpu_ticks(), transmitted(HERE) + transmitted(THERE)
        said = run(*inside(HERE, "iperf3", "-c", variant.target, "-t", seconds, "-J"))
        ticks = variant.cpu_ticks() - ticks
        packets = transmitted(HERE) + transmitted(THERE) - packets
        end = json.loads(said)["end"]
        return {
            "gbit_per_s": end["sum_received"]["bits_per_second"] / 1e9,
            "packets_per_s": packets / end["sum_received"]["seconds"],
            "cpu_us_per_packet": ticks / TICKS * 1e6 / packets if packets else 0,
            "retransmits": end["sum_sent"].get("retransmits", 0),
        }
    finally:
        server.terminate()
        server.wait()


def one_run(variant, seconds):
    try:
        variant.start()
        variant.wait()
        return measure(variant, seconds)
    finally:
        variant.stop()


def rounds(variants, options, label):
    results = {v.name: [] for v in variants}
    for i in range(options.rounds):
        for variant in variants:
            try:
                result = one_run(variant, options.seconds)
            except (BenchError, json.JSONDecodeError) as e:
                print(f"  {variant.name}: {e}", file=sys.stderr)
                continue
            results[variant.name].append(result)
            print(f"  {label}, round {i + 1}: {variant.name:19} "
                  f"{result['gbit_per_s']:6.2f} Gbit/s", file=sys.stderr)
    return results


def median(runs, key):
    return statistics.median(r[key] for r in runs) if runs else 0.0


def ratio_to_reference(results, variant):
    """The median over rounds of the ratio within a round: what drifts between rounds cancels."""
    pairs = zip(results[variant.name], results.get(variant.reference, []))
    ratios = [a["gbit_per_s"] / b["gbit_per_s"] for a, b in pairs if b["gbit_per_s"]]
    return statistics.median(ratios) if ratios else 0.0


def table(variants, results, label):
    print(f"\nveth offloads {label}\n")
    columns = ["variant", "Gbit/s", "runs", "ratio", "to", "packets/s", "CPU us/packet",
               "retransmits"]
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for variant in variants:
        name, runs = variant.name, results[variant.name]
        if not runs:
            print(f"| {name} | failed | | | | | | |")
            continue
        each = " ".join(f"{r['gbit_per_s']:.2f}" for r in runs)
        print(f"| {name} | {median(runs, 'gbit_per_s'):.2f} | {each} | "
              f"{ratio_to_reference(results, variant):.2f} | {variant.reference} | "
              f"{median(runs, 'packets_per_s'):.0f} | "
              f"{median(runs, 'cpu_us_per_packet'):.2f} | {median(runs, 'retransmits'):.0f} |")


def check_machine(build):
    if os.geteuid() != 0:
        raise BenchError("the benchmark makes network namespaces: run it as root")
    if not os.path.exists("/dev/net/tun"):
        raise BenchError("there is no /dev/net/tun: load the tun module (modprobe tun)")
    for program in ("ip", "iperf3", "ethtool", "openvpn", "openssl", "charon-systemd",
                    "swanctl"):
        if not shutil.which(program):
            raise BenchError(f"{program} is missing: apt-get install it")
    for program in ("bench/gretun", "bench/nulltun"):
        run("ninja", "-C", build, program)


def warn_of_load():
    load = os.getloadavg()[0]
    if load > os.cpu_count() / 2:
        print(f"bench: others keep this machine busy (load {load:.1f}): the ratios say little",
              file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=4, help="of each run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--workers", type=int, default=0, help="of each tunnel end; 0: its default")
    parser.add_argument("--only", action="append",
                        help="variants to measure, beside what they are compared with")
    parser.add_argument("--offloads", choices=["on", "off", "both"], default="both")
    parser.add_argument("--json", type=Path, help="write all runs there")
    options = parser.parse_args()
    try:
        check_machine(options.build)
        warn_of_load()
        with tempfile.TemporaryDirectory(prefix="dmvpnbench-") as scratch, Network() as network:
            build = options.build.resolve()
            variants = [
                Variant(build, scratch),
                Nulltun(build, scratch, True),
                Nulltun(build, scratch, False),
                Gretun(build, scratch, "raw", workers=options.workers),
                Gretun(build, scratch, "packet", workers=options.workers),
                Gretun(build, scratch, "xdp", workers=options.workers),
                *(Gretun(build, scratch, port, suite, encapsulation, workers=options.workers)
                  for port, encapsulation in (("raw", "plain"), ("packet", "plain"),
                                              ("xdp", "plain"), ("auto", "udp"))
                  for suite in ("cbc-sha1", "gcm")),
                Daemon(build, scratch),
                OpenVPN(build, scratch, None),
                OpenVPN(build, scratch, "default"),
                Libipsec(build, scratch, "cbc-sha1"),
                Libipsec(build, scratch, "gcm"),
            ]
            if options.only:
                chosen = [v for v in variants if v.name in options.only]
                references = {v.reference for v in chosen}
                variants = [v for v in variants if v in chosen or v.name in references]
            everything = {}
            for label in ("on", "off") if options.offloads == "both" else (options.offloads,):
                network.set_offloads(label == "on")
                everything[label] = rounds(variants, options, f"offloads {label}")
            for label, results in everything.items():
                table(variants, results, label)
        if options.json:
            options.json.write_text(json.dumps(everything, indent=1))
    except BenchError as e:
        print(f"bench: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
