# SPDX-License-Identifier: Apache-2.0
"""A hub that comes again under the pings of many spokes: how long each of them is without it.

Each spoke pings the hub twenty times a second. The hub is killed, or ended by SIGUSR1, and started
at once; or it executes its file anew by SIGUSR2. What counts is a spoke's longest time between two
answers.
"""

import argparse
import contextlib
import os
import signal
import statistics
import sys

import net
from pings import Pings

INTERVAL_S = 0.05
ENOUGH = 20     # pings
SETTLED = 200   # so many before: who has just registered does not soon again
HUB, SPOKE = ("", """
interface Tunnel0
 ip nhrp nhs 10.10.10.1 nbma 1.1.1.2
 ip nhrp holdtime {holdtime_s}
""")
ROUTER = """
interface Tunnel0
 ip address 10.10.10.{number} 255.255.255.0
 ip nhrp network-id 1
 tunnel source FastEthernet0/0
 tunnel mode gre multipoint
 tunnel key 1
interface FastEthernet0/0
 ip address {number}.{number}.{number}.2 255.255.255.0
ip route 0.0.0.0 0.0.0.0 {number}.{number}.{number}.1
"""


def start(cloud, protection, holdtime_s):
    for name, router in cloud.routers.items():
        role = HUB if name == "R1" else SPOKE
        router.configure(ROUTER.format(number=router.number),
                         role.format(holdtime_s=holdtime_s), *protection)
        router.start("--workers", 1)
    for name in list(cloud.routers)[1:]:
        cloud[name].wait_registered()


def killed(hub):
    hub.kill()
    hub.start("--workers", 1)


def restarted(hub):
    hub.stop(signal.SIGUSR1)
    hub.start("--workers", 1)


def again(hub):
    starts = hub.log().count("%SYS-5-READY")
    hub.send_signal(signal.SIGUSR2)
    net.wait_for(lambda: hub.log().count("%SYS-5-READY") > starts, net.PATIENCE_S, "it is back")


def forgotten(hub):
    """It knows nobody: each spoke is back when it is told so, or finds that its peer is dead."""
    hub.kill()
    for file in hub.state_dir.iterdir():
        file.unlink()
    hub.start("--workers", 1)


WAYS = {"SIGUSR2": again, "SIGUSR1 and start": restarted, "kill -9 and start": killed,
        "kill -9 and start, its state lost": forgotten}


def await_all(streams, holdtime_s, more):
    """Waits until each has so many more answers; it registers each third of its holding time."""
    enough = [len(pings.answers) + more for pings in streams]
    for pings, count in zip(streams, enough):
        net.wait_for(lambda: len(pings.answers) >= count, net.PATIENCE_S + holdtime_s / 3,
                     f"{pings.router.name} has answers")


def silences(cloud, way, holdtime_s):
    """Of each spoke, in seconds."""
    with contextlib.ExitStack() as running:
        streams = [running.enter_context(Pings(cloud[name], "10.10.10.1", interval_s=INTERVAL_S))
                   for name in list(cloud.routers)[1:]]
        await_all(streams, holdtime_s, SETTLED)
        way(cloud["R1"])
        await_all(streams, holdtime_s, ENOUGH)
    return [pings.silence_s for pings in streams]


def measure(what, protection, options):
    # Not R10, whose NBMA address would lie in the overlay network.
    numbers = [n for n in range(1, options.spokes + 3) if n != 10][:options.spokes + 1]
    names = tuple(f"R{number}" for number in numbers)
    with net.Cloud(f"dmvpncomeback{os.getpid()}", routers=names) as cloud:
        start(cloud, protection, options.holdtime)
        for way, function in WAYS.items():
            if options.way not in way:
                continue
            runs = [silences(cloud, function, options.holdtime) for _ in range(options.runs)]
            middle = statistics.median(s for run in runs for s in run)
            last = [max(run) for run in runs]
            print(f"| {what} | {way} | {middle:.2f} s | {statistics.median(last):.2f} s | "
                  f"{max(last):.2f} s |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--spokes", type=int, default=16)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--holdtime", type=int, default=60, help="of the spokes, in seconds")
    parser.add_argument("--way", default="", help="only ways with this in their name")
    options = parser.parse_args()
    net.sweep()
    net.requirements()
    print("| cloud | hub comes again by | a spoke, median | the last spoke, median of runs | "
          "the last of all runs |\n|---|---|---|---|---|")
    measure("in clear", (), options)
    measure("protected", ("protect.cfg",), options)


if __name__ == "__main__":
    try:
        main()
    except net.LabError as error:
        print(f"comeback: {error}", file=sys.stderr)
        sys.exit(1)
