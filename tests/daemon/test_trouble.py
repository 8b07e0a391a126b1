#!/usr/bin/env python3
"""Trouble below the server while it runs: a full disk, a locked store, targets whose TLS is wrong or that go away."""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402


def target(pg, **more):
    return {"name": "pg", "engine": "postgresql", "host": "127.0.0.1", "port": pg.port, "database": "postgres",
            "username": "postgres", "password": "", "ssl_enabled": False, **more}


CA_CONF = """[ca]
default_ca = d
[d]
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = p
[p]
commonName = supplied
[v3]
subjectAltName = IP:127.0.0.1
basicConstraints = CA:TRUE
"""


def make_certificate(folder, name, first, last):
    """Self-signed, for 127.0.0.1, valid between two dates (YYYYMMDD)."""
    with tempfile.TemporaryDirectory() as work:
        for file, text in (("conf", CA_CONF.format(work)), ("index", ""), ("serial", "01")):
            with open(f"{work}/{file}", "w", encoding="ascii") as f:
                f.write(text)
        key, crt = f"{folder}/{name}.key", f"{folder}/{name}.crt"
        subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", f"{work}/csr",
                        "-subj", "/CN=127.0.0.1"], check=True, capture_output=True)
        subprocess.run(["openssl", "ca", "-batch", "-selfsign", "-notext", "-config", f"{work}/conf", "-keyfile", key,
                        "-in", f"{work}/csr", "-out", crt, "-extensions", "v3", "-startdate", first + "000000Z",
                        "-enddate", last + "000000Z"], check=True, capture_output=True)


