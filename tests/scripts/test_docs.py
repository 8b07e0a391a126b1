#!/usr/bin/env python3
"""The documents agree with the sources: variables, make targets, files and links."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sqlopt_test  # noqa: E402

ROOT = sqlopt_test.ROOT


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def documents():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.split()
    return [d for d in listed if os.path.exists(os.path.join(ROOT, d))]


class Documents(unittest.TestCase):
    def test_readme_lists_every_variable(self):
        table = read("src/base/config_table.c")
        names = set(re.findall(r'^\t\{ "([A-Z_]+)",', table, re.M))
        listed = set(re.findall(r"^\| `([A-Z_]+)` \|", read("README.md"), re.M))
        self.assertGreater(len(names), 10)
        self.assertEqual(names, listed)

    def test_make_targets_that_are_named_exist(self):
        targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
        for document in documents():
            for target in re.findall(r"(?:^|[`\n ])make ([a-z][a-z-]+)\b", "\n".join(
                    re.findall(r"`make [^`]*`|^    make [^\n]*", read(document), re.M))):
                with self.subTest(document=document, target=target):
                    self.assertIn(target, targets)

    def test_links_lead_somewhere(self):
        for document in documents():
            for link in re.findall(r"\]\(([^)\s]+)\)", read(document)):
                if re.match(r"[a-z]+:|#", link):
                    continue
                path = os.path.normpath(os.path.join(ROOT, os.path.dirname(document), link.split("#")[0]))
                with self.subTest(document=document, link=link):
                    self.assertTrue(os.path.exists(path), f"{document}: {link}")


sqlopt_test.main()
