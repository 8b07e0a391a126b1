#!/usr/bin/env python3
"""The real server with targets of other engines, through the API: a MariaDB of the test's own (or the MariaDB or MySQL that
SO_MY_BIN names), an SQLite file, and the doubles of SQL Server and Oracle."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

MARIADB = """
CREATE DATABASE shop; USE shop;
CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, customer_id INT NOT NULL, status VARCHAR(20), created_at DATETIME);
CREATE TABLE digits (d INT);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO orders SELECT seq, seq % 5000, ELT(1 + seq % 4, 'a', 'b', 'c', 'd'), '2024-01-01' + INTERVAL seq MINUTE FROM
  (SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS seq
   FROM digits a, digits b, digits c, digits d, digits e WHERE e.d < 6) n;
DROP TABLE digits;
ANALYZE TABLE orders;
CREATE USER app@'%' IDENTIFIED BY 'right-Passw0rd';
GRANT ALL ON shop.* TO app@'%'; GRANT SELECT ON performance_schema.* TO app@'%';
SELECT COUNT(*) AS found FROM orders WHERE customer_id = 5;
"""


class Engines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="so-engines.")
        cls.addClassCleanup(shutil.rmtree, cls.dir)
        my = sqlopt_test.MySQL()
        cls.port, cls.client, cls.flavor = my.port, my.dir + "/client", my.flavor
        cls.mariadb(MARIADB)
        cls.file = cls.dir + "/shop.db"
        db = sqlite3.connect(cls.file)
        db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT NOT NULL, status TEXT)")
        db.executemany("INSERT INTO orders (customer_id, status) VALUES (?, 'x')", ((i % 500,) for i in range(20000)))
        db.execute("ANALYZE")
        db.commit()
        db.close()
        cls.tds = subprocess.Popen(["python3", os.path.join(HERE, "..", "doubles", "tds.py"),
                                    os.path.join(HERE, "..", "engine", "mssql_cases.json")],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.tds.communicate, timeout=10)  # it ends with its standard input
        cls.tds_port = int(cls.tds.stdout.readline())
        cls.server = sqlopt_test.Server(env={
            "ORACLE_HOME": os.path.join(sqlopt_test.BUILD, "tests", "doubles", "oracle"),
            "SO_OCI_CASES": os.path.join(HERE, "..", "engine", "oracle_cases.txt")})
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)
        cls.api = Client(cls.server)

    @classmethod
    def mariadb(cls, script):
        return subprocess.run([cls.client, "-N"], input=script, check=True,
                              capture_output=True, text=True, timeout=60).stdout.strip()

    def target(self, **more):
        return {"name": "t", "engine": "mariadb", "host": "127.0.0.1", "port": self.port, "database": "shop",
                "username": "app", "password": "right-Passw0rd", "ssl_enabled": False, "monitoring_enabled": False, **more}

    def test_mariadb(self):
        for engine, name in (("mariadb", "as itself"), ("mysql", "as mysql")):
            with self.subTest(name):
                made = self.api.call("POST", "/api/connections", self.target(name=name, engine=engine, scratch=True), 201)
                self.assertEqual((made["engine"], made["server_flavor"]), (engine, self.flavor))
                tried = self.api.call("POST", f"/api/connections/{made['id']}/test", {})
                self.assertTrue(tried["success"], tried)
                self.assertIn("statistics", [check["id"] for check in tried["checks"]])
                run = self.api.call("POST", "/api/optimizer/optimize", {
                    "connection_id": made["id"], "sql_query": "SELECT id FROM orders WHERE customer_id = 77"}, 201)
                index = next(p for p in run["proposals"] if p["kind"] == "index")
                self.assertEqual(index["sql"], "CREATE INDEX orders_customer_id_idx ON shop.orders (customer_id)")
                self.assertEqual(index["undo_sql"], "DROP INDEX orders_customer_id_idx ON shop.orders")
                # what was estimated to be looked at, against what the server then looks at
                self.assertEqual(index["cost"]["source"], "estimated")
                self.assertGreater(index["cost"]["before"], 10 * index["cost"]["after"])
                self.mariadb("CREATE INDEX real_one ON shop.orders (customer_id)")
                columns = self.mariadb(("EXPLAIN FORMAT=TRADITIONAL" if self.flavor == "mysql" else "EXPLAIN EXTENDED")
                                       + " SELECT id FROM shop.orders WHERE customer_id = 77").split("\t")
                rows = int(columns[-3])  # before filtered and Extra
                self.mariadb("DROP INDEX real_one ON shop.orders")
                self.assertTrue(rows / 3 <= 60000 / 5000 <= rows * 3, rows)
                # a row that an index finds costs at most a page of 4: the cost is within the same bounds
                self.assertTrue(rows * 4 / 3 <= index["cost"]["after"] <= rows * 4 * 3, (rows, index["cost"]["after"]))
                measured = self.api.call("POST", "/api/optimizer/validate-performance", {
                    "optimization_id": run["id"], "proposal_id": index["id"], "iterations": 2})
                self.assertTrue(measured["success"], measured)
                counted = re.search(r"looked at: (\d+) before, (\d+) after", " ".join(measured["validation_notes"]))
                self.assertTrue(counted, measured["validation_notes"])
                self.assertTrue(60000 <= int(counted[1]) <= 60010 and 12 <= int(counted[2]) <= 15, counted[0])
                self.assertEqual(self.mariadb("SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_NAME = 'orders'"),
                                 "1")

    def check_audit(self, made, schema, wanted):
        audit = self.api.call("GET", f"/api/connections/{made['id']}/health-checks")
        found = {(f["rule"], f["objects"][0]): f for f in audit["findings"]}
        for rule, table in wanted:
            self.assertIn((rule, f"{schema}.{table}"), found)
        for word in ("autovacuum", "VACUUM", "idle_in_transaction", "pgstattuple", "bigint"):
            self.assertNotIn(word, str(audit["findings"]))
        tables = self.api.call("GET", f"/api/connections/{made['id']}/schema")
        self.assertIn("bare", str(tables))
        return found

    def test_activity_of_mariadb(self):
        made = self.api.call("POST", "/api/connections", self.target(name="sessions", username="root", password=""), 201)
        path = f"/api/connections/{made['id']}/activity"
        self.assertEqual(self.api.call("GET", path)["sessions"], [])
        holder = subprocess.Popen([self.client, "-N", "shop"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        waiter = subprocess.Popen([self.client, "-N", "shop"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            holder.stdin.write("LOCK TABLES orders WRITE; SELECT SLEEP(20), 'hunter2';\n")
            holder.stdin.flush()
            for _ in range(200):
                if len(self.api.call("GET", path)["sessions"]) == 1:
                    break
                time.sleep(0.05)
            waiter.stdin.write("SELECT COUNT(*) FROM orders WHERE status = 'hunter3';\n")
            waiter.stdin.flush()
            for _ in range(200):
                found = self.api.call("GET", path)["sessions"]
                if len(found) == 2 and any((s["wait"] or "").startswith("Waiting") for s in found):
                    break
                time.sleep(0.05)
            states = {s["sql_text"]: s["wait"] for s in found}
            self.assertRegex(states["SELECT COUNT(*) FROM orders WHERE status = ?"], "^Waiting for table metadata lock")
            self.assertIn("SELECT SLEEP(?), ?", states)
            self.assertTrue(all(s["query_ms"] is not None and s["database"] == "shop" for s in found), found)
        finally:
            for client in (holder, waiter):
                client.kill()
                client.communicate()

    def test_audit_of_mariadb(self):
        self.mariadb("""CREATE DATABASE audited; USE audited; CREATE TABLE bare (a INT, b INT, KEY one (a), KEY two (a));
            INSERT INTO bare SELECT id, id FROM shop.orders WHERE id <= 5000;
            CREATE TABLE tiny (id TINYINT PRIMARY KEY AUTO_INCREMENT); INSERT INTO tiny SELECT id FROM shop.orders WHERE id <= 126;
            ANALYZE TABLE bare; GRANT ALL ON audited.* TO app@'%';""")
        made = self.api.call("POST", "/api/connections", self.target(name="audited", database="audited"), 201)
        found = self.check_audit(made, "audited", [("no-primary-key", "bare"), ("duplicate-index", "bare"),
                                                   ("sequence-exhaustion", "tiny")])
        self.assertEqual(found[("sequence-exhaustion", "audited.tiny")]["severity"], "critical")
        self.assertIn("99 %", found[("sequence-exhaustion", "audited.tiny")]["title"])

    def test_audit_of_sqlite(self):
        db = sqlite3.connect(self.dir + "/audited.db")
        db.executescript("""CREATE TABLE bare (a INT, b INT); CREATE INDEX one ON bare (a); CREATE INDEX two ON bare (a);
            CREATE TABLE ends (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO ends VALUES (9223372036854775807);""")
        db.executemany("INSERT INTO bare VALUES (?, 1)", ((i,) for i in range(5000)))
        db.execute("ANALYZE")
        db.commit()
        db.close()
        made = self.api.call("POST", "/api/connections", {
            "name": "audited file", "engine": "sqlite", "database": self.dir + "/audited.db"}, 201)
        self.check_audit(made, "main", [("no-primary-key", "bare"), ("duplicate-index", "bare"),
                                        ("sequence-exhaustion", "ends")])

    def test_discovery_reads_a_workload_file(self):
        with open(self.dir + "/work.csv", "w", encoding="utf-8") as f:
            f.write("sql,count,total_ms\nSELECT id FROM orders WHERE customer_id = 5,100,900\n")
        made = self.api.call("POST", "/api/connections", {
            "name": "with a workload", "engine": "sqlite", "dsn": f"sqlite:///{self.file}?workload={self.dir}/work.csv",
            "monitoring_enabled": True}, 201)

        def found():
            stats = self.api.call("GET", f"/api/dashboard/stats?connection_id={made['id']}")
            return [row for row in stats["top_bottlenecks"] if "customer_id" in row["sql_text"]]
        sqlopt_test.wait_for("the statement of the file", found)
        run = self.api.call("POST", "/api/optimizer/optimize", {
            "connection_id": made["id"], "sql_query": found()[0]["sql_text"]}, 201)
        index = next(p for p in run["proposals"] if p["kind"] == "index")
        self.assertEqual(index["verdict"], "offered")
        planned = next(r for r in index["proof"] if r["rung"] == "planned")["reason"]
        self.assertNotIn("extension", planned)
        self.assertIn("the engine tells no costs", planned)

    def test_discovery_reads_the_digests(self):
        made = self.api.call("POST", "/api/connections", self.target(name="discovered", monitoring_enabled=True), 201)

        def found():
            stats = self.api.call("GET", f"/api/dashboard/stats?connection_id={made['id']}")
            return any("found" in row["sql_text"].lower() for row in stats["top_bottlenecks"])
        sqlopt_test.wait_for("the statement of the application", found)

    def test_bad_mariadb_targets(self):
        rows = [
            ("wrong password", {"password": "wr0ng"}, "wrong user name or password"),
            ("unknown database", {"database": "nowhere"}, "nowhere"),
            ("nobody listens", {"port": sqlopt_test.free_port()}, "127.0.0.1"),
            ("search path", {"search_path": "a, b"}, "search path"),
        ]
        for name, change, words in rows:
            with self.subTest(name):
                problem = self.api.problem("POST", "/api/connections", self.target(name="bad", **change), 400, words)
                self.assertNotIn("wr0ng", str(problem))
        missing = self.api.call("POST", "/api/connections", {"name": "x", "engine": "mysql"}, 422)
        self.assertEqual([error["loc"] for error in missing["detail"]], [["body", "host"], ["body", "username"]])

    def test_sqlite(self):
        made = self.api.call("POST", "/api/connections", {"name": "file", "engine": "sqlite", "database": self.file}, 201)
        self.assertEqual((made["server_flavor"], made["port"], made["host"]), ("sqlite", None, ""))
        tried = self.api.call("POST", f"/api/connections/{made['id']}/test", {})
        self.assertTrue(tried["success"], tried)
        run = self.api.call("POST", "/api/optimizer/optimize", {
            "connection_id": made["id"], "sql_query": "SELECT * FROM orders WHERE customer_id = 77"}, 201)
        index = next(p for p in run["proposals"] if p["kind"] == "index" and p["verdict"] == "offered")
        self.assertEqual(index["sql"], "CREATE INDEX main.orders_customer_id_idx ON orders (customer_id)")
        self.assertGreater(index["cost"]["before"], 3 * index["cost"]["after"])
        self.assertEqual({rung["rung"]: rung["status"] for rung in index["proof"]}["planned"], "passed")
        missing = self.api.call("POST", "/api/connections", {"name": "x", "engine": "sqlite"}, 422)
        self.assertEqual([error["loc"] for error in missing["detail"]], [["body", "database"]])
        self.api.problem("POST", "/api/connections", {"name": "x", "engine": "sqlite", "database": self.dir + "/none.db"},
                         400, "there is no file")
        self.assertFalse(os.path.exists(self.dir + "/none.db"))

    def check_main_job(self, made, sql, index_sql, undo_sql):
        run = self.api.call("POST", "/api/optimizer/optimize", {"connection_id": made["id"], "sql_query": sql}, 201)
        self.assertIn("seq-scan-filter", [f["rule"] for f in run["findings"]])
        index = next(p for p in run["proposals"] if p["kind"] == "index")
        self.assertEqual((index["sql"], index["undo_sql"]), (index_sql, undo_sql))
        self.assertEqual(index["cost"]["source"], "estimated")
        self.assertGreater(index["cost"]["before"], 10 * index["cost"]["after"])
        self.assertEqual({rung["rung"]: rung["status"] for rung in index["proof"]}["planned"], "not_possible")
        audit = self.api.call("GET", f"/api/connections/{made['id']}/health-checks")
        self.assertEqual(audit["tables"], 2)
        self.assertIn("fk-without-index", [f["rule"] for f in audit["findings"]])

    def test_double_of_sql_server(self):
        made = self.api.call("POST", "/api/connections", {
            "name": "tds", "engine": "mssql", "host": "127.0.0.1", "port": self.tds_port, "database": "shop",
            "username": "monitor", "password": "pw"}, 201)
        self.assertEqual(made["server_flavor"], "sqlserver")
        self.check_main_job(made, "SELECT id, total FROM dbo.orders WHERE user_id = 42",
                            "CREATE INDEX orders_user_id_idx ON dbo.orders (user_id)",
                            "DROP INDEX orders_user_id_idx ON dbo.orders")
        self.api.problem("POST", "/api/connections", {
            "name": "bad", "engine": "mssql", "host": "127.0.0.1", "port": self.tds_port, "database": "shop",
            "username": "monitor", "password": "wrong"}, 400, "Login failed")

    def test_double_of_oracle(self):
        body = {"name": "oci", "engine": "oracle", "host": "db.example", "database": "shop", "username": "MONITOR",
                "password": "pw"}
        if not os.path.exists(os.path.join(sqlopt_test.BUILD, "tests", "doubles", "oracle", "lib", "libclntsh.so")):
            self.api.problem("POST", "/api/connections", body, 400, "odpic-dev")
            return
        made = self.api.call("POST", "/api/connections", body, 201)
        self.assertEqual(made["server_flavor"], "oracle")
        self.check_main_job(made, "SELECT id, total FROM orders WHERE user_id = 42",
                            'CREATE INDEX "ORDERS_USER_ID_idx" ON APP.ORDERS (USER_ID) ONLINE',
                            'DROP INDEX APP."ORDERS_USER_ID_idx"')
        self.api.problem("POST", "/api/connections", {**body, "name": "bad", "password": "wrong"}, 400, "ORA-01017")

    def test_our_own_store_is_no_target(self):
        store = next((os.path.join(self.server.dir, f) for f in os.listdir(self.server.dir) if f.endswith(".db")), None)
        self.assertIsNotNone(store, os.listdir(self.server.dir))
        self.api.problem("POST", "/api/connections", {"name": "x", "engine": "sqlite", "database": store}, (400, 403),
                         "store of sqlopt")


sqlopt_test.main()
