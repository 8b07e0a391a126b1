#!/usr/bin/env python3
"""The real server with a real PostgreSQL: every route, every answer checked against /openapi.json, bad input."""
import contextlib
import json
import os
import sqlite3
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
import ws  # noqa: E402
from client import Client  # noqa: E402
from raw import connect, exchange, request  # noqa: E402
from schema import Validator  # noqa: E402

SCHEMA = """
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, country text NOT NULL, created_at timestamptz NOT NULL);
INSERT INTO users SELECT i, 'user' || i || '@example.com', 'c' || i % 50, now() - i * interval '1 minute'
  FROM generate_series(1, 60000) i;
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, total numeric NOT NULL);
INSERT INTO orders SELECT i, 1 + i % 60000, i FROM generate_series(1, 60000) i;
CREATE ROLE locked LOGIN PASSWORD 'right';
CREATE ROLE nobody_much LOGIN;
REVOKE ALL ON users, orders FROM PUBLIC;
"""
FIND = "SELECT * FROM users WHERE email = 'test@example.com'"


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        try:
            cls.pg.psql(SCHEMA)
            cls.pg.psql("ANALYZE")  # in a session of its own: the counters of the first have arrived by then
            cls.require_password("locked")
            cls.server = sqlopt_test.Server()
            cls.server.__enter__()
            cls.api = Client(cls.server)
            cls.connection = cls.api.call("POST", "/api/connections", cls.target(name="main"), 201)
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        status, log = 0, ""
        if getattr(cls, "server", None):
            if cls.server.process.poll() is None:
                status, log = cls.server.stop(), cls.server.log()
            cls.server.__exit__(None, None, None)
        cls.pg.__exit__(None, None, None)
        if status != 0:  # a sanitizer's report too
            raise AssertionError(f"the server ended with status {status}:\n{log[-4000:]}")

    @classmethod
    def require_password(cls, role):
        path = cls.pg.dir + "/data/pg_hba.conf"
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"host all {role} 127.0.0.1/32 scram-sha-256\n" + text)
        cls.pg.psql("SELECT pg_reload_conf()")

    @classmethod
    def target(cls, **more):
        return {"name": "t", "engine": "postgresql", "host": "127.0.0.1", "port": cls.pg.port, "database": "postgres",
                "username": "postgres", "password": "", "ssl_enabled": False, "monitoring_enabled": True, **more}

    def optimize(self, sql=FIND, expect=201, **more):
        headers = more.pop("headers", None)
        return self.api.call("POST", "/api/optimizer/optimize",
                             {"connection_id": self.connection["id"], "sql_query": sql, **more}, expect, headers)

    def test_examples(self):
        """Each body and nearly each answer has an example, which its own schema accepts."""
        document = self.api.call("GET", "/openapi.json")
        check = Validator(document)
        with open(os.path.join(HERE, "..", "..", "src", "api", "examples.json"), encoding="utf-8") as f:
            written = {(operation, which) for operation, one in json.load(f).items() for which in one}
        without, shown = set(), set()
        for path, item in document["paths"].items():
            for method, operation in item.items():
                contents = {"body": operation.get("requestBody", {}).get("content", {})}
                contents.update({"answer": answer.get("content", {}) for status, answer in operation["responses"].items()
                                 if status in ("200", "201")})
                for which, content in contents.items():
                    media = content.get("application/json")
                    name = operation["operationId"]
                    if media is None:
                        continue
                    if "example" not in media:
                        without.add((name, which))
                        continue
                    shown.add((name, which))
                    with self.subTest(method=method, path=path, which=which):
                        self.assertEqual(check.validate(media["example"], media["schema"]), [])
        # what is not shown is nothing to look at: the document itself, and answers of objects that go
        self.assertEqual(without, {("openapi", "answer"), ("cancelJob", "answer"), ("testAlertChannel", "answer")})
        self.assertEqual(written, shown)

    def test_literals_stay_out_of_the_log(self):
        for sql in ("SELECT * FROM users WHERE id = 'secret-literal'::int", "SELECT * FROM users WHERE 'secret-literal' ,"):
            refused = self.optimize(sql, 400)
            self.assertIn(refused["code"], self.server.log())
        self.assertNotIn("secret-literal", self.server.log())

    # ---- what clients do -------------------------------------------------------------------------------------

    def test_openapi_is_valid(self):
        with open(os.path.join(sqlopt_test.ROOT, "tests/data/openapi/schema-3.1.json"), encoding="utf-8") as f:
            schema = json.load(f)
        self.assertEqual(Validator(schema).validate(self.api.document, schema), [])
        self.assertEqual(self.api.document, self.api.call("GET", "/openapi.json"))

    def test_the_page_knows_this_api(self):
        """The types of the page are generated from this copy."""
        with open(os.path.join(sqlopt_test.ROOT, "web/openapi.json"), encoding="utf-8") as f:
            copy = json.load(f)
        copy["info"]["version"] = self.api.document["info"]["version"]
        self.assertEqual(copy, self.api.document,
                         "save the server's /openapi.json as web/openapi.json, then: cd web && npm run api:types")

    def test_system(self):
        root = self.api.call("GET", "/")
        self.assertEqual(sorted(root), ["docs", "health", "message", "version"])
        health = self.api.call("GET", "/health")
        self.assertEqual(health["status"], "healthy")  # although the model is down
        self.assertFalse(health["ollama"]["model_available"])
        for name in ("status", "url", "model", "model_available"):
            self.assertIn(name, health["ollama"])
        self.assertIsInstance(health["monitoring_agent"], bool)

    def test_metrics(self):
        """tests/daemon/test_metrics.py reads what it says."""
        reply = self.server.get("/metrics")
        self.assertEqual(reply.status, 200)
        operation = self.api.operation("GET", "/metrics")
        self.assertIn(reply.headers["Content-Type"], operation["responses"]["200"]["content"])
        self.api.hit.add(operation["operationId"])

    def test_alerts(self):
        """Every route once; tests/daemon/test_alerts.py has the receivers."""
        channel = self.api.call("POST", "/api/alerts/channels",
                                {"name": "hook", "kind": "webhook", "url": "http://127.0.0.1:9/x"}, 201)
        path = self.api.headers["Location"]
        self.assertEqual(self.api.call("GET", path), channel)
        self.assertEqual(self.api.call("PUT", path, {"max_per_hour": 7})["max_per_hour"], 7)
        self.assertEqual([c["id"] for c in self.api.call("GET", "/api/alerts/channels")], [channel["id"]])
        self.assertFalse(self.api.call("POST", path + "/test", {})["success"])  # loopback is not allowed here
        failed = self.api.call("GET", f"/api/alerts/deliveries?channel_id={channel['id']}&state=failed")
        self.assertEqual([(d["event"], d["attempts"]) for d in failed], [("test", 1)])
        rule = self.api.call("POST", "/api/alerts/rules", {"name": "r", "channel_id": channel["id"]}, 201)
        rule_path = self.api.headers["Location"]
        self.assertEqual(self.api.call("GET", rule_path), rule)
        self.assertEqual(self.api.call("PUT", rule_path, {"failures": 9})["failures"], 9)
        self.assertEqual([r["id"] for r in self.api.call("GET", "/api/alerts/rules")], [rule["id"]])
        self.api.call("DELETE", rule_path, expect=204)
        self.api.call("DELETE", path, expect=204)

    def test_fleet(self):
        """Every route once; tests/daemon/test_fleet.py has the rest."""
        body = {"connections": [self.target(name="main")], "dry_run": True}
        self.assertEqual(self.api.call("POST", "/api/connections/apply", body)[0]["action"], "unchanged")
        for found in (self.api.call("POST", f"/api/connections/{self.connection['id']}/discover"),
                      self.api.call("POST", "/api/connections/discover", {
                          "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "username": "postgres"})):
            self.assertIn({"name": "postgres", "connection_id": self.connection["id"]}, found)
        sqlopt_test.wait_for("the server is found", lambda: self.api.call("GET", "/api/instances"))
        self.api.problem("POST", "/api/connections/999/discover", None, 404)
        labelled = self.api.call("PUT", f"/api/connections/{self.connection['id']}", {"labels": {"team": "a"}})
        self.assertEqual((labelled["labels"], labelled["environment"]), ({"team": "a"}, ""))
        self.assertEqual([c["name"] for c in self.api.call("GET", "/api/connections?label=team:a")], ["main"])
        path = f"/api/connections/{self.connection['id']}"
        self.api.problem("PUT", path, {"labels": {"a b": "c"}}, 400, "a b")
        self.api.problem("PUT", path, {"labels": {"a": 1}}, 400, "'a'")
        self.api.call("PUT", path, {"labels": {}})

    def test_connections(self):
        made = self.api.call("POST", "/api/connections/", self.target(name="crud"), 201)
        self.assertNotIn("password", made)
        self.assertTrue(made["created_at"].endswith("Z"))
        path = f"/api/connections/{made['id']}"
        self.assertEqual(self.api.headers["Location"], path)
        self.assertEqual(self.api.call("GET", path)["name"], "crud")
        self.assertEqual(self.api.call("GET", path + "/")["name"], "crud")
        listed = self.api.call("GET", "/api/connections")
        self.assertEqual(int(self.api.headers["X-Total-Count"]), len(listed))
        self.assertIn("crud", [c["name"] for c in listed])
        changed = self.api.call("PUT", path, {"name": "renamed", "monitoring_enabled": False})
        self.assertEqual((changed["name"], changed["monitoring_enabled"], changed["host"]),
                         ("renamed", False, "127.0.0.1"))
        changed = self.api.call("PUT", path, {"tls_ca": "/some/ca.pem", "search_path": "app"})
        self.assertEqual((changed["tls_ca"], changed["search_path"]), ("/some/ca.pem", "app"))
        changed = self.api.call("PUT", path, {"tls_ca": None, "search_path": None})
        self.assertEqual((changed["tls_ca"], changed["search_path"]), (None, None))
        test = self.api.call("POST", path + "/test", {})
        self.assertTrue(test["success"], test)
        self.assertGreater(test["latency_ms"], 0)
        self.assertTrue(any(c["id"] == "login" and c["ok"] for c in test["checks"]), test["checks"])
        self.api.problem("POST", "/api/connections", self.target(name="renamed"), 400, "renamed")
        self.api.call("DELETE", path, expect=204)
        self.api.problem("GET", path, None, 404, str(made["id"]))
        self.api.problem("DELETE", path, None, 404)
        self.api.problem("PUT", path, {"name": "x"}, 404)
        self.api.problem("POST", path + "/test", {}, 404)
        tried = self.api.call("POST", "/api/connections/test", self.target(name="never stored"))
        self.assertTrue(tried["success"])
        self.assertNotIn("never stored", [c["name"] for c in self.api.call("GET", "/api/connections")])

    # ---- the schema ------------------------------------------------------------------------------------------

    def test_activity(self):
        found = self.api.call("GET", f"/api/connections/{self.connection['id']}/activity?limit=5")
        self.assertEqual(sorted(found), ["hidden", "sessions", "truncated"])
        self.api.problem("GET", f"/api/connections/{self.connection['id']}/activity?limit=x", None, 422)
        self.api.problem("GET", "/api/connections/999/activity", None, 404)
        past = self.api.call("GET", f"/api/connections/{self.connection['id']}/activity/past")
        self.assertEqual((past["step_s"], past["shares"]), (60, []))

    def test_schema(self):
        path = f"/api/connections/{self.connection['id']}/schema"
        relations = self.api.call("GET", path)
        self.assertEqual(int(self.api.headers["X-Total-Count"]), len(relations))
        users = next(r for r in relations if r["name"] == "users")
        self.assertEqual((users["schema"], users["kind"], users["rows"]), ("public", "table", 60000))
        self.assertGreater(users["size_bytes"], 60000)
        found = self.api.call("GET", path + "?search=C.USE&limit=1")
        self.assertEqual([r["name"] for r in found], ["users"])
        self.assertEqual(self.api.call("GET", path + "?offset=1000"), [])
        table = self.api.call("GET", path + "/table?schema=public&name=orders")
        self.assertEqual([c["name"] for c in table["columns"]], ["id", "user_id", "total"])
        self.assertTrue(table["columns"][1]["not_null"])
        self.assertEqual(table["columns"][1]["distinct"], 60000)
        self.assertTrue(table["indexes"][0]["primary"])
        self.assertIn('CREATE TABLE "public"."orders"', table["ddl"])
        self.api.problem("GET", path + "/table?schema=public&name=nothing_there", None, 404, "nothing_there")
        self.api.problem("GET", path + "/table?name=orders", None, 422)
        self.api.problem("GET", "/api/connections/999/schema", None, 404)

    def test_health_checks(self):
        self.pg.psql("""CREATE SCHEMA ill;
            CREATE TABLE ill.log AS SELECT i AS a, i AS b FROM generate_series(1, 2000) i;
            CREATE INDEX log_a ON ill.log (a); CREATE INDEX log_a_b ON ill.log (a, b); CREATE INDEX log_a2 ON ill.log (a);
            ALTER TABLE ill.log SET (autovacuum_enabled = false);
            ALTER TABLE ill.log ADD CONSTRAINT positive CHECK (a > 0) NOT VALID;
            CREATE TABLE ill.counted (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
            SELECT setval('ill.counted_id_seq', 2100000000);
            CREATE TABLE ill."Mixed ""Case" (id serial PRIMARY KEY)""")
        self.pg.psql("ANALYZE ill.log")
        try:
            audit = self.api.call("GET", f"/api/connections/{self.connection['id']}/health-checks")
        finally:
            self.pg.psql("DROP SCHEMA ill CASCADE")
        rules = {(f["rule"], f["objects"][0]) for f in audit["findings"]}
        for expected in (("no-primary-key", "ill.log"), ("duplicate-index", "ill.log"), ("redundant-index", "ill.log"),
                         ("maintenance-off", "ill.log"), ("invalid-constraint", "ill.log"),
                         ("sequence-exhaustion", "ill.counted_id_seq"), ("fk-without-index", "public.orders")):
            self.assertIn(expected, rules)
        self.assertFalse([r for r in rules if "Mixed" in r[1]], rules)
        self.assertEqual(audit["findings"][0]["rule"], "sequence-exhaustion")  # critical: 97 % of integer
        self.assertIn("ill.counted.id integer", audit["findings"][0]["explanation"])
        checks = {c["id"]: c for c in audit["checks"]}
        self.assertEqual(checks["wraparound"]["state"], "ok")
        self.assertGreater(checks["wraparound"]["checked"], 2)
        self.assertEqual(checks["sequence-exhaustion"]["severity"], "critical")
        self.assertTrue(any(p["kind"] == "drop_index" and p["sql"] for p in audit["proposals"]))
        self.assertEqual(audit["notices"], [])
        self.api.problem("GET", "/api/connections/999/health-checks", None, 404)

    def test_health_checks_of_somebody_without_privileges(self):
        weak = self.api.call("POST", "/api/connections", self.target(name="weak audit", username="nobody_much"), 201)
        path = f"/api/connections/{weak['id']}"
        audit = self.api.call("GET", path + "/health-checks")
        self.assertGreater(audit["tables"], 1)  # catalogs are readable by all
        checks = self.api.call("GET", path + "/privileges")
        self.assertTrue(any(not c["ok"] and c["remedy"] for c in checks), checks)
        self.api.call("DELETE", path, expect=204)
        self.api.problem("GET", path + "/privileges", None, 404)

    def test_optimize(self):
        run = self.optimize(include_execution_plan=True)
        self.assertEqual(run["original_sql"], FIND)
        offered = [p for p in run["proposals"] if p["verdict"] == "offered" and p["kind"] == "index"]
        self.assertTrue(offered, run["proposals"])
        cost = offered[0]["cost"]
        self.assertEqual(cost["source"], "what_if")
        self.assertLess(cost["after"], cost["before"])
        self.assertIn("email", offered[0]["sql"])
        proof = {rung["rung"]: rung["status"] for rung in offered[0]["proof"]}
        self.assertEqual(proof["planned"], "passed")
        self.assertEqual(run["optimized_sql"], FIND)  # an index is no rewrite
        self.assertIsInstance(run["execution_plan"], dict)
        self.assertGreater(run["estimated_improvement_pct"], 0)
        self.assertGreater(run["detected_issues"]["total_issues"], 0)
        for finding in run["findings"]:
            self.assertEqual(self.server.get(finding["docs"], headers={"Accept": "text/html"}).status, 200, finding)
        path = f"/api/optimizer/optimizations/{run['id']}"
        self.assertEqual(self.api.call("GET", path)["original_sql"], FIND)
        listed = self.api.call("GET", f"/api/optimizer/optimizations?connection_id={self.connection['id']}&limit=5")
        self.assertIn(run["id"], [r["id"] for r in listed])
        self.assertEqual({(r["plan"], r["execution_plan"]) for r in listed}, {(None, None)})  # lists stay small
        job = self.api.call("GET", f"/api/jobs/{run['job_id']}")
        self.assertEqual(job["optimization_id"], run["id"])
        self.assertIn("plan", [step["name"] for step in job["steps"]])
        stats = self.api.call("GET", "/api/dashboard/stats")
        self.assertGreaterEqual(stats["total_optimizations"], 1)
        self.assertGreaterEqual(stats["total_connections"], 1)
        self.assertGreaterEqual(stats["total_detected_issues"], 1)
        self.api.call("DELETE", path, expect=204)
        self.api.problem("GET", path, None, 404)

    def test_without_plan(self):
        self.assertIsNone(self.optimize(include_execution_plan=False)["execution_plan"])

    def test_fine_query_is_called_fine(self):
        run = self.optimize("SELECT email FROM users WHERE id = 7")
        self.assertTrue(run["verdict"]["fine"], run["verdict"])
        self.assertTrue(run["verdict"]["reason"])

    def test_analyze(self):
        found = self.api.call("POST", "/api/optimizer/analyze",
                              {"connection_id": self.connection["id"], "sql_query": FIND})
        self.assertEqual(found["total_issues"], len(found["issues"]))
        self.assertGreater(found["total_issues"], 0)

    def test_async_and_jobs(self):
        accepted = self.optimize(expect=202, headers={"Prefer": "respond-async"})
        path = f"/api/jobs/{accepted['job_id']}"
        job = sqlopt_test.wait_for("the job ends", lambda: (lambda j: j["state"] not in ("queued", "running") and j)(
            self.api.call("GET", path)))
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(job["optimization_id"], accepted["optimization_id"])
        self.assertIn(accepted["job_id"], [j["id"] for j in self.api.call("GET", "/api/jobs?state=done")])
        self.api.problem("POST", path + "/cancel", {}, 409, "ended")
        self.api.problem("POST", "/api/jobs/999999/cancel", {}, 404)

    def test_cancel(self):
        slow = "SELECT count(*) FROM users a, users b WHERE a.country < b.country AND a.id % 7 = b.id % 5"
        accepted = self.optimize(slow, 202, headers={"Prefer": "respond-async"}, analyze=True)
        path = f"/api/jobs/{accepted['job_id']}"
        sqlopt_test.wait_for("it runs", lambda: self.api.call("GET", path)["state"] == "running")
        self.api.call("POST", path + "/cancel", {})
        job = sqlopt_test.wait_for("it ends", lambda: (lambda j: j["state"] not in ("queued", "running") and j)(
            self.api.call("GET", path)))
        self.assertEqual(job["state"], "cancelled", job)

    def test_events(self):
        with connect(self.server.port, 20) as s:
            s.sendall(request("GET", "/api/events"))
            got = b""
            while b": connected" not in got:
                got += s.recv(65536)
            accepted = self.optimize(expect=202, headers={"Prefer": "respond-async"})
            wanted = f'"id":{accepted["job_id"]}'.encode()
            while not (b"event: job" in got and wanted in got and b"event: step" in got):
                got += s.recv(65536)
            self.api.hit.add("events")
        first = int(got.split(b"id: ")[1].split(b"\n")[0])
        with connect(self.server.port, 20) as s:  # come back with the first id: what followed is sent again
            s.sendall(request("GET", "/api/events", f"Last-Event-ID: {first}"))
            again = b""
            while wanted not in again:
                again += s.recv(65536)
        self.assertNotIn(f"id: {first}\n".encode(), again)
        self.api.problem("GET", "/api/events?job_id=x", None, 422, "job_id")
        with ws.Socket(self.server.port, f"/api/ws?last_event_id={first}") as socket:  # the same ring
            self.assertEqual(socket.until("job")["data"]["id"], accepted["job_id"])
            self.api.hit.add("socket")
        self.api.problem("GET", "/api/ws", None, 426, "Upgrade")
        self.api.problem("GET", "/api/ws?job_id=0&last_event_id=x", None, 422, "job_id", "last_event_id")

    def test_prove_a_rewrite(self):
        """Both statements really run, their results are compared, and the proof record keeps what came of it."""
        run = self.optimize("SELECT id FROM users WHERE date_trunc('day', created_at) = '2026-01-01'")
        rewrite = next(p for p in run["proposals"] if p["kind"] == "rewrite" and p["verdict"] == "offered")
        body = {"optimization_id": run["id"], "proposal_id": rewrite["id"]}
        measured = self.api.call("POST", "/api/optimizer/validate-performance", {**body, "iterations": 2})
        self.assertTrue(measured["success"] and measured["same_result"], measured)
        before, after = (measured[side]["execution_time_ms"] for side in ("original_metrics", "optimized_metrics"))
        self.assertAlmostEqual(measured["improvement_ms"], before - after, places=3)
        proof = {rung["rung"]: rung["status"] for rung in measured["proposal"]["proof"]}
        self.assertEqual(proof["same_result"], "passed")
        self.assertIn(proof["measured"], ("passed", "failed"))
        stored = self.api.call("GET", f"/api/optimizer/optimizations/{run['id']}")["proposals"]
        self.assertIn(measured["proposal"]["proof"], [p["proof"] for p in stored])
        old = self.api.call("POST", "/api/optimizer/validate", body)
        self.assertGreater(old["original_time_ms"], 0)
        self.assertGreater(old["optimized_time_ms"], 0)
        # a busy moment may have made it look useless: it can be measured again, which decides anew
        with contextlib.closing(sqlite3.connect(self.server.dir + "/sqlopt.db", timeout=20)) as store, store:
            (text,) = store.execute("SELECT doc FROM proposal WHERE id = ?", (rewrite["id"],)).fetchone()
            doc = json.loads(text)
            doc.update(verdict="rejected", verdict_reason="measured: no improvement")
            next(rung for rung in doc["proof"] if rung["rung"] == "measured")["status"] = "failed"
            store.execute("UPDATE proposal SET doc = ? WHERE id = ?", (json.dumps(doc), rewrite["id"]))
        again = self.api.call("POST", "/api/optimizer/validate-performance", {**body, "iterations": 2})["proposal"]
        status = {rung["rung"]: rung["status"] for rung in again["proof"]}["measured"]
        self.assertEqual(again["verdict"], {"passed": "offered", "failed": "rejected"}[status])

    def test_prove_an_index(self):
        """Built, timed and dropped, where the connection may do that; elsewhere it says what is missing."""
        run = self.optimize()
        body = {"optimization_id": run["id"], "iterations": 2}
        refused = self.api.call("POST", "/api/optimizer/validate-performance", body)
        self.assertIsNone(refused["optimized_metrics"])
        self.assertIn("scratch", " ".join(refused["validation_notes"]))
        conn = self.api.call("POST", "/api/connections", self.target(name="scratch", scratch=True), 201)
        run = self.api.call("POST", "/api/optimizer/optimize", {"connection_id": conn["id"], "sql_query": FIND}, 201)
        built = self.api.call("POST", "/api/optimizer/validate-performance", {**body, "optimization_id": run["id"]})
        self.assertGreater(built["optimized_metrics"]["execution_time_ms"], 0)
        self.assertEqual(self.pg.psql("SELECT count(*) FROM pg_indexes WHERE tablename = 'users'"), "1")
        self.api.call("DELETE", f"/api/connections/{conn['id']}", expect=204)

    def test_bad_proofs(self):
        self.api.problem("POST", "/api/optimizer/validate-performance", {"optimization_id": 1, "iterations": 11}, 422,
                         "1 to 10")
        for path in ("validate", "validate-performance", "apply"):
            self.api.problem("POST", "/api/optimizer/" + path, {"optimization_id": 999999}, (403, 404))

    def test_apply_is_a_dry_run_only(self):
        run = self.optimize()
        body = {"optimization_id": run["id"]}
        dry = self.api.call("POST", "/api/optimizer/apply", {**body, "dry_run": True})
        self.assertIn("CREATE INDEX", dry["sql"])
        self.assertIn("DROP INDEX", dry["undo_sql"])
        self.assertIsNone(dry["applied_at"])
        self.assertTrue(dry["checks"])
        self.api.problem("POST", "/api/optimizer/apply", body, 403, "ENABLE_DDL_EXECUTION")
        self.assertEqual(self.pg.psql("SELECT count(*) FROM pg_indexes WHERE tablename = 'users'"), "1")
        self.api.problem("POST", "/api/optimizer/apply", {**body, "dry_run": True, "sql_to_execute": "DROP TABLE users"},
                         (400, 403, 409))

    # ---- bad input -------------------------------------------------------------------------------------------

    def test_bad_connections(self):
        rows = [
            ("wrong password", {"username": "locked", "password": "wrong"}, ("password", "locked")),
            ("no such host", {"host": "no-such-host.invalid"}, ("no-such-host.invalid",)),
            ("nobody listens", {"port": sqlopt_test.free_port()}, ("127.0.0.1",)),
            ("unknown database", {"database": "nowhere"}, ("nowhere",)),
            ("unknown role", {"username": "nobody_at_all"}, ("nobody_at_all",)),
            ("TLS where there is none", {"ssl_enabled": True}, ("ssl",)),
        ]
        for name, change, words in rows:
            with self.subTest(name):
                body = self.target(name="bad", **change)
                problem = self.api.problem("POST", "/api/connections", body, 400, *words)
                self.assertNotIn("wrong\"", json.dumps(problem))
                tried = self.api.call("POST", "/api/connections/test", body)
                self.assertFalse(tried["success"])
                self.assertTrue(tried["message"])
        self.api.problem("POST", "/api/connections", self.target(name="bad", engine="oracle"), (400, 501), "oracle")

    def test_all_field_errors_at_once(self):
        body = {"engine": "db2", "port": 70000, "database": 7, "ssl_enabled": "no", "surprise": 1}
        problem = self.api.problem("POST", "/api/connections", body, 422)
        named = {e["loc"][-1] for e in problem["detail"]}
        self.assertEqual(named, {"name", "engine", "port", "database", "ssl_enabled"})
        own = self.api.problem("POST", "/api/connections/test", body, 422)
        self.assertEqual({e["loc"][-1] for e in own["detail"]}, named | {"surprise"})
        # The older clients' paths ignore what they do not know.
        self.optimize(surprise=1)

    def test_bad_bodies(self):
        rows = [
            ("not JSON", '{"connection_id": 1,', "json_invalid"),
            ("an array", "[]", "type_error"),
            ("nothing", "", "missing"),
            ("a NUL in a text", '{"connection_id":1,"sql_query":"a\\u0000b"}', "json_invalid"),
            ("not UTF-8", b'{"connection_id":1,"sql_query":"\xff"}', "json_invalid"),
            ("nested 100,000 deep", "[" * 100000, "json_invalid"),
            ("a number beyond int64", '{"connection_id":99999999999999999999,"sql_query":"x"}', "json_invalid"),
            ("null", '{"connection_id":null,"sql_query":null}', "type_error"),
        ]
        for name, body, kind in rows:
            with self.subTest(name):
                if isinstance(body, str):
                    body = body.encode()
                problem = self.api.call("POST", "/api/optimizer/optimize", body, 422,
                                        {"Content-Type": "application/json"})
                self.assertEqual(problem["detail"][0]["type"], kind, problem)

    def test_bad_statements(self):
        rows = [
            ("empty", "", (422,), "sql_query"),
            ("blanks", " \n ", (422,), "sql_query"),
            ("a comment", "-- nothing", (400, 422), "statement"),
            ("two statements", "SELECT 1; SELECT 2", (400, 422), "statement"),
            ("DDL", "DROP TABLE users", (400, 422), ""),
            ("unknown table", "SELECT * FROM no_such_table", (400, 404), "no_such_table"),
            ("unknown column", "SELECT no_such_column FROM users", (400, 404), "no_such_column"),
            ("over 256 KiB", "SELECT '" + "x" * 270000 + "'", (400, 413, 422), "262144"),
            ("nested 10,000 deep", "SELECT " + "(" * 10000 + "1" + ")" * 10000, (400, 413), "deep"),
        ]
        for name, sql, statuses, word in rows:
            with self.subTest(name):
                self.api.problem("POST", "/api/optimizer/optimize",
                                 {"connection_id": self.connection["id"], "sql_query": sql}, statuses, word)
                self.api.problem("POST", "/api/optimizer/analyze",
                                 {"connection_id": self.connection["id"], "sql_query": sql}, statuses, word)
        problem = self.api.problem("POST", "/api/optimizer/optimize",
                                   {"connection_id": self.connection["id"], "sql_query": "SELECT * FRO users"}, 400)
        self.assertEqual(problem["position"], 9, problem)
        self.assertIn("FRO", problem["detail"])
        self.api.problem("POST", "/api/optimizer/optimize",
                         {"connection_id": self.connection["id"], "sql_query": "SELECT id\nFROM users LIMIT 10, 20"}, 400,
                         "line 2, column", "MySQL's", "LIMIT n OFFSET skip")

    def test_sql_parse(self):
        sql = "SELECT u.id, now() FROM users u WHERE email = $1 -- é\n FOR UPDATE;\nSELECT a FRM t x; DROP TABLE s.t"
        parsed = self.api.call("POST", "/api/sql/parse", {"sql": sql})
        self.assertEqual(parsed["dialect"], "postgresql")
        read, wrong, drop = parsed["statements"]
        self.assertEqual((read["class"], read["verb"], read["pure_read"], read["not_pure"]),
                         ("read", "select", False, ["locks_rows"]))
        self.assertEqual(read["tables"], [{"schema": None, "name": "users", "written": False}])
        self.assertEqual([f["name"] for f in read["functions"]], ["now"])
        self.assertEqual((read["parameters"], read["error"], read["tree_cut"]), (["$1"], None, False))
        tree = read["tree"]
        self.assertEqual((tree["kind"], tree["offset"], tree["where"]["kind"]), ("select", 0, "op"))
        self.assertEqual(tree["from"][0]["name"], "users")
        text = sql.encode()[tree["offset"]:tree["offset"] + tree["length"]].decode()
        self.assertTrue(text.startswith("SELECT") and text.endswith("FOR UPDATE"), text)
        self.assertIsNone(wrong["tree"])
        error = wrong["error"]
        self.assertEqual((error["line"], error["column"], error["token"], error["kind"]), (3, 14, "t", "invalid_input"))
        self.assertEqual(sql.encode()[error["position"]:error["position"] + 1], b"t")
        self.assertIn(",", "".join(error["expected"]))
        self.assertIsNone(error["hint"])
        self.assertEqual((drop["class"], drop["not_pure"]), ("ddl", ["no_query"]))
        bare = self.api.call("POST", "/api/sql/parse", {"sql": "SELECT 1", "tree": False})["statements"][0]
        self.assertIsNone(bare["tree"])
        self.assertTrue(bare["pure_read"])
        cut = self.api.call("POST", "/api/sql/parse", {"sql": "SELECT a FROM t WHERE b = ", "lenient": True})
        self.assertTrue(cut["statements"][0]["truncated"])
        large = self.api.call("POST", "/api/sql/parse", {"sql": "SELECT 1" + ", 1" * 20000})["statements"][0]
        self.assertTrue(large["tree_cut"])

    def test_sql_format_and_fingerprint(self):
        sql = "select a -- why\n from t where b = 1; select 2"
        formatted = self.api.call("POST", "/api/sql/format", {"sql": sql})["formatted"]
        self.assertEqual(formatted, "SELECT a -- why\nFROM t\nWHERE b = 1;\n\nSELECT 2")
        self.assertEqual(self.api.call("POST", "/api/sql/format", {"sql": formatted})["formatted"], formatted)
        prints = self.api.call("POST", "/api/sql/fingerprint", {"sql": "SELECT a FROM t WHERE b = 1; select a from t where b=$1"})
        self.assertGreaterEqual(prints["version"], 1)
        first, second = prints["statements"]
        self.assertEqual(first["fingerprint"], second["fingerprint"])
        self.assertEqual(first["normalized"], "SELECT a FROM t WHERE b = $1")

    def test_sql_refused(self):
        for route in ("parse", "format", "fingerprint"):
            path = "/api/sql/" + route
            self.api.problem("POST", path, {}, 422, "sql")
            self.api.problem("POST", path, {"sql": "SELECT 1", "dialect": "cobol"}, 422, "dialect")
            self.api.problem("POST", path, {"sql": "SELECT 'x" + "y" * 270000 + "'"}, (413, 422), "262144")
            problem = self.api.problem("POST", path, {"sql": "SELECT 1;\n SELECT 'open"}, 400, "unterminated", "line 2")
            self.assertEqual(problem["position"], 18, problem)
            if route != "parse":
                problem = self.api.problem("POST", path, {"sql": "SELECT 1; SELECT (1"}, 400, "expected")
                self.assertEqual(problem["position"], 19, problem)
        self.api.problem("POST", "/api/sql/parse", {"sql": "-- nothing"}, 400, "statement")

    def test_sql_of_another_dialect(self):
        sql = "SELECT 1; SELECT TOP 10 a FROM t; SELECT 2"
        hint = self.api.call("POST", "/api/sql/parse", {"sql": sql})["statements"][1]["error"]["hint"]
        self.assertEqual(hint, "TOP n is SQL Server's; write LIMIT n behind the query (the statement is valid in SQL Server)")
        for route in ("format", "fingerprint"):
            self.api.problem("POST", "/api/sql/" + route, {"sql": sql}, 400, "line 1, column 22", "SQL Server's")
        self.api.problem("POST", "/api/sql/format", {"sql": "SELECT a::int FROM t", "dialect": "mysql"}, 400,
                         "PostgreSQL's", "CAST")

    def test_plans(self):
        scan = "Seq Scan on t  (cost=0.00..30000.00 rows=10 width=8) (actual time=0.1..900.0 rows=10 loops=1)\n" \
               "  Filter: (a = 1)\n  Rows Removed by Filter: 1000000\nExecution Time: 901.0 ms\n"
        index = "Index Scan using t_a on t  (cost=0.00..8.00 rows=10 width=8) (actual time=0.1..0.2 rows=10 loops=1)\n" \
                "  Index Cond: (a = 1)\nExecution Time: 0.3 ms\n"
        report = self.api.call("POST", "/api/plans/analyze", {"plan": scan})
        self.assertEqual((report["plan"]["format"], report["plan"]["nodes"][0]["relation"]), ("postgresql-text", "t"))
        self.assertEqual(report["findings"][0]["rule"], "seq-scan-filter")
        self.assertIn("Seq Scan on t", report["text"])
        other = self.api.call("POST", "/api/plans/analyze", {"plan": "QUERY PLAN\n`--SCAN t"})["plan"]
        self.assertEqual((other["engine"], other["nodes"][1]["operation"]), ("sqlite", "seq_scan"))
        diff = self.api.call("POST", "/api/plans/diff", {"before": scan, "after": index})
        self.assertFalse(diff["diff"]["same_shape"])
        self.assertEqual([c["kind"] for c in diff["diff"]["changes"]][0], "access_path")
        self.assertIn("Seq Scan → Index Scan using t_a", diff["text"])

    def test_plans_refused(self):
        good = "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)"
        self.api.problem("POST", "/api/plans/analyze", {}, 422, "plan")
        self.api.problem("POST", "/api/plans/analyze", {"plan": ""}, 422, "plan")
        self.api.problem("POST", "/api/plans/analyze", {"plan": "hello"}, 400, "no execution plan")
        self.api.problem("POST", "/api/plans/analyze", {"plan": "[{\"Plan\": {\"Node"}, 400, "cut off")
        self.api.problem("POST", "/api/plans/analyze", {"plan": "<!DOCTYPE a><explain/>"}, 400, "document type")
        self.api.problem("POST", "/api/plans/analyze", {"plan": "x" * (1 << 20)}, 413)
        self.api.problem("POST", "/api/plans/diff", {"before": good}, 422, "after")
        self.api.problem("POST", "/api/plans/diff", {"before": "hello", "after": good}, 400, "plan before")
        self.api.problem("POST", "/api/plans/diff", {"before": good, "after": "hello"}, 400, "plan after")

    def test_missing_privilege(self):
        poor = self.api.call("POST", "/api/connections", self.target(name="poor", username="nobody_much"), 201)
        self.api.problem("POST", "/api/optimizer/optimize", {"connection_id": poor["id"], "sql_query": FIND},
                         (400, 502), "users")
        self.api.call("POST", f"/api/connections/{poor['id']}/test", {})
        self.api.call("DELETE", f"/api/connections/{poor['id']}", expect=204)

    def test_bad_ids_and_parameters(self):
        for path in ("/api/connections/x", "/api/connections/0", "/api/jobs/-1", "/api/optimizer/optimizations/1e3"):
            self.api.problem("GET", path, None, 422, "positive integer")
        for path in ("/api/jobs?limit=0", "/api/jobs?limit=x", "/api/jobs?state=odd", "/api/optimizer/optimizations?limit=1001",
                     "/api/dashboard/stats?connection_id=x"):
            self.api.problem("GET", path, None, 422)
        self.api.problem("GET", "/api/jobs/999999", None, 404)
        self.api.problem("GET", "/api/dashboard/stats?connection_id=999999", None, 404)
        self.api.problem("POST", "/api/optimizer/optimize", {"connection_id": 999999, "sql_query": "SELECT 1"}, 404)

    # ---- load ------------------------------------------------------------------------------------------------

    def test_500_waiting_requests_starve_nobody(self):
        body = json.dumps({"connection_id": self.connection["id"], "sql_query": FIND}).encode()
        data = request("POST", "/api/optimizer/optimize", "Content-Type: application/json",
                       f"Content-Length: {len(body)}", "Connection: close", body=body)
        waiting = []
        try:
            for _ in range(500):
                s = connect(self.server.port, 120)
                s.sendall(data)
                waiting.append(s)
            slowest = 0
            for _ in range(20):
                began = time.monotonic()
                self.assertEqual(exchange(self.server.port, request("GET", "/health", "Connection: close")).status, 200)
                self.api.call("GET", "/api/connections")
                slowest = max(slowest, time.monotonic() - began)
            with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as f:
                threads = int(next(line.split()[1] for line in f if line.startswith("Threads:")))
            self.assertLess(threads, 100)
            answers = {}
            for s in waiting:
                status = s.recv(65536)[9:12].decode()
                answers[status] = answers.get(status, 0) + 1
        finally:
            for s in waiting:
                s.close()
        self.assertEqual(set(answers) - {"201", "503"}, set(), answers)
        self.assertGreater(answers.get("201", 0), 100, answers)
        self.assertLess(slowest, 10)

    def test_concurrent_use(self):
        failures = []

        def work(number):
            try:
                for i in range(5):
                    run = self.optimize(f"SELECT * FROM users WHERE country = 'c{number}' AND id > {i}")
                    self.api.call("GET", f"/api/optimizer/optimizations/{run['id']}")
            except BaseException as e:  # noqa: BLE001 - reported below
                failures.append(e)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    # ---- monitoring and the dashboard ------------------------------------------------------------------------

    def test_monitoring(self):
        self.optimize()  # has findings
        status = self.api.call("GET", "/api/monitoring/status")
        self.assertEqual(sorted(status), ["active_connections", "interval_minutes", "is_running", "last_poll_time",
                                          "next_poll_time", "queries_discovered"])
        self.api.call("POST", "/api/monitoring/stop")
        self.api.problem("POST", "/api/monitoring/trigger", None, 400, "stopped")
        self.api.call("POST", "/api/monitoring/start")
        self.assertEqual(sorted(self.api.call("POST", "/api/monitoring/trigger")), ["message", "success"])
        self.assertIn("main", [t["connection_name"] for t in self.api.call("GET", "/api/monitoring/targets?limit=1000")])
        path = f"/api/monitoring/queries?connection_id={self.connection['id']}"
        sqlopt_test.wait_for("statements", lambda: self.api.call("GET", path))
        found = self.api.call("GET", path)
        self.assertEqual(found, sorted(found, key=lambda q: -q["total_execution_time"]))
        self.assertEqual(self.api.call("GET", f"/api/monitoring/queries/{found[0]['id']}")["id"], found[0]["id"])
        self.assertEqual(self.api.call("GET", path + "&optimized=true"), [])
        self.api.problem("GET", "/api/monitoring/queries/987654321", None, 404)
        self.api.problem("GET", "/api/monitoring/queries?connection_id=987654321", None, 404)
        self.api.call("GET", "/api/monitoring/queries?limit=0", expect=422)

    def test_issues(self):
        run = self.optimize()
        issues = self.api.call("GET", f"/api/monitoring/issues?connection_id={self.connection['id']}&limit=1000")
        self.assertIn(run["findings"][0]["title"], [i["title"] for i in issues])
        self.assertEqual(int(self.api.headers["X-Total-Count"]), len(issues))
        one = issues[0]["severity"]
        only = self.api.call("GET", f"/api/monitoring/issues?severity={one}&issue_type={issues[0]['issue_type']}")
        self.assertEqual({(i["severity"], i["issue_type"]) for i in only}, {(one, issues[0]["issue_type"])})
        self.assertEqual(self.api.call("GET", "/api/monitoring/issues?resolved=true"), [])
        summary = self.api.call("GET", f"/api/monitoring/issues/summary?connection_id={self.connection['id']}")
        self.assertEqual(summary["total_issues"], len(issues))
        self.assertEqual(sum(t["count"] for t in summary["issues_by_type"]), len(issues))
        self.assertEqual(sum(summary[f"{s}_issues"] for s in ("critical", "high", "medium", "low")), len(issues))

    def test_findings(self):
        run = self.optimize()
        mine = f"connection_id={self.connection['id']}"
        found = self.api.call("GET", f"/api/findings?{mine}&limit=1000")
        self.assertTrue(found)
        self.assertEqual(self.api.headers["X-Total-Count"], str(len(found)))
        one = next(f for f in found if f["optimization_id"] == run["id"])  # those of other tests may still come
        path = f"/api/findings/{one['id']}"
        self.assertEqual((one["state"], one["closed_at"], one["muted_for_ever"]), ("open", None, False))
        detail = self.api.call("GET", path)
        self.assertEqual(detail["comments"], [])
        self.assertEqual({**detail, "comments": 0}, one)
        for only in ("rule", "severity", "issue_type"):
            rows = self.api.call("GET", f"/api/findings?{mine}&{only}={one[only]}&limit=1000")
            self.assertIn(one["id"], [r["id"] for r in rows])
            self.assertEqual({r[only] for r in rows}, {one[only]})
        # somebody knows
        self.assertEqual(self.api.call("POST", f"{path}/acknowledge")["state"], "acknowledged")
        self.assertEqual([f["id"] for f in self.api.call("GET", f"/api/findings?{mine}&state=acknowledged")], [one["id"]])
        self.assertEqual(self.api.call("POST", f"{path}/unacknowledge")["acknowledged_at"], None)
        # nobody wants to hear of it
        self.assertTrue(self.api.call("POST", f"{path}/mute", {})["muted_for_ever"])
        muted = self.api.call("POST", f"{path}/mute", {"until": "2099-01-02T03:04:05Z"})
        self.assertEqual((muted["state"], muted["muted_until"], muted["muted_for_ever"]), ("muted", "2099-01-02T03:04:05.000Z", False))
        self.assertEqual([f["id"] for f in self.api.call("GET", f"/api/findings?{mine}&state=muted")], [one["id"]])
        self.api.problem("POST", f"{path}/mute", {"until": "2020-01-01T00:00:00Z"}, 422, "until", "future")
        self.api.problem("POST", f"{path}/mute", {"until": "tomorrow", "for": 3}, 422, "until", "for")
        self.assertEqual(self.api.call("POST", f"{path}/unmute")["state"], "open")
        # what people say
        said = self.api.call("POST", f"{path}/comments", {"text": "is that so? \u00e9"}, 201)
        self.assertEqual(self.api.call("GET", path)["comments"], [said])
        listed = self.api.call("GET", f"/api/findings?{mine}&limit=1000")
        self.assertEqual([f["comments"] for f in listed if f["id"] == one["id"]], [1])
        self.api.problem("POST", f"{path}/comments", {"text": ""}, 422, "text")
        self.api.problem("POST", f"{path}/comments", {"text": "x" * 4001}, 422, "4000")
        self.assertNotIn(one["id"], [f["id"] for f in self.api.call("GET", f"/api/findings?{mine}&state=closed")])
        self.api.problem("GET", "/api/findings?state=x&severity=x&limit=0&query_id=0", None, 422, "state", "severity", "limit", "query_id")
        for missing in ("connection_id", "query_id"):
            self.api.problem("GET", f"/api/findings?{missing}=999999", None, 404, "999999")
        self.api.problem("GET", "/api/findings/999999", None, 404, "999999")
        for act in ("acknowledge", "unacknowledge", "unmute"):
            self.api.problem("POST", f"/api/findings/999999/{act}", None, 404, "999999")
        self.api.problem("POST", "/api/findings/999999/mute", {}, 404, "999999")
        self.api.problem("POST", "/api/findings/999999/comments", {"text": "x"}, 404, "999999")

    def test_dashboard_lists(self):
        run = self.optimize()
        self.assertLessEqual(len(self.api.call("GET", "/api/dashboard/top-queries?limit=3")), 3)
        for point in self.api.call("GET", "/api/dashboard/performance-trends?hours=48"):
            self.assertTrue(point["timestamp"].endswith(":00:00.000Z"), point)
        self.api.call("GET", "/api/dashboard/performance-trends?hours=745", expect=422)
        latest = self.api.call("GET", "/api/dashboard/recent-activity?limit=1")
        self.assertEqual([(a["id"], a["connection_name"]) for a in latest], [(run["id"], "main")])
        detected = self.api.call("GET", "/api/dashboard/detection-summary")
        self.assertGreaterEqual(detected["total_optimizations_with_issues"], 1)
        self.assertGreaterEqual(detected["total_issues"], len(run["findings"]))
        found = self.api.call("GET", "/api/dashboard/queries-with-issues?limit=1")[0]
        self.assertEqual((found["optimization_id"], found["issue_count"]), (run["id"], len(run["findings"])))
        self.assertEqual(found["sql_preview"], FIND)

    # ---- watched statements ----------------------------------------------------------------------------------

    def run_watched(self, sql):
        """Runs what the polls are to count: what ran before the first of them is in nobody's history."""
        state = lambda: next(t for t in self.api.call("GET", "/api/monitoring/targets")
                             if t["connection_id"] == self.connection["id"])
        sqlopt_test.wait_for("the first poll", lambda: state()["polls"] > 0)
        self.pg.psql(sql)

    def watched(self, word):
        """The row of the statement that has the word, when the roll-ups have it."""
        found = []

        def look():
            path = f"/api/queries?connection_id={self.connection['id']}&period=hour&search={word}"
            found[:] = self.api.call("GET", path)["queries"]
            return found

        self.api.call("POST", "/api/monitoring/trigger")
        sqlopt_test.wait_for("the statement", look)
        return found[0]

    def test_queries(self):
        self.run_watched("SELECT count(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE u.country = 'c1';" * 5)
        self.pg.psql("UPDATE orders SET total = total WHERE id = 7;" * 3)
        row = self.watched("u.country")
        self.assertEqual((row["calls"], row["kind"], row["other"], row["connection_name"], row["database"]),
                         (5, "select", False, "main", "postgres"))
        self.assertGreater(row["total_ms"], row["mean_ms"])
        self.assertGreater(row["load_share"], 0)
        self.assertEqual((row["rows"], row["findings"], row["regressed"], row["is_new"]), (5, 0, False, False))
        self.assertGreater(row["hits"], 100)
        self.assertIsNone(row["previous_total_ms"])  # nobody watched then
        page = self.api.call("GET", "/api/queries?kind=update")
        self.assertTrue(all(q["kind"] == "update" for q in page["queries"]), page)
        self.assertIn("orders", page["queries"][0]["sql_text"])
        self.assertEqual(self.api.headers["X-Total-Count"], str(page["total"]))
        everything = self.api.call("GET", "/api/queries?limit=1000")
        self.assertAlmostEqual(sum(q["total_ms"] for q in everything["queries"]), everything["total_ms"], places=3)
        self.assertAlmostEqual(sum(q["load_share"] for q in everything["queries"]), 1, places=6)
        for sort, key in (("calls", "calls"), ("mean_time", "mean_ms"), ("rows", "rows"), ("total_time", "total_ms")):
            got = [q[key] for q in self.api.call("GET", f"/api/queries?sort={sort}&limit=1000")["queries"]]
            self.assertEqual(got, sorted(got, reverse=True))
            got = [q[key] for q in self.api.call("GET", f"/api/queries?sort={sort}&order=asc&limit=1000")["queries"]]
            self.assertEqual(got, sorted(got))
        pages = [q["id"] for at in range(0, everything["total"], 2)
                 for q in self.api.call("GET", f"/api/queries?limit=2&offset={at}&sort=calls")["queries"]]
        self.assertEqual(pages, [q["id"] for q in self.api.call("GET", "/api/queries?limit=1000&sort=calls")["queries"]])
        self.assertEqual(self.api.call("GET", "/api/queries?fingerprint=0000000000000000")["queries"], [])
        self.api.problem("GET", "/api/queries?search=%ff%fe", None, 422, "must be UTF-8")
        by_print = self.api.call("GET", f"/api/queries?fingerprint={row['fingerprint'].upper()}")["queries"]
        self.assertEqual({q["fingerprint"] for q in by_print}, {row["fingerprint"]})
        for nothing in ("only=findings", "only=regressed", "only=new", "database=x", "kind=merge", "offset=99999",
                        "search=100%25", "search=_.__try", "from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z"):
            self.assertEqual(self.api.call("GET", "/api/queries?" + nothing)["queries"], [], nothing)
        for period in ("week", "month", "all"):
            got = self.api.call("GET", f"/api/queries?period={period}&fingerprint={row['fingerprint']}")["queries"][0]
            self.assertGreaterEqual(got["calls"], row["calls"], period)
        self.api.problem("GET", "/api/queries?connection_id=999", None, 404, "999")
        wrong = self.api.problem("GET", "/api/queries?connection_id=0&kind=x&only=x&sort=x&order=x&limit=0&offset=-1"
                                 "&from=yesterday&search=&fingerprint=0123456789abcdeg", None, 422)
        self.assertEqual({e["loc"][1] for e in wrong["detail"]},
                         {"connection_id", "kind", "only", "sort", "order", "limit", "offset", "from", "search"})
        for text in ("period=day&from=2026-01-01T00:00:00Z", "to=2026-01-01T00:00:00Z", "fingerprint=0123456789abcdeg",
                     "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"):
            self.api.problem("GET", "/api/queries?" + text, None, 422)
        self.api.problem("GET", "/api/queries?from=2020-01-01T00:00:00Z&to=2022-01-01T00:00:00Z", None, 413, "400 days")

    def test_query_detail(self):
        self.run_watched("SELECT max(total) FROM orders")
        row = self.watched("FROM")
        whole = self.api.call("GET", f"/api/queries/{row['id']}")
        self.assertEqual((whole["id"], whole["fingerprint"], whole["connection_id"]),
                         (row["id"], row["fingerprint"], self.connection["id"]))
        self.assertGreaterEqual(whole["calls"], row["calls"])
        self.assertTrue(whole["sql_text"].startswith(row["sql_text"]))
        self.assertEqual(whole["dialect"], "postgresql")
        for path in ("/api/queries/999999", "/api/queries/9223372036854775807"):
            self.api.problem("GET", path, None, 404, path.rsplit("/", 1)[1])
        self.api.problem("GET", "/api/queries/x", None, 422)
        lines = self.api.call("GET", f"/api/queries/sparklines?ids={row['id']},999999&metric=calls")
        self.assertEqual([s["id"] for s in lines["series"]], [row["id"]])
        self.assertEqual((len(lines["series"][0]["points"]), lines["step_s"]), (24, 3600))
        self.assertGreaterEqual(sum(lines["series"][0]["points"]), row["calls"])
        month = self.api.call("GET", f"/api/queries/sparklines?ids={row['id']}&period=month&metric=hit_ratio")
        self.assertEqual((len(month["series"][0]["points"]), month["step_s"]), (30, 86400))
        far = self.api.call("GET", f"/api/queries/sparklines?ids={row['id']}&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z")
        self.assertLessEqual(len(far["series"][0]["points"]), 60)
        for ids in ("", "x", "1,", ",1", "1,,2", "0", "-1", "1;2", " 1", "99999999999999999999", ",".join(["1"] * 101)):
            self.api.problem("GET", "/api/queries/sparklines?ids=" + ids.replace(" ", "%20"), None, 422, "")
        self.api.problem("GET", "/api/queries/sparklines?ids=1&metric=x&period=all", None, 422, "metric", "period")

    def test_query_history(self):
        self.run_watched("SELECT id FROM orders WHERE id = 77;" * 4)
        row = self.watched("FROM%20orders%20WHERE%20id")
        path = f"/api/queries/{row['id']}"
        note = self.api.call("POST", "/api/annotations", {"text": "in the chart", "connection_id": self.connection["id"]}, 201)
        for metric in ("total_time", "calls", "mean_time", "rows", "rows_per_call", "hits", "reads", "hit_ratio",
                       "temp_written", "wal_bytes", "plan_time"):
            self.assertEqual(self.api.call("GET", f"{path}/series?metric={metric}")["metric"], metric)
        for period, source in (("hour", "samples"), ("day", "hours"), ("week", "hours"), ("month", "hours")):
            chart = self.api.call("GET", f"{path}/series?metric=calls&period={period}")
            self.assertEqual(chart["source"], source)
            self.assertEqual(sum(p["value"] for p in chart["points"]), row["calls"], period)
            self.assertEqual(sum(p["calls"] for p in chart["points"]), row["calls"], period)
            self.assertLessEqual(len(chart["points"]), 300)
            self.assertEqual([a["id"] for a in chart["annotations"]][0], note["id"])
        one = self.api.call("GET", f"{path}/series?period=month&points=1")
        self.assertEqual(len(one["points"]), 1)
        self.assertAlmostEqual(one["points"][0]["value"], row["mean_ms"], places=6)
        self.assertGreaterEqual(one["points"][0]["max"], one["points"][0]["value"])
        self.assertLessEqual(one["points"][0]["min"], one["points"][0]["value"])
        long = self.api.call("GET", f"{path}/series?from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z&metric=calls")
        self.assertEqual((long["source"], sum(p["value"] for p in long["points"])), ("days", row["calls"]))
        self.api.problem("GET", f"{path}/series?metric=x&points=301&period=x&from=x", None, 422,
                         "metric", "points", "period", "from")
        self.api.problem("GET", f"{path}/series?from=2020-01-01T00:00:00Z", None, 413, "400 days")
        samples = self.api.call("GET", f"{path}/samples")
        self.assertEqual(sum(s["calls"] for s in samples["samples"]), row["calls"])
        self.assertIsNone(samples["next_before"])
        seen, before = [], ""
        while before is not None:
            page = self.api.call("GET", f"{path}/samples?limit=1{before}")
            seen += page["samples"]
            before = page["next_before"] and "&before=" + page["next_before"]
        self.assertEqual(seen, samples["samples"])
        self.api.problem("GET", f"{path}/samples?limit=0&before=x", None, 422, "limit", "before")
        self.assertEqual(self.api.call("GET", f"{path}/findings"), [])
        self.assertEqual(self.api.headers["X-Total-Count"], "0")
        self.api.problem("GET", f"{path}/findings?state=x", None, 422, "state")
        # a run of this statement finds something: the list knows at once
        run = self.optimize(query_id=row["id"])
        found = self.api.call("GET", f"{path}/findings")
        self.assertEqual(sorted(f["title"] for f in found), sorted(f["title"] for f in run["findings"]))
        self.assertGreater(len(found), 0)
        listed = self.api.call("GET", "/api/queries?only=findings")["queries"]
        self.assertEqual([(q["id"], q["findings"], q["regressed"]) for q in listed], [(row["id"], len(found), False)])
        self.assertEqual(self.api.call("GET", path)["findings"], len(found))
        for finding in found:
            self.api.call("POST", f"/api/findings/{finding['id']}/mute", {})
        self.assertEqual(self.api.call("GET", "/api/queries?only=findings")["queries"], [])
        self.assertEqual(one["plan_changes"], [])
        plans = self.api.call("GET", f"{path}/plans")
        self.assertEqual(len(plans["runs"]) > 0, len(plans["plans"]) > 0)
        self.api.problem("GET", f"{path}/plans?shape=0123456789abcdeg", None, 422, "shape")
        self.api.problem("GET", f"{path}/plans?shape=1", None, 422, "shape")
        for what in ("series", "samples", "findings", "plans"):
            self.api.problem("GET", f"/api/queries/999999/{what}", None, 404, "999999")
        self.api.call("DELETE", f"/api/annotations/{note['id']}", expect=204)

    def test_annotations(self):
        self.assertEqual(self.api.call("GET", "/api/annotations?to=2026-01-01T00:00:00Z"), [])
        first = self.api.call("POST", "/api/annotations", {
            "text": "deploy 1", "at": "2026-02-03T04:05:06.789Z", "labels": {"version": "1.2", "by": "é"}}, 201)
        self.assertEqual(self.api.headers["Location"], f"/api/annotations/{first['id']}")
        self.assertEqual((first["at"], first["connection_id"], first["labels"]),
                         ("2026-02-03T04:05:06.789Z", None, {"version": "1.2", "by": "é"}))
        second = self.api.call("POST", "/api/annotations", {
            "text": "deploy 2", "at": "2026-02-03T06:05:06+01:00", "connection_id": self.connection["id"]}, 201)
        self.assertEqual(second["at"], "2026-02-03T05:05:06.000Z")
        span = "from=2026-02-03T00:00:00Z&to=2026-02-04T00:00:00Z"
        self.assertEqual(self.api.call("GET", f"/api/annotations?{span}"), [second, first])
        self.assertEqual(self.api.call("GET", f"/api/annotations?{span}&connection_id={self.connection['id']}"), [second, first])
        self.assertEqual(self.api.call("GET", f"/api/annotations?{span}&limit=1&offset=1"), [first])
        self.assertEqual(self.api.headers["X-Total-Count"], "2")
        other = self.api.call("POST", "/api/connections", self.target(name="notes"), 201)
        self.assertEqual(self.api.call("GET", f"/api/annotations?{span}&connection_id={other['id']}"), [first])
        self.api.call("POST", "/api/annotations", {"text": "goes", "at": "2026-02-03T00:00:00Z", "connection_id": other["id"]}, 201)
        self.api.call("DELETE", f"/api/connections/{other['id']}", expect=204)
        self.assertEqual(self.api.call("GET", f"/api/annotations?{span}"), [second, first])
        wrong = self.api.problem("POST", "/api/annotations", {
            "text": "  ", "at": "2026-02-30T00:00:00Z", "connection_id": 0, "labels": [], "more": 1}, 422)
        self.assertEqual({e["loc"][1] for e in wrong["detail"]}, {"text", "at", "connection_id", "labels", "more"})
        for body in ({}, {"text": "x" * 501}, {"text": "x", "at": "2126-01-01T00:00:00Z"}, {"text": "x", "at": 5},
                     {"text": "x", "labels": {"a b": "c"}}, {"text": "x", "labels": {"a": 1}},
                     {"text": "x", "labels": {"a": "c" * 201}}, {"text": "x", "labels": {f"n{i}": "v" for i in range(17)}},
                     {"text": "x", "at": "2026-02-03"}, {"text": "x", "at": "2026-02-03T04:05:06"},
                     {"text": "x", "at": "2026-02-03T04:05:06.Z"}, {"text": "x", "at": "1969-12-31T23:59:59Z"}):
            self.api.problem("POST", "/api/annotations", body, 422)
        self.api.problem("POST", "/api/annotations", {"text": "x", "connection_id": 999}, 404, "999")
        self.api.problem("GET", "/api/annotations?connection_id=999", None, 404, "999")
        for id_ in (first["id"], second["id"]):
            self.api.call("DELETE", f"/api/annotations/{id_}", expect=204)
        self.api.problem("DELETE", f"/api/annotations/{first['id']}", None, 404)

    def test_notices(self):
        self.assertEqual(self.api.call("GET", "/api/notices?limit=1000"), [])
        self.api.problem("POST", "/api/notices/dismiss", {"kind": "cap", "connection_id": 999}, 404, "no notice 'cap'")
        self.api.problem("POST", "/api/notices/dismiss", {"kind": "size"}, 404, "no notice 'size'")
        self.api.problem("POST", "/api/notices/dismiss", {"connection_id": 0}, 422, "kind", "connection_id")

    def test_capabilities(self):
        can = self.api.call("GET", "/api/capabilities")
        engines = {e["name"]: e for e in can["engines"]}
        self.assertEqual(set(engines), {"postgresql", "mysql", "mariadb", "mssql", "oracle", "sqlite"})
        self.assertTrue(engines["postgresql"]["what_if"] and engines["postgresql"]["monitoring"])
        self.assertFalse(engines["mssql"]["what_if"])
        self.assertEqual((engines["oracle"]["activity"], engines["sqlite"]["activity"], can["activity_s"]), (True, False, 0))
        self.assertIn("SQL Server", engines["mssql"]["no_what_if"])
        self.assertEqual((engines["sqlite"]["default_port"], engines["sqlite"]["needs_host"]), (None, False))
        self.assertEqual((can["monitoring"], can["ddl_execution"], can["max_series_points"]), (True, False, 300))

    def test_zz_every_route_was_hit(self):
        """Runs last: a route that no test calls is not tested."""
        missed = {op["operationId"] for _, op in self.api.operations.values()} - self.api.hit
        self.assertEqual(missed, set())


sqlopt_test.main()
