#!/usr/bin/env python3
"""Starting, stopping, dying and coming back; a store or a model server that misbehaves."""
import http.server
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402
from raw import connect, exchange, request  # noqa: E402

SLOW = "SELECT count(*) FROM t a, t b, t c WHERE a.v < b.v AND b.v < c.v AND a.id % 7 = c.id % 5"


class FakeModel:
    """An Ollama that misbehaves: hang, rubbish, or die in the middle of an answer."""

    def __init__(self, how):
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                if how == "hang":
                    time.sleep(60)
                elif how == "rubbish":
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"\x00\xff{{{not json at all\n" * 50)
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", "100000")
                    self.end_headers()
                    self.wfile.write(b'{"models":[{"na')
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def start_and_fail(server, *words):
    """The server refuses to start, soon, with a message that holds the words; returns the exit status."""
    server.start(wait=False)
    try:
        status = server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        raise AssertionError("it started") from None
    log = server.log()
    for word in words:
        if word not in log:
            raise AssertionError(f"{word!r} is not in: {log}")
    return status


class Lifecycle(unittest.TestCase):
    def test_stop_is_clean_and_quick(self):
        with sqlopt_test.Server() as server:
            with connect(server.port) as events, connect(server.port) as idle:
                events.sendall(request("GET", "/api/events"))
                self.assertIn(b"200", events.recv(4096))
                idle.sendall(request("GET", "/health"))
                self.assertIn(b"200", idle.recv(65536))
                began = time.monotonic()
                self.assertEqual(server.stop(), 0)
                self.assertLess(time.monotonic() - began, 8)
                events.settimeout(5)
                while events.recv(4096):
                    pass  # the stream ended properly

    def test_port_in_use(self):
        with sqlopt_test.Server() as server, sqlopt_test.Server() as other:
            other.stop()
            other.port = server.port
            status = start_and_fail(other, str(server.port), "in use")
            self.assertNotIn(status, (0, -signal.SIGSEGV, -signal.SIGABRT))
            self.assertEqual(server.get("/health").status, 200)

    def test_store_of_another_server(self):
        with sqlopt_test.Server() as server:
            other = sqlopt_test.Server(env={"DATABASE_URL": f"sqlite:///{server.dir}/sqlopt.db"})
            try:
                self.assertGreater(start_and_fail(other, "sqlopt.db"), 0)
            finally:
                other.__exit__(None, None, None)
            self.assertEqual(server.get("/api/connections").json(), [])

    def test_corrupt_store(self):
        with sqlopt_test.Server() as server:
            server.stop()
            with open(server.dir + "/sqlopt.db", "r+b") as f:
                f.write(os.urandom(4096))
            self.assertGreater(start_and_fail(server, "sqlopt.db"), 0)

    def test_newer_store(self):
        with sqlopt_test.Server() as server:
            server.stop()
            with sqlite3.connect(server.dir + "/sqlopt.db") as db:
                db.execute("PRAGMA user_version = 999999")
            db.close()
            self.assertGreater(start_and_fail(server, "newer"), 0)

    def test_remote_bind_is_refused(self):
        server = sqlopt_test.Server(env={"BACKEND_HOST": "0.0.0.0"})
        try:
            self.assertGreater(start_and_fail(server, "0.0.0.0", "--allow-remote-without-login"), 0)
        finally:
            server.__exit__(None, None, None)

    def test_allowed_hosts_and_origins(self):
        env = {"ALLOWED_HOSTS": "db.example", "CORS_ORIGINS": "http://app.example:3000"}
        with sqlopt_test.Server(env=env) as server:
            for host, status in (("db.example", 200), ("DB.example:8000", 200), ("other.example", 421)):
                self.assertEqual(exchange(server.port, request(host=host)).status, status, host)
            listed = exchange(server.port, request("GET", "/health", "Origin: http://app.example:3000"))
            self.assertEqual(listed.header("Access-Control-Allow-Origin"), "http://app.example:3000")
            other = exchange(server.port, request("GET", "/health", "Origin: http://localhost:3000"))
            self.assertIsNone(other.header("Access-Control-Allow-Origin"))

    def test_model_servers_that_misbehave(self):
        with sqlopt_test.Postgres() as pg:
            for how in ("hang", "rubbish", "die"):
                with self.subTest(how), FakeModel(how) as model, \
                        sqlopt_test.Server(env={"OLLAMA_BASE_URL": model.url, "OLLAMA_TIMEOUT": "5"}) as server:
                    began = time.monotonic()
                    health = server.get("/health").json()
                    self.assertEqual(health["status"], "healthy")
                    self.assertLess(time.monotonic() - began, 3)
                    api = Client(server)
                    conn = api.call("POST", "/api/connections", target(pg), 201)
                    run = api.call("POST", "/api/optimizer/optimize",
                                   {"connection_id": conn["id"], "sql_query": "SELECT 1"}, 201)
                    self.assertEqual(run["original_sql"], "SELECT 1")
                    sqlopt_test.wait_for("the run is complete", lambda: api.call(
                        "GET", f"/api/optimizer/optimizations/{run['id']}")["complete"])

    def test_apply_where_it_is_allowed(self):
        env = {"ENABLE_DDL_EXECUTION": "true"}
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server(env=env) as server:
            pg.psql("CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, i FROM generate_series(1, 50000) i")
            pg.psql("ANALYZE")
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(pg), 201)
            run = api.call("POST", "/api/optimizer/optimize",
                           {"connection_id": conn["id"], "sql_query": "SELECT * FROM t WHERE id = 5"}, 201)
            done = api.call("POST", "/api/optimizer/apply", {"optimization_id": run["id"]})
            self.assertTrue(done["success"], done)
            self.assertTrue(done["applied_at"])
            self.assertEqual(pg.psql("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"), "1")
            stored = api.call("GET", f"/api/optimizer/optimizations/{run['id']}")
            self.assertEqual(stored["status"], "applied")
            pg.psql(done["undo_sql"])
            self.assertEqual(pg.psql("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "0")

    def test_apply_of_two_statements(self):
        env = {"ENABLE_DDL_EXECUTION": "true"}
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server(env=env) as server:
            pg.psql("CREATE FUNCTION f(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN v; END'")
            for table in ("t", "u"):
                pg.psql(f"CREATE TABLE {table} (a int, b int, c int);"
                        f"INSERT INTO {table} SELECT i % 50, i % 50, i FROM generate_series(1, 200000) i;"
                        f"CREATE INDEX ON {table} (f(c))")
            pg.psql("ANALYZE")
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(pg), 201)

            def statistics(table):
                run = api.call("POST", "/api/optimizer/optimize", {"connection_id": conn["id"], "analyze": True,
                               "sql_query": f"SELECT * FROM {table} WHERE a = 5 AND b = 5"}, 201)
                found = [p for p in run["proposals"] if p["kind"] == "statistics" and p["sql"]]
                self.assertTrue(found, run["proposals"])
                self.assertIn("; ANALYZE", found[0]["sql"])
                return {"optimization_id": run["id"], "proposal_id": found[0]["id"]}

            def built():
                return pg.psql("SELECT count(*) || ' ' || count(most_common_vals) FROM pg_stats_ext")

            first = api.call("POST", "/api/optimizer/apply", statistics("t"))
            self.assertTrue(first["success"], first)
            self.assertEqual(built(), "1 1")
            # ANALYZE computes what the index holds: now it cannot
            second = statistics("u")
            pg.psql("CREATE OR REPLACE FUNCTION f(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS "
                    "'BEGIN RAISE EXCEPTION ''no f today''; END'")
            problem = api.problem("POST", "/api/optimizer/apply", second, (400, 409, 422, 500, 502))
            for part in ("1 of 2 statements were run and stay", "CREATE STATISTICS", "ANALYZE", "no f today"):
                self.assertIn(part, problem["detail"])
            self.assertEqual(pg.psql("SELECT count(*) FROM pg_statistic_ext"), "2")
            pg.psql("DROP STATISTICS IF EXISTS " + pg.psql("SELECT stxnamespace::regnamespace || '.' || stxname "
                    "FROM pg_statistic_ext WHERE stxrelid = 'u'::regclass"))
            # the first statement fails: nothing was done
            pg.psql("DROP TABLE u")
            problem = api.problem("POST", "/api/optimizer/apply", second, (400, 409, 422, 500, 502))
            self.assertIn("nothing was changed", problem["detail"])

    def test_kill_during_a_job(self):
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server() as server:
            pg.psql("CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) i; ANALYZE")
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(pg), 201)
            kept = api.call("POST", "/api/optimizer/optimize",
                            {"connection_id": conn["id"], "sql_query": "SELECT * FROM t WHERE id = 5"}, 201)
            slow = api.call("POST", "/api/optimizer/optimize",
                            {"connection_id": conn["id"], "sql_query": SLOW, "analyze": True}, 202,
                            {"Prefer": "respond-async"})
            path = f"/api/jobs/{slow['job_id']}"
            sqlopt_test.wait_for("the job runs", lambda: api.call("GET", path)["state"] == "running")
            server.kill()
            server.start()
            self.assertEqual(api.call("GET", path)["state"], "interrupted")
            self.assertEqual(api.call("GET", f"/api/jobs/{kept['job_id']}")["state"], "done")
            first_poll = {"last_monitored_at": None, "instance_id": None}  # which may have been meanwhile
            self.assertEqual([{**c, **first_poll} for c in api.call("GET", "/api/connections")], [{**conn, **first_poll}])
            again = api.call("GET", f"/api/optimizer/optimizations/{kept['id']}")
            self.assertEqual(again["proposals"], kept["proposals"])
            self.assertTrue(api.call("POST", f"/api/connections/{conn['id']}/test", {})["success"])  # the key is kept
            more = api.call("POST", "/api/optimizer/optimize",
                            {"connection_id": conn["id"], "sql_query": "SELECT * FROM t WHERE v = 5"}, 201)
            self.assertGreater(more["id"], slow["optimization_id"])

    def test_jobs_that_never_started(self):
        """Whether cancelled in the queue or met by the server's stop: the analysis ends as failed, not as unfinished."""
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server() as server:
            pg.psql("CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) i; ANALYZE")
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(pg), 201)
            work = {"connection_id": conn["id"], "sql_query": SLOW, "analyze": True}
            jobs = [api.call("POST", "/api/optimizer/optimize", work, 202, {"Prefer": "respond-async"}) for _ in range(20)]
            job, run = f"/api/jobs/{jobs[-1]['job_id']}", f"/api/optimizer/optimizations/{jobs[-1]['optimization_id']}"
            info = api.call("GET", job)
            self.assertEqual((info["state"], info["optimization_id"]), ("queued", jobs[-1]["optimization_id"]))
            api.call("POST", job + "/cancel", None)
            self.assertEqual(api.call("GET", job)["state"], "cancelled")
            seen = api.call("GET", run)
            self.assertEqual((seen["status"], seen["complete"], seen["error_kind"]), ("failed", True, "cancelled"))
            runs = [f"/api/optimizer/optimizations/{job['optimization_id']}" for job in jobs]
            self.assertEqual(server.stop(), 0)
            server.start()
            for path in runs:
                run = api.call("GET", path)
                self.assertEqual((run["status"], run["complete"], run["error_kind"]), ("failed", True, "cancelled"))

    def test_stop_during_a_job(self):
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server() as server:
            pg.psql("CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) i; ANALYZE")
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(pg), 201)
            body = f'{{"connection_id":{conn["id"]},"sql_query":"{SLOW}","analyze":true}}'.encode()
            answer = []
            data = request("POST", "/api/optimizer/optimize", "Content-Type: application/json",
                           f"Content-Length: {len(body)}", body=body)
            waiting = threading.Thread(target=lambda: answer.append(exchange(server.port, data, timeout=40)))
            waiting.start()
            sqlopt_test.wait_for("the job runs", lambda: any(j["state"] == "running" for j in api.call("GET", "/api/jobs")))
            self.assertEqual(server.stop(), 0)
            waiting.join()
            self.assertGreaterEqual(answer[0].status or 0, 400, answer[0].text[:300])  # answered, not cut off
            server.start()
            self.assertIn(api.call("GET", "/api/jobs")[0]["state"], ("interrupted", "cancelled"))


def target(pg):
    return {"name": "pg", "engine": "postgresql", "host": "127.0.0.1", "port": pg.port, "database": "postgres",
            "username": "postgres", "password": "", "ssl_enabled": False, "monitoring_enabled": True}


sqlopt_test.main()
