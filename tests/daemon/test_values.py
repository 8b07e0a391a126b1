#!/usr/bin/env python3
"""Statements as the statistics views hold them: planned, proved and measured with values that the statistics give."""
import json
import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402

# Four of five rows have one tag, so that reading them all is clearly the cheapest way to these; the others have ten thousand.
SCHEMA = """
CREATE TABLE tickets (id bigint PRIMARY KEY, tag text NOT NULL, made timestamptz NOT NULL, note text NOT NULL);
INSERT INTO tickets SELECT i, CASE WHEN i % 5 <> 0 THEN 'big' ELSE 'secret' || i / 20 END,
  timestamptz '2025-01-01' + i * interval '1 minute', repeat('x', 60) FROM generate_series(1, 200000) i;
CREATE INDEX tickets_tag ON tickets (tag);
CREATE INDEX tickets_made ON tickets (made);
"""
BY_TAG = "SELECT id, note FROM tickets WHERE tag = $1"
BY_DAY = "SELECT id FROM tickets WHERE tag = $1 AND date_trunc('day', made) = '2025-01-20'"


class Values(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        try:
            cls.pg.psql(SCHEMA)
            cls.pg.psql("ANALYZE tickets")
        except BaseException:
            cls.pg.__exit__(None, None, None)
            raise

    @classmethod
    def tearDownClass(cls):
        cls.pg.__exit__(None, None, None)

    def optimize(self, sql, *options):
        done = subprocess.run([sqlopt_test.BINARY, "optimize", "--json", "--dsn", self.pg.dsn(), *options, sql],
                              text=True, capture_output=True, check=False)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout), done.stdout

    def test_each_choice_is_planned(self):
        doc, text = self.optimize(BY_TAG)
        note = doc["parameter_note"]
        self.assertRegex(note, r"With common values of tickets\.tag \((79|80)[.0-9]* % of the rows\): cost [0-9,]+, "
                               "most of it Seq Scan on tickets")
        self.assertRegex(note, r"With rare values of tickets\.tag \([^)]*\): cost [0-9.]+, most of it .*(Index|Bitmap)")
        self.assertRegex(note, r"With absent values of tickets\.tag \(0 % of the rows\)")
        found = [f for f in doc["findings"] if f["rule"] == "parameter-sensitive-plan"]
        self.assertEqual(len(found), 1, doc["findings"])
        self.assertEqual(found[0]["objects"], ["public.tickets.tag"])
        self.assertGreater(found[0]["evidence"][2]["value"], 10)
        page = os.path.join(HERE, "..", "..", "docs", "findings", os.path.basename(found[0]["docs"]) + ".md")
        with open(page, encoding="utf-8") as f:
            self.assertIn(found[0]["title"], f.read())
        self.assertNotIn("secret", text)  # values are data

    def test_where_all_values_are_alike(self):
        doc, _ = self.optimize("SELECT note FROM tickets WHERE id = $1")
        self.assertIn("With common values of tickets.id", doc["parameter_note"])
        self.assertEqual([f for f in doc["findings"] if f["rule"] == "parameter-sensitive-plan"], [])

    def test_no_values(self):
        doc, _ = self.optimize("SELECT id FROM tickets WHERE lower(tag) = $1")
        self.assertIn("It was not planned with values: $1 is not compared with a column.", doc["parameter_note"])

    def test_values_that_the_server_refuses(self):
        """No NULL can stand for a field of EXTRACT: that is said, and nothing of the values."""
        doc, text = self.optimize("SELECT extract($1 FROM made) FROM tickets WHERE tag = $2")
        self.assertIn("The server did not plan it with common values of ", doc["parameter_note"])
        self.assertNotIn("secret", text)

    def test_a_rewrite_is_proved_with_values(self):
        doc, text = self.optimize(BY_DAY, "--measure", "--iterations=1")
        rewrite = [p for p in doc["proposals"] if p["kind"] == "rewrite"][0]
        proof = {rung["rung"]: rung for rung in rewrite["proof"]}
        self.assertEqual(proof["same_result"]["status"], "passed", proof)
        for choice in ("common", "rare", "absent"):
            self.assertIn(f"with {choice} values: ", proof["same_result"]["reason"])
        self.assertIn("ms before", proof["measured"]["reason"])
        self.assertIn("$1", rewrite["sql"])
        self.assertNotIn("secret", text)

    def test_writes_are_planned_and_never_run(self):
        doc, _ = self.optimize("UPDATE tickets SET note = $2 WHERE tag = $1", "--measure")
        self.assertIn("With common values of tickets.tag", doc["parameter_note"])
        self.assertEqual(self.pg.psql("SELECT count(*) FROM tickets WHERE note IS NULL"), "0")


if __name__ == "__main__":
    sqlopt_test.main()
