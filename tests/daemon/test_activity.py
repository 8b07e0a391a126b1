#!/usr/bin/env python3
"""What the sessions of a target are doing: running, waiting for each other, holding a transaction; without values."""
import os
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402


class Activity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        try:
            cls.pg.psql("CREATE TABLE t (id int PRIMARY KEY, secret text); INSERT INTO t VALUES (1, 'x')")
            cls.pg.psql("CREATE ROLE blind LOGIN; CREATE DATABASE elsewhere; CREATE DATABASE later")
            cls.server = sqlopt_test.Server(env={"MONITORING_ENABLED": "false"})
            cls.server.__enter__()
            cls.api = Client(cls.server)
            cls.ids = {user: cls.api.call("POST", "/api/connections", {
                "name": user, "engine": "postgresql", "host": "127.0.0.1", "port": cls.pg.port, "database": "postgres",
                "username": user, "password": "", "ssl_enabled": False, "monitoring_enabled": False}, 201)["id"]
                       for user in ("postgres", "blind")}
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        if getattr(cls, "server", None):
            cls.server.__exit__(None, None, None)
        cls.pg.__exit__(None, None, None)

    def session(self, sql, database="postgres"):
        """psql that runs these statements one by one and stays connected after them."""
        process = subprocess.Popen(["psql", "-XqAt", self.pg.dsn(database)], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdin.write(sql + "\n")
        process.stdin.flush()
        return process

    def read(self, wanted, user="postgres", query=""):
        """The answer, once that many sessions are there."""
        for _ in range(200):
            found = self.api.call("GET", f"/api/connections/{self.ids[user]}/activity{query}")
            if len(found["sessions"]) + found["hidden"] >= wanted:
                return found
            time.sleep(0.05)
        self.fail(f"{wanted} sessions did not come: {found}")

    def test_sessions(self):
        quiet = self.read(0)
        self.assertEqual((quiet["sessions"], quiet["hidden"], quiet["truncated"]), ([], 0, False))
        self.session("BEGIN;\nUPDATE t SET secret = 'hunter2' WHERE id = 1;")
        holder = self.read(1)["sessions"][0]
        for _ in range(200):
            if holder["state"] == "in_transaction":
                break
            holder = self.read(1)["sessions"][0]
        self.assertEqual((holder["state"], holder["wait"], holder["blocked_by"]), ("in_transaction", None, None))
        self.assertGreater(holder["transaction_ms"], 0)
        self.session("DELETE FROM t WHERE secret = 'x' OR secret = 'hunter3';")
        self.session("SELECT pg_sleep(30), 'hunter4';")
        self.session("SELECT pg_sleep(31);", "elsewhere")
        found = self.read(3)
        by_state = {s["state"] + " " + s["sql_text"].split()[0]: s for s in found["sessions"]}
        blocked = by_state["waiting DELETE"]
        self.assertEqual(blocked["blocked_by"], holder["id"])
        self.assertRegex(blocked["wait"], "^Lock: ")
        self.assertEqual(blocked["sql_text"], "DELETE FROM t WHERE secret = ? OR secret = ?;")
        self.assertRegex(blocked["fingerprint"], "^[0-9a-f]{16}$")
        self.assertIsNone(blocked["query_id"])  # nothing is watched here
        sleeper = by_state["waiting SELECT"]
        self.assertEqual(sleeper["wait"], "Timeout: PgSleep")
        self.assertNotIn("hunter", str(found))
        self.assertEqual(len(found["sessions"]), 3)  # not that of the other database, not our own
        one = self.read(1, query="?limit=1")
        self.assertEqual((len(one["sessions"]), one["truncated"]), (1, True))
        # a role that sees nobody else is told how many there are
        blind = self.read(3, "blind")
        self.assertEqual(blind["sessions"], [])
        self.assertGreaterEqual(blind["hidden"], 3)

    def test_the_past(self):
        with sqlopt_test.Server(env={"MONITORING_ACTIVITY_SECONDS": "1"}) as server:
            api = Client(server)
            made = api.call("POST", "/api/connections", {
                "name": "past", "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "database": "later",
                "username": "postgres", "password": "", "ssl_enabled": False, "monitoring_enabled": True}, 201)
            path = f"/api/connections/{made['id']}/activity/past"
            empty = api.call("GET", path)
            self.assertEqual((empty["step_s"], len(empty["points"]), empty["shares"]), (60, 60, []))
            self.assertIsNone(empty["points"][0]["running"])
            self.session("SELECT pg_sleep(300), 'hunter5';", "later")
            time.sleep(4)
            server.stop()  # writes the minute that has begun
            server.start()
            api = Client(server)
            found = api.call("GET", path)
            self.assertGreater(max(p["waiting"] or 0 for p in found["points"]), 0, found["points"][-2:])
            self.assertEqual([(s["state"], s["wait"]) for s in found["shares"]], [("waiting", "Timeout: PgSleep")])
            self.assertEqual(found["waits"], ["Timeout: PgSleep"])
            for point in found["points"]:
                self.assertEqual(point["waits"], [] if point["waiting"] is None else [point["waiting"]])
            self.assertEqual(api.call("GET", "/api/capabilities")["activity_s"], 1)
            self.assertLessEqual(found["shares"][0]["sessions"], 1)
            self.assertNotIn("hunter", str(found))
            self.known_statement(api, made["id"])
            api.problem("GET", path + "?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", None, 400, "before")
            api.problem("GET", path + "?from=2020-02-01T00:00:00Z", None, 400, "year")
            api.problem("GET", path + "?from=soon", None, 422, "from")
            api.problem("GET", "/api/connections/999/activity/past", None, 404)

    def known_statement(self, api, connection):
        """A session whose statement is watched says which one it is, and so does the past."""
        self.pg.psql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", database="later")
        self.pg.psql("SELECT pg_sleep(0.01), 'known' AS who", database="later")
        for _ in range(100):
            api.call("POST", "/api/monitoring/trigger", {})
            known = api.call("GET", f"/api/queries?connection_id={connection}&period=all&search=who")["queries"]
            if known:
                break
            time.sleep(0.2)
        self.session("SELECT pg_sleep(40), 'hunter6' AS who;", "later")
        for _ in range(100):
            found = [s for s in api.call("GET", f"/api/connections/{connection}/activity")["sessions"]
                     if s["query_id"] is not None]
            if found:
                break
            time.sleep(0.1)
        self.assertEqual([s["query_id"] for s in found], [known[0]["id"]])

    def test_bad_requests(self):
        path = f"/api/connections/{self.ids['postgres']}/activity"
        self.api.problem("GET", path + "?limit=0", None, 422, "limit")
        self.api.problem("GET", path + "?limit=501", None, 422, "limit")
        self.api.problem("GET", "/api/connections/999/activity", None, 404, "999")

    def test_engines_without_sessions(self):
        folder = self.server.dir if hasattr(self.server, "dir") else os.path.dirname(self.server.log_path)
        file = os.path.join(folder, "empty.db")
        subprocess.run([sys.executable, "-c", f"import sqlite3; c = sqlite3.connect({file!r}); c.execute('create table t(a)')"],
                       check=True)
        made = self.api.call("POST", "/api/connections", {"name": "file", "engine": "sqlite", "database": file,
                                                          "monitoring_enabled": False}, 201)
        self.api.problem("GET", f"/api/connections/{made['id']}/activity", None, 501, "sqlite does not tell")


if __name__ == "__main__":
    sqlopt_test.main()
