#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one violation of each rule in a small tree and expects tools/tidy.py to find just it."""

import contextlib
import io
import subprocess
import tempfile
import unittest
from pathlib import Path

import tidy

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"
HEADER = HEAD + "#pragma once\n\nint gre_one(int a);\n"
SOURCE = HEAD + '#include "gre/one.h"\n\nint gre_one(int a)\n{\n\treturn a;\n}\n'

FIVE = "int a, int b, int c,\n\tint d, int e)"


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)
        self.write("src/gre/one.h", HEADER)
        self.write("src/gre/one.c", SOURCE)
        self.write("src/gre/one_test.c", HEAD)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def tidy(self, *arguments):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = tidy.main(["--root", str(self.root), *arguments])
        lines = out.getvalue().splitlines()
        self.assertEqual(status, 1 if lines else 0)
        return lines

    def expect(self, command, finding):
        lines = self.tidy(command)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(finding, lines[0])


class Sources(Tree):
    def test_clean_tree_has_no_findings(self):
        self.assertEqual(self.tidy("sources"), [])

    def test_function_of_70_lines_passes_and_of_71_does_not(self):
        body = "\ta++;\n" * (tidy.FUNCTION_LINES - 4)
        whole = SOURCE.replace("\treturn a;\n", body + "\treturn a;\n")
        self.write("src/gre/one.c", whole)
        self.assertEqual(self.tidy("sources"), [])
        self.write("src/gre/one.c", whole.replace("\treturn a;\n", "\ta++;\n\treturn a;\n"))
        self.expect("sources", "gre_one: 71 lines")

    def test_five_parameters_of_a_definition(self):
        self.write("src/gre/one.c", SOURCE.replace("int a)", FIVE))
        self.expect("sources", "gre_one: 5 parameters")

    def test_five_parameters_of_a_prototype(self):
        self.write("src/gre/one.h", HEADER.replace("int a)", FIVE))
        self.expect("sources", "gre_one: 5 parameters")

    def test_a_function_pointer_is_one_parameter(self):
        four = "int a, int (*f)(int, int, int), int c, int d)"
        self.write("src/gre/one.h", HEADER.replace("int a)", four))
        self.assertEqual(self.tidy("sources"), [])

    def test_long_file(self):
        self.write("src/gre/one.c", SOURCE + "int x;\n" * tidy.FILE_LINES)
        self.expect("sources", "a file has at most 800")

    def test_long_line_counts_tabs_as_eight(self):
        self.write("src/gre/one.c", SOURCE.replace("\treturn a;", "\t" * 12 + "return a;"))
        self.expect("sources", "longer than 100 columns")

    def test_blank_at_the_end(self):
        self.write("src/gre/one.c", SOURCE.replace("{\n", "{ \n"))
        self.assertIn("blanks at the end", self.tidy("sources")[0])

    def test_include_against_the_direction(self):
        self.write("src/gre/one.c", SOURCE.replace('"gre/one.h"', '"node/node.h"').replace(
            "\n\nint", '\n#include "daemon/loop.h"\n\nint'))
        lines = self.tidy("sources")
        self.assertEqual(len(lines), 1, lines)  # the node's interface is types that the core shares
        self.assertIn('src/gre does not include "daemon/loop.h"', lines[0])

    def test_include_without_folder(self):
        self.write("src/gre/one.c", SOURCE.replace('"gre/one.h"', '"one.h"'))
        self.expect("sources", "name the folder")

    def test_banned_call(self):
        self.write("src/gre/one.c", SOURCE.replace("return a", "return atoi(0)"))
        self.expect("sources", "atoi() is banned")

    def test_banned_word_in_comment_or_string_is_fine(self):
        quiet = 'return a["atoi("]; /* strcpy() */'
        self.write("src/gre/one.c", SOURCE.replace("return a;", quiet))
        self.assertEqual(self.tidy("sources"), [])

    def test_byte_order_call(self):
        self.write("src/gre/one.c", SOURCE.replace("return a", "return ntohs(a)"))
        self.expect("sources", "util/reader.h")

    def test_byte_order_call_at_the_system_call_boundary(self):
        self.write("src/netlink/a.h", HEAD + "#pragma once\nstatic inline int f(int a)\n{\n"
                   "\treturn htons(a);\n}\n")
        self.assertEqual(self.tidy("sources"), [])

    def test_missing_licence_line(self):
        self.write("src/gre/one.c", SOURCE.replace(HEAD, ""))
        self.expect("sources", "the first line is not")

    def test_missing_pragma(self):
        self.write("src/gre/one.h", HEADER.replace("#pragma once\n", ""))
        self.expect("sources", "#pragma once")

    def test_long_opening_comment(self):
        opening = "/*\n" + " * words\n" * 20 + " */\n"
        self.write("src/gre/one.c", SOURCE.replace(HEAD, HEAD + opening))
        self.expect("sources", "opening comment")

    def test_unfinished_words(self):
        for words in ("TO" + "DO: more", "FIX" + "ME", "works for" + " now", "a place" + "holder"):
            self.write("src/gre/one.c", SOURCE.replace("return a;", f"return a; /* {words} */"))
            self.expect("sources", "unfinished")

    def test_path_of_a_machine(self):
        self.write("docs/a.md", "see /home/" + "me/notes\n")
        self.expect("sources", "somebody's machine")

    def test_missing_unit_test(self):
        (self.root / "src/gre/one_test.c").unlink()
        self.expect("sources", "no unit test one_test.c")

    def test_script_without_licence_line(self):
        self.write("lab/a.py", "print(1)\n")
        self.expect("sources", "no line # SPDX")


