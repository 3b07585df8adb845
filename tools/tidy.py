#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a machine can check (STYLE.md). One line per finding, and then exit 1.

    tools/tidy.py [--root DIR] sources            rules on the text of the tree
    tools/tidy.py [--root DIR] format             clang-format-14 would change nothing
    tools/tidy.py [--root DIR] headers            every header compiles alone
    tools/tidy.py [--root DIR] guide              docs/guide.md explains every drop counter
    tools/tidy.py [--root DIR] features           docs/features.md has a reason for each line of
                                                  NHRP over IPv4 that changes nothing
    tools/tidy.py --build DIR globals             no writable data outside src/daemon and src/shell
    tools/tidy.py --build DIR purity              the protocol core does no I/O, clock, randomness
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

FUNCTION_LINES = 70
PARAMETERS = 4
FILE_LINES = 800
COLUMNS = 100
OPENING_COMMENT_LINES = 20
TAB = 8
SPDX = "SPDX-License-Identifier: Apache-2.0"

# Functions of the interfaces agreed between folders, where a struct would not read better.
MANY_PARAMETERS = {
    "grammar_match", "grammar_help", "grammar_complete", "grammar_explain",
    "dataplane_send", "crypto_digest", "crypto_hmac", "crypto_dh_shared",
}

# Which folders' headers a folder may include. Everything may include itself and util.
CORE = {"crypto", "gre", "esp", "nhrp", "ike", "node"}
INCLUDES = {
    "util": set(),
    "crypto": set(),
    "gre": {"crypto"},
    "esp": {"crypto"},
    "nhrp": {"gre"},
    "ike": {"crypto", "esp"},
    "node": CORE,
    "config": {"crypto", "esp", "node", "nhrp"},
    "dataplane": {"crypto", "gre", "esp"},
    "netlink": set(),
    "show": CORE | {"config", "dataplane"},
    "backend": {"crypto", "esp", "dataplane", "node", "nhrp", "netlink"},
    "cli": CORE | {"config", "show", "dataplane"},
    "daemon": CORE | {"config", "show", "cli", "dataplane", "backend", "netlink"},
    "shell": {"cli"},
}
# The types of the configuration snapshot and the node's interface belong to src/node, but the
# protocols fill them: these headers hold types only.
SHARED_HEADERS = {"node/snapshot.h", "node/snapshot_crypto.h", "node/snapshot_lines.h",
                  "node/node.h", "node/view.h", "node/view_crypto.h"}

BANNED = ("strcpy strcat stpcpy sprintf vsprintf gets atoi atol atoll atof strtok alloca system "
          "popen tmpnam mktemp rand srand").split()
BYTE_ORDER = "ntohs ntohl htons htonl be16toh be32toh be64toh htobe16 htobe32 htobe64".split()
# Folders that fill the structs of system calls (sockaddr, netlink).
BYTE_ORDER_FOLDERS = {"daemon", "backend", "netlink", "shell", "bench"}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"
                        r"|(?i:\bfor now\b|\bnot implemented\b|\bplaceholders?\b|\bstubs?\b)")
# A path of somebody's machine.
FOREIGN_PATH = re.compile(r"(?<![\w.])/(?:work|home|Users)/\w")

PURE_FOLDERS = ("crypto", "gre", "esp", "nhrp", "ike", "node")
HELPER_FOLDERS = ("util",)
# The folders that may call OpenSSL and ipsec-mb, and what of them: no I/O, no randomness.
CRYPTO_FOLDERS = {"crypto", "esp"}
# Of certificates: no files, no look-up methods, no clock.
CRYPTO_CALLS = re.compile(r"(?!.*(?:rand|generate|keygen|LOOKUP|X509_\w*load|time_adj|gmtime"
                          r"|current_time))"
                          r"(?:(?:ASN1|BN|CRYPTO|EC|ERR|EVP|GENERAL_NAME|GENERAL_NAMES|OBJ|OPENSSL"
                          r"|OSSL_LIB_CTX|OSSL_PARAM|OSSL_PROVIDER|X509|d2i_X509)_"
                          r"|d2i_X509$|(?:alloc|free|init)_mb_mgr|imb_get_)\w*$")
PURE_CALLS = set("""
    memcpy memmove memset memcmp memchr strlen strcmp strncmp strcasecmp strncasecmp strchr strrchr
    strstr strnlen strverscmp strtol strtoul strtoll strtoull tolower toupper __ctype_b_loc
    strspn strcspn bsearch qsort
    malloc calloc realloc reallocarray aligned_alloc free
    snprintf vsnprintf
    __memcpy_chk __memset_chk __memmove_chk __snprintf_chk __vsnprintf_chk __explicit_bzero_chk
    explicit_bzero __stack_chk_fail _GLOBAL_OFFSET_TABLE_
""".split())


