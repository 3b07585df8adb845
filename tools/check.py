#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Builds everything and runs every test; the last line sums up. See docs/testing.md.

    tools/check.py                                      all of it
    tools/check.py fuzz --seconds N [--target NAME]     only the fuzzers, for longer
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from concurrent import futures
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD, BUILD_CLANG = ROOT / "build", ROOT / "build-clang"
FUZZ_S = 10
PYTEST_S = 1800  # for all tests of the lab, or of interop: most of it is waiting for timers
JOBS = os.cpu_count() or 1
PATIENCE = 4  # times the time limits of tests: sanitized, on a busy machine
# {name: (what, arguments of pytest)}. What waits for routing daemons is a third of the lab's time.
LABS = {
    "lab": ("lab (real packets in network namespaces)",
            ["lab", "--ignore=lab/interop", "--ignore=lab/test_routing.py"]),
    "routing": ("lab, with routing daemons", ["lab/test_routing.py"]),
    "interop": ("interop (routers of others)", ["lab/interop"]),
}
TAIL = 6000   # characters of a failure's output
# A finding of a sanitizer ends the program, so that no test can pass over it.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def add(self, passed, failed=(), skipped=0):
        self.passed += passed
        self.failed += len(failed)
        self.skipped += skipped
        self.failures += failed

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def say(what, since, outcome):
    print(f"{what:<44} {outcome}  ({time.monotonic() - since:.0f} s)", flush=True)


def run(arguments, env=None, timeout=None):
    """Runs a program with its output kept: (status, output)."""
    try:
        done = subprocess.run([str(a) for a in arguments], cwd=ROOT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", env={**os.environ, **(env or {})}, timeout=timeout,
                              check=False)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        said = (expired.stdout or b"").decode(errors="replace")
        return 124, f"{said}\nno end after {timeout} s"


def build(tally, what, folder, options, env=None):
    """Configures (once) and builds everything."""
    start = time.monotonic()
    verb = ["configure", folder] if (folder / "build.ninja").exists() else ["setup", folder]
    status, output = run(["meson", *verb, *options], env)
    if status == 0:
        status, output = run(["ninja", "-C", folder, "--quiet"])
    if status == 0:
        tally.add(1)
        say(what, start, "ok")
        return True
    print(output)
    tally.add(0, [what])
    say(what, start, "FAILED")
    return False


def show_failure(result):
    """What a failed test printed, as far as it helps."""
    print(f"\n--- {result['name']}: {result['result']}: {' '.join(result['command'])}")
    for stream in ("stdout", "stderr"):
        print(result.get(stream, "")[-TAIL:], end="")
    print("---")


def meson_tests(tally, what, folder, suites, env=None):
    start = time.monotonic()
    log = folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    words = [w for suite in suites for w in ("--suite", suite)]
    status, output = run(["meson", "test", "-C", folder, "--no-rebuild", "--num-processes", JOBS,
                          "--timeout-multiplier", PATIENCE, *words], env)
    results = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    failed = [r for r in results if r["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")]
    skipped = sum(r["result"] == "SKIP" for r in results)
    for result in failed:
        show_failure(result)
    tally.add(len(results) - len(failed) - skipped, [f"{what}: {r['name']}" for r in failed],
              skipped)
    if not results or (status != 0 and not failed):
        print(output)
        tally.add(0, [f"{what}: meson test ended with {status}"])
    say(what, start, f"{len(failed)} FAILED of {len(results)}" if failed else f"{len(results)} ok")


def pytest_run(name, arguments):
    """Runs tests of pytest, which fail a skip whose reason does not count themselves."""
    report = BUILD / "meson-logs" / f"{name}.xml"
    report.unlink(missing_ok=True)
    status, output = run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                          f"--junitxml={report}", *arguments], timeout=PYTEST_S)
    cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    return status, output, cases


