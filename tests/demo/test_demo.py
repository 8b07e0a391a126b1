#!/usr/bin/env python3
"""The demo loads from any seed, its planted problems are there, and its statements plan as they should."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import sqlopt_test  # noqa: E402

DEMO = os.path.join(sqlopt_test.ROOT, "demo", "demo")
with open(os.path.join(sqlopt_test.ROOT, "demo", "statements.json"), encoding="utf-8") as statements_file:
    STATEMENTS = {s["id"]: s for s in json.load(statements_file)["statements"]}


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not sqlopt_test.postgres_bin():
            raise unittest.SkipTest("no PostgreSQL server is installed")
        cls.dir = tempfile.mkdtemp(prefix="sqlopt-demo-test-")
        if os.geteuid() == 0:
            shutil.chown(cls.dir, "postgres")
        cls.env = {**os.environ, "DEMO_DIR": cls.dir, "DEMO_PORT": str(sqlopt_test.free_port()), "SEED": "4242",
                   "PG_BIN": sqlopt_test.postgres_bin()}
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        cls.addClassCleanup(cls.demo, "reset")
        cls.demo("start")

    @classmethod
    def demo(cls, *arguments, stdin=None):
        """A file takes the output: the server that `start` leaves behind keeps pipes open."""
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run([DEMO, *arguments], env=cls.env, input=stdin, text=True, stdout=out,
                                  stderr=subprocess.STDOUT, timeout=240, check=False)
            out.seek(0)
            text = out.read()
        if done.returncode != 0:
            raise AssertionError(f"demo {arguments[0]}: exit status {done.returncode}: {text}")
        return text

    def sql(self, text):
        return self.demo("psql", "-At", stdin=text).rstrip("\n")

    def plan(self, sql, before=""):
        return self.sql(f"{before}EXPLAIN (COSTS OFF) {sql};")

    def test_rows(self):
        self.assertEqual(self.sql("SELECT count(*) >= 1000000 FROM order_items"), "t")
        skew = self.sql("SELECT round(count(*) FILTER (WHERE user_id <= 2000) * 100.0 / count(*)) FROM orders")
        self.assertEqual(skew, "10")  # 1 % of the users, 10 % of the orders
        self.assertEqual(self.sql("SELECT min(id) > 590000 FROM orders WHERE status = 'pending'"), "t")
        self.assertEqual(self.sql("SELECT count(DISTINCT country) FROM users GROUP BY city ORDER BY 1 DESC LIMIT 1"), "1")

    def test_planted_problems(self):
        self.assertEqual(self.sql("SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                                  "WHERE NOT i.indisvalid"), "products_name_key")
        self.assertEqual(self.sql("SELECT round(last_value * 100.0 / 2147483647) FROM invoices_id_seq"), "95")
        self.assertEqual(self.sql("SELECT relname FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'shop'::regnamespace "
                                  "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')"), "audit_log")
        self.assertEqual(self.sql("SELECT count(*) - count(DISTINCT indkey::text) FROM pg_index "
                                  "WHERE indrelid = 'orders'::regclass"), "1")
        self.assertEqual(self.sql("SELECT count(*) FROM pg_stats WHERE tablename = 'sessions'"), "0")
        self.assertEqual(self.sql("SELECT carrier FROM shipments WHERE carrier = 'drone' LIMIT 1"), "drone")
        self.assertEqual(self.sql("SELECT 'drone' = ANY(most_common_vals::text::text[]) FROM pg_stats "
                                  "WHERE tablename = 'shipments' AND attname = 'carrier'"), "f")

    def test_every_statement_plans_and_the_workload_ran(self):
        for s in STATEMENTS.values():
            with self.subTest(id=s["id"]):
                self.assertTrue(self.plan(s["sql"]))
        self.assertEqual(self.sql("SELECT count(*) >= 30 FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid "
                                  "WHERE rolname = 'shop_app'"), "t")

    def test_expected_indexes_are_chosen(self):
        for s in STATEMENTS.values():
            p = s["proposal"]
            if p and p["type"] == "index" and s.get("what_if") != "not_possible":
                with self.subTest(id=s["id"]):
                    index = p["sql"].replace("'", "''")
                    self.assertIn("btree_", self.plan(s["sql"], f"SELECT FROM hypopg_create_index('{index}');\n"))
                for rejected in s.get("rejected", []):
                    with self.subTest(id=s["id"], rejected=rejected):
                        self.assertNotIn("btree_", self.plan(s["sql"], f"SELECT FROM hypopg_create_index('{rejected}');\n"))

    def test_rewrites_give_the_same_rows_except_the_refused_one(self):
        digest = "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)), 0) FROM ({}) r"
        for s in STATEMENTS.values():
            p = s["proposal"]
            if p and p["type"] == "rewrite":
                with self.subTest(id=s["id"]):
                    before = self.sql(digest.format(s["sql"]))
                    after = self.sql(digest.format(p["sql"]))
                    (self.assertNotEqual if s["kind"] == "refused" else self.assertEqual)(before, after)

    def test_login_of_sqlopt(self):
        """It can read and build an index, cannot write as a stranger, and needs its password."""
        env = dict(line.split("=", 1) for line in self.demo("env").splitlines())
        url = f"host={env['DEMO_HOST']} port={env['DEMO_PORT']} dbname=shop user=sqlopt_demo"

        def psql(password, sql):
            return subprocess.run(["psql", "-XqAtw", url, "-c", sql], env={**os.environ, "PGPASSWORD": password}, text=True,
                                  capture_output=True, check=False)

        self.assertNotEqual(psql("wrong", "SELECT 1").returncode, 0)
        done = psql(env["DEMO_PASSWORD"], "CREATE INDEX t_idx ON audit_log (actor); DROP INDEX t_idx; SELECT 1")
        self.assertEqual((done.stdout, done.stderr), ("1\n", ""))
        self.assertEqual(psql(env["DEMO_PASSWORD"], "SELECT rolsuper FROM pg_roles WHERE rolname = user").stdout, "f\n")
        self.assertEqual(os.stat(self.dir + "/demo.env").st_mode & 0o777, 0o600)

    def test_twice_is_harmless(self):
        self.assertNotIn("loading", self.demo("start"))
        self.assertIn("loaded: ", self.demo("status"))
        self.demo("stop")
        self.demo("stop")
        self.demo("start")
        self.assertEqual(self.sql("SELECT count(*) FROM orders"), "600000")

    def test_listens_on_loopback_only(self):
        self.assertEqual(self.sql("SHOW listen_addresses"), "127.0.0.1")


sqlopt_test.main()
