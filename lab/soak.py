# SPDX-License-Identifier: Apache-2.0
"""The reference lab protected with its own lifetime of 120 s, under 100 pings a second for as long
as it takes to renew the associations ten times, in tunnel and in transport mode side by side."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import net

RENEWALS = 10
LIFETIME_S = 120
POLL_S = 1
MODES = ("tunnel", "transport")
TRANSPORT = "crypto ipsec transform-set mySet esp-aes esp-sha-hmac\nmode transport\n"


def outbound_spi(router):
    return re.search(r"current outbound spi: (0x[0-9A-F]+)",
                     router.shell("show crypto ipsec sa peer 1.1.1.2"))[1]


def renew(router, mode):
    """Waits until the associations have been replaced so many times."""
    seen = [outbound_spi(router)]
    end = time.monotonic() + (RENEWALS + 1) * LIFETIME_S
    pause = threading.Event()
    while len(seen) <= RENEWALS:
        if time.monotonic() > end:
            raise net.LabError(f"{mode}: {len(seen) - 1} renewals, not {RENEWALS}, in time")
        pause.wait(POLL_S)
        spi = outbound_spi(router)
        if spi != seen[-1]:
            seen.append(spi)
            print(f"{mode}: renewal {len(seen) - 1}", flush=True)


def soak(mode, results):
    with net.Cloud(f"dmvpn{mode}{os.getpid()}") as cloud:
        for name, router in cloud.routers.items():
            more = [TRANSPORT] if mode == "transport" else []
            router.configure(f"{name}.cfg", "protect.cfg", *more)
            router.start()
        for name in ("R2", "R3"):
            cloud[name].wait_registered()
        ping = cloud["R2"].ns.popen("ping", "-n", "-q", "-i", "0.01", "-s", "1000", "10.10.10.1",
                                    stdout=subprocess.PIPE, text=True)
        try:
            renew(cloud["R2"], mode)
        finally:
            ping.send_signal(signal.SIGINT)
            out = ping.communicate(timeout=net.PATIENCE_S)[0]
        sent, received = (int(n) for n in re.search(r"(\d+) packets transmitted, (\d+) received",
                                                    out).groups())
        # The last one may have been on its way when ping was stopped.
        results[mode] = (sent, max(0, sent - received - 1))


def main():
    results = {}
    net.sweep()
    net.requirements()
    threads = [threading.Thread(target=soak, args=(mode, results)) for mode in MODES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mode, (sent, lost) in results.items():
        print(f"{mode}: {RENEWALS} renewals, {sent} pings, {lost} lost")
    return 0 if set(results) == set(MODES) and not any(lost for _, lost in results.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except net.LabError as error:
        print(f"soak: {error}", file=sys.stderr)
        sys.exit(1)
