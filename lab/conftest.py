# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the lab tests. Whoever asks for `lab` gets the reference lab, up and registered."""

import signal
import sys

import pytest

import net

# A test may skip for these reasons and no other: a skip for another counts as a failure.
SKIPS = ("needs ../shared", "needs the kernel feature")


def pytest_configure(config):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@pytest.fixture(scope="session", autouse=True)
def requirements():
    net.sweep()
    try:
        net.requirements()
    except net.LabError as error:
        pytest.exit(f"lab: {error}", returncode=1)


@pytest.fixture
def empty():
    """Three routers without a daemon."""
    with net.Cloud() as cloud:
        yield cloud


@pytest.fixture
def lab(empty):
    """The reference lab: R1 the hub, R2 and R3 registered spokes."""
    for name in ("R1", "R2", "R3"):
        empty[name].configure(f"{name}.cfg")
        empty[name].start()
    for name in ("R2", "R3"):
        empty[name].wait_registered()
    return empty


@pytest.fixture
def direct(empty):
    """The reference lab with multipoint spokes."""
    for name in ("R1", "R2", "R3"):
        extra = [] if name == "R1" else ["direct.cfg"]
        empty[name].configure(f"{name}.cfg", *extra)
        empty[name].start()
    for name in ("R2", "R3"):
        empty[name].wait_registered()
    return empty


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not any(reason in str(call.excinfo.value) for reason in SKIPS):
        report.outcome = "failed"
        report.longrepr = f"skipped for a reason that does not count: {call.excinfo.value}"
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, net.Cloud):
                for name, log in value.logs().items():
                    report.sections.append((f"log of {name}", log[-20000:]))
