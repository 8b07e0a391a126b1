#!/usr/bin/env python3
"""What happens to a real MariaDB (or the MySQL that SO_MY_BIN names) while it is monitored: privileges that are lost,
statistics that are emptied or switched off, restarts, a server that hangs or is full. As test_target_trouble.py has it:
a clear state, polling that comes back by itself, not a call less and not one twice."""
# long: it waits for back-offs and restarts
import contextlib
import os
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
import watching  # noqa: E402

PASSWORD = "right-Passw0rd"
SCHEMA = f"""
CREATE DATABASE shop; CREATE TABLE shop.watched (id INT PRIMARY KEY); INSERT INTO shop.watched VALUES (1), (2), (3);
CREATE USER watcher@'%' IDENTIFIED BY '{PASSWORD}'; CREATE USER app@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON shop.* TO app@'%'; GRANT SELECT ON shop.* TO watcher@'%';
GRANT SELECT ON performance_schema.* TO watcher@'%'; GRANT PROCESS ON *.* TO watcher@'%';
"""
EMPTY = "TRUNCATE TABLE performance_schema.events_statements_summary_by_digest"


class TargetTrouble(watching.Watched):
    @classmethod
    def setUpClass(cls):
        cls.my = sqlopt_test.MySQL()
        cls.my.run(SCHEMA)

    def setUp(self):
        self.my.run(EMPTY)
        super().setUp()

    def connect(self, **more):
        return self.watch(**{"engine": self.my.flavor, "port": self.my.port, "database": "shop", "username": "watcher",
                             "password": PASSWORD, "ssl_enabled": self.my.flavor == "mysql", **more})

    def work(self, calls):
        self.my.run("SELECT COUNT(*) FROM watched;" * calls, "shop", "app", PASSWORD)

    def worked(self, calls):
        """A connection with so many calls seen."""
        connection = self.connect()
        self.work(calls)
        self.poll(connection)
        self.expect(connection, calls)
        return connection

    def fails(self, connection, kind, *words, times=1):
        """On the connection that saw it, and on a new one."""
        for _ in range(times):
            state = self.poll(connection, good=False, timeout=60)
            self.assertEqual(state["error_kind"], kind, state)
            for word in words:
                self.assertIn(word, state["error"])

    def test_a_privilege_that_is_lost(self):
        self.work(5)
        connection = self.connect()
        self.work(20)
        self.poll(connection)
        self.expect(connection, 25)
        self.my.run("REVOKE SELECT ON performance_schema.* FROM watcher@'%'")
        try:
            self.work(7)
            self.fails(connection, "denied_by_target", "GRANT SELECT ON performance_schema.* TO 'watcher'@'%'", times=3)
            self.expect(connection, 25)
            self.work(8)
        finally:
            self.my.run("GRANT SELECT ON performance_schema.* TO watcher@'%'")
        self.recovers(connection, 40)

    def test_process_is_lost(self):
        """Statistics need it not; what the sessions do can only be said of our own."""
        connection = self.worked(10)
        self.my.run("REVOKE PROCESS ON *.* FROM watcher@'%'")
        try:
            self.work(4)
            state = self.poll(connection)
            self.assertIsNone(state["error"])
            self.expect(connection, 14)
            tried = self.api.call("POST", f"/api/connections/{connection}/test", {})
            check = next(c for c in tried["checks"] if c["id"] == "privileges")
            self.assertFalse(check["ok"], check)
            self.assertIn("GRANT PROCESS ON *.* TO 'watcher'@'%'", check["remedy"])
        finally:
            self.my.run("GRANT PROCESS ON *.* TO watcher@'%'")

    def test_a_login_that_is_locked_out(self):
        connection = self.worked(10)
        self.my.run("ALTER USER watcher@'%' IDENTIFIED BY 'another-Passw0rd'")
        try:
            for line in self.my.run("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'watcher'").splitlines():
                self.my.run(f"KILL {line}")
            self.work(5)
            self.fails(connection, "unreachable")  # the connection that it had
            self.fails(connection, "denied_by_target", "wrong user name or password")
        finally:
            self.my.run(f"ALTER USER watcher@'%' IDENTIFIED BY '{PASSWORD}'")
        self.recovers(connection, 15)

    def test_statistics_that_are_emptied(self):
        connection = self.worked(10)
        for calls in (3, 40, 10):  # less than before, more, as many
            # since when a row counts MariaDB tells in whole seconds
            second = int(time.time())
            sqlopt_test.wait_for("another second", lambda then=second: int(time.time()) > then)
            self.my.run(EMPTY)
            self.work(calls)
            self.poll(connection)
        self.expect(connection, 63)
        self.assertIsNone(self.state(connection)["error"])

    def test_a_restart(self):
        connection = self.worked(10)
        self.my.stop()
        try:
            self.fails(connection, "unreachable", f"127.0.0.1:{self.my.port}", times=2)
        finally:
            self.my.start()
        self.work(17)  # more than it counted before
        self.recovers(connection, 27)

    def test_read_only(self):
        connection = self.worked(10)
        self.my.run("SET GLOBAL read_only = ON")
        try:
            self.work(5)
            self.assertIsNone(self.poll(connection)["error"])
            self.expect(connection, 15)
            # and for a connection that is made now
            self.api.call("PUT", f"/api/connections/{connection}", {"name": "replica"})
            self.work(5)
            self.assertIsNone(self.poll(connection)["error"])
            self.expect(connection, 20)
        finally:
            self.my.run("SET GLOBAL read_only = OFF")

    def test_a_table_that_is_locked(self):
        """Its plans and statistics have to wait; polls do not."""
        connection = self.worked(10)
        locker = subprocess.Popen([self.my.dir + "/client", "shop"], stdin=subprocess.PIPE, text=True)
        try:
            locker.stdin.write("LOCK TABLES watched WRITE; DO SLEEP(0);\n")
            locker.stdin.flush()
            sqlopt_test.wait_for("the lock", lambda: self.my.run(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'shop' AND USER = 'root'") != "0")
            self.api.call("PUT", f"/api/connections/{connection}", {"name": "looked at anew"})
            began = time.monotonic()
            self.assertIsNone(self.poll(connection)["error"])
            self.assertLess(time.monotonic() - began, 25)
        finally:
            locker.communicate("UNLOCK TABLES;\n", timeout=20)
        self.work(5)
        self.recovers(connection, 15)

    def test_a_server_that_hangs(self):
        connection = self.worked(10)
        os.kill(self.my.pid(), signal.SIGSTOP)
        try:
            began = time.monotonic()
            self.fails(connection, "timeout")
            self.assertLess(time.monotonic() - began, 45)
            self.assertEqual(self.server.get("/health").status, 200)
        finally:
            os.kill(self.my.pid(), signal.SIGCONT)
        self.work(5)
        self.recovers(connection, 15)

    def squeeze_in(self, sql):
        """As the administrator, who has one place more: who is about to be refused may have it for a moment."""
        def answered():
            try:
                return (self.my.run(sql),)
            except AssertionError as refused:
                if "Unknown thread" in str(refused):  # it ended by itself
                    return ("",)
                self.assertIn("Too many connections", str(refused))
                return None
        return sqlopt_test.wait_for("a place", answered)[0]

    def test_a_server_that_is_full(self):
        connection = self.worked(10)
        most = self.my.run("SELECT @@max_connections")
        with contextlib.ExitStack() as stack:
            stack.callback(self.squeeze_in, f"SET GLOBAL max_connections = {most}")
            self.my.run("SET GLOBAL max_connections = 10")
            self.work(5)

            def taken():
                for line in self.squeeze_in("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'watcher'").splitlines():
                    self.squeeze_in(f"KILL {line}")
                if self.squeeze_in("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'app'") == "10":
                    return True
                if sum(client.poll() is None for client in clients) < 10:  # those that were refused have ended
                    clients.append(subprocess.Popen([self.my.dir + "/client", "-uapp", "-p" + PASSWORD, "shop", "-e",
                                                     "SELECT SLEEP(600)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
                    stack.callback(clients[-1].wait)
                    stack.callback(clients[-1].kill)
                return False

            clients = []
            sqlopt_test.wait_for("no room", taken)
            self.poll(connection, good=False)
            self.fails(connection, "unreachable", "Too many connections", "max_connections")
        self.my.run("SELECT 1")
        self.recovers(connection, 15)

    def test_statistics_that_are_switched_off(self):
        """A restart without performance_schema: what to do is said; the slow log is read where there is one, by itself;
        and what it tells is not counted on top of what was counted before."""
        connection = self.worked(10)
        self.my.stop()
        self.my.start("--performance-schema=OFF")
        try:
            self.work(50)
            self.fails(connection, "unreachable")
            self.fails(connection, "unsupported", "performance_schema is off", "slow_query_log = 1", times=2)
            self.my.run("SET GLOBAL log_output = 'TABLE'; SET GLOBAL slow_query_log = 1; SET GLOBAL long_query_time = 0")
            self.work(60)
            self.fails(connection, "denied_by_target", "GRANT SELECT ON mysql.slow_log TO 'watcher'@'%'")
            self.expect(connection, 10)
            self.my.run("GRANT SELECT ON mysql.slow_log TO watcher@'%'")
            # when it began to be written nobody knows: what it has is where counting begins
            self.recovers(connection, 10)
            self.work(9)
            self.poll(connection)
            self.expect(connection, 19)
        finally:
            self.my.stop()
            self.my.start()
        # back: the digests begin anew, and what the log had is no baseline for them
        self.work(4)
        self.recovers(connection, 19)
        self.work(6)
        self.poll(connection)
        self.expect(connection, 25)


sqlopt_test.main()