class Findings(list):
    def add(self, path, line, text):
        self.append(f"{path}:{line}: {text}")


# ---- text of C, without comments and strings ----

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank(text):
    """Comments and strings become blanks; line numbers stay."""
    def spaces(match):
        word = match.group(0)
        kept = re.sub(r"[^\n]", " ", word)
        return kept if word[0] == "/" else word[0] + kept[1:-1] + word[0]
    return TOKEN.sub(spaces, text)


def functions(text):
    """(name, first line, last line, parameters) of each function defined in blanked text."""
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        if lines[i].startswith("{"):
            end = i
            while end < len(lines) - 1 and not lines[end].startswith("}"):
                end += 1
            first = i - 1
            while first > 0 and lines[first - 1].strip() and lines[first - 1][-1:] not in ";}" \
                    and not lines[first - 1].startswith("#"):
                first -= 1
            head = " ".join(line.strip() for line in lines[first:i])
            yield from signature(head, first + 1, end + 1)
            i = end
        i += 1


def signature(head, first, last):
    match = re.search(r"(\w+)\s*\(", re.sub(r"__attribute__\s*\(\(.*?\)\)\s*", "", head))
    if match:
        yield match.group(1), first, last, n_parameters(head, match.group(1))


def n_parameters(head, name):
    """Counts commas at the first level behind NAME(."""
    at = re.search(rf"\b{name}\s*\(", head).end()
    depth, commas, start = 1, 0, at
    while at < len(head) and depth:
        char = head[at]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 1:
            commas += 1
        at += 1
    inside = head[start:at - 1].strip()
    return 0 if inside in ("", "void") else commas + 1


def declarations(text):
    """(name, line, parameters) of the prototypes in a header's blanked text."""
    for match in re.finditer(r"^(?!typedef|#|\s|static)[\w\s\*]+?\b(\w+)\(", text, re.MULTILINE):
        end = text.find(";", match.end())
        head = text[match.start():end]
        name = match.group(1)
        yield name, text.count("\n", 0, match.start()) + 1, n_parameters(head, name)


# ---- rules on one source file ----

def check_layout(path, text, out):
    lines = text.split("\n")
    if text and not text.endswith("\n"):
        out.add(path, len(lines), "no newline at the end")
    if len(lines) - 1 > FILE_LINES:
        out.add(path, FILE_LINES, f"{len(lines) - 1} lines; a file has at most {FILE_LINES}")
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(TAB)) > COLUMNS:
            out.add(path, number, f"longer than {COLUMNS} columns")
        if line != line.rstrip():
            out.add(path, number, "blanks at the end of the line")


def check_head(path, text, out):
    if not text.startswith(f"/* {SPDX} */\n"):
        out.add(path, 1, f"the first line is not /* {SPDX} */")
    if path.suffix == ".h" and len(re.findall(r"^#pragma once$", text, re.MULTILINE)) != 1:
        out.add(path, 1, "a header has one #pragma once")
    opening = re.match(r"[^\n]*\n(/\*.*?\*/)", text, re.DOTALL)
    if opening and opening.group(1).count("\n") + 1 > OPENING_COMMENT_LINES:
        out.add(path, 2, f"the opening comment has more than {OPENING_COMMENT_LINES} lines")


def too_many(name, parameters):
    return f"{name}: {parameters} parameters; at most {PARAMETERS}, or a struct"


def check_functions(path, code, out):
    for name, first, last, parameters in functions(code):
        if last - first + 1 > FUNCTION_LINES:
            out.add(path, first, f"{name}: {last - first + 1} lines; a function has at most "
                                 f"{FUNCTION_LINES}")
        if parameters > PARAMETERS and name not in MANY_PARAMETERS:
            out.add(path, first, too_many(name, parameters))
    if path.suffix == ".h":
        for name, line, parameters in declarations(code):
            if parameters > PARAMETERS and name not in MANY_PARAMETERS:
                out.add(path, line, too_many(name, parameters))


def check_calls(path, folder, code, out):
    for match in re.finditer(r"\b(\w+)\s*\(", code):
        name, line = match.group(1), code.count("\n", 0, match.start()) + 1
        if name in BANNED:
            out.add(path, line, f"{name}() is banned")
        boundary = folder in BYTE_ORDER_FOLDERS or path.name.startswith("port_")
        if name in BYTE_ORDER and not boundary:
            out.add(path, line,
                    f"{name}(): packet bytes go through util/reader.h and util/writer.h")


