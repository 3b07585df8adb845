# SPDX-License-Identifier: Apache-2.0
"""The reference lab by hand: up, down, demo."""

import contextlib
import os
import signal
import socket
import sys

import dual_hub
import net
import reference
import traffic
from stage import play, say, transcript

LAB = "dmvpn-lab"
ROUTERS = {"R1": "hub", "R2": "spoke", "R3": "spoke"}


def start(cloud):
    for name in ROUTERS:
        cloud[name].configure(f"{name}.cfg")
        cloud[name].start()
    for name in ("R2", "R3"):
        cloud[name].wait_registered()


def type_in(cloud, names, file):
    """A file of configs/lab, line by line, at routers' terminals."""
    lines = (net.CONFIGS / file).read_text().split("\n")
    typed = ["configure terminal"] + [line for line in lines if line.strip(" !")]
    for name in names:
        for line in typed:
            print(f"{name}: {line}")
        cloud[name].shell(*typed)


def direct(cloud):
    say("Now the spokes become multipoint (configs/lab/direct.cfg, typed in)")
    type_in(cloud, ("R2", "R3"), "direct.cfg")
    for name in ("R2", "R3"):
        cloud[name].wait_registered()
    # The first ping goes by the hub and has the path resolved.
    transcript(cloud["R2"], "ping 10.10.10.3")
    cloud["R2"].wait_shell("show ip nhrp 10.10.10.3", "NBMA address: 3.3.3.2")
    cloud["R3"].wait_shell("show ip nhrp 10.10.10.2", "NBMA address: 2.2.2.2")
    hub = cloud["R1"]
    before = hub.ns.packets("Tunnel0")
    play(cloud, reference.DIRECT)
    after = hub.ns.packets("Tunnel0")
    print(f"\nR1's Tunnel0, packets (received, sent): {before} before these pings, {after} after")
    if before != after:
        raise net.LabError("the hub's packet counters moved: the pings went through the hub")
    print("The hub's packet counters stood still: R2 reaches R3 directly.")


def protect(cloud):
    say("Now all three are protected (configs/lab/protect.cfg, typed in)")
    type_in(cloud, ROUTERS, "protect.cfg")
    for name in ("R2", "R3"):
        cloud[name].wait_shell("show crypto isakmp sa", "QM_IDLE")
        cloud[name].wait_registered()
    cables = [traffic.Capture(cloud.internet, router.uplink) for router in cloud.routers.values()]
    with contextlib.ExitStack() as watching:
        for cable in cables:
            watching.enter_context(cable)
        for name in ("R2", "R3"):
            play(cloud, [(name, "ping 10.10.10.1", reference.ping("10.10.10.1"))])
        play(cloud, reference.PROTECTED)
    protocols = [protocol for cable in cables for protocol, _, _, _ in cable.ipv4()]
    sealed, clear = protocols.count(socket.IPPROTO_ESP), protocols.count(socket.IPPROTO_GRE)
    print(f"\nOn the Internet's three cables meanwhile: {sealed} packets of ESP, {clear} of GRE")
    if not sealed or clear:
        raise net.LabError("something was not protected")


@contextlib.contextmanager
def logged(cloud):
    """What fails inside is followed by the routers' logs."""
    try:
        yield
    except net.LabError:
        for name, log in cloud.logs().items():
            print(f"\n-- log of {name}\n{log}", file=sys.stderr)
        raise


def demo():
    with net.Cloud() as cloud, logged(cloud):
        say("A hub (R1) and two spokes (R2, R3) round an Internet router, from configs/lab")
        start(cloud)
        print("All three are up; both spokes are registered at the hub.")
        play(cloud, reference.HUB_AND_SPOKES)
        direct(cloud)
        protect(cloud)
        say("SIGTERM to all three")
        for name in ROUTERS:
            if cloud[name].stop() != 0:
                raise net.LabError(f"{name}: dmvpnd did not end cleanly")
            left = [link for link in cloud[name].ns.links() if link not in ("lo", "eth0")]
            if left:
                raise net.LabError(f"{name}: dmvpnd left {', '.join(left)} behind")
        print("Their interfaces, routes and addresses are gone.")
    with dual_hub.cloud() as cloud, logged(cloud):
        say("Two hubs (R1, R4), two offices (R2, R3), all protected, from configs/lab/dual-hub;"
            "\n   phase 3, with BGP and BFD of BIRD")
        dual_hub.show(cloud)
    say("All of it works, and is gone. 'make lab' leaves the reference lab running for you to "
        "look round.")


def up():
    cloud = net.Cloud(LAB)
    try:
        with logged(cloud):
            start(cloud)
    except BaseException:
        cloud.remove()
        raise
    shell = os.path.relpath(net.BUILD / "dmvpnsh")
    print("The lab is up: a hub and two registered spokes. Look round:\n")
    for name, role in ROUTERS.items():
        print(f"  {shell} --run-dir {cloud[name].run_dir}    # {name}, {role}")
    print(f"\n  ip netns exec {LAB}-R2 ping 10.10.10.3    # Linux's own view of R2"
          f"\n  tail -f {net.RUN / LAB}/R1/log    # R1's log"
          "\n\n'make lab-down' ends it.")


def down():
    there = any(name.startswith(LAB + "-") for name in net.namespaces())
    net.stop_daemons(LAB)
    net.remove(LAB)
    net.sweep()
    print("The lab is gone." if there else "There was no lab.")


def main(arguments):
    verbs = {"up": up, "down": down, "demo": demo}
    if len(arguments) != 1 or arguments[0] not in verbs:
        print("usage: lab/lab.sh up|down|demo", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        net.requirements(() if arguments[0] == "down" else ("dmvpnd", "dmvpnsh"))
        verbs[arguments[0]]()
    except net.LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nlab: interrupted; everything is removed", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
