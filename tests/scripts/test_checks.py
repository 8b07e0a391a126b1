#!/usr/bin/env python3
"""The gates of `make check` find what they are there for."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sqlopt_test  # noqa: E402

with open("/etc/os-release", encoding="utf-8") as release:
    STRICT = os.geteuid() == 0 and 'VERSION_ID="12"' in release.read()
SCRIPTS = os.path.join(sqlopt_test.ROOT, "scripts")


class Tree(unittest.TestCase):
    """A little tree with a copy of the scripts."""

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="sqlopt-checks-")
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copytree(SCRIPTS, self.root + "/scripts")
        subprocess.run(["git", "init", "-q", self.root], check=True)

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def check(self, script, *arguments):
        done = subprocess.run([f"{self.root}/scripts/{script}", *arguments], text=True, capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr


class Layers(Tree):
    def test_accepts_what_the_matrix_allows(self):
        self.write("src/sql/a.c", '#include "sql/a.h"\n#include "base/err.h"\n#include <string.h>\n')
        self.assertEqual(self.check("check-layers")[0], 0)

    def test_refuses_a_downward_include(self):
        self.write("src/base/a.c", '#include "base/a.h"\n#include "sql/ast.h"\n')
        status, out = self.check("check-layers")
        self.assertEqual(status, 1)
        self.assertIn("src/base/a.c:2: 'base' must not include 'sql/ast.h'", out)

    def test_refuses_io_in_pure_logic(self):
        self.write("src/plan/a.c", "#include <libpq-fe.h>\n")
        self.assertIn("pure logic", self.check("check-layers")[1])

    def test_refuses_an_unknown_folder(self):
        self.write("src/misc/a.c", "int x;\n")
        self.assertEqual(self.check("check-layers")[0], 1)

    def test_refuses_a_matrix_that_points_down(self):
        self.write("scripts/layers", "base: core\ncore: base\n")
        self.assertIn("stands below", self.check("check-layers")[1])


class Source(Tree):
    def test_banned_functions(self):
        self.write("src/base/a.c", '/* strcpy( */\nvoid f(char *a)\n{\n\tputs("atoi(1)");\n\tstrcpy(a, "x");\n}\n')
        status, out = self.check("check-source", "banned")
        self.assertEqual((status, out), (1, "src/base/a.c:5: strcpy() is banned\n"))

    def test_long_functions_and_files(self):
        self.write("src/base/a.c", "int f(int a)\n{\n" + "\ta++;\n" * 120 + "\treturn a;\n}\n")
        self.write("src/base/b.c", "/* */\n" * 1001)
        status, out = self.check("check-source", "length")
        self.assertEqual(status, 1)
        self.assertIn("src/base/a.c(1): f: 124 lines", out)
        self.assertIn("src/base/b.c: 1001 lines", out)

    def test_complexity(self):
        self.write("src/base/a.c", "int f(int a)\n{\n" + "\tif (a)\n\t\ta++;\n" * 31 + "\treturn a;\n}\n")
        status, out = self.check("check-source", "complexity")
        self.assertEqual(status, 1)
        self.assertIn("complexity 32", out)

    def test_mutable_globals(self):
        source = self.write("src/base/a.c", "static int counter;\nint *f(void)\n{\n\treturn &counter;\n}\n"
                            "const char *const names[] = {\"a\", \"b\"};\n")
        os.makedirs(self.root + "/build/src/base")
        subprocess.run(["cc", "-c", "-fPIE", "-o", self.root + "/build/src/base/a.c.o", source], check=True)
        status, out = self.check("check-source", "globals", self.root + "/build")
        self.assertEqual((status, out), (1, "a.c: 'counter' is a mutable variable at file scope (.bss)\n"))


class Runner(Tree):
    """tests/run counts what happened, and does not take a crash for a pass."""

    def setUp(self):
        super().setUp()
        os.makedirs(self.root + "/tests")
        shutil.copy(os.path.join(sqlopt_test.ROOT, "tests", "run"), self.root + "/tests/run")
        self.write("tests/skips.allowed", "# none\nshell/test_b: b2  a reason\n")
        self.write("meson.build", "project('x', 'c')\n")
        subprocess.run(["meson", "setup", self.root + "/build", self.root], check=True, capture_output=True)

    def program(self, name, text):
        os.chmod(self.write(f"tests/shell/{name}", "#!/bin/sh\n" + text), 0o755)

    def run_tests(self):
        done = subprocess.run([self.root + "/tests/run", "--build", self.root + "/build", "shell"], text=True,
                              capture_output=True, check=False)
        return done.returncode, done.stdout.rstrip("\n").split("\n")

    def test_sum(self):
        self.program("test_a", "echo 'ok 1 - a1'; echo 'ok 2 - a2'; echo 1..2")
        self.program("test_b", "echo 1..2; echo 'ok 1 - b1'; echo 'ok 2 - b2 # SKIP no server'")
        self.program("test_c", "exit 0")
        status, lines = self.run_tests()
        self.assertEqual((status, lines[-1]), (0, "4 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: shell/test_b: b2: no server", lines)

    def test_cmocka_skip(self):
        self.program("test_b", "echo 1..1; echo 'skip: no server'; echo 'not ok 1 # SKIP b2'")
        status, lines = self.run_tests()
        self.assertEqual((status, lines[-1]), (0, "0 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: shell/test_b: b2: no server", lines)

    def test_failures_and_their_output(self):
        self.program("test_a", "echo 'not ok 1 - a1'; echo '# expected 1, got 2'; echo 1..1; exit 1")
        status, lines = self.run_tests()
        self.assertEqual((status, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))
        self.assertIn("# expected 1, got 2", lines)

    def test_crash_and_truncation(self):
        self.program("test_a", "echo 1..3; echo 'ok 1 - a1'; kill -SEGV $$")
        self.program("test_c", "echo 1..1; echo 'ok 1 - c1'; exit 3")
        self.assertEqual(self.run_tests()[1][-1], "2 passed, 2 failed, 0 skipped")

    def test_exit_status_only(self):
        self.program("test_a", "echo oops; exit 1")
        self.assertEqual(self.run_tests()[1][-1], "0 passed, 1 failed, 0 skipped")

    @unittest.skipUnless(STRICT, "strict only as root on Debian 12")
    def test_a_skip_that_is_not_listed_fails(self):
        self.program("test_z", "echo 1..1; echo 'ok 1 - z # SKIP because'")
        self.assertEqual(self.run_tests()[1][-1], "0 passed, 1 failed, 0 skipped")


sqlopt_test.main()