def check_includes(path, folder, text, out):
    allowed = INCLUDES.get(folder)
    if allowed is None:
        return
    for match in re.finditer(r'^#include "([\w/.-]+)"', text, re.MULTILINE):
        name, line = match.group(1), text.count("\n", 0, match.start()) + 1
        if "/" not in name:
            out.add(path, line, f'#include "{name}": name the folder')
            continue
        target = name.split("/")[0]
        # What a protocol does is tested on whole nodes.
        shared = folder in CORE and (name in SHARED_HEADERS or path.stem.endswith("_test")
                                     and name.endswith("_test.h"))
        if target not in allowed | {folder, "util"} and not shared:
            out.add(path, line, f'src/{folder} does not include "{name}": '
                                "dependencies point one way (DESIGN.md)")


def check_words(path, text, out):
    for number, line in enumerate(text.split("\n"), 1):
        if UNFINISHED.search(line):
            out.add(path, number, "speaks of something unfinished")
        if FOREIGN_PATH.search(line):
            out.add(path, number, "names a path of somebody's machine")


def check_c(path, root, out):
    shown = path.relative_to(root)
    text = path.read_text()
    code = blank(text)
    parts = shown.parts
    folder = parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]
    check_layout(shown, text, out)
    check_head(shown, text, out)
    check_functions(shown, code, out)
    check_calls(shown, folder, code, out)
    check_words(shown, text, out)
    if parts[0] == "src":
        check_includes(shown, folder, text, out)
        needs_test = path.suffix == ".c" and path.stem != "main" \
            and not path.stem.endswith("_test") and not path.stem.startswith("fake_")
        if needs_test \
                and not path.with_name(path.stem + "_test.c").exists():
            out.add(shown, 1, f"has no unit test {path.stem}_test.c beside it")


def check_script(path, root, out):
    shown = path.relative_to(root)
    text = path.read_text()
    if f"# {SPDX}" not in "\n".join(text.split("\n")[:3]):
        out.add(shown, 1, f"no line # {SPDX} at the top")
    check_layout(shown, text, out)
    if shown != Path("tools/tidy.py"):
        check_words(shown, text, out)


# ---- the commands ----

C_FOLDERS = ("src", "sim", "fuzz", "bench")
SCRIPT_FOLDERS = ("tools", "lab", "bench", "sim", "fuzz", ".ci")


def c_files(root, suffixes=("*.c", "*.h")):
    for folder in C_FOLDERS:
        for suffix in suffixes:
            yield from sorted((root / folder).rglob(suffix))


def command_sources(options, out):
    root = options.root
    for path in c_files(root, ("*.c", "*.h", "*.inc")):
        check_c(path, root, out)
    for folder in SCRIPT_FOLDERS:
        for suffix in ("*.py", "*.sh"):
            for path in sorted((root / folder).rglob(suffix)):
                check_script(path, root, out)
    for path in sorted(root.glob("docs/**/*.md")) + sorted(root.glob("*.md")):
        check_words(path.relative_to(root), path.read_text(), out)


def command_format(options, out):
    files = [str(path.relative_to(options.root)) for path in c_files(options.root)]
    done = subprocess.run(["clang-format-14", "--dry-run", *files], capture_output=True, text=True,
                          check=False, cwd=options.root)
    places = {}
    for name, line in re.findall(r"^(\S+?):(\d+):\d+: warning: code should be clang-formatted",
                                 done.stderr, re.MULTILINE):
        places.setdefault(name, []).append(line)
    for name, lines in places.items():
        out.add(name, lines[0], f"clang-format-14 would change it in {len(lines)} places")


def command_headers(options, out):
    src = options.root / "src"
    for path in sorted(src.rglob("*.h")):
        done = subprocess.run(
            ["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
             "-Wno-unused", "-x", "c", "-", f"-I{src}"], capture_output=True, text=True,
            input=f'#include "{path.relative_to(src)}"\n', check=False)
        if done.returncode != 0:
            first = done.stderr.strip().split("\n")[0]
            out.add(path.relative_to(options.root), 1, f"does not compile alone: {first}")


# One row of an X-macro list of reasons: X(IDENTIFIER, "key", "text").
REASON = re.compile(r'X\((?:DP_DROP|DROP|ESP_DROP|IKE_DROP|NHRP_WIRE)_\w+,'
                    r'\s*"(\w+)",\s*"([^"]+)"\)')
