#!/usr/bin/env python3
"""/metrics: both formats through a strict reader, what the figures say, and that it stays bounded."""
import os
import re
import sqlite3
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import exposition  # noqa: E402
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

OPENMETRICS = "application/openmetrics-text"
PROMETHEUS = ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
              "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3")


def scrape(server, accept=None):
    reply = server.get("/metrics", headers={"Accept": accept} if accept else {})
    if reply.status != 200:
        raise AssertionError(f"{reply.status}: {reply.body!r}")
    kind = reply.headers["Content-Type"]
    return exposition.parse(reply.body, kind.startswith(OPENMETRICS)), kind


def value(families, name, **labels):
    found = [v for k, v in families[name].samples.items() if set(labels.items()) <= set(k)]
    if len(found) != 1:
        raise AssertionError(f"{name}{labels}: {len(found)} samples")
    return found[0]


class Reader(unittest.TestCase):
    """The reader is strict, else the tests below say little."""

    def test_refuses(self):
        good = '# HELP a_total H\n# TYPE a_total counter\na_total{x="1\\n\\"\\\\"} 1\n'
        self.assertEqual(exposition.parse(good, False)["a_total"].samples, {(("x", '1\n"\\'),): 1.0})
        for bad in (good[:-1], good + good, good + 'a_total{x="1\\n\\"\\\\"} 2\n', good + 'a_total{y="1"} 2\n',
                    good + "b 1\n", good.replace(" 1\n", " one\n"), good.replace("\\n", "\\t"), good + "# EOF\n",
                    good.replace("# HELP a_total H\n", ""), good.replace(' 1\n', ' -1\n'), good + "\n",
                    good.replace("a_total", "a"), good.replace("counter", "info")):
            with self.assertRaises(ValueError, msg=bad):
                exposition.parse(bad, False)
        open_good = "# HELP a H\n# TYPE a counter\na_total 1\n# EOF\n"
        exposition.parse(open_good, True)
        for bad in (open_good[:-6], open_good.replace("a_total", "a"), open_good.replace(" a ", " a_total ")):
            with self.assertRaises(ValueError, msg=bad):
                exposition.parse(bad, True)


