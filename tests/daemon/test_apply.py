#!/usr/bin/env python3
"""Proving and applying over HTTP where it is allowed: what is run is an offered proposal, once, and nothing else."""
import os
import re
import subprocess
import sys
import threading
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

SCHEMA = """
CREATE TABLE parts (id bigint PRIMARY KEY, code text NOT NULL, made timestamptz NOT NULL, n int NOT NULL);
INSERT INTO parts SELECT i, 'code' || i, timestamptz '2025-01-01' + i * interval '1 minute', i % 100
  FROM generate_series(1, 100000) i;
CREATE INDEX parts_made ON parts (made);
"""
FIND = "SELECT id FROM parts WHERE code = 'code5'"
DAY = "SELECT id FROM parts WHERE date_trunc('day', made) = '2025-01-20'"
APPLY, PROVE = "/api/optimizer/apply", "/api/optimizer/validate-performance"


class Apply(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        try:
            cls.pg.psql(SCHEMA)
            cls.pg.psql("ANALYZE")
            cls.server = sqlopt_test.Server(env={"ENABLE_DDL_EXECUTION": "true"})
            cls.server.__enter__()
            cls.api = Client(cls.server)
            cls.connection = cls.api.call("POST", "/api/connections", {
                "name": "pg", "engine": "postgresql", "host": "127.0.0.1", "port": cls.pg.port, "database": "postgres",
                "username": "postgres", "password": "", "ssl_enabled": False}, 201)
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        status, log = 0, ""
        if getattr(cls, "server", None):
            if cls.server.process and cls.server.process.poll() is None:
                status, log = cls.server.stop(), cls.server.log()
            cls.server.__exit__(None, None, None)
        cls.pg.__exit__(None, None, None)
        if status != 0:
            raise AssertionError(f"the server ended with status {status}:\n{log[-4000:]}")

    def tearDown(self):
        for name in self.indexes():
            self.pg.psql(f"DROP INDEX {name}")

    def indexes(self):
        return self.pg.psql("SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'parts'::regclass AND NOT indisprimary "
                            "AND indexrelid <> 'parts_made'::regclass").split()

    def optimize(self, sql=FIND):
        run = self.api.call("POST", "/api/optimizer/optimize", {"connection_id": self.connection["id"], "sql_query": sql}, 201)
        return run, {"optimization_id": run["id"]}

    def stored(self, run):
        return self.api.call("GET", f"/api/optimizer/optimizations/{run['id']}")

    def offered(self, run, kind="index"):
        return next(p for p in run["proposals"] if p["kind"] == kind and p["verdict"] == "offered")

    def rung(self, proposal, name):
        return next(r for r in proposal["proof"] if r["rung"] == name)

    def test_once_and_undone(self):
        run, body = self.optimize()
        dry = self.api.call("POST", APPLY, {**body, "dry_run": True})
        self.assertEqual(self.indexes(), [])
        self.assertTrue(dry["success"] and all(c["ok"] for c in dry["checks"]), dry)
        self.assertIsNone(dry["applied_at"])
        self.assertEqual(self.stored(run)["status"], "pending")
        done = self.api.call("POST", APPLY, {**body, "proposal_id": self.offered(run)["id"]})
        self.assertEqual((done["sql"], done["undo_sql"]), (dry["sql"], dry["undo_sql"]))
        self.assertEqual(len(self.indexes()), 1)
        stored = self.stored(run)
        self.assertEqual((stored["status"], bool(stored["applied_at"])), ("applied", True))
        self.assertEqual(self.rung(self.offered(stored), "applied")["status"], "passed")
        for more in ({}, {"dry_run": True}, {"proposal_id": self.offered(run)["id"]}, {"sql_to_execute": done["sql"]}):
            self.api.problem("POST", APPLY, {**body, **more}, 409)
        self.assertEqual(len(self.indexes()), 1)
        self.pg.psql(done["undo_sql"])
        self.assertEqual(self.indexes(), [])

    def test_many_at_once_apply_it_once(self):
        run, body = self.optimize()
        replies = []
        threads = [threading.Thread(target=lambda: replies.append(self.server.post(APPLY, body).status)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(replies.count(200), 1, replies)
        self.assertLessEqual(set(replies), {200, 409, 503})
        self.assertEqual(len(self.indexes()), 1)
        stored = self.stored(run)  # those who came too late do not write over it
        self.assertEqual((stored["status"], self.rung(self.offered(stored), "applied")["status"]), ("applied", "passed"))
        self.api.problem("POST", APPLY, body, 409, "applied already")  # and not the next proposal instead

    def test_nothing_is_dropped_unless_it_is_named(self):
        """An index that nobody used may be proposed for dropping; applying "the optimization" does not mean that."""
        self.pg.psql("CREATE INDEX parts_unused ON parts (n, made); CREATE INDEX parts_twice ON parts (made)")
        run, body = self.optimize()
        drops = [p for p in run["proposals"] if p["kind"] == "drop_index"]
        self.assertTrue(drops, [p["title"] for p in run["proposals"]])
        self.assertIn("CREATE INDEX", self.api.call("POST", APPLY, body)["sql"])
        self.api.problem("POST", APPLY, body, 409, "applied already")
        self.assertIn("parts_twice", self.indexes())

    def test_only_offered_sql(self):
        run, body = self.optimize()
        sql = self.offered(run)["sql"]
        for other in ("DROP TABLE parts", sql + "; DROP TABLE parts", sql.replace("CONCURRENTLY ", ""), sql.lower(), sql + " ", ";"):
            self.api.problem("POST", APPLY, {**body, "sql_to_execute": other}, 409, "sql_to_execute")
        self.assertEqual(self.indexes(), [])
        self.api.call("POST", APPLY, {**body, "sql_to_execute": sql})
        self.assertEqual(len(self.indexes()), 1)

    def test_what_is_not_offered(self):
        run, body = self.optimize(DAY)
        rewrite = self.offered(run, "rewrite")
        self.api.problem("POST", APPLY, {**body, "proposal_id": rewrite["id"]}, 409, "rewrite")
        for p in run["proposals"]:
            if p["verdict"] != "offered":
                self.api.problem("POST", APPLY, {**body, "proposal_id": p["id"]}, 409)
        other, _ = self.optimize()
        self.api.problem("POST", APPLY, {**body, "proposal_id": self.offered(other)["id"]}, (404, 409))
        self.api.problem("POST", APPLY, {**body, "proposal_id": 999999}, (404, 409))
        self.api.problem("POST", APPLY, {"optimization_id": 999999}, 404)
        self.assertEqual(self.indexes(), [])

    def test_somebody_elses_index_of_that_name(self):
        run, body = self.optimize()
        name = re.match(r"CREATE INDEX CONCURRENTLY (\S+) ON", self.offered(run)["sql"])[1]
        self.pg.psql(f"CREATE INDEX {name} ON parts (n)")
        self.api.problem("POST", APPLY, body, (400, 409), "already exists")
        self.assertIn("(n)", self.pg.psql(f"SELECT pg_get_indexdef('{name}'::regclass)"))
        stored = self.stored(run)
        self.assertEqual(stored["status"], "pending")
        self.assertEqual(self.rung(self.offered(stored), "applied")["status"], "failed")
        self.pg.psql(f"DROP INDEX {name}")
        self.api.call("POST", APPLY, body)  # one failure is no verdict
        self.assertEqual(self.indexes(), [name])

    def test_a_busy_table(self):
        """An older transaction keeps the build waiting: it gives up, and takes away what it left."""
        run, body = self.optimize()
        psql = subprocess.Popen(["psql", "-XqAt", self.pg.dsn()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 'ready';\n")
        psql.stdin.flush()
        psql.stdout.readline()
        try:
            problem = self.api.problem("POST", APPLY, body, (409, 503, 504), "lock")
            self.assertEqual(self.stored(run)["status"], "pending")
            self.assertIn("INVALID index that it left behind was dropped", problem["detail"])
            self.assertEqual(self.indexes(), [])
        finally:
            psql.stdin.close()
            psql.wait(10)
            psql.stdout.close()
        self.api.call("POST", APPLY, body)
        self.assertEqual(len(self.indexes()), 1)

    def test_a_target_that_is_away(self):
        _, body = self.optimize()
        self.pg.stop()
        try:
            self.api.problem("POST", APPLY, body, 502)
            self.api.problem("POST", PROVE, body, 502)
            self.assertEqual(self.api.call("GET", "/health")["status"], "healthy")
        finally:
            self.pg.start()
        self.api.call("POST", APPLY, body)
        self.assertEqual(len(self.indexes()), 1)

    def test_a_table_that_has_gone(self):
        self.pg.psql("CREATE TABLE brief AS SELECT * FROM parts")
        self.pg.psql("ANALYZE brief")
        run, body = self.optimize(FIND.replace("parts", "brief"))
        self.pg.psql("DROP TABLE brief")
        self.api.problem("POST", APPLY, body, (400, 404), "brief")
        self.api.problem("POST", PROVE, body, (400, 404), "brief")
        self.assertEqual(self.stored(run)["status"], "pending")

    def test_bounds_of_a_measurement(self):
        run, body = self.optimize(DAY)
        for iterations in (0, -1, 11, 1.5, "3", True):
            with self.subTest(iterations=iterations):
                self.api.problem("POST", PROVE, {**body, "iterations": iterations}, 422, "iterations")
        for iterations in (1, 10):
            done = self.api.call("POST", PROVE, {**body, "iterations": iterations})
            self.assertEqual(done["proposal"]["measured"]["runs"], iterations)
            self.assertTrue(done["same_result"])
        self.assertEqual(self.stored(run)["status"], "validated")
        one_side = self.api.call("POST", PROVE, {**body, "run_optimized": False, "iterations": 1})
        self.assertIsNone(one_side["optimized_metrics"])
        self.assertEqual(one_side["original_metrics"]["rows_returned"], 1440)

    def test_validations_leave_workers_for_others(self):
        sql = "SELECT count(*) FROM parts a JOIN parts b ON a.n = b.n WHERE a.id < 6000"
        with sqlopt_test.Server(env={"REQUEST_THREADS": "2"}) as server:
            api = Client(server)
            made = api.call("POST", "/api/connections", {
                "name": "pg", "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "database": "postgres",
                "username": "postgres", "password": "", "ssl_enabled": False}, 201)
            run = api.call("POST", "/api/optimizer/optimize", {"connection_id": made["id"], "sql_query": sql}, 201)
            body = {"optimization_id": run["id"], "run_optimized": False, "iterations": 3}
            replies = []
            long = threading.Thread(target=lambda: replies.append(server.post(PROVE, body).status))
            long.start()
            running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%a.id < 6000%' AND pid <> pg_backend_pid()" \
                      " AND state = 'active'"
            sqlopt_test.wait_for("the statement to run", lambda: self.pg.psql(running).strip() != "0")
            api.problem("POST", PROVE, body, 503, "which is all that may")
            api.call("GET", "/api/connections")
            long.join()
            self.assertIn(replies, ([200], [504]))

    def test_what_is_not_run(self):
        before = self.pg.psql("SELECT sum(n) FROM parts")
        for sql, word in (("UPDATE parts SET n = n + 1 WHERE code = 'code5'", "pure reads"),
                          ("SELECT id FROM parts WHERE code = 'code5' FOR UPDATE", "pure reads"),
                          ("SELECT id FROM parts WHERE lower(code) = $1", "parameters"),
                          ("SELECT id FROM parts WHERE lower(code) = $1", "$1 is not compared with a column")):
            with self.subTest(sql):
                _, body = self.optimize(sql)
                done = self.api.call("POST", PROVE, body)
                self.assertIsNone(done["original_metrics"])
                self.assertIn(word, " ".join(done["validation_notes"]))
        self.assertEqual(self.pg.psql("SELECT sum(n) FROM parts"), before)
        self.assertEqual(self.indexes(), [])


if __name__ == "__main__":
    sqlopt_test.main()