class Headers(Tree):
    def test_header_that_needs_another(self):
        self.assertEqual(self.tidy("headers"), [])
        self.write("src/gre/one.h", HEADER.replace("int a", "uint8_t a"))
        self.expect("headers", "does not compile alone")


class Format(Tree):
    def test_other_layout(self):
        self.write(".clang-format", (Path(tidy.__file__).parents[1] / ".clang-format").read_text())
        self.assertEqual(self.tidy("format"), [])
        self.write("src/gre/one.c", SOURCE.replace("\treturn a", "  return a"))
        self.expect("format", "clang-format-14 would change it")


class Guide(Tree):
    def test_counter_without_explanation(self):
        for header in tidy.REASON_HEADERS:
            self.write(header, "")
        self.write("src/nhrp/wire.h", '\tX(NHRP_WIRE_SHORT, "short", "packet ends early") \\\n')
        self.write("docs/guide.md", "packet ends\nearly\n")
        self.assertEqual(self.tidy("guide"), [])
        self.write("docs/guide.md", "packets\n")
        self.expect("guide", 'does not explain the drop "packet ends early"')


class Features(Tree):
    def test_line_without_reason(self):
        kept = ["ip nhrp bfd notify {never}", "llp nhrp map multicast ADDR", "if-state track <1-9>"]
        self.write("docs/commands.md", "| `ip nhrp use <1-9>` | |\n"
                   "## Commands known and not yet in force\n"
                   "| `ipv6 nhrp use <1-9>` | |\n" +
                   "".join(f"| `{line}` | |\n" for line in kept) + "## Others\n| `ip nhrp x` | |\n")
        reasons = "that are read and kept\n| `ip nhrp bfd` | why |\n| `llp nhrp map`, {} | why |\n"
        self.write("docs/features.md", reasons.format("`if-state track`"))
        self.assertEqual(self.tidy("features"), [])
        self.write("docs/features.md", reasons.format("`if-state`"))
        self.assertEqual(self.tidy("features"), [])
        self.write("docs/features.md", reasons.format("`if-state tra`"))
        self.expect("features", 'has no reason why "if-state track" changes nothing')


class Archives(Tree):
    def archive(self, name, code):
        folder = self.root / "src" / name
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-w", "-x", "c", "-c", "-o", folder / "x.o", "-"],
                       input=code, text=True, check=True)
        subprocess.run(["ar", "rcsT", folder / f"lib{name}.a", folder / "x.o"], check=True)

    def core(self, code):
        for name in ("util", "crypto", "gre", "esp", "ike", "node"):
            self.archive(name, f"int {name}_f(void) {{ return 0; }}\n")
        self.archive("nhrp", code)

    def test_pure_code_passes(self):
        self.core("int util_f(void); unsigned long strlen(const char *);\n"
                  "int nhrp_f(const char *a) { return util_f() + (int)strlen(a); }\n")
        self.assertEqual(self.tidy("--build", str(self.root), "purity"), [])

    def test_impure_calls(self):
        for call in ("clock_gettime", "write", "puts", "getrandom", "syslog", "pthread_create"):
            self.core(f"int {call}(); int nhrp_f(void) {{ return {call}(); }}\n")
            lines = self.tidy("--build", str(self.root), "purity")
            self.assertEqual(len(lines), 1, lines)
            self.assertIn(f"calls {call}()", lines[0])

    def test_cryptography_without_io(self):
        def calls(folder, call):
            self.core("int nhrp_f;\n")
            self.archive(folder, f"int {call}(); int x_f(void) {{ return {call}(); }}\n")
            return self.tidy("--build", str(self.root), "purity")
        for call in ("EVP_DigestInit_ex2", "X509_verify_cert", "d2i_X509", "d2i_X509_CRL"):
            self.assertEqual(calls("crypto", call), [])
        for folder, call in (("crypto", "RAND_bytes"), ("crypto", "BN_rand"),
                             ("crypto", "BIO_new_file"), ("crypto", "EVP_PKEY_keygen"),
                             ("crypto", "X509_load_cert_file"), ("crypto", "X509_gmtime_adj"),
                             ("crypto", "X509_STORE_load_path"),
                             ("crypto", "X509_LOOKUP_file"),
                             ("crypto", "X509_cmp_current_time"),
                             ("crypto", "getrandom"), ("gre", "EVP_DigestInit_ex2")):
            self.assertIn(f"calls {call}()", "".join(calls(folder, call)))

    def test_missing_archive(self):
        self.core("int nhrp_f;\n")
        (self.root / "src/gre/libgre.a").unlink()
        self.assertIn("no archive of src/gre", self.tidy("--build", str(self.root), "purity")[0])

    def test_writable_data(self):
        for code, symbol in (("int counter;", "counter"),
                             ("static int n = 3; int f(void) { return n++; }", "n"),
                             ("int f(void) { static int once; return once++; }", "once"),
                             ("_Thread_local int mine;", "mine")):
            self.core(code + "\n")
            lines = self.tidy("--build", str(self.root), "globals")
            self.assertEqual(len(lines), 1, lines)
            self.assertIn(symbol, lines[0])

    def test_constant_data_is_fine(self):
        self.core("extern int f(void); int (*const table[])(void) = { f };\n"
                  "const char *const w[] = { \"a\" }; const int three = 3;\n")
        self.assertEqual(self.tidy("--build", str(self.root), "globals"), [])

    def test_daemon_may_have_globals(self):
        self.core("int f(void) { return 0; }\n")
        self.archive("daemon", "int stopping;\n")
        self.assertEqual(self.tidy("--build", str(self.root), "globals"), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
