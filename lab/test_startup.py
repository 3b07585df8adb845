# SPDX-License-Identifier: Apache-2.0
"""What dmvpnd says and does before it runs: --check, --strict, --version, and what it refuses."""

import re
import subprocess

import pytest

import dual_hub
import net


def words(*arguments):
    return [net.BUILD / "dmvpnd", *arguments]


def refuse(router, *command):
    """Runs a command that must exit 1 with one sentence and touch nothing; returns the sentence."""
    links, routes = router.ns.links(), router.ns.routes()
    done = router.ns.run(*command, check=False)
    assert done.returncode == 1, done.stderr
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(said) == 1, said
    assert (router.ns.links(), router.ns.routes()) == (links, routes)
    return said[0]


def check(tmp_path, text):
    file = tmp_path / "a.cfg"
    file.write_text(text)
    done = net.run(*words("--check", "--config", file), check=False)
    return done.returncode, (done.stdout + done.stderr).replace(str(file), "a.cfg")


@pytest.mark.parametrize("name", ["R1.cfg", "R2.cfg", "R3.cfg"])
def test_check_of_the_reference_files_says_nothing(name):
    done = net.run(*words("--check", "--config", net.CONFIGS / name))
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize("name", dual_hub.HUBS + dual_hub.OFFICES)
def test_check_of_the_demos_files_says_nothing(tmp_path, name):
    text = dual_hub.text(f"{name}.cfg") + dual_hub.text("protection.cfg")
    (tmp_path / "a.cfg").touch(0o600)  # it holds a key
    assert check(tmp_path, text) == (0, "")


def test_check_names_line_and_column_of_an_error(tmp_path):
    status, out = check(tmp_path, "hostname R1\ninterface eth0\n ip address nonsense\n")
    assert status == 1
    lines = out.splitlines()
    assert re.match(r"a\.cfg:3: error: ", lines[0])
    assert lines[1].strip() == "ip address nonsense"
    assert lines[2].index("^") == lines[1].index("nonsense")


def test_check_warns_of_what_is_not_in_force(tmp_path):
    status, out = check(tmp_path, "interface Tunnel0\n if-state track 5\n")
    assert status == 0
    assert re.search(r"^a\.cfg:2: warning: ", out, re.MULTILINE)


def test_check_notes_what_is_not_ours(tmp_path):
    status, out = check(tmp_path, "router ospf 1\n network 10.0.0.0 0.255.255.255 area 0\n")
    assert status == 0
    assert re.search(r"^a\.cfg:1: note: ", out, re.MULTILINE)


def test_check_of_a_file_that_is_not_there():
    done = net.run(*words("--check", "--config", "/nonexistent/a.cfg"), check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "/nonexistent/a.cfg" in done.stderr


def test_version():
    assert re.search(r"\d+\.\d+\.\d+", net.run(*words("--version")).stdout)


def test_strict_refuses_what_is_otherwise_loaded(empty):
    r2 = empty["R2"]
    r2.configure("R2.cfg", "interface Tunnel0\n ip nhrp nonsense 1")
    done = r2.ns.run(*r2.command("--strict"), check=False)
    assert done.returncode == 1
    assert sorted(r2.ns.links()) == ["eth0", "lo"]
    r2.start()
    assert "nonsense" in r2.log()
    assert "Tunnel0" in r2.ns.links()


def test_second_daemon_for_the_same_directory(lab):
    r2 = lab["R2"]
    said = refuse(r2, *r2.command())
    assert str(r2.run_dir) in said
    assert r2.ns.ping("10.10.10.1", 1)
    assert "RE" in r2.shell("show ip nhrp nhs")


def test_second_daemon_for_the_same_port(lab):
    r2 = lab["R2"]
    other = r2.dir / "other"
    other.mkdir()
    config = other / "dmvpnd.conf"
    config.write_text(r2.config.read_text().replace("Tunnel0", "Tunnel7"))
    command = [{r2.run_dir: other / "run", r2.state_dir: other / "state",
                r2.config: config}.get(word, word) for word in r2.command()]
    assert "eth0" in refuse(r2, *command)
    assert r2.ns.ping("10.10.10.1", 1)


@pytest.mark.parametrize("option", ["--workers=1", "--cleanup"])
@pytest.mark.parametrize("capability", ["net_admin", "net_raw"])
def test_missing_capability(empty, capability, option):
    r2 = empty["R2"]
    r2.configure("R2.cfg")
    said = refuse(r2, "setpriv", f"--bounding-set=-{capability}", f"--inh-caps=-{capability}",
                  *r2.command(option))
    assert f"CAP_{capability.upper()}" in said.upper()


def test_only_three_capabilities_are_kept(lab):
    status = net.Path(f"/proc/{lab['R2'].daemon.pid}/status").read_text()
    kept = {kind: int(re.search(rf"^{kind}:\s+(\w+)", status, re.MULTILINE)[1], 16)
            for kind in ("CapPrm", "CapEff", "CapBnd")}
    three = 1 << 12 | 1 << 13 | 1 << 10  # NET_ADMIN, NET_RAW, NET_BIND_SERVICE
    assert kept == {"CapPrm": three, "CapEff": three, "CapBnd": three}


def test_unknown_option_and_missing_argument(empty):
    for option in ("--nonsense", "--config"):
        done = empty["R2"].ns.run(*words(option), check=False)
        assert done.returncode != 0 and "usage" in done.stderr.lower() + done.stdout.lower()


def test_keys_are_logged_by_a_build_for_tests_only(empty, tmp_path):
    said = refuse(empty["R2"], *empty["R2"].command("--keylog", tmp_path / "keys"))
    assert "--keylog is refused" in said
    assert not (tmp_path / "keys").exists()


def test_log_says_ready_and_uses_mnemonics(lab):
    for name in ("R1", "R2", "R3"):
        log = lab[name].log()
        assert re.search(r"\bready\b", log, re.IGNORECASE)
        assert "%LINEPROTO-5-UPDOWN" in log and "Tunnel0" in log
    assert "%DMVPN-5-NHRP_" in lab["R1"].log()


def test_shell_without_a_daemon_says_so(tmp_path):
    done = subprocess.run([net.BUILD / "dmvpnsh", "--run-dir", tmp_path, "-c", "show version"],
                          capture_output=True, text=True, timeout=net.PATIENCE_S, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and str(tmp_path) in done.stderr
