#!/usr/bin/env python3
"""scripts/bootstrap: silent when nothing is missing, plain when it cannot help."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sqlopt_test  # noqa: E402

SCRIPTS = os.path.join(sqlopt_test.ROOT, "scripts")


@unittest.skipUnless(shutil.which("apt-get"), "bootstrap installs through apt")
class Bootstrap(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="sqlopt-bootstrap-")
        self.addCleanup(shutil.rmtree, self.root)
        os.mkdir(self.root + "/scripts")
        os.mkdir(self.root + "/bin")
        os.chmod(self.root, 0o755)
        for name in ("bootstrap", "packages"):
            shutil.copy(f"{SCRIPTS}/{name}", f"{self.root}/scripts/{name}")
        # Commands without sudo.
        for name in ("sh", "dirname", "sed", "sort", "id", "cat", "apt-get", "apt-cache", "dpkg-query", "grep", "node", "uname",
                     "tr", "fold", "ls", "head", "mkdir", "python3"):
            found = shutil.which(name)
            if found:
                os.symlink(found, f"{self.root}/bin/{name}")

    def run_it(self, *arguments, env=None):
        """As somebody who is not root."""
        command = [self.root + "/scripts/bootstrap", *arguments]
        if os.geteuid() == 0:
            command = ["/usr/sbin/runuser", "-u", "nobody", "--", *command]
        done = subprocess.run(command, env={"PATH": self.root + "/bin", **(env or {})}, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def packages(self, text):
        with open(self.root + "/scripts/packages", "w", encoding="utf-8") as f:
            f.write(text)

    def test_nothing_missing_is_silent(self):
        self.packages("[build]\ndpkg  # there\n")
        node = self.root + "/bin/node"
        if os.path.lexists(node):
            os.unlink(node)
        with open(node, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexit 0\n")
        os.chmod(node, 0o755)
        self.assertEqual(self.run_it("--yes"), (0, "", ""))

    def test_not_root_and_no_sudo(self):
        self.packages("[build]\ndpkg\nno-such-package-1\n[test]\nno-such-package-2\n")
        status, _, err = self.run_it("--yes")
        self.assertEqual(status, 1)
        self.assertIn("neither root nor is there sudo", err)
        self.assertIn("apt-get install -y --no-install-recommends no-such-package-1 no-such-package-2", err)

    def test_parts_and_alternatives(self):
        self.packages("[build]\na  # x\nb | sh\nc | no-such-command\n[demo]\nd\n[runtime]\ne\n")
        self.assertEqual(self.run_it("--list")[:2], (0, "a\nc\nd\n"))
        self.assertEqual(self.run_it("--list", "--only", "runtime")[:2], (0, "e\n"))

    def test_without_apt(self):
        os.unlink(self.root + "/bin/apt-get")
        status, _, err = self.run_it()
        self.assertEqual(status, 1)
        self.assertIn("this is not Debian", err)
        self.assertIn("libmicrohttpd-dev", err)

    def test_wrong_usage(self):
        self.assertEqual(self.run_it("--what")[0], 2)


sqlopt_test.main()
