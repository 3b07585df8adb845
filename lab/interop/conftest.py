# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests against routers of others: one guest for all of them."""

import shutil

import pytest

import net
import peers
import uml

PROGRAMS = {"frr": f"{peers.FRR}/nhrpd", "charon-systemd": "charon-systemd",
            "strongswan-swanctl": "swanctl", "busybox": "busybox"}


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: runs with Debian's slow kernel too")


@pytest.fixture(scope="session")
def kernel():
    found = uml.kernel()
    if not found:
        pytest.skip("needs ../shared, or Debian's package user-mode-linux: "
                    "run tools/install-deps.sh check")
    return found


@pytest.fixture(scope="session")
def world(requirements, kernel):
    missing = [package for package, program in PROGRAMS.items() if not shutil.which(program)]
    if missing:
        raise net.LabError(f"{', '.join(missing)} missing: run tools/install-deps.sh check")
    try:
        cloud = peers.Cloud(kernel)
    except uml.Unsuited:
        pytest.skip("needs ../shared: Debian's user-mode-linux does not run on this processor")
    with cloud:
        yield cloud


@pytest.fixture
def cloud(request, kernel, world):
    """R1 and R2 of ours, F1 and F2 of others, nothing running."""
    if not kernel.fast and not request.node.get_closest_marker("smoke"):
        pytest.skip("needs ../shared: Debian's kernel takes too long for all of these")
    yield world
    world.reset()