REASON_HEADERS = ("src/dataplane/dataplane.h", "src/node/node.h", "src/node/view_crypto.h",
                  "src/nhrp/wire.h", "src/esp/esp.h")


def command_guide(options, out):
    guide = " ".join((options.root / "docs/guide.md").read_text().split())
    for header in REASON_HEADERS:
        for key, text in REASON.findall((options.root / header).read_text()):
            if key not in ("none", "ok") and text not in guide:
                out.add("docs/guide.md", 1, f'does not explain the drop "{text}" ({header})')


# A row of docs/commands.md: a line of NHRP over IPv4, up to its first value.
KEPT_NHRP = re.compile(r"^\| `(?!ipv6 )(?=[^`]*\b(?:nhrp|if-state)\b)"
                       r"(.*?) ?(?:[`{\[<]|\b[A-Z.]{4})", re.M)
TABLE_CELL = re.compile(r"^\| (`[^|]*) \|", re.M)


def command_features(options, out):
    commands = (options.root / "docs/commands.md").read_text()
    kept = commands.partition("## Commands known and not yet in force")[2].partition("\n## ")[0]
    features = (options.root / "docs/features.md").read_text()
    reasons = features.partition("that are read and kept")[2].partition("\n## ")[0]
    named = {line for cell in TABLE_CELL.findall(reasons) for line in re.findall("`([^`]+)`", cell)}
    for line in KEPT_NHRP.findall(kept):
        if not any(f"{line} ".startswith(f"{name} ") for name in named):
            out.add("docs/features.md", 1, f'has no reason why "{line}" changes nothing')


def archives(build, folders=None):
    found = [a for a in sorted((build / "src").rglob("lib*.a"))
             if not a.stem.endswith("_test") and not a.stem.startswith("libfake")]
    return [a for a in found if folders is None or a.parent.name in folders]


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")


def symbols(archive, *flags):
    for line in output("nm", "-A", *flags, str(archive)):
        match = re.match(r"(.*):\s*([0-9a-f]*)\s+(\w)\s+(\S+)$", line)
        if match:
            yield match.group(1).split(":")[-1].split("/")[-1], match.group(3), match.group(4)


# Address, flags, section, size, visibility, name, as objdump -t prints a symbol.
WRITABLE = re.compile(r"[0-9a-f]+ .{7} (\.t?data\S*|\.t?bss\S*|\*COM\*)\s+[0-9a-f]+\s+"
                      r"(?:\.\w+ )?(\S+)$")


def writable(archive):
    """(object, symbol) of data that can be written: not what is constant after relocation."""
    member = "?"
    for line in output("objdump", "-t", str(archive)):
        head = re.match(r"(\S+):\s+file format", line)
        if head:
            member = head.group(1).split("/")[-1]
        match = WRITABLE.match(line)
        if match and match[1] != match[2] and not match[1].startswith(".data.rel.ro"):
            yield member, match[2]


def command_globals(options, out):
    found = [a for a in archives(options.build) if a.parent.name not in ("daemon", "shell")]
    if not found:
        out.add(options.build, 0, "no archives: build first")
    for archive in found:
        for member, symbol in writable(archive):
            out.add(archive.name, member, f"{symbol} is writable global data")


def command_purity(options, out):
    core = archives(options.build, PURE_FOLDERS)
    for folder in PURE_FOLDERS:
        if not any(a.parent.name == folder for a in core):
            out.add(options.build, 0, f"no archive of src/{folder}: build first")
    known = {s for a in core + archives(options.build, HELPER_FOLDERS)
             for _, _, s in symbols(a, "--defined-only")}
    for archive in core:
        for member, _, symbol in symbols(archive, "--undefined-only"):
            may = archive.parent.name in CRYPTO_FOLDERS and CRYPTO_CALLS.match(symbol)
            if symbol not in known and symbol not in PURE_CALLS and not may:
                out.add(archive.name, member,
                        f"calls {symbol}(), which is not on the list of pure functions")


def main(arguments):
    parser = argparse.ArgumentParser(prog="tidy.py")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--build", type=Path)
    parser.add_argument("command", choices=sorted(
        name.removeprefix("command_") for name in globals() if name.startswith("command_")))
    options = parser.parse_args(arguments)
    if options.command in ("globals", "purity") and not options.build:
        parser.error(f"{options.command} needs --build DIR")
    out = Findings()
    globals()[f"command_{options.command}"](options, out)
    for finding in out:
        print(finding)
    return 1 if out else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
