#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs dmvpn-sim: sim_test.py SIM scenario|once FILE [option …] | SIM plant CHECKER | SIM options

scenario: all checkers have looked and are content, and a second run has the same trace hash.
once:     all checkers have looked and are content: for builds so slow that one run has to do.
plant:    a fault planted in a node makes the checker for it, and the run, fail.
options:  wrong options and scenarios are refused with a sentence that names them.
"""
import re
import subprocess
import sys
import tempfile


def run(sim, *options):
    done = subprocess.run([sim, *options], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def trace_hash(output):
    return re.search(r"^trace hash ([0-9a-f]{16})$", output, re.M).group(1)


def test_once(sim, path, *options):
    status, output, errors = run(sim, "--scenario", path, *options)
    print(output, errors)
    assert status == 0
    return output


def test_scenario(sim, path, *options):
    output = test_once(sim, path, *options)
    # The largest cloud runs once: that equal seeds give equal runs is shown by the others.
    if "ten-thousand" in path:
        return
    again = run(sim, "--scenario", path, *options)
    assert trace_hash(again[1]) == trace_hash(output)
    other = run(sim, "--scenario", path, *options, "--seed", "2")
    assert other[0] == 0, other[1]
    assert trace_hash(other[1]) != trace_hash(output)


# What a checker needs in order to see its fault, beside spokes that restart.
PLANT_OPTIONS = {
    "agreement": ["--protect", "19"],
    "reuse": ["--protect", "19", "--lifetime", "120"],
    "reuse-iv": ["--protect", "19", "--lifetime", "120"],
    "clear": ["--protect", "19"],
    "servers": ["--hubs", "2", "--mesh", "1", "--max-connections", "1"],
    "servers-fallback": ["--hubs", "2", "--mesh", "1", "--max-connections", "1",
                         "--fallback", "60"],
}
PLANT_SCENARIOS = {"outlive": "at 150 partition 40% for 200\n",
                   "servers-fallback": "at 150 restart hub 0 down 100\n"}


def test_plant(sim, checker):
    with tempfile.NamedTemporaryFile("w", suffix=".scn") as scenario:
        scenario.write(PLANT_SCENARIOS.get(checker, ""))
        scenario.flush()
        base = ["--spokes", "20", "--holdtime", "60", "--duration", "600", "--restarts", "2",
                "--scenario", scenario.name, *PLANT_OPTIONS.get(checker, [])]
        status, output, _ = run(sim, *base)
        assert status == 0, output
        status, output, _ = run(sim, *base, "--plant", checker)
    print(output)
    assert status == 1
    # Other checkers may see what comes of it.
    rule_of = {"servers-fallback": "servers", "reuse-iv": "reuse"}
    assert rule_of.get(checker, checker) in re.findall(r"^checker (\S+) +FAILED", output, re.M)


def test_options(sim):
    for options, word in [
        (["--spokes", "x"], "spokes"),
        (["--spokes", "0"], "spokes"),
        (["--loss", "95%"], "loss"),
        (["--nonsense", "1"], "nonsense"),
        (["--duration", "100"], "duration"),
        (["--plant", "nothing"], "nothing"),
        (["--protect", "3"], "group 3"),
        (["--delay", "3", "--delay-min", "9"], "delay-min"),
        (["--scenario", "/nonexistent"], "/nonexistent"),
        (["--seed"], "--seed"),
    ]:
        status, _, errors = run(sim, *options)
        assert status == 2 and word in errors, (options, errors)
    for text, word in [
        ("spokes 10\nhubs\n", "line 2"),
        ("at 100 explode hub 0\n", "explode"),
        ("at 100 restart hub 3 down 5\n", "no hub 3"),
        ("at 100 replace hub 3 down 5\n", "no hub 3"),
        ("at 100 split 5%\n", "split"),
        ("at 100 flap 101% for 9\n", "flap"),
        ("phase 1\n", "phase"),
        ("regions 4\n", "phase 3"),
        ("phase 3\np2p 5%\n", "p2p"),
        ("at 3500 readdress 5%\n", "not over"),
        ("max-connections 1\nhomes 1\n", "max-connections"),
        ("at 100 rebind 5% for 9\n", "rebind"),
        ("nat-share 2\n", "nat-share"),
        ("holdtime 30\nfallback 40\n", "fallback"),
    ]:
        with tempfile.NamedTemporaryFile("w", suffix=".scn") as f:
            f.write(text)
            f.flush()
            status, _, errors = run(sim, "--scenario", f.name)
            assert status == 2 and word in errors, (text, errors)


if __name__ == "__main__":
    {"scenario": test_scenario, "once": test_once, "plant": test_plant,
     "options": test_options}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