class Trouble(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        cls.pg.psql("CREATE TABLE t (id int, v int); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) i")
        cls.pg.psql("ANALYZE")

    @classmethod
    def tearDownClass(cls):
        cls.pg.__exit__(None, None, None)

    def test_full_disk(self):
        with sqlopt_test.Server() as server:
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(self.pg), 201)
            server.stop()
            # No file may grow beyond 400 KiB: what a full disk looks like to the store.
            wrapper = server.dir + "/limited"
            with open(wrapper, "w", encoding="ascii") as f:
                f.write(f'#!/bin/sh\ntrap "" XFSZ\nulimit -f 800\nexec {server.binary} "$@"\n')
            os.chmod(wrapper, 0o755)
            whole, server.binary = server.binary, wrapper
            server.start()
            failed = None
            for i in range(200):
                answer = api.call("POST", "/api/optimizer/optimize",
                                  {"connection_id": conn["id"], "sql_query": f"SELECT {i}, v FROM t WHERE id = {i}"},
                                  (201, 503))
                if "detail" in answer:
                    failed = answer
                    break
            self.assertIsNotNone(failed, "the limit was never met")
            self.assertEqual(failed["code"], "store_error", failed)
            self.assertEqual(server.get("/health").status, 200)
            self.assertEqual(api.call("GET", "/api/connections")[0]["id"], conn["id"])
            server.stop()
            server.binary = whole
            server.start()
            api.call("POST", "/api/optimizer/optimize", {"connection_id": conn["id"], "sql_query": "SELECT 1"}, 201)

    def test_locked_store(self):
        with sqlopt_test.Server() as server:
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(self.pg), 201)
            db = sqlite3.connect(server.dir + "/sqlopt.db", isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            body = {"connection_id": conn["id"], "sql_query": "SELECT 1"}
            problem = api.problem("POST", "/api/optimizer/optimize", body, 503, "lock")
            self.assertEqual(problem["code"], "store_error")
            api.call("GET", "/api/connections")  # reading goes on
            db.execute("ROLLBACK")
            db.close()
            api.call("POST", "/api/optimizer/optimize", body, 201)

    def test_target_goes_away_and_comes_back(self):
        with sqlopt_test.Server() as server:
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(self.pg), 201)
            body = {"connection_id": conn["id"], "sql_query": "SELECT v FROM t WHERE id = 5"}
            api.call("POST", "/api/optimizer/optimize", body, 201)
            self.pg.stop()
            try:
                problem = api.problem("POST", "/api/optimizer/optimize", body, 502)
                self.assertTrue(problem["retry"])
                tested = api.call("POST", f"/api/connections/{conn['id']}/test", {})
                self.assertFalse(tested["success"])
                self.assertEqual(server.get("/health").json()["status"], "healthy")
            finally:
                self.pg.start()
            api.call("POST", "/api/optimizer/optimize", body, 201)

    def test_connection_is_cut_during_a_statement(self):
        """The connection is given up with the statement; the next one opens another."""
        slow = "SELECT count(*) FROM t a, t b, t c WHERE a.v < b.v AND b.v < c.v"
        cut = ("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
               "AND application_name LIKE 'sqlopt%' AND query LIKE '%a.v < b.v%' AND state = 'active'")
        with sqlopt_test.Server() as server:
            api = Client(server)
            conn = api.call("POST", "/api/connections", target(self.pg), 201)
            for _ in range(6):  # more often than the pool keeps connections to a target
                job = api.call("POST", "/api/optimizer/optimize",
                               {"connection_id": conn["id"], "sql_query": slow, "analyze": True}, 202,
                               {"Prefer": "respond-async"})
                path = f"/api/jobs/{job['job_id']}"
                sqlopt_test.wait_for("the statement is cut", lambda: self.pg.psql(cut).strip() == "1")
                sqlopt_test.wait_for("the job ends", lambda: api.call("GET", path)["state"] == "failed")
                self.assertEqual(api.call("GET", path)["error_kind"], "unreachable")
            run = api.call("POST", "/api/optimizer/optimize",
                           {"connection_id": conn["id"], "sql_query": "SELECT * FROM t WHERE v = 5"}, 201)
            self.assertTrue(run["complete"])

    def test_tls(self):
        with sqlopt_test.Postgres(extensions=()) as pg, sqlopt_test.Server() as server:
            api = Client(server)
            for name, first, last in (("good", "20200101", "20900101"), ("expired", "20200101", "20210101")):
                make_certificate(pg.dir, name, first, last)
                for suffix in (".key", ".crt"):
                    if os.geteuid() == 0:
                        shutil.chown(pg.dir + "/" + name + suffix, pg.user)
                    os.chmod(pg.dir + "/" + name + suffix, 0o600 if suffix == ".key" else 0o644)
            os.chmod(pg.dir, 0o755)
            pg.psql(f"ALTER SYSTEM SET ssl_cert_file = '{pg.dir}/good.crt'")
            pg.psql(f"ALTER SYSTEM SET ssl_key_file = '{pg.dir}/good.key'")
            pg.psql("ALTER SYSTEM SET ssl = on")
            pg.psql("SELECT pg_reload_conf()")
            on = target(pg, ssl_enabled=True)
            sqlopt_test.wait_for("TLS is on", lambda: api.call("POST", "/api/connections/test", on)["success"])
            verified = {**on, "tls_ca": pg.dir + "/good.crt"}
            tested = api.call("POST", "/api/connections/test", verified)
            self.assertTrue(tested["success"], tested)
            self.assertTrue(any(c["id"] == "tls" and c["ok"] for c in tested["checks"]), tested["checks"])
            api.problem("POST", "/api/connections", {**on, "tls_ca": pg.dir + "/expired.crt"}, 400, "certificate")
            api.problem("POST", "/api/connections", {**on, "tls_ca": pg.dir + "/none.crt"}, 400, "none.crt")
            api.problem("POST", "/api/connections", {**verified, "host": "localhost"}, 400, "localhost")
            pg.psql(f"ALTER SYSTEM SET ssl_cert_file = '{pg.dir}/expired.crt'")
            pg.psql(f"ALTER SYSTEM SET ssl_key_file = '{pg.dir}/expired.key'")
            pg.psql("SELECT pg_reload_conf()")
            expired = {**on, "tls_ca": pg.dir + "/expired.crt"}
            end = time.monotonic() + 10
            while "expired" not in api.call("POST", "/api/connections/test", expired)["message"]:
                self.assertLess(time.monotonic(), end, "the expired certificate was accepted")
            api.problem("POST", "/api/connections", expired, 400, "expired")


sqlopt_test.main()