class Metrics(unittest.TestCase):
    def test_formats(self):
        with sqlopt_test.Server() as server:
            plain, kind = scrape(server)
            self.assertEqual(kind, "text/plain; version=0.0.4; charset=utf-8")
            # a browser gets text it can show
            self.assertEqual(scrape(server, "text/html,application/xhtml+xml,*/*;q=0.8")[1], kind)
            openm, kind = scrape(server, PROMETHEUS)
            self.assertEqual(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8")
            self.assertEqual(set(plain), set(openm))
            api = Client(server)
            api.problem("GET", "/metrics", None, 406, "text/plain", headers={"Accept": "application/json"})
            self.assertEqual(sqlopt_test.http("HEAD", server.url + "/metrics").status, 200)
            self.assertEqual(server.post("/metrics").status, 405)

    def test_the_document_lists_them_all(self):
        with open(os.path.join(sqlopt_test.ROOT, "docs/metrics.md"), encoding="utf-8") as f:
            listed = re.findall(r"^\| `([a-z_]+)` \| (gauge|counter|info) \|", f.read(), re.M)
        with sqlopt_test.Server() as server:
            served, _ = scrape(server, OPENMETRICS)
        self.assertEqual(sorted(listed), sorted((name, f.kind) for name, f in served.items()))

    def test_process(self):
        with sqlopt_test.Server() as server:
            first, _ = scrape(server)
            for _ in range(5):
                server.get("/health")
            second, _ = scrape(server)
            status = {line.split(":")[0]: line.split()[1]
                      for line in open(f"/proc/{server.process.pid}/status", encoding="utf-8") if len(line.split()) > 1}
            self.assertEqual(value(second, "process_threads"), int(status["Threads"]))
            self.assertGreater(value(second, "process_resident_memory_bytes"), 2e6)
            self.assertLess(abs(value(second, "process_start_time_seconds") - time.time()), 60)
            files = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            self.assertLess(abs(value(second, "process_open_fds") - files), 4)
            self.assertEqual(value(second, "sqlopt_http_requests_total") - value(first, "sqlopt_http_requests_total"), 6)
            size = os.path.getsize(server.dir + "/sqlopt.db")
            self.assertEqual(value(second, "sqlopt_store_size_bytes"), size)
            self.assertLessEqual(value(second, "process_cpu_seconds_total"), 60)
            for name, family in first.items():
                for key, before in family.samples.items():
                    if family.kind == "counter":
                        self.assertGreaterEqual(second[name].samples[key], before, name)

    def test_targets(self):
        with sqlopt_test.Postgres() as pg, sqlopt_test.Server() as server:
            api = Client(server)
            name = 'a "quoted" \\ name\nof two lines'
            made = api.call("POST", "/api/connections", {"name": name, "engine": "postgresql", "host": "127.0.0.1",
                                                         "port": pg.port, "database": "postgres",
                                                         "username": "postgres", "interval_s": 10}, 201)
            who = {"connection_id": str(made["id"]), "connection": name, "engine": "postgresql"}
            sqlopt_test.wait_for("the first poll", lambda: value(scrape(server)[0], "sqlopt_polls_total", **who) >= 1)
            for _ in range(50):
                pg.psql("SELECT count(*) FROM generate_series(1, 10)")
            api.call("POST", "/api/monitoring/trigger")
            sqlopt_test.wait_for("the calls are counted",
                                 lambda: value(scrape(server)[0], "sqlopt_connection_calls_total", **who) >= 50)
            seen, _ = scrape(server)
            self.assertGreater(value(seen, "sqlopt_connection_exec_seconds_total", **who), 0)
            self.assertGreater(value(seen, "sqlopt_connection_statements", **who), 0)
            self.assertEqual(value(seen, "sqlopt_poll_up", **who), 1)
            self.assertLess(abs(value(seen, "sqlopt_poll_last_success_timestamp_seconds", **who) - time.time()), 60)
            self.assertGreater(value(seen, "sqlopt_poll_server_seconds_total", **who), 0)
            self.assertEqual(value(seen, "sqlopt_poll_failures_total", **who), 0)
            self.assertEqual(value(seen, "sqlopt_connection_info", monitored="true", **who), 1)
            pg.stop()
            sqlopt_test.wait_for("a poll failed", lambda: api.call("POST", "/api/monitoring/trigger")
                                 and value(scrape(server)[0], "sqlopt_poll_failures_total", **who) >= 1)
            down, _ = scrape(server)
            self.assertEqual(value(down, "sqlopt_poll_up", **who), 0)
            self.assertGreaterEqual(value(down, "sqlopt_poll_consecutive_failures", **who), 1)
            self.assertGreaterEqual(value(down, "sqlopt_connection_calls_total", **who), 50)  # sums stay

    def test_nothing_grows_with_statements_and_the_cap_holds(self):
        with sqlopt_test.Server(env={"METRICS_MAX_CONNECTIONS": "300", "MONITORING_ENABLED": "false"}) as server:
            server.stop()
            with sqlite3.connect(server.dir + "/sqlopt.db") as store:
                store.executemany(
                    "INSERT INTO connection (organisation_id, name, engine, host, port, database, username, ssl_enabled,"
                    " scratch, monitoring_enabled, created_us, updated_us, last_monitored_us)"
                    " VALUES (1, ?, 'postgresql', '127.0.0.1', 1, 'd', 'u', 0, 0, 1, 1, 1, 0)",
                    [(f"c{i}",) for i in range(950)])
                store.executemany(
                    "INSERT INTO finding (organisation_id, connection_id, rule, issue_type, title, description, severity,"
                    " doc, resolved, detected_us, resolved_us) VALUES (1, 1, 'r', 't', 'secret title', '', ?, '{}', ?, 1, 0)",
                    [(3, 0), (3, 0), (1, 0), (3, 1)])
                store.execute("INSERT INTO query_text (id, key, text) VALUES (1, 'k', 'SELECT secret')")
                store.executemany(
                    "INSERT INTO query (organisation_id, connection_id, fingerprint, fingerprint_version, text_id, calls,"
                    " rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us)"
                    " VALUES (1, 1, ?, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1)", [(f"f{i}",) for i in range(2000)])
            server.start()
            began = time.monotonic()
            reply = server.get("/metrics")
            took = time.monotonic() - began
            seen = exposition.parse(reply.body, False)
            self.assertEqual((value(seen, "sqlopt_connections"), value(seen, "sqlopt_connections_left_out")), (950, 650))
            self.assertEqual(len(seen["sqlopt_polls_total"].samples), 300)
            self.assertEqual([value(seen, "sqlopt_findings_open", severity=s) for s in ("low", "medium", "high", "critical")],
                             [0, 1, 0, 2])
            self.assertNotIn(b"secret", reply.body)
            self.assertLess(len(reply.body), 300 * 2000)
            self.assertLess(took, 5)


sqlopt_test.main()