def pytest_tests(tally, suites):
    """Runs suites as LABS beside each other: most of their time is waiting."""
    start = time.monotonic()
    with futures.ThreadPoolExecutor(len(suites)) as pool:
        running = {pool.submit(pytest_run, name, arguments): (what, name)
                   for name, (what, arguments) in suites.items()}
        for done in futures.as_completed(running):
            what, name = running[done]
            status, output, cases = done.result()
            failed = [f"{name}: {c.get('name')}" for c in cases
                      if c.find("failure") is not None or c.find("error") is not None]
            skipped = sum(c.find("skipped") is not None for c in cases)
            ended_badly = not cases or (status != 0 and not failed)
            if failed or skipped or ended_badly:
                print(output)
            if ended_badly:
                tally.add(0, [f"{what}: pytest ended with {status}"])
                say(what, start, "FAILED")
                continue
            tally.add(len(cases) - len(failed) - skipped, failed, skipped)
            outcome = (f"{len(failed)} FAILED of {len(cases)}" if failed
                       else f"{len(cases) - skipped} ok")
            say(what, start, outcome + (f", {skipped} skipped" if skipped else ""))


def fuzz_target(target, seconds):
    """Whether one passed, from its corpus. What it finds stays in build-clang/fuzz-NAME/."""
    name, start = target.name[:-len("_fuzz")], time.monotonic()
    found = BUILD_CLANG / f"fuzz-{name}"
    found.mkdir(exist_ok=True)
    corpus = ROOT / "fuzz" / "corpus" / name
    status, output = run([target, f"-max_total_time={seconds}", "-timeout=10",
                          "-rss_limit_mb=2048", f"-artifact_prefix={found}/",
                          "-print_final_stats=1", found,
                          *([corpus] if corpus.is_dir() else [])], SANITIZERS)
    executed = re.search(r"number_of_executed_units:\s*(\d+)", output)
    if status == 0 and executed:
        say(f"fuzz {name}", start, f"ok, {int(executed[1]):,} inputs")
        return True
    print(output[-TAIL:])
    say(f"fuzz {name}", start, "FAILED")
    return False


def fuzz(tally, seconds, wanted=None):
    """Runs the libFuzzer targets, one a core."""
    targets = [p for p in sorted((BUILD_CLANG / "fuzz").glob("*_fuzz"))
               if not wanted or p.name == f"{wanted}_fuzz"]
    if not targets:
        tally.add(0, [f"fuzz: no target {wanted or ''} in {BUILD_CLANG / 'fuzz'}"])
    with futures.ThreadPoolExecutor(JOBS) as cores:
        passed = list(cores.map(lambda target: fuzz_target(target, seconds), targets))
    failed = [f"fuzz {t.name[:-len('_fuzz')]}" for t, ok in zip(targets, passed) if not ok]
    tally.add(len(targets) - len(failed), failed)


def clang_options(folder):
    fresh = not (folder / "build.ninja").exists()
    return ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dfuzzers=true",
            "-Dtests=enabled", "-Doptimization=1"], {"CC": "clang-14"} if fresh else None


def check_all(tally):
    options, env = clang_options(BUILD_CLANG)
    if build(tally, "build with gcc", BUILD, ["-Dtests=enabled"]):
        meson_tests(tally, "unit tests", BUILD, ["unit", "sim", "scale"])
        meson_tests(tally, "tidy", BUILD, ["tidy"])
    if build(tally, "build with clang, ASan and UBSan", BUILD_CLANG, options, env):
        meson_tests(tally, "unit tests, corpora, simulator, sanitized", BUILD_CLANG,
                    ["unit", "corpus", "sim"], SANITIZERS)
        fuzz(tally, FUZZ_S)
    if (BUILD / "dmvpnd").exists():
        pytest_tests(tally, LABS)
    else:
        tally.add(0, ["lab: build/dmvpnd is not there"])


def main():
    parser = argparse.ArgumentParser(prog="check.py")
    parser.add_argument("what", nargs="?", choices=["all", "fuzz"], default="all")
    parser.add_argument("--seconds", type=int, default=FUZZ_S)
    parser.add_argument("--target")
    options = parser.parse_args()
    tally = Tally()
    if options.what == "fuzz":
        flags, env = clang_options(BUILD_CLANG)
        if build(tally, "build with clang, ASan and UBSan", BUILD_CLANG, flags, env):
            fuzz(tally, options.seconds, options.target)
    else:
        check_all(tally)
    for failure in tally.failures:
        print(f"FAILED {failure}")
    print(tally.line())
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
