#!/usr/bin/env python3
"""The runner over judged statements counts what it says it counts."""
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sqlopt_test  # noqa: E402

CORPUS = os.path.join(os.environ["SO_BUILD"], "tests", "corpus")
STATEMENTS = [
    ("q1", "query", {"pg15": True, "pg16": True}, "SELECT a, count(*) FROM t GROUP BY a"),
    ("q2", "query", {"pg15": False, "pg16": True}, "SELECT 0x1F"),
    ("q3", "query", {"pg9": True, "pg16": False}, "SELECT FROM WHERE"),
    ("q4", "query", {"pg15": True, "pg16": None}, "SELECT no such thing here"),
    ("q5", "query", {"pg16": None}, "SELECT 2"),
    ("q6", "query", {"pg15": True, "other": False}, "SELECT 'it''s' -- a comment\n, \"Q\""),
    ("q7", "query", {"pg16": False}, "SELECT 1 AS judged_wrongly"),
    ("d1", "dml", {"pg16": True}, "INSERT INTO t VALUES (1, DEFAULT)"),
    ("o1", "other", {"pg16": True}, "VACUUM t"),
]


class Corpus(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sqlopt-corpus-")
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, statements, opener=open):
        with opener(os.path.join(self.folder, name), "wt", encoding="utf-8") as f:
            for ident, cls, valid, sql in statements:
                f.write(json.dumps({"id": ident, "class": cls, "valid": valid, "sql": sql}) + "\n")

    def run_it(self, *options, status=0):
        done = subprocess.run([CORPUS, *options, self.folder], text=True, capture_output=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def test_counts_by_the_newest_verdict(self):
        self.write("postgresql.jsonl", STATEMENTS)
        counts = json.loads(self.run_it("--json"))["postgresql"]
        query = counts["query"]
        self.assertEqual((query["valid"], query["accepted"], query["opaque"]), (4, 3, 0))
        self.assertEqual((query["invalid"], query["wrongly_accepted"]), (2, 1))
        self.assertEqual(query["failing"], ["q4"])
        self.assertIn(query["fingerprint_mismatch"], (0, None))
        self.assertEqual(query["print_not_fixed_point"], 0)
        self.assertEqual((counts["dml"]["valid"], counts["dml"]["accepted"]), (1, 1))
        self.assertEqual(counts["other"]["accepted"], 1)
        self.assertEqual(counts["ddl"], {**counts["ddl"], "valid": 0, "accepted": 0, "invalid": 0, "failing": []})

    def test_lists_what_differs(self):
        self.write("postgresql.jsonl", STATEMENTS)
        out = self.run_it("-v", "--class", "query")
        self.assertIn("REFUSED postgresql query q4: ", out)
        self.assertIn("WRONGLY ACCEPTED postgresql query q7\n  SELECT 1 AS judged_wrongly\n", out)
        self.assertNotIn("dml ", out.replace("query+dml", ""))

    def test_counts_cuts(self):
        self.write("postgresql.jsonl", STATEMENTS[:1])
        sql = STATEMENTS[0][3]
        self.assertIn(f"cuts      texts {2 * (len(sql) - len('SELECT'))}, refused 0 ", self.run_it("--cuts"))

    def test_writes_the_prints(self):
        self.write("postgresql.jsonl", STATEMENTS)
        prints = os.path.join(self.folder, "prints")
        self.run_it("--json", "--prints", prints)
        with open(prints, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        self.assertEqual([line["id"] for line in lines], ["q1", "q2", "q6", "d1", "o1"])
        self.assertEqual(lines[2]["sql"], "SELECT 'it''s', \"Q\"")

    def test_reads_packed_files(self):
        self.write("postgresql.jsonl.xz", STATEMENTS, lzma.open)
        self.write("sqlite.jsonl.xz", [], lzma.open)
        counts = json.loads(self.run_it("--json"))
        self.assertEqual(list(counts), ["postgresql", "sqlite"])
        self.assertEqual(counts["postgresql"]["query"]["accepted"], 3)
        self.assertEqual(list(json.loads(self.run_it("--json", "--only", "sqlite"))), ["sqlite"])

    def test_refuses_what_it_cannot_read(self):
        self.run_it("--json", status=1)  # no file
        self.run_it("--only", "klingon", status=2)
        with open(os.path.join(self.folder, "mysql.jsonl"), "w", encoding="utf-8") as f:
            f.write("{not json\n")
        self.run_it(status=1)


if __name__ == "__main__":
    sqlopt_test.main()
