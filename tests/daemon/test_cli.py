#!/usr/bin/env python3
"""The command line against a real PostgreSQL: every command, every exit status, what it prints and what it must not."""
import glob
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402

PASSWORD = "right-Passw0rd"
SCHEMA = f"""
CREATE TABLE items (id bigint PRIMARY KEY, owner text NOT NULL, note text, at timestamptz NOT NULL, n int NOT NULL);
INSERT INTO items SELECT i, 'owner' || i, 'note ' || i % 7, timestamptz '2025-01-01' + i * interval '1 minute', i % 1000
  FROM generate_series(1, 120000) i;
CREATE INDEX items_at ON items (at);
CREATE TABLE "ev\x1b[31mil" (id int, v text);
INSERT INTO "ev\x1b[31mil" SELECT i, 'x' || i FROM generate_series(1, 50000) i;
CREATE ROLE locked LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE poor LOGIN;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO locked;
CREATE DATABASE bare;
CREATE ROLE bare_owner LOGIN;
"""
FIND = "SELECT * FROM items WHERE owner = 'owner77'"
DAY = "SELECT id FROM items WHERE date_trunc('day', at) = '2025-01-20'"
SLOW = "SELECT count(*) FROM items a, items b WHERE a.n < b.n AND a.note < b.owner"
COMMANDS = ("serve", "check", "optimize", "doctor", "analyze", "parse", "format", "fingerprint",
            "normalize", "redact", "config")
