"""What the tests of servers in trouble share: a watched connection, its polls, and what was counted of its work."""
import unittest

import sqlopt_test
from client import Client


class Watched(unittest.TestCase):
    def setUp(self):
        self.server = sqlopt_test.Server(env={"MONITORING_ENABLED": "true"})
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.api = Client(self.server)

    def watch(self, **more):
        connection = self.api.call("POST", "/api/connections", {
            "name": "real", "host": "127.0.0.1", "password": "", "ssl_enabled": False, "interval_s": 10, **more}, 201)["id"]
        sqlopt_test.wait_for("the first poll", lambda: self.state(connection)["polls"] > 0)
        return connection

    def state(self, connection):
        return next(t for t in self.api.call("GET", "/api/monitoring/targets") if t["connection_id"] == connection)

    def poll(self, connection, good=True, timeout=30):
        name = "polls" if good else "failures"
        before = self.state(connection)[name]

        def polled():
            if self.state(connection)["state"] == "waiting" and self.state(connection)[name] <= before:
                self.api.call("POST", "/api/monitoring/trigger")
            return self.state(connection)[name] > before
        sqlopt_test.wait_for("the poll", polled, timeout)
        return self.state(connection)

    def expect(self, connection, calls, table="watched"):
        """Calls of the statements that name the table, in the roll-ups."""
        def counted():
            rows = self.api.call("GET", f"/api/monitoring/queries?connection_id={connection}&limit=1000")
            return sum(row["calls"] for row in rows if table in row["sql_text"])
        try:
            sqlopt_test.wait_for("the calls", lambda: counted() == calls)
        except Exception:
            self.fail(f"{counted()} calls, not {calls}: {self.state(connection)}")

    def recovers(self, connection, calls):
        """By itself, without anybody asking."""
        before = self.state(connection)["polls"]
        sqlopt_test.wait_for("a good poll", lambda: self.state(connection)["polls"] > before, 90)
        state = self.state(connection)
        self.assertEqual((state["failures"], state["error"]), (0, None))
        self.expect(connection, calls)
