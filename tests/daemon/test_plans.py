#!/usr/bin/env python3
"""Every plan of the collection through the real command, and one of each format through the API."""
import json
import os
import pathlib
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

PLANS = pathlib.Path(HERE).parent / "data" / "plans"
FILES = sorted(p for p in PLANS.rglob("*") if p.is_file() and "capture" not in p.relative_to(PLANS).parts)


def analyze(path):
    """(path, answer, what is wrong) of `sqlopt analyze --json --plan`."""
    done = subprocess.run([sqlopt_test.BINARY, "analyze", "--json", "--plan", str(path)], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        return path, None, f"status {done.returncode}: {done.stderr.strip()}"
    doc = json.loads(done.stdout)
    return path, doc, None if doc["plan"]["nodes"] else "no nodes"


class Plans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with ThreadPoolExecutor(2) as pool:
            cls.answers = list(pool.map(analyze, FILES))

    def test_every_file_is_read(self):
        self.assertGreater(len(FILES), 900)
        wrong = [f"{path.relative_to(PLANS)}: {problem}" for path, _, problem in self.answers if problem]
        self.assertEqual(wrong, [])
        for path, doc, _ in self.answers:
            folder = path.relative_to(PLANS).parts[0] if path.parent != PLANS else "postgresql"
            # EXPLAIN PARTITIONS of MariaDB looks as MySQL's table does
            self.assertIn(doc["plan"]["engine"], (folder, "mysql") if folder == "mariadb" else (folder,), path)

    def test_findings_say_what_to_do(self):
        rules = set()
        for path, doc, _ in self.answers:
            for finding in doc["findings"]:
                rules.add(finding["rule"])
                with self.subTest(path.name, rule=finding["rule"]):
                    self.assertTrue(finding["evidence"] and finding["explanation"] and finding["remedy"])
                    if doc["plan"]["engine"] != "postgresql":
                        self.assertNotIn("work_mem", finding["remedy"] + finding["explanation"])
                        self.assertNotIn("shared_buffers", finding["remedy"] + finding["explanation"])
        self.assertGreater(len(rules), 45)

    def test_the_api_takes_each_format(self):
        first = {}
        for path, doc, _ in self.answers:
            if path.stat().st_size < 200_000:
                first.setdefault(doc["plan"]["format"], (path, doc))
        self.assertGreaterEqual(len(first), 13, sorted(first))
        with sqlopt_test.Server() as server:
            api = Client(server)
            for name, (path, doc) in first.items():
                with self.subTest(name, path=path.name):
                    report = api.call("POST", "/api/plans/analyze", {"plan": path.read_text(encoding="utf-8")})
                    self.assertEqual(report["plan"]["nodes"], doc["plan"]["nodes"])
                    self.assertEqual([f["rule"] for f in report["findings"]], [f["rule"] for f in doc["findings"]])


sqlopt_test.main()