# What must never reach a terminal: C0 without newline, DEL, C1, marks that turn the direction.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        try:
            cls.pg.psql(SCHEMA)
            cls.pg.psql("ANALYZE")
            path = cls.pg.dir + "/data/pg_hba.conf"
            with open(path, encoding="utf-8") as f:
                text = f.read()
            with open(path, "w", encoding="utf-8") as f:
                f.write("host all locked 127.0.0.1/32 scram-sha-256\n" + text)
            cls.pg.psql("SELECT pg_reload_conf()")
            cls.dir = tempfile.mkdtemp(prefix="sqlopt-cli-", dir=cls.pg.dir)
        except BaseException:
            cls.pg.__exit__(None, None, None)
            raise

    @classmethod
    def tearDownClass(cls):
        cls.pg.__exit__(None, None, None)

    def environment(self, **more):
        keep = {k: v for k, v in os.environ.items()
                if k in ("PATH", "LANG", "LC_ALL", "TMPDIR") or k.endswith("SAN_OPTIONS")}
        return {**keep, "HOME": self.dir, "TERM": "xterm", **more}

    def sqlopt(self, *args, status=0, stdin=None, env=None, words=(), raw=False):
        """Runs it; checks the exit status, the words in what it said, and that it shows no secret and no control."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([sqlopt_test.BINARY, *args], input=data, capture_output=True, timeout=60, check=False,
                              cwd=self.dir, env=self.environment(**(env or {})))
        done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        both = done.stdout + done.stderr
        self.assertEqual(done.returncode, status, both[-2000:])
        for word in words:
            self.assertIn(word, both)
        self.assertNotIn(PASSWORD, both)
        self.assertNotIn("wr0ng-Passw0rd", both)
        if not raw:
            self.assertIsNone(CONTROL.search(both), both)
        if status > 1:
            self.assertTrue(done.stderr.startswith("sqlopt"), both)
        return done

    def optimize(self, sql=FIND, *flags, **options):
        return self.sqlopt("optimize", "--dsn", self.pg.dsn(), *flags, sql, **options)

    def optimize_json(self, sql=FIND, *flags, **options):
        return json.loads(self.optimize(sql, "--json", *flags, **options).stdout)

    def offered(self, doc, kind="index"):
        found = [p for p in doc["proposals"] if p["kind"] == kind and p["verdict"] == "offered"]
        self.assertTrue(found, doc["proposals"])
        return found[0]

    def proof(self, proposal):
        return {rung["rung"]: rung for rung in proposal["proof"]}

    def start(self, *args):
        return subprocess.Popen([sqlopt_test.BINARY, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                cwd=self.dir, env=self.environment(), stdin=subprocess.DEVNULL)

    def running(self, pattern):
        return self.pg.psql("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' "
                            f"AND query LIKE '%{pattern}%'") != "0"

    def scratch_indexes(self):
        return self.pg.psql("SELECT relname FROM pg_class WHERE relname LIKE 'sqlopt%'")

    def in_terminal(self, *args, env=None):
        """Output and exit status when standard output and error are a terminal."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(sqlopt_test.BINARY, [sqlopt_test.BINARY, *args], self.environment(**(env or {})))
        out, end = b"", time.monotonic() + 60
        while time.monotonic() < end:
            if not select.select([fd], [], [], 1)[0]:
                continue
            try:
                data = os.read(fd, 65536)
            except OSError:  # EIO: the other side is closed
                break
            if not data:
                break
            out += data
        os.close(fd)
        return out.decode(errors="replace"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Optimize(Base):
    def test_statement_file_and_standard_input(self):
        path = self.dir + "/query.sql"
        with open(path, "w", encoding="utf-8") as f:
            f.write(FIND + ";\n")
        ddl = {self.offered(doc)["sql"] for doc in (
            self.optimize_json(), self.optimize_json(path), self.optimize_json("-", stdin=FIND + "\n;\n"))}
        self.assertEqual(len(ddl), 1)
        self.assertRegex(ddl.pop(), r"^CREATE INDEX CONCURRENTLY \w+ ON public\.items USING btree \(owner\)")

    def test_json_shape(self):
        doc = self.optimize_json()
        self.assertEqual(sorted(doc), ["findings", "parameter_note", "plan", "proposals", "sql", "timing", "verdict"])
        self.assertEqual(doc["sql"], FIND)
        self.assertEqual(sorted(doc["verdict"]), ["fine", "reason"])
        self.assertIs(doc["verdict"]["fine"], False)
        self.assertEqual(sorted(doc["timing"]), ["own_cpu_ms", "wait_ms", "wall_ms"])
        self.assertGreaterEqual(doc["timing"]["wall_ms"], doc["timing"]["wait_ms"])
        finding = doc["findings"][0]
        self.assertEqual((finding["rule"], finding["severity"]), ("seq-scan-filter", "high"))
        self.assertEqual(doc["plan"]["nodes"][0]["operation"], "seq_scan")
        p = self.offered(doc)
        self.assertEqual((p["cost"]["source"], p["cost"]["note"]), ("what_if", "planner cost, not time"))
        self.assertLess(p["cost"]["after"], p["cost"]["before"])
        self.assertEqual([rung["rung"] for rung in p["proof"]], ["parsed", "resolved", "planned", "equivalent", "same_result",
                                                                 "measured", "applied", "confirmed"])
        for name in ("undo_sql", "lock", "size_bytes", "write_cost", "origin"):
            self.assertTrue(p[name], name)

    def test_fine_is_called_fine(self):
        self.assertTrue(self.optimize_json("SELECT owner FROM items WHERE id = 7")["verdict"]["fine"])
        self.optimize("SELECT owner FROM items WHERE id = 7", words=["fine"])

    def test_text(self):
        self.optimize(words=["Findings", "Proposals", "CREATE INDEX CONCURRENTLY", "planner cost, not time", "undo: DROP INDEX",
                             "proof:", "Seq Scan on items"])

    def test_markdown_stays_in_its_fences(self):
        sql = "SELECT id, '```\n# not a heading\n<b>' FROM items WHERE owner = '````|x' AND note = '`'"
        out = self.optimize(sql, "--markdown").stdout
        outside, fence = [], None
        for line in out.splitlines():
            ticks = re.match("`{3,}", line)
            if fence is None and ticks:
                fence = ticks[0]
            elif fence and line == fence:
                fence = None
            elif fence is None:
                outside.append(line)
        self.assertIsNone(fence, out)
        self.assertNotIn("# not a heading", outside)
        self.assertIn("## Findings", outside)
        for row in [line for line in outside if line.startswith("|")]:
            self.assertEqual(len(re.findall(r"(?<!\\)\|", row)), 4, row)

    def test_analyze_runs_pure_reads_only(self):
        node = self.optimize_json(FIND, "--analyze")["plan"]["nodes"][0]
        self.assertEqual(node["rows_actual"], 1)
        doc = self.optimize_json("SELECT * FROM items WHERE owner = $1", "--analyze")
        self.assertFalse(doc["plan"]["analyzed"])
        self.assertIn("parameter", doc["parameter_note"])

    def test_verify(self):
        rewrite = self.offered(self.optimize_json(DAY, "--verify"), "rewrite")
        self.assertEqual(self.proof(rewrite)["same_result"]["status"], "passed")
        self.assertEqual(self.proof(rewrite)["measured"]["status"], "not_run")

    def test_measure(self):
        for sql in (DAY, DAY + " ;  -- with its end"):
            with self.subTest(sql):
                rewrite = self.offered(self.optimize_json(sql, "--measure", "--iterations=2"), "rewrite")
                self.assertEqual(self.proof(rewrite)["measured"]["status"], "passed", rewrite)
                self.assertEqual(rewrite["measured"]["runs"], 2)
                self.assertGreater(rewrite["measured"]["before_ms"], rewrite["measured"]["after_ms"])
        index = self.offered(self.optimize_json(FIND, "--measure"))
        self.assertEqual(self.proof(index)["measured"]["status"], "not_possible")
        self.assertIn("scratch", self.proof(index)["measured"]["reason"])

    def test_measure_scratch(self):
        for sql in (FIND, FIND + ";"):
            index = self.offered(self.optimize_json(sql, "--measure", "--scratch"))
            self.assertEqual(self.proof(index)["measured"]["status"], "passed", index)
            self.assertEqual(self.scratch_indexes(), "")
        self.assertEqual(self.pg.psql("SELECT count(*) FROM pg_index WHERE indrelid = 'items'::regclass"), "2")

    def holder(self, *sql):
        """A psql that has run `sql` in a transaction and keeps it open until its input is closed."""
        psql = subprocess.Popen(["psql", "-XqAt", self.pg.dsn()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\n" + "".join(s + ";\n" for s in sql) + "SELECT 'ready';\n")
        psql.stdin.flush()
        while psql.stdout.readline().strip() != "ready":
            pass
        self.addCleanup(lambda: (psql.stdin.close(), psql.wait(10), psql.stdout.close()))
        return psql

    def test_interrupt_during_a_build(self):
        """The build waits for an older snapshot: Ctrl-C then, and neither it nor an INVALID index stays."""
        self.holder("SELECT count(*) FROM pg_class")
        process = self.start("optimize", "--dsn", self.pg.dsn(), "--measure", "--scratch", FIND)
        sqlopt_test.wait_for("the build waits", lambda: self.pg.psql(
            "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'") == "1")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130, out + err)
        self.assertEqual(self.scratch_indexes(), "")
        self.assertFalse(self.running("sqlopt_measure"))

    def test_a_build_that_is_too_slow(self):
        """The lock timeout ends the build; the INVALID index is dropped, and the report says why nothing was measured."""
        self.holder("SELECT count(*) FROM pg_class")
        index = self.offered(self.optimize_json(FIND, "--measure", "--scratch"))
        self.assertEqual(self.proof(index)["measured"]["status"], "not_possible")
        self.assertIn("lock", self.proof(index)["measured"]["reason"])
        self.assertEqual(self.scratch_indexes(), "")

    def test_an_index_that_cannot_be_dropped_is_told(self):
        """A writer holds the table: the build gives up, and so does the drop; the report has the statement to run."""
        holder = self.holder("LOCK TABLE items IN ROW EXCLUSIVE MODE")
        index = self.offered(self.optimize_json(FIND, "--measure", "--scratch"))
        left = self.scratch_indexes()
        holder.stdin.write("ROLLBACK;\nSELECT 'ready';\n")
        holder.stdin.flush()
        holder.stdout.readline()
        if left:
            told = [re.search(r"DROP INDEX CONCURRENTLY .*", c)[0] for c in index["caveats"] if left in c]
            self.assertEqual(len(told), 1, index["caveats"])
            self.pg.psql(told[0])
        self.assertEqual(self.scratch_indexes(), "")

    def test_interrupt_during_a_statement(self):
        for flags in (["--analyze"], ["--measure", "--timeout-ms", "600000"]):
            with self.subTest(flags=flags):
                sql = SLOW if flags[0] == "--analyze" else DAY.replace("date_trunc('day', at) = '2025-01-20'",
                                                                      "date_trunc('day', at) = '2025-01-20' AND EXISTS ("
                                                                      + SLOW.replace("count(*)", "1") + " AND a.n + b.n < 0)")
                process = self.start("optimize", "--dsn", self.pg.dsn(), *flags, sql)
                seen = sqlopt_test.wait_for("it runs", lambda: process.poll() is not None or self.running("a.note < b.owner"))
                self.assertTrue(seen)
                time_limit = time.monotonic() + 20
                self.assertIsNone(process.poll())
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=30)
                self.assertLess(time.monotonic(), time_limit)
                self.assertEqual(process.returncode, 130, out + err)
                self.assertIn("cancelled", err)
                sqlopt_test.wait_for("it is gone from the server", lambda: not self.running("a.note < b.owner"), 5)

    def test_statement_timeout(self):
        self.optimize(SLOW, "--analyze", "--timeout-ms", "300", status=4, words=["timeout", "--timeout-ms raises"])
        self.assertFalse(self.running("a.note < b.owner"))

    def test_dml_is_never_executed(self):
        before = self.pg.psql("SELECT count(*), sum(n), sum(hashtext(owner)::bigint) FROM items")
        for sql in ("UPDATE items SET n = n + 1 WHERE owner = 'owner77'", "DELETE FROM items WHERE owner = 'owner77'",
                    "DELETE FROM items", "INSERT INTO items SELECT id + 1000000, owner, note, at, n FROM items",
                    "WITH gone AS (DELETE FROM items RETURNING *) SELECT count(*) FROM gone WHERE owner = 'owner77'",
                    "SELECT * FROM items WHERE owner = 'owner77' FOR UPDATE"):
            for flags in ((), ("--analyze",), ("--verify", "--measure", "--scratch")):
                with self.subTest(sql, flags=flags):
                    doc = self.optimize_json(sql, *flags)
                    self.assertFalse(doc["plan"]["analyzed"])
                    for p in doc["proposals"]:
                        self.assertIsNone(p["measured"])
        self.assertEqual(self.pg.psql("SELECT count(*), sum(n), sum(hashtext(owner)::bigint) FROM items"), before)
        self.assertEqual(self.scratch_indexes(), "")

    def test_fail_on(self):
        for severity, status in (("low", 1), ("medium", 1), ("high", 1), ("critical", 0)):
            self.optimize(FIND, "--fail-on", severity, status=status)
            self.optimize(FIND, "--fail-on", severity, "--json", status=status)
        self.optimize("SELECT owner FROM items WHERE id = 7", "--fail-on", "low")
        self.optimize(FIND, "--fail-on", "odd", status=2, words=["'odd'", "low, medium, high, critical"])

    def test_wrong_usage(self):
        dsn = self.pg.dsn()
        rows = [
            (["optimize", "--dsn", dsn], "no statement"),
            (["optimize", "--dsn", dsn, "SELECT 1", "SELECT 2"], "one statement at a time"),
            (["optimize", "SELECT 1"], "--dsn is needed"),
            (["optimize", "--dsn", "", "SELECT 1"], "--dsn is needed"),
            (["optimize", "--dsn"], "--dsn needs a value"),
            (["optimize", "--dsn", dsn, "--nothing", "SELECT 1"], "unknown flag '--nothing'"),
            (["optimize", "--dsn", dsn, "-x", "SELECT 1"], "unknown flag '-x'"),
            (["optimize", "--dsn", dsn, "--json=yes", "SELECT 1"], "takes no value"),
            (["optimize", "--dsn", dsn, "--json", "--markdown", "SELECT 1"], "exclude each other"),
            (["optimize", "--dsn", dsn, "--iterations", "0", "SELECT 1"], "from 1 to 10"),
            (["optimize", "--dsn", dsn, "--iterations", "x", "SELECT 1"], "from 1 to 10"),
            (["optimize", "--dsn", dsn, "--timeout-ms", "99999999999999999999", "SELECT 1"], "whole number"),
            (["check", "--dsn", dsn, "--top", "51"], "from 1 to 50"),
            (["check", "--dsn", dsn, "SELECT 1"], "not a flag"),
            (["check"], "--dsn is needed"),
            (["doctor"], "--dsn is needed"),
            (["doctor", "--odd"], "unknown flag"),
            (["analyze"], "--plan"),
            (["config", "--odd"], "unknown flag"),
            (["config", "odd"], "'odd'"),
            (["odd\x1b[31m"], "unknown command"),
            (["help", "odd"], "unknown command 'odd'"),
            ([], "Usage"),
        ]
        for args, word in rows:
            with self.subTest(args):
                done = subprocess.run([sqlopt_test.BINARY, *args], capture_output=True, text=True, check=False,
                                      env=self.environment(), stdin=subprocess.DEVNULL)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertIn(word, done.stderr)
                self.assertIn("sage: sqlopt", done.stderr)
                self.assertIsNone(CONTROL.search(done.stderr))

    def test_targets_that_cannot_be_reached(self):
        port, locked = self.pg.port, f"postgresql://locked@127.0.0.1:{self.pg.port}/postgres"
        rows = [
            ("wrong password in the URI", locked.replace("locked@", "locked:wr0ng-Passw0rd@"), {}, 4, "locked"),
            ("wrong password in the environment", locked, {"PGPASSWORD": "wr0ng-Passw0rd"}, 4, "locked"),
            ("no password", locked, {}, 4, "password"),
            ("nobody listens", f"postgresql://u:wr0ng-Passw0rd@127.0.0.1:{sqlopt_test.free_port()}/x", {}, 4, "127.0.0.1"),
            ("no such host", "postgresql://u@no-such-host.invalid/x", {}, 4, "no-such-host.invalid"),
            ("no such database", f"postgresql://postgres@127.0.0.1:{port}/nowhere", {}, 4, "nowhere"),
            ("no such role", f"postgresql://nobody_at_all@127.0.0.1:{port}/postgres", {}, 4, "nobody_at_all"),
            ("no such service", "service=nothing_of_this_name", {}, None, "service"),
            ("TLS where there is none", locked + "?sslmode=require", {}, 4, "SSL"),
            ("mysql", f"mysql://root:wr0ng-Passw0rd@127.0.0.1:{sqlopt_test.free_port()}/x", {}, 4, "127.0.0.1"),
            ("mysql with an option of another client", "mysql://root:wr0ng-Passw0rd@127.0.0.1/x?useSSL=true", {}, 3, "ssl-mode"),
            ("oracle", "oracle://root:wr0ng-Passw0rd@127.0.0.1/x", {}, 5, "oracle"),
            ("odd scheme", "odd\x1b[31m://x", {}, 5, "supports postgresql"),
            ("rubbish", "this is no DSN", {}, None, "sqlopt"),
            ("rubbish with a password", "password=wr0ng-Passw0rd host", {}, None, "sqlopt"),
        ]
        for name, dsn, env, status, word in rows:
            for command in (["optimize", "SELECT 1"], ["check"], ["doctor"]):
                with self.subTest(name, command=command[0]):
                    done = subprocess.run([sqlopt_test.BINARY, command[0], "--dsn", dsn, *command[1:]], check=False,
                                          capture_output=True, text=True, timeout=60, env=self.environment(**env),
                                          stdin=subprocess.DEVNULL)
                    self.assertIn(done.returncode, (status,) if status else (2, 3, 4), done.stderr)
                    self.assertIn(word.lower(), done.stderr.lower())
                    self.assertNotIn("Passw0rd", done.stdout + done.stderr)
                    self.assertIsNone(CONTROL.search(done.stderr), done.stderr)

    def test_password_ways(self):
        locked = f"postgresql://locked@127.0.0.1:{self.pg.port}/postgres"
        with open(self.dir + "/.pgpass", "w", encoding="utf-8") as f:
            f.write(f"127.0.0.1:{self.pg.port}:*:locked:{PASSWORD}\n")
        os.chmod(self.dir + "/.pgpass", 0o600)
        with open(self.dir + "/.pg_service.conf", "w", encoding="utf-8") as f:
            f.write(f"[mine]\nhost=127.0.0.1\nport={self.pg.port}\nuser=locked\ndbname=postgres\npassword={PASSWORD}\n")
        try:
            self.sqlopt("optimize", "--dsn", locked, FIND)  # ~/.pgpass
        finally:
            os.unlink(self.dir + "/.pgpass")
        self.sqlopt("optimize", "--dsn", "service=mine", FIND)
        self.sqlopt("optimize", "--dsn", locked, FIND, env={"PGPASSWORD": PASSWORD})
        self.sqlopt("optimize", "--dsn", locked.replace("locked@", f"locked:{PASSWORD}@"), FIND)
        self.sqlopt("optimize", "--dsn", f"host=127.0.0.1 port={self.pg.port} user=locked dbname=postgres password={PASSWORD}", FIND)
        with open(self.pg.dir + "/log", encoding="utf-8", errors="replace") as f:
            self.assertNotIn(PASSWORD, "".join(line for line in f if "CREATE ROLE" not in line))

    def test_the_process_title_holds_no_password(self):
        where = f"127.0.0.1:{self.pg.port}"
        for dsn in (f"postgresql://locked:{PASSWORD}@{where}/postgres", f"postgresql://locked@{where}/postgres?password={PASSWORD}",
                    f"host=127.0.0.1 port={self.pg.port} user=locked dbname=postgres password = '{PASSWORD}'"):
            with self.subTest(dsn):
                process = self.start("optimize", "--dsn", dsn, "--analyze", SLOW)
                try:
                    sqlopt_test.wait_for("it runs", lambda: self.running("a.note < b.owner"))
                    with open(f"/proc/{process.pid}/cmdline", "rb") as f:
                        shown = f.read()
                    self.assertNotIn(PASSWORD.encode(), shown)
                    self.assertIn(b"locked", shown)
                finally:
                    process.send_signal(signal.SIGINT)
                    process.communicate(timeout=30)
                sqlopt_test.wait_for("it is gone", lambda: not self.running("a.note < b.owner"))

    def test_refused_statements(self):
        deep = "SELECT " + "(" * 10000 + "1" + ")" * 10000
        rows = [
            ("empty", "", "empty"), ("blanks", "  \n ", "empty"), ("a comment", "-- nothing here", ""),
            ("two statements", "SELECT 1; SELECT 2", "one"), ("DDL", "DROP TABLE items", "drop"),
            ("EXPLAIN", "EXPLAIN ANALYZE DELETE FROM items", "explain"), ("COPY", "COPY items TO PROGRAM 'id'", "copy"),
            ("DO", "DO $$BEGIN PERFORM 1; END$$", "do"), ("a call", "CALL x()", "call"),
            ("syntax", "SELECT * FRO items", "FRO"), ("unterminated", "SELECT 'x", "unterminated"),
            ("no such table", "SELECT * FROM nothing_here", "nothing_here"),
            ("no such column", "SELECT nothing_here FROM items", "nothing_here"),
            ("no such function", "SELECT nothing_here(1)", "nothing_here"),
            ("too long", "SELECT '" + "x" * 270000 + "'", "262144"), ("too deep", deep, "deep"),
        ]
        for name, sql, word in rows:
            with self.subTest(name):
                done = self.sqlopt("optimize", "--dsn", self.pg.dsn(), "-", stdin=sql, status=3)
                self.assertIn(word.lower(), done.stderr.lower())
                self.assertEqual(done.stdout, "")
        done = self.sqlopt("optimize", "--dsn", self.pg.dsn(), "SELECT * FRO items", status=3)
        self.assertIn("at byte 9 ", done.stderr)
        self.sqlopt("optimize", "--dsn", self.pg.dsn(), "-", stdin=b"SELECT 1\0, 2", status=3, words=["NUL"])
        self.sqlopt("optimize", "--dsn", self.pg.dsn(), "-", stdin=b"SELECT '\xff\xfe'", status=3, words=["UTF"])
        self.sqlopt("optimize", "--dsn", self.pg.dsn(), self.dir + "/missing.sql", status=3)
        self.assertEqual(self.pg.psql("SELECT count(*) FROM items"), "120000")

    def test_nothing_drives_the_terminal(self):
        odd = "\x1b]0;owned\x07 \x1b[31m \u009b31m \u202e \x7f \r \x08"
        rows = [f"SELECT v, '{odd}' FROM \"ev\x1b[31mil\" WHERE v = '{odd}' /* {odd} */",
                f"SELECT date_trunc('day', at), '{odd}' AS \"{odd[:20]}\" FROM items WHERE owner = '{odd}' AND id IN (1, 1)",
                f"SELECT id FROM items WHERE owner = '{odd}' AND owner = '{odd}' UNION SELECT id FROM items"]
        for sql in rows:
            for flags in ((), ("--markdown",), ("--json",), ("--analyze",)):
                with self.subTest(sql, flags=flags):
                    self.optimize(sql, *flags)
        for sql in (f"SELECT * FROM \"{odd[:20]}\"", f"SELECT * FRO {odd}", f"SELECT '{odd}' FROM {odd}", f"SELECT \"{odd[:20]}\" FROM items"):
            with self.subTest(sql):
                self.optimize(sql, status=3)
        doc = self.optimize_json(rows[0])
        self.assertEqual(doc["sql"], rows[0])  # a program gets the text as it is
        shown, status = self.in_terminal("optimize", "--dsn", self.pg.dsn(), rows[0])
        self.assertEqual(status, 0)
        rest = re.sub(r"\x1b\[(0|1|2|3\d|1;31)m|\r\x1b\[K|\r\n", "", shown)
        self.assertIsNone(CONTROL.search(rest), rest)
        self.assertNotIn("\x1b[31mil", shown)

    def test_colour(self):
        args = ["optimize", "--dsn", self.pg.dsn(), FIND]
        shown, status = self.in_terminal(*args)
        self.assertEqual(status, 0)
        self.assertIn("\x1b[1m", shown)
        self.assertIn("sqlopt: plan ...", shown)  # the progress line
        for more, env in ((["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
            with self.subTest(more, env=env):
                plain, _ = self.in_terminal(*args, *more, env=env)
                self.assertNotRegex(plain, "\x1b\\[[0-9;]*m")
                self.assertIn("Seq Scan", plain)
        self.assertNotIn("\x1b", self.sqlopt(*args).stdout)
        self.assertEqual(self.sqlopt(*args).stderr, "")

    def test_search_path(self):
        self.pg.psql("CREATE SCHEMA IF NOT EXISTS app; CREATE TABLE IF NOT EXISTS app.only_here (id int)")
        self.optimize("SELECT * FROM only_here", status=3, words=["only_here"])
        self.optimize("SELECT * FROM only_here", "--search-path", "app, public")

    def test_a_role_without_privilege(self):
        self.sqlopt("optimize", "--dsn", self.pg.dsn(user="poor"), FIND, status=4, words=["items"])


class Others(Base):
    def test_version_and_help(self):
        self.assertRegex(self.sqlopt("version").stdout, r"^sqlopt \d+\.\d+\.\d+\n$")
        self.assertEqual(self.sqlopt("--version").stdout, self.sqlopt("version").stdout)
        text = self.sqlopt("help").stdout
        self.assertEqual(text, self.sqlopt("--help").stdout)
        self.assertIn("Exit status: 0 done; 1", text)
        for command in COMMANDS:
            with self.subTest(command):
                self.assertIn(f"\n  {command} ", text)
                one = self.sqlopt("help", command).stdout
                self.assertTrue(one.startswith(f"Usage: sqlopt {command}"), one[:80])
                self.assertEqual(one, self.sqlopt(command, "--help").stdout)
                self.assertIn("\n  --", one)

    def test_check(self):
        self.pg.psql("SELECT pg_stat_statements_reset()")
        for _ in range(3):
            self.pg.psql(FIND)
        self.pg.psql("SELECT count(*) FROM items /* \x1b[31m\u009b */ WHERE note = 'note 3'")
        self.pg.psql("BEGIN; COMMIT; CREATE TABLE IF NOT EXISTS made_here (id int)")
        self.optimize(DAY)
        self.optimize(DAY, "--measure")  # our own statements are tagged
        self.sqlopt("check", "--dsn", self.pg.dsn())
        done = self.sqlopt("check", "--dsn", self.pg.dsn(), "--top", "50")
        self.assertIn("WHERE owner = $1", done.stdout)
        self.assertIn("CREATE INDEX CONCURRENTLY", done.stdout)
        self.assertIn("3 calls", done.stdout)
        rows = json.loads(self.sqlopt("check", "--dsn", self.pg.dsn(), "--json", "--top", "50").stdout)
        texts = [row["query"]["text"] for row in rows]
        self.assertIn("SELECT * FROM items WHERE owner = $1", texts)
        for text in texts:
            self.assertNotIn("sqlopt */", text)
            self.assertNotIn("pg_catalog.", text)
        for row in rows:
            self.assertEqual(sorted(row), ["error", "query", "result"])
            self.assertTrue((row["result"] is None) == bool(row["error"]), row)
        times = [row["query"]["total_ms"] for row in rows]
        self.assertEqual(times, sorted(times, reverse=True))
        found = next(r for r in rows if "WHERE owner" in r["query"]["text"])
        self.assertEqual(found["query"]["calls"], 3)
        self.assertEqual(self.offered(found["result"])["cost"]["source"], "what_if")
        self.assertEqual(len(json.loads(self.sqlopt("check", "--dsn", self.pg.dsn(), "--json", "--top=1").stdout)), 1)

    def test_check_without_statistics_or_privilege(self):
        self.pg.psql(FIND)
        done = self.sqlopt("check", "--dsn", self.pg.dsn(user="poor"), words=["hidden", 'GRANT pg_monitor TO "poor"'])
        self.assertNotIn("owner = ", done.stdout)
        self.sqlopt("check", "--dsn", self.pg.dsn("bare"), status=5, words=["pg_stat_statements", "sqlopt doctor"])

    def test_doctor(self):
        done = self.sqlopt("doctor", "--dsn", self.pg.dsn(), words=["✓", "hypopg", "pg_stat_statements"])
        self.assertNotIn("✗", done.stdout)
        doc = json.loads(self.sqlopt("doctor", "--dsn", self.pg.dsn(), "--json").stdout)
        self.assertEqual(sorted(doc), ["checks", "database", "flavor", "user", "version"])
        for check in doc["checks"]:
            self.assertEqual(sorted(check), ["detail", "id", "ok", "remedy", "required", "title"])

    def test_doctor_remedies_work(self):
        """What doctor prints for a bare database is run as printed; then nothing is left to mend but TLS."""
        self.pg.psql("CREATE TABLE only_bare (id int); INSERT INTO only_bare VALUES (1)", "bare")
        failed = self.failed_checks()
        self.assertLessEqual({"what_if", "read", "statistics"}, set(failed))
        for _ in range(3):  # one remedy can bring the next check into view
            for remedy in self.failed_checks().values():
                for line in remedy.splitlines():
                    if re.match("(GRANT|CREATE) ", line):
                        self.pg.psql(line, "bare")
        self.assertEqual(set(self.failed_checks()), {"tls"})

    def failed_checks(self):
        doc = json.loads(self.sqlopt("doctor", "--dsn", self.pg.dsn("bare", "bare_owner"), "--json").stdout)
        failed = {c["id"]: c["remedy"] for c in doc["checks"] if not c["ok"]}
        for name, remedy in failed.items():
            self.assertTrue(remedy, f"{name} failed and has no remedy")
        return failed

    def test_doctor_show_sql(self):
        text = self.sqlopt("doctor", "--show-sql").stdout
        self.assertGreater(text.count("/* sqlopt */"), 15)
        self.assertIn("pg_stat_statements", text)
        self.assertIn("hypopg", text)
        for engine in ("mysql", "mariadb", "mssql", "oracle", "sqlite"):
            self.assertGreater(len(self.sqlopt("doctor", "--show-sql", "--engine", engine).stdout), 400, engine)
        self.sqlopt("doctor", "--show-sql", "--engine", "db2", status=5, words=["db2"])

    def test_audit(self):
        self.pg.psql("CREATE SCHEMA ill; CREATE TABLE ill.log AS SELECT i AS a FROM generate_series(1, 3000) i;"
                     "CREATE INDEX log_a ON ill.log (a); CREATE INDEX log_a2 ON ill.log (a)")
        self.pg.psql("ANALYZE ill.log")
        try:
            text = self.sqlopt("audit", "--dsn", self.pg.dsn()).stdout
            self.assertIn("ill.log has no primary key", text)
            self.assertIn("DROP INDEX CONCURRENTLY ill.log_a", text)
            doc = json.loads(self.sqlopt("audit", "--dsn", self.pg.dsn(), "--json", "--fail-on", "low", status=1).stdout)
            self.assertIn("duplicate-index", {f["rule"] for f in doc["findings"]})
            self.assertEqual({c["id"] for c in doc["checks"] if c["found"]}, {f["rule"] for f in doc["findings"]})
            self.sqlopt("audit", "--dsn", self.pg.dsn(), "--fail-on", "critical")
            few = json.loads(self.sqlopt("audit", "--dsn", self.pg.dsn(), "--json", "--max-tables", "1").stdout)
            self.assertEqual((few["tables"], len(few["notices"])), (1, 1), few["notices"])
        finally:
            self.pg.psql("DROP SCHEMA ill CASCADE")
        self.sqlopt("audit", "--dsn", self.pg.dsn(), "--fail-on", "soon", status=2, words=["soon", "critical"])

    def plan(self, content, **options):
        path = self.dir + "/plan.json"
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return self.sqlopt("analyze", "--plan", path, **options)

    def test_analyze(self):
        data = os.path.join(sqlopt_test.ROOT, "tests", "data", "plans")
        good = self.pg.psql("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + FIND)
        self.plan(good, words=["Seq Scan on", "Full scan"])
        self.assertEqual(self.sqlopt("analyze", "--plan", "-", stdin=good).stdout, self.plan(good).stdout)
        doc = json.loads(self.sqlopt("analyze", "--json", "--plan", "-", stdin=good).stdout)
        self.assertEqual(sorted(doc), ["findings", "plan"])
        self.assertEqual(doc["findings"][0]["rule"], "seq-scan-filter")
        self.assertTrue(doc["plan"]["analyzed"])
        for cut in (1, len(good) // 3, len(good) - 5):
            self.plan(good[:cut], status=3)
        # the unit tests read every capture; here some of each engine and version show that nothing else is in the way
        captures = [path for kind in ("json", "txt", "yaml", "xml", "sqlplan")
                    for path in sorted(glob.glob(f"{data}/*/*/*.{kind}"))[::25]]
        self.assertGreater(len(captures), 20)
        for path in captures:
            with self.subTest(path):
                doc = json.loads(self.sqlopt("analyze", "--json", "--plan", path).stdout)["plan"]
                self.assertTrue(doc["nodes"])
                engine = path[len(data) + 1:].split("/")[0]
                # the plain table form of these two is the same
                self.assertIn(doc["engine"], ("mysql", "mariadb") if engine == "mariadb" else (engine,))
        for fmt in ("TEXT", "YAML", "XML"):
            plan = self.pg.psql(f"EXPLAIN (ANALYZE, FORMAT {fmt}) " + FIND)
            self.plan(plan, words=["Seq Scan on", "Full scan"])
            self.plan(b"\xff\xfe" + plan.encode("utf-16-le"), words=["Seq Scan on", "Full scan"])
        for rubbish in ("", "   ", "not a plan", "[]", "{}", "[[[[", "null", "0", '[{"Plan": 7}]', '{"Plan":{}}', "\x1b[31m",
                        '[{"Plan":{"Node Type":"\\u001b[31m"}}]'):
            with self.subTest(rubbish):
                self.plan(rubbish, status=0 if "Node Type" in rubbish else 3)
        self.plan(b"\xff\xfe\x00", status=3)
        self.plan(good.encode() + b"\0", status=3, words=["NUL"])
        self.sqlopt("analyze", "--plan", self.dir + "/missing", status=3, words=["missing", "No such file"])
        self.sqlopt("analyze", "--plan", self.dir, status=3, words=["directory"])
        self.sqlopt("analyze", "--plan", "a", "b", status=2)

    def test_plan_diff(self):
        before = self.dir + "/before.json"
        after = self.pg.psql("EXPLAIN SELECT * FROM items WHERE id = 3")
        with open(before, "w", encoding="utf-8") as f:
            f.write(self.pg.psql("SET enable_indexscan = off; SET enable_bitmapscan = off; EXPLAIN (FORMAT JSON) SELECT * FROM items WHERE id = 3"))
        done = self.sqlopt("plan", "diff", before, "-", stdin=after, words=["another shape", "access path", "Seq Scan → Index Scan using items_pkey"])
        self.assertNotIn("\x1b", done.stdout)
        doc = json.loads(self.sqlopt("plan", "diff", "--json", before, "-", stdin=after).stdout)
        self.assertFalse(doc["same_shape"])
        self.assertEqual((doc["before"]["format"], doc["after"]["format"]), ("postgresql-json", "postgresql-text"))
        self.assertEqual(doc["changes"][0]["kind"], "access_path")
        self.sqlopt("plan", "diff", before, before, words=["same shape"])
        self.sqlopt("plan", "diff", before, "-", stdin="nothing", status=3, words=["standard input", "no execution plan"])
        self.sqlopt("plan", "diff", before, self.dir + "/missing", status=3, words=["missing"])
        self.sqlopt("plan", "diff", "-", "-", status=2, words=["only one"])
        self.sqlopt("plan", "diff", before, status=2, words=["two plans"])
        self.sqlopt("plan", status=2, words=["plan diff A B"])
        self.sqlopt("plan", "--help", words=["diff A B"])

    def test_analyze_of_a_huge_file(self):
        path = self.dir + "/huge"
        with open(path, "wb") as f:
            f.truncate(101 << 20)
        done = self.sqlopt("analyze", "--plan", path, status=3)
        self.assertIn(str(100 << 20), done.stderr)

    def test_statements_as_texts(self):
        sql = "select a /* why */ from t where b = 'secret'; delete from s.u where x = $1"
        done = self.sqlopt("parse", sql)
        for word in ("select (read, pure)", "table t", "delete (write)", "table s.u, written", "parameters $1", "where: op"):
            self.assertIn(word, done.stdout)
        doc = json.loads(self.sqlopt("parse", "--json", sql).stdout)
        self.assertEqual([s["class"] for s in doc["statements"]], ["read", "write"])
        self.assertEqual(doc["statements"][0]["tree"]["kind"], "select")
        formatted = self.sqlopt("format", "-", stdin=sql).stdout
        self.assertEqual(formatted, "SELECT a\n/* why */ FROM t\nWHERE b = 'secret';\n\nDELETE FROM s.u\nWHERE x = $1\n")
        path = os.path.join(self.dir, "formatted.sql")
        with open(path, "w", encoding="utf-8") as f:
            f.write(formatted)
        self.assertEqual(self.sqlopt("format", path).stdout, formatted)
        prints = self.sqlopt("fingerprint", "select 1; select 2").stdout.split()
        self.assertEqual((len(prints), len(set(prints))), (2, 1))
        self.assertEqual(json.loads(self.sqlopt("fingerprint", "--json", "select 1").stdout)["statements"][0]["fingerprint"],
                         prints[0])
        self.assertEqual(self.sqlopt("normalize", "select 1, 'a'").stdout, "select $1, $2\n")
        self.assertEqual(self.sqlopt("redact", "select 1, 'a").stdout, "select ?,...\n")
        self.assertNotIn("secret", self.sqlopt("redact", "--json", sql).stdout)
        self.sqlopt("parse", "--lenient", "select a from t where b = ", words=["cut off"])

    def test_statements_as_texts_refused(self):
        self.sqlopt("parse", "select 1;\n select a frm t x", status=3, words=["line 2, column 15", "expected"])
        self.sqlopt("parse", "--dialect", "mysql", "select a::int from t", status=3, words=["column 9", "PostgreSQL's", "CAST"])
        self.sqlopt("format", "select `a` from `t` where `a` = 1", status=3, words=["MySQL's", 'write "name"'])
        self.sqlopt("format", "select 'open", status=3, words=["unterminated", "line 1, column 8"])
        self.sqlopt("fingerprint", "", status=3, words=["no statement"])
        self.sqlopt("normalize", "-", stdin="select 'open", status=3, words=["unterminated"])
        self.sqlopt("format", "-", stdin=b"select '\xff'", status=3, words=["UTF-8"])
        self.sqlopt("parse", "--dialect", "cobol", "select 1", status=2, words=["cobol"])
        self.sqlopt("parse", status=2, words=["usage: sqlopt parse"])

    def test_config(self):
        key = self.sqlopt("config", "--new-key").stdout.strip()
        self.assertRegex(key, r"^[\w-]{43}=$")
        self.assertNotEqual(key, self.sqlopt("config", "--new-key").stdout.strip())
        secret = "a-secret-key-of-more-than-32-characters"
        env = {"ENCRYPTION_KEY": key, "SECRET_KEY": secret, "OLLAMA_BASE_URL": f"http://u:{PASSWORD}@model.example:1"}
        for flags in ([], ["--json"]):
            done = self.sqlopt("config", *flags, env=env)
            for hidden in (key, secret, PASSWORD):
                self.assertNotIn(hidden, done.stdout + done.stderr)
            self.assertIn("model.example", done.stdout)
        self.assertEqual(next(v["value"] for v in json.loads(done.stdout) if v["name"] == "BACKEND_HOST"), "127.0.0.1")
        for name, sample in (("ENCRYPTION_KEY", "your-encryption-key-change-this"), ("SECRET_KEY", "your-secret-key-change-this")):
            with self.subTest(name):
                self.sqlopt("config", env={name: sample}, status=3, words=[name, "sqlopt config --new-key"])
        for name, value in (("BACKEND_PORT", "70000"), ("BACKEND_PORT", "x"), ("LOG_LEVEL", "odd"), ("OLLAMA_TIMEOUT", "-1"),
                            ("ENABLE_DDL_EXECUTION", "perhaps"), ("ENCRYPTION_KEY", "short"), ("DATABASE_URL", "odd://x")):
            with self.subTest(name, value=value):
                done = self.sqlopt("config", env={name: value}, status=3, words=[name])
        self.sqlopt("config", "--backend-port", "8123", words=["8123"])

    def test_a_new_key_encrypts_the_store(self):
        key = self.sqlopt("config", "--new-key").stdout.strip()
        with sqlopt_test.Server(env={"ENCRYPTION_KEY": key}) as server:
            body = {"name": "k", "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "database": "postgres",
                    "username": "locked", "password": PASSWORD, "ssl_enabled": False}
            made = server.post("/api/connections", body)
            self.assertEqual(made.status, 201, made.body)
            server.kill()
            server.start()
            self.assertTrue(server.post(f"/api/connections/{made.json()['id']}/test").json()["success"])
            self.assertNotIn(PASSWORD, server.log())
            self.assertNotIn(PASSWORD.encode(), made.body)
            for path in glob.glob(server.dir + "/*"):
                with open(path, "rb") as f:
                    self.assertNotIn(PASSWORD.encode(), f.read(), path)


if __name__ == "__main__":
    sqlopt_test.main()
