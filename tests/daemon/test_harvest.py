#!/usr/bin/env python3
"""Values that statements are called with: taken from sessions and from what somebody gives, kept encrypted, used to
plan and prove the statement without values, and gone when it is switched off."""
import contextlib
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

SCHEMA = """
CREATE TABLE tickets (id bigint PRIMARY KEY, tag text NOT NULL, made timestamptz NOT NULL);
INSERT INTO tickets SELECT i, CASE WHEN i % 2 = 0 THEN 'big' ELSE 'tag' || i / 20 END,
  timestamptz '2025-01-01' + i * interval '1 minute' FROM generate_series(1, 100000) i;
CREATE INDEX tickets_made ON tickets (made);
ANALYZE tickets;
"""
SECRET, OTHER = "open-sesame-4711", "open-sesame-4712"
# no statistics tell a value for lower(tag)
CALL = "SELECT id FROM tickets WHERE lower(tag) = '{}' AND date_trunc('day', made) = '2025-01-20'"
# the numbers of its parameters are not in the order of the text
TEXT = "select id from tickets where lower(tag) = $1 and date_trunc($3, made) = $2"
BY_DAY = "SELECT id FROM tickets WHERE lower(tag) = $1 AND date_trunc('day', made) = '2025-01-20'"
MARIADB = """
CREATE DATABASE shop; USE shop; CREATE TABLE orders (order_no INT PRIMARY KEY, customer_id INT, note VARCHAR(40));
INSERT INTO orders SELECT seq, seq % 7, CONCAT('note', seq) FROM seq_1_to_20000;
CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(40)); INSERT INTO people SELECT order_no, note FROM orders;
CREATE USER app@'%' IDENTIFIED BY 'right-Passw0rd';
GRANT ALL ON shop.* TO app@'%'; GRANT SELECT ON performance_schema.* TO app@'%'; GRANT SELECT ON mysql.slow_log TO app@'%';
GRANT PROCESS ON *.* TO app@'%';
"""
# so many seconds a row
MARIADB_CALL = "SELECT order_no FROM orders WHERE (LOWER(note) = '{}' OR SLEEP({}) > 0) AND customer_id IN (1, 4711, 3);"
MARIADB_TEXT = "SELECT order_no FROM orders WHERE (LOWER(note) = ? OR SLEEP(?) > ?) AND customer_id IN (?, ?)"
MARIADB_DIGEST = ("SELECT `order_no` FROM `orders` WHERE ( `LOWER` ( `note` ) = ? OR `SLEEP` (?) > ? ) "
                  "AND `customer_id` IN (...) ")

# columns whose names are keywords: a digest has them in capitals
PEOPLE_CALL = "SELECT id FROM people WHERE (LOWER(name) = '{}' OR SLEEP({}) > 0) AND id < 20;"
PEOPLE_TEXT = "SELECT id FROM people WHERE (LOWER(name) = ? OR SLEEP(?) > ?) AND id < ?"


