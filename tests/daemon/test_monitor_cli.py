#!/usr/bin/env python3
"""sqlopt monitor: once, as JSON, without a server, and live on a pseudo terminal."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402


class Terminal:
    """The command on a pseudo terminal; `screen` is what the last frame shows."""

    def __init__(self, *arguments, rows=24, cols=110, env=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})})
            # the parent sets the size before anything is drawn
            sys.stdin.readline()
            os.execv(sqlopt_test.BINARY, ["sqlopt", "monitor", *arguments])
        self.resize(rows, cols)
        self.before = termios.tcgetattr(self.fd)
        os.write(self.fd, b"\n")
        self.output, self.status = b"", None

    def resize(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, wait_s=0.05):
        while select.select([self.fd], [], [], wait_s)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.output += data

    def frame(self):
        text = self.output.decode(errors="replace").split("\x1b[H")[-1]
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).split("\n")

    def wait(self, what, condition, deadline_s=30):
        def ready():
            self.read()
            return condition("\n".join(self.frame()))
        try:
            return sqlopt_test.wait_for(what, ready, deadline_s)
        except AssertionError:
            raise AssertionError(f"{what}: the screen is\n" + "\n".join(self.frame())) from None

    def end(self):
        def gone():
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            return pid and [os.waitstatus_to_exitcode(status)]
        self.status = sqlopt_test.wait_for("it ends", gone)[0]
        self.read()
        after = termios.tcgetattr(self.fd) if self.fd else None
        os.close(self.fd)
        return after


class Monitor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        cls.addClassCleanup(cls.pg.__exit__, None, None, None)
        cls.server = sqlopt_test.Server()
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)
        cls.api = Client(cls.server)
        cls.api.call("POST", "/api/connections", {"name": "shop", "engine": "postgresql", "host": "127.0.0.1",
                                                  "port": cls.pg.port, "database": "postgres", "username": "postgres",
                                                  "interval_s": 10}, 201)
        sqlopt_test.wait_for("the first poll", lambda: cls.api.call("GET", "/api/monitoring/targets")[0]["polls"] > 0)
        cls.pg.psql("CREATE TABLE busy AS SELECT i FROM generate_series(1, 30000) i;"
                    "CREATE TABLE often (j int)")
        for _ in range(5):
            cls.pg.psql("SELECT max(a.i) FROM busy a, generate_series(1, 20)")
        cls.pg.psql("SELECT j FROM often;" * 400)

        def seen():
            cls.api.call("POST", "/api/monitoring/trigger")
            return {"busy", "often"} <= {w for row in cls.api.call("GET", "/api/queries?period=hour")["queries"]
                                         for w in ("busy", "often") if w in row["sql_text"]}
        sqlopt_test.wait_for("the statements are counted", seen, 60)

    def once(self, *arguments, expect=0, env=None):
        done = sqlopt_test.sqlopt("monitor", "--url", self.server.url, *arguments, env=env)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_once(self):
        told = self.once()
        self.assertNotIn("\x1b", told)  # no terminal, no colour
        lines = [line for line in told.splitlines() if "busy" in line or "often" in line]
        self.assertIn("max(a.i)", next(line for line in lines if "busy" in line))
        self.assertIn("1 watched", told)
        self.assertRegex(told, r"(?m)^#+\.* +\d+\.\d%|^█")
        by_calls = [line for line in self.once("--sort", "calls").splitlines() if "SELECT" in line or "other" in line]
        self.assertIn("SELECT j FROM often", by_calls[0])
        self.assertRegex(by_calls[0], r"\b400\b")
        self.assertNotIn("often", self.once("--filter", "busy"))
        rows = json.loads(self.once("--json", "--limit", "2"))["queries"]
        self.assertEqual(len(rows), 2)
        self.assertGreaterEqual(rows[0]["total_ms"], rows[1]["total_ms"])
        self.assertIn("--sort takes", self.once("--sort", "beauty", expect=2))

    def test_live(self):
        term = Terminal("--url", self.server.url, "--interval", "1")
        term.wait("the statements", lambda s: "FROM busy" in s and "FROM often" in s)
        self.assertIn(b"\x1b[?1049h", term.output)
        self.assertIn(b"\x1b[31m", term.output)  # the costliest is red
        self.assertIn("█", "\n".join(term.frame()))
        os.write(term.fd, b"c")
        term.wait("sorted by calls", lambda s: "by calls" in s and "often" in s.split("\n")[3])
        os.write(term.fd, b"/bus")
        term.wait("the filter", lambda s: "filter: bus_" in s)
        os.write(term.fd, b"y\n")
        term.wait("filtered", lambda s: "filter: busy " in s and "often" not in s and "FROM busy" in s)
        os.write(term.fd, b"/\x1b")
        term.wait("not any more", lambda s: "often" in s and "filter" not in s)
        os.write(term.fd, b"p")
        term.wait("paused", lambda s: "PAUSED" in s)
        os.write(term.fd, b"p")
        term.resize(10, 60)
        term.wait("narrower", lambda s: len(s.split("\n")) <= 10 and all(len(line.rstrip("\r")) <= 60
                                                                         for line in s.split("\n")) and "FROM" in s)
        os.write(term.fd, b"q")
        after = term.end()
        self.assertEqual(term.status, 0)
        self.assertEqual(after[:4], term.before[:4])
        self.assertTrue(term.output.rstrip().endswith(b"\x1b[?25h\x1b[?1049l"), term.output[-60:])

    def test_signals_and_no_color(self):
        for sig, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 0)):
            term = Terminal("--url", self.server.url, env={"NO_COLOR": "1"})
            term.wait("the statements", lambda s: "FROM busy" in s)
            os.kill(term.pid, sig)
            after = term.end()
            self.assertEqual(term.status, expected)
            self.assertEqual(after[:4], term.before[:4])
            self.assertTrue(term.output.rstrip().endswith(b"\x1b[?1049l"))
            self.assertNotRegex(term.output, rb"\x1b\[[0-9;]*m")

    def test_the_server_goes_and_comes_back(self):
        other = sqlopt_test.Server(env={"MONITORING_ENABLED": "false"})
        with other:
            term = Terminal("--url", other.url, "--interval", "1")
            term.wait("nothing yet", lambda s: "nothing yet" in s and "monitoring is stopped" in s)
            other.stop()
            term.wait("it says so", lambda s: "no server answers" in s)
            other.start()
            term.wait("and goes on", lambda s: "no server answers" not in s and "nothing yet" in s)
            os.write(term.fd, b"q")
            term.end()
            self.assertEqual(term.status, 0)

    def test_zz_without_a_server(self):
        self.server.stop()
        free = sqlopt_test.free_port
        env = {"HOME": self.server.dir, "DATABASE_URL": f"sqlite:///{self.server.dir}/sqlopt.db"}
        done = sqlopt_test.sqlopt("monitor", "--once", env=env)
        if "no server runs" not in done.stdout and done.returncode == 0:
            raise unittest.SkipTest("some server listens on port 8000 here")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("FROM busy", done.stdout)
        self.assertIn(self.server.dir + "/sqlopt.db", done.stdout)
        done = sqlopt_test.sqlopt("monitor", "--once", env={**env, "DATABASE_URL": "sqlite:////nowhere/at/all.db"})
        self.assertEqual(done.returncode, 4)
        self.assertIn("no store at '/nowhere/at/all.db'", done.stderr)
        done = sqlopt_test.sqlopt("monitor", "--once", "--url", f"http://127.0.0.1:{free()}", env=env)
        self.assertEqual(done.returncode, 4)
        self.assertIn("no server answers", done.stderr)


sqlopt_test.main()
