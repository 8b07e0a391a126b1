#!/usr/bin/env python3
"""One statement through the main job, warm and without a model, over HTTP: wall time, and our own CPU as a share of the time
that the driver waited for the server's EXPLAINs. Uses the demo database (started when it is not running).

Prints name<TAB>value<TAB>unit."""
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import server  # noqa: E402

ROOT = server.ROOT
RUNS = 15


def call(method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.PORT, timeout=60)
    connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"} if body else {})
    response = connection.getresponse()
    answer = json.loads(response.read())
    if response.status >= 400:
        raise RuntimeError("%s %s: %s" % (method, path, answer.get("detail")))
    return answer


def main():
    demo = os.path.join(ROOT, "demo", "demo")
    subprocess.run([demo, "start"], check=True, stdout=sys.stderr)
    dsn = subprocess.run([demo, "dsn"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    plan = json.load(open(os.path.join(ROOT, "demo", "statements.json"), encoding="utf-8"))
    chosen = [s for s in plan["statements"] if s["id"] in (1, 2, 7, 12, 21)]
    with tempfile.TemporaryDirectory(prefix="sqlopt-bench-") as folder:
        env = dict(os.environ, DATABASE_URL="sqlite:///%s/store.db" % folder, BACKEND_PORT=str(server.PORT), OLLAMA_BASE_URL="", LOG_LEVEL="warn")
        process, _ = server.start([server.SQLOPT, "serve"], env)
        try:
            target = call("POST", "/api/connections", {"name": "bench", "engine": "postgresql", "dsn": dsn, "search_path": plan["search_path"]})
            walls, own, wait = [], 0.0, 0.0
            for statement in chosen:
                body = {"connection_id": target["id"], "sql_query": statement["sql"], "include_execution_plan": True}
                call("POST", "/api/optimizer/optimize", body)
                for _ in range(RUNS // len(chosen) + 1):
                    began = time.monotonic()
                    answer = call("POST", "/api/optimizer/optimize", body)
                    walls.append((time.monotonic() - began) * 1000)
                    own += answer["own_cpu_ms"]
                    wait += answer["wait_ms"]
        finally:
            server.stop(process)
    print("optimize.wall\t%.1f\tms" % statistics.median(walls))
    print("optimize.own_share\t%.3f\tx" % (own / wait))
    return 0


if __name__ == "__main__":
    sys.exit(main())