class Base(unittest.TestCase):
    def serve(self, **env):
        self.server = sqlopt_test.Server(env={"MONITORING_ACTIVITY_SECONDS": "1", **env})
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.api = Client(self.server)

    def connect(self, **more):
        return self.api.call("POST", "/api/connections", {
            "username": "postgres", "password": "", "ssl_enabled": False, "monitoring_enabled": True, **more}, 201)["id"]

    def wait_watched(self, connection, word):
        """Polls until the statement is among those of the connection; its id."""
        def found():
            self.api.call("POST", "/api/monitoring/trigger")
            rows = self.api.call("GET", f"/api/monitoring/queries?connection_id={connection}&limit=1000")
            ids = [row["id"] for row in rows if word in row["sql_text"]]
            return ids and ids[0]
        return sqlopt_test.wait_for("the statement is watched", found)

    def optimize(self, connection, sql, **options):
        run = self.api.call("POST", "/api/optimizer/optimize",
                            {"connection_id": connection, "sql_query": sql, **options}, 201)
        sqlopt_test.wait_for("the analysis", lambda: self.api.call(
            "GET", f"/api/optimizer/optimizations/{run['id']}")["complete"])
        return self.api.call("GET", f"/api/optimizer/optimizations/{run['id']}")

    def wait_note(self, connection, sql, words):
        """Optimises until the values are there."""
        last = {}

        def noted():
            last.update(self.optimize(connection, sql))
            return words in (last["parameter_note"] or "")
        try:
            sqlopt_test.wait_for("the values are used", noted)
        except AssertionError:
            self.fail(f"{words!r} is not in {last['parameter_note']!r}")
        return last

    def check_sampled(self, connection, query, text, secret, grow=lambda: None):
        """Polls, with what is counted growing, until the server's value is there; it is used, hidden, and the server
        stopped."""
        def kept():
            grow()
            self.api.call("POST", "/api/monitoring/trigger")
            return self.api.call("GET", f"/api/queries/{query}")["value_sets"]
        sqlopt_test.wait_for("a value is kept", kept)
        detail = self.api.call("GET", f"/api/queries/{query}")
        self.assertEqual((detail["value_sets"], detail["value_sources"]), (1, ["sample"]))
        run = self.wait_note(connection, text, "With values seen in a statement that the server kept: cost ")
        self.assertNotIn(secret, json.dumps(run) + json.dumps(detail) + json.dumps(self.api.call("GET", "/api/queries")))
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.stored(), 1)
        self.assert_hidden(secret)

    def assert_hidden(self, *secrets):
        """In no file of the store, no line of the log and no answer about the query."""
        files = glob.glob(self.server.dir + "/sqlopt.db*") + [self.server.dir + "/log"]
        self.assertGreaterEqual(len(files), 3)
        for path in files:
            with open(path, "rb") as f:
                content = f.read()
            for secret in secrets:
                self.assertNotIn(secret.encode(), content, path)

    def stored(self):
        """Sets of values in the store."""
        with contextlib.closing(sqlite3.connect(f"file:{self.server.dir}/sqlopt.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM query_values").fetchone()[0]

    def session(self, command, script=""):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdin.write(script + "\n")
        process.stdin.flush()


class Harvest(Base):
    def test_postgresql(self):
        with sqlopt_test.Postgres() as pg:
            self.serve()
            pg.psql(SCHEMA)
            pg.psql(CALL.format("nobody") + ";")
            connection = self.connect(name="pg", engine="postgresql", host="127.0.0.1", port=pg.port,
                                      database="postgres")
            query = self.wait_watched(connection, "lower(tag)")
            before = self.optimize(connection, TEXT)
            self.assertIn("It was not planned with values", before["parameter_note"])
            self.session(["psql", "-XqAt", pg.dsn()], "BEGIN;\n" + CALL.format(SECRET) + ";")
            run = self.wait_note(connection, TEXT, "With values seen in a running session: cost ")
            self.assertIn("None from the statistics", run["parameter_note"])
            self.assertNotIn(SECRET, json.dumps(run))
            self.assertIn("lower(tag) = $1", json.dumps(run))
            # a statement that somebody gives is one more set, and is proved with
            self.optimize(connection, CALL.format(OTHER))
            run = self.wait_note(connection, TEXT, "With values seen in a statement that was optimised")
            self.assertEqual(run["parameter_note"].count("With values seen in"), 2)
            run = self.optimize(connection, BY_DAY, verify=True, measure=True)
            rewrite = [p for p in run["proposals"] if p["kind"] == "rewrite"]
            self.assertTrue(rewrite, run["proposals"])
            proof = {rung["rung"]: rung for rung in rewrite[0]["proof"]}
            self.assertEqual(proof["same_result"]["status"], "passed", proof)
            self.assertRegex(proof["same_result"]["reason"], r"^with seen values: .*; with seen \(2\) values: ")
            detail = self.api.call("GET", f"/api/queries/{query}")
            self.assertEqual(detail["value_sets"], 2)
            self.assertEqual(sorted(detail["value_sources"]), ["session", "statement"])
            self.assertGreaterEqual(detail["values_last_seen"], detail["values_first_seen"])
            self.assertNotIn("sesame-47", json.dumps(detail) + json.dumps(self.api.call("GET", "/api/queries")))
            self.assertEqual(self.server.stop(), 0)
            self.assertEqual(self.stored(), 2)
            # what somebody gave is there as it was given; what only a session ran is not
            self.assert_hidden(SECRET)
            # switched off: gone, and nothing is taken
            self.server.extra["MONITORING_PARAMETERS"] = "false"
            self.server.start()
            self.api = Client(self.server)
            self.assertEqual(self.stored(), 0)
            self.assertIn("It was not planned with values", self.optimize(connection, TEXT)["parameter_note"])
            self.api.call("GET", f"/api/connections/{connection}/activity")
            self.assertEqual(self.stored(), 0)
            self.assertEqual(self.api.call("GET", f"/api/queries/{query}")["value_sets"], 0)

    def test_plans(self):
        """A plan that somebody gives has values, too: in its statement, its parameters, or its conditions."""
        with sqlopt_test.Postgres() as pg:
            self.serve(MONITORING_ACTIVITY_SECONDS="0")
            pg.psql(SCHEMA)
            pg.psql(CALL.format("nobody") + ";")
            connection = self.connect(name="pg", engine="postgresql", host="127.0.0.1", port=pg.port,
                                      database="postgres")
            query = self.wait_watched(connection, "lower(tag)")
            plan = pg.psql("EXPLAIN " + CALL.format(SECRET) + ";")

            def analyze(expect=200, **more):
                return self.api.call("POST", "/api/plans/analyze", {"plan": plan, **more}, expect)
            self.assertIsNone(analyze()["query_id"])
            self.assertIsNone(analyze(connection_id=connection)["query_id"])  # of which statement is not known
            self.assertIsNone(analyze(connection_id=connection, sql_query=TEXT)["query_id"])  # compares expressions
            self.assertEqual(self.stored(), 0)
            self.assertIn("4711", json.dumps(analyze(404, connection_id=4711)))
            analyze(422, connection_id=0)
            plan = "Query Text: " + TEXT + "\nQuery Parameters: $1 = '" + OTHER + "', $2 = '2025-01-20', $3 = 'day'\n" + plan
            self.assertEqual(analyze(connection_id=connection)["query_id"], query)
            self.assertEqual(self.api.call("GET", f"/api/queries/{query}")["value_sources"], ["plan"])
            run = self.wait_note(connection, TEXT, "With values seen in a plan that was given: cost ")
            self.assertNotIn(OTHER, json.dumps(run))
            self.assertEqual(self.server.stop(), 0)
            self.assertEqual(self.stored(), 1)
            self.assert_hidden(SECRET, OTHER)
            self.server.extra["MONITORING_PARAMETERS"] = "false"
            self.server.start()
            self.api = Client(self.server)
            self.assertIsNone(analyze(connection_id=connection)["query_id"])
            self.assertEqual(self.stored(), 0)

    def test_with_the_query(self):
        """Sets go with their query and their connection."""
        with sqlopt_test.Postgres() as pg:
            self.serve(MONITORING_ACTIVITY_SECONDS="0")
            pg.psql(SCHEMA)
            pg.psql(CALL.format("nobody") + ";")
            connection = self.connect(name="pg", engine="postgresql", host="127.0.0.1", port=pg.port,
                                      database="postgres")
            self.wait_watched(connection, "lower(tag)")
            for i in range(12):
                self.optimize(connection, CALL.format(f"value {i}"))
            self.assertEqual(self.stored(), 8)
            self.api.call("GET", f"/api/connections/{connection}/activity")  # nothing runs
            self.api.call("DELETE", f"/api/connections/{connection}", expect=(200, 204))
            self.assertEqual(self.stored(), 0)

    def maria(self, source):
        my = sqlopt_test.MySQL(source)
        self.client = [my.dir + "/client", "-N"]
        self.run_sql = lambda script, database="shop": my.run(script, database)
        self.run_sql(MARIADB, "mysql")
        return my.port

    def test_mariadb(self):
        self.serve()
        port = self.maria("digests")
        self.run_sql(MARIADB_CALL.format("nobody", "0"))
        connection = self.connect(name="maria", engine="mariadb", host="127.0.0.1", port=port, database="shop",
                                  username="app", password="right-Passw0rd")
        self.wait_watched(connection, "LOWER")
        self.session([*self.client, "shop", "-e", MARIADB_CALL.format(SECRET, "0.005")])
        for text in (MARIADB_TEXT, MARIADB_DIGEST):
            run = self.wait_note(connection, text, "With values seen in a running session: cost ")
            self.assertNotIn(SECRET, json.dumps(run))
        self.assertEqual(self.server.stop(), 0)
        self.assert_hidden(SECRET)

    def test_mariadb_history(self):
        """A statement that has ended: no session has it any more, the server's history has."""
        self.ended_in_mariadb("digests")

    def test_mariadb_slow_log(self):
        """The same where the slow log is all there is."""
        self.ended_in_mariadb("slow-log")

    def ended_in_mariadb(self, source):
        self.serve(MONITORING_ACTIVITY_SECONDS="0")
        port = self.maria(source)
        self.run_sql(PEOPLE_CALL.format("nobody", "0"))
        connection = self.connect(name="maria", engine="mariadb", host="127.0.0.1", port=port, database="shop",
                                  username="app", password="right-Passw0rd")
        query = self.wait_watched(connection, "LOWER")
        self.run_sql(PEOPLE_CALL.format(SECRET, "0.02"))

        self.check_sampled(connection, query, PEOPLE_TEXT, SECRET)
        # switched off: gone, and the server is not asked again
        self.server.extra["MONITORING_PARAMETERS"] = "false"
        self.server.start()
        self.api = Client(self.server)
        self.run_sql(PEOPLE_CALL.format(OTHER, "0.02"))
        polls = self.api.call("GET", f"/api/queries/{query}")["calls"]

        def polled():
            self.api.call("POST", "/api/monitoring/trigger")
            return self.api.call("GET", f"/api/queries/{query}")["calls"] > polls
        sqlopt_test.wait_for("the call is counted", polled)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.stored(), 0)


