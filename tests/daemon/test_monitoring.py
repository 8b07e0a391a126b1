#!/usr/bin/env python3
"""Monitoring by the real server: what a PostgreSQL and a MariaDB count is what the API shows, whatever happens meanwhile."""
import contextlib
import json
import os
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

MARIADB = """
CREATE DATABASE shop; USE shop; CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT);
INSERT INTO orders SELECT seq, seq % 7 FROM seq_1_to_1000;
CREATE USER app@'%' IDENTIFIED BY 'right-Passw0rd';
GRANT ALL ON shop.* TO app@'%'; GRANT SELECT ON performance_schema.* TO app@'%';
"""


class Monitoring(unittest.TestCase):
    def setUp(self):
        self.server = sqlopt_test.Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.api = Client(self.server)

    def connect(self, **more):
        return self.api.call("POST", "/api/connections", {
            "username": "postgres", "password": "", "ssl_enabled": False, "monitoring_enabled": True, **more}, 201)["id"]

    def state(self, connection):
        return next(t for t in self.api.call("GET", "/api/monitoring/targets") if t["connection_id"] == connection)

    def poll(self, connection, good=True):
        """Lets one more poll begin and end."""
        name = "polls" if good else "failures"
        sqlopt_test.wait_for("the poll before", lambda: self.state(connection)["state"] == "waiting")
        before = self.state(connection)[name]
        self.api.call("POST", "/api/monitoring/trigger")
        sqlopt_test.wait_for("the poll", lambda: self.state(connection)[name] > before)

    def calls(self, connection, word):
        """Of the statements that have the word, when the roll-ups have caught up."""
        rows = self.api.call("GET", f"/api/monitoring/queries?connection_id={connection}&limit=1000")
        return sum(row["calls"] for row in rows if word in row["sql_text"])

    def wait_calls(self, connection, word, calls):
        try:
            sqlopt_test.wait_for("the calls", lambda: self.calls(connection, word) == calls)
        except Exception:
            self.fail(f"{self.calls(connection, word)} calls of {word}, not {calls}: {self.state(connection)}")

    def wait_inputs(self, connection, word, table):
        """Plan and tables of a statement are those of its own database, whichever the server is polled through."""
        query = next(row["id"] for row in self.api.call("GET", f"/api/monitoring/queries?connection_id={connection}&limit=1000")
                     if word in row["sql_text"])
        plans = sqlopt_test.wait_for("its plan", lambda: self.api.call("GET", f"/api/queries/{query}/plans")["plans"])
        self.assertEqual(len(plans), 1)

        def snapshot():
            with contextlib.closing(sqlite3.connect(f"file:{self.server.dir}/sqlopt.db?mode=ro", uri=True)) as db:
                rows = db.execute("SELECT doc FROM snapshot WHERE connection_id = ?", (connection,)).fetchall()
            return rows and json.loads(rows[0][0])["tables"]
        self.assertEqual([t["name"] for t in sqlopt_test.wait_for("its tables", snapshot).values()], [table])

    def test_notices(self):
        """What is not read because there is too much of it is told, with what helps."""
        self.assertEqual(self.api.call("GET", "/api/notices"), [])
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server(env={"MONITORING_MAX_STATEMENTS": "100"}) as server:
            pg.psql(" ".join("SELECT " + ", ".join("1" * (i + 1)) + ";" for i in range(150)))
            self.api = Client(server)
            one = self.connect(name="many", engine="postgresql", host="127.0.0.1", port=pg.port, database="postgres")
            sqlopt_test.wait_for("the first poll", lambda: self.state(one)["polls"] > 0)
            self.poll(one)
            found = self.api.call("GET", "/api/notices")
            self.assertEqual([(n["connection_id"], n["kind"]) for n in found], [(one, "cap")])
            self.assertIn("more than 100 statements", found[0]["message"])
            self.assertGreaterEqual(found[0]["seen"], 2)
            self.assertLess(found[0]["first_at"], found[0]["last_at"])
            self.assertIsNone(found[0]["dismissed_at"])
            self.api.problem("GET", "/api/notices?limit=0", None, 422, "limit")
            # dismissed, it stays away while it goes on; and it can be shown again
            self.api.call("POST", "/api/notices/dismiss", {"connection_id": one, "kind": "cap"}, 204)
            self.poll(one)
            self.assertEqual(self.api.call("GET", "/api/notices"), [])
            hidden = self.api.call("GET", "/api/notices?dismissed=true")
            self.assertEqual([(n["kind"], n["first_at"]) for n in hidden], [("cap", found[0]["first_at"])])
            self.assertGreater(hidden[0]["seen"], found[0]["seen"])
            self.assertIsNotNone(hidden[0]["dismissed_at"])
            server.stop()
            server.start()
            self.assertEqual(self.api.call("GET", "/api/notices"), [])
            self.api.call("POST", "/api/notices/dismiss", {"connection_id": one, "kind": "cap", "dismissed": False}, 204)
            self.assertEqual(len(self.api.call("GET", "/api/notices")), 1)
            self.api.call("DELETE", f"/api/connections/{one}", expect=204)
            self.assertEqual(self.api.call("GET", "/api/notices"), [])

    def test_postgresql(self):
        with sqlopt_test.Postgres() as pg:
            pg.psql("CREATE TABLE watched (id int)")
            pg.psql("CREATE DATABASE books")
            pg.psql("CREATE TABLE shelf (id int)", "books")
            where = {"engine": "postgresql", "host": "127.0.0.1", "port": pg.port}
            first = self.connect(name="first", database="postgres", **where)
            second = self.connect(name="second", database="books", interval_s=10, **where)
            self.assertEqual(self.api.call("GET", f"/api/connections/{second}")["interval_s"], 10)
            for connection in (first, second):
                sqlopt_test.wait_for("the first poll", lambda c=connection: self.state(c)["polls"] > 0)
            # one server, polled once for both
            sqlopt_test.wait_for("one server", lambda: self.state(first)["instance_id"] == self.state(second)["instance_id"])
            pg.psql("SELECT count(*) FROM watched;" * 30)
            pg.psql("SELECT id FROM shelf;" * 20, "books")
            self.poll(first)
            self.wait_calls(first, "watched", 30)
            self.wait_calls(second, "shelf", 20)
            self.assertEqual(self.calls(first, "shelf") + self.calls(second, "watched"), 0)
            self.wait_inputs(first, "watched", "watched")
            self.wait_inputs(second, "shelf", "shelf")
            self.assertEqual(self.calls(first, "sqlopt"), 0)  # although the login is the same
            row = next(r for r in self.api.call("GET", f"/api/monitoring/queries?connection_id={first}")
                       if "watched" in r["sql_text"])
            self.assertEqual(self.api.call("GET", f"/api/monitoring/queries/{row['id']}"), row)
            # a reset, and more calls than before it
            pg.psql("SELECT pg_stat_statements_reset()")
            pg.psql("SELECT count(*) FROM watched;" * 50)
            self.poll(first)
            self.wait_calls(first, "watched", 80)
            # kill -9: nothing is lost, nothing is counted twice
            pg.psql("SELECT count(*) FROM watched;" * 7)
            self.poll(first)
            self.server.kill()
            self.server.start()
            self.wait_calls(first, "watched", 87)
            pg.psql("SELECT count(*) FROM watched;" * 3)
            self.poll(first)
            self.wait_calls(first, "watched", 90)
            trends = self.api.call("GET", f"/api/dashboard/performance-trends?connection_id={first}")
            self.assertGreaterEqual(sum(t["calls"] for t in trends), 90)
            self.assertTrue(all(t["timestamp"].endswith("Z") for t in trends))
            top = self.api.call("GET", "/api/dashboard/top-queries?limit=5")
            self.assertIn("first", [t["connection_name"] for t in top])
            self.assertIsNotNone(self.api.call("GET", f"/api/connections/{first}")["last_monitored_at"])
            # the target goes away and comes back
            pg.stop()
            self.poll(first, good=False)
            broken = self.state(first)
            self.assertEqual((broken["failures"] > 0, broken["error_kind"]), (True, "unreachable"), broken)
            self.assertIn("127.0.0.1", broken["error"])
            self.wait_calls(first, "watched", 90)
            pg.start()
            self.poll(first)
            self.assertIsNone(self.state(first)["error"])
            self.assertEqual(self.server.stop(), 0)

    def test_start_and_stop(self):
        with sqlopt_test.Postgres() as pg:
            connection = self.connect(name="pg", engine="postgresql", host="127.0.0.1", port=pg.port, database="postgres")
            sqlopt_test.wait_for("the first poll", lambda: self.state(connection)["polls"] > 0)
            status = self.api.call("GET", "/api/monitoring/status")
            self.assertEqual((status["is_running"], status["active_connections"], status["interval_minutes"]), (True, 1, 60))
            self.assertIsNotNone(status["last_poll_time"])
            self.assertTrue(self.api.call("GET", "/health")["monitoring_agent"])
            self.assertIn("stopped", self.api.call("POST", "/api/monitoring/stop")["message"])
            sqlopt_test.wait_for("it is paused", lambda: self.state(connection)["state"] == "paused")
            self.api.problem("POST", "/api/monitoring/trigger", None, 400, "stopped")
            self.assertFalse(self.api.call("GET", "/health")["monitoring_agent"])
            status = self.api.call("GET", "/api/monitoring/status")
            self.assertEqual((status["is_running"], status["next_poll_time"]), (False, None))
            self.assertIn("started", self.api.call("POST", "/api/monitoring/start")["message"])
            self.assertTrue(self.api.call("POST", "/api/monitoring/trigger")["success"])
            # a login that may not look, on a server that another connection can read: that one reads for both
            pg.psql("CREATE ROLE blind LOGIN; CREATE DATABASE plain")
            blind = self.connect(name="blind", engine="postgresql", host="127.0.0.1", port=pg.port, database="plain",
                                 username="blind")
            sqlopt_test.wait_for("it is read", lambda: self.state(blind)["polls"] > 0)
            self.api.call("PUT", f"/api/connections/{blind}", {"monitoring_enabled": False})
            sqlopt_test.wait_for("nobody looks", lambda: self.state(blind)["state"] == "unwatched")

    def test_no_statistics(self):
        with sqlopt_test.Postgres(extensions=()) as pg:
            blind = self.connect(name="blind", engine="postgresql", host="127.0.0.1", port=pg.port, database="postgres")
            sqlopt_test.wait_for("its failure", lambda: self.state(blind)["failures"] > 0)
            self.assertEqual(self.state(blind)["error_kind"], "unsupported")
            self.assertIn("pg_stat_statements", self.state(blind)["error"])
            pg.psql("CREATE EXTENSION pg_stat_statements")
            self.api.call("PUT", f"/api/connections/{blind}", {"name": "seeing"})  # mended: tried at once
            sqlopt_test.wait_for("it is read", lambda: self.state(blind)["polls"] > 0)

    def test_mariadb(self):
        my = sqlopt_test.MySQL()

        def run(script, database="shop"):
            my.run(script, database)
        run(MARIADB, "mysql")
        connection = self.connect(name="maria", engine="mariadb", host="127.0.0.1", port=my.port, database="shop",
                                  username="app", password="right-Passw0rd")
        sqlopt_test.wait_for("the first poll", lambda: self.state(connection)["polls"] > 0)
        run("SELECT COUNT(*) FROM orders WHERE customer_id = 5;" * 40)
        self.poll(connection)
        self.wait_calls(connection, "COUNT", 40)
        # every row says since when it counts: emptied, and more calls than before
        run("TRUNCATE TABLE performance_schema.events_statements_summary_by_digest", "performance_schema")
        run("SELECT COUNT(*) FROM orders WHERE customer_id = 5;" * 60)
        self.poll(connection)
        self.wait_calls(connection, "COUNT", 100)
        rows = self.api.call("GET", f"/api/monitoring/queries?connection_id={connection}")
        self.assertFalse([r for r in rows if "sqlopt" in r["sql_text"]])


sqlopt_test.main()