class Doubles(Base):
    """What plans and views of servers that are not at hand tell of values: the code path, not the servers."""
    CASES = os.path.join(HERE, "..", "engine")

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="sqlopt-harvest-")
        self.addCleanup(shutil.rmtree, self.dir)

    def replace(self, name, content):
        with open(f"{self.dir}/new", "w", encoding="utf-8") as f:
            f.write(content)
        os.replace(f"{self.dir}/new", f"{self.dir}/{name}")

    def check(self, connection, word, text, grow, secret):
        """Polls, while what is counted grows, until the value is there; then it is used, and hidden."""
        query = self.wait_watched(connection, word)

        self.check_sampled(connection, query, text, secret, grow)
        self.server.extra["MONITORING_PARAMETERS"] = "false"
        self.server.start()
        self.assertEqual(self.stored(), 0)

    def test_sql_server(self):
        with open(f"{self.CASES}/mssql_cases.json", encoding="utf-8") as f:
            cases = json.load(f)
        rows = next(c for c in cases if "dm_exec_query_stats AS s CROSS" in c["match"])["results"][0]["rows"]
        samples = next(c for c in cases if "dm_exec_query_plan_stats" in c["match"])["results"][0]["rows"]
        samples[0][3] = samples[0][3].replace("4711", "471147114711")

        def grow():
            rows[0][6] += 1
            rows[0][8] += 1000000
            self.replace("cases.json", json.dumps(cases))
        grow()
        double = subprocess.Popen(["python3", os.path.join(HERE, "..", "doubles", "tds.py"), self.dir + "/cases.json"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(double.communicate, timeout=10)
        self.serve(MONITORING_ACTIVITY_SECONDS="0")
        connection = self.connect(name="tds", engine="mssql", host="127.0.0.1", port=int(double.stdout.readline()),
                                  database="shop", username="monitor", password="pw")
        self.check(connection, "user_id", "SELECT id, total FROM dbo.orders WHERE user_id = @p1", grow, "471147114711")

    def test_oracle(self):
        if not os.path.exists(os.path.join(sqlopt_test.BUILD, "tests", "doubles", "oracle", "lib", "libclntsh.so")):
            raise unittest.SkipTest("built without ODPI-C (Debian: odpic-dev)")
        with open(f"{self.CASES}/oracle_cases.txt", encoding="utf-8") as f:
            cases = f.read()
        counters = "7h35uxf5uhmm1\t42\t8400\t91234567\t1200300\t300\t0\tshop1"
        self.assertIn(counters, cases)
        cases = cases.replace("NUMBER\tYES\t42", "NUMBER\tYES\t471147114711")
        calls = [42]

        def grow():
            calls[0] += 1
            self.replace("cases.txt", cases.replace(
                counters, f"7h35uxf5uhmm1\t{calls[0]}\t8400\t{91234567 + calls[0] * 1000000}\t1200300\t300\t0\tshop1"))
        grow()
        self.serve(MONITORING_ACTIVITY_SECONDS="0", SO_OCI_CASES=self.dir + "/cases.txt",
                   ORACLE_HOME=os.path.join(sqlopt_test.BUILD, "tests", "doubles", "oracle"))
        connection = self.connect(name="oci", engine="oracle", host="db.example", database="shop", username="MONITOR",
                                  password="pw")
        self.check(connection, "user_id", "SELECT id, total FROM orders WHERE user_id = :1", grow, "471147114711")

    def test_sqlite(self):
        """No double: the file that an application writes."""
        with contextlib.closing(sqlite3.connect(self.dir + "/shop.db")) as db:
            db.executescript("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT, at INT);")
            db.executemany("INSERT INTO orders (note, at) VALUES (?, ?)", ((f"n{i}", i % 9) for i in range(5000)))
            db.commit()
        lines = []

        def grow():
            lines.append(json.dumps({"sql": f"SELECT id FROM orders WHERE lower(note) = '{SECRET}'", "total_ms": 500}))
            self.replace("load.json", "\n".join(lines))
        grow()
        self.serve(MONITORING_ACTIVITY_SECONDS="0")
        connection = self.connect(name="file", engine="sqlite", username="",
                                  database=f"{self.dir}/shop.db?workload={self.dir}/load.json")
        self.check(connection, "lower", "SELECT id FROM orders WHERE lower(note) = ?", grow, SECRET)


if __name__ == "__main__":
    sqlopt_test.main()
