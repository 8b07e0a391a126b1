#!/usr/bin/env python3
"""Register the demo database with a running server and optimise a few of its statements, so that there is something
to look at: register_demo.py URL DEMO_ENV STATEMENTS_JSON. Does nothing that was done before."""
import json
import sys
import urllib.error
import urllib.request

NAME = "demo shop"
LOOK_AT = (1, 3, 12, 21, 22, 26)  # an index, a partial index, two rewrites, a refused one, a healthy one


def call(method, url, body=None, timeout=40):
    data = None if body is None else json.dumps(body).encode()
    req = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(req, timeout=timeout) as reply:
            text = reply.read()
    except urllib.error.HTTPError as e:
        sys.exit(f"run: {method} {url}: {e.code} {e.read().decode(errors='replace')}")
    return json.loads(text) if text else None


def main():
    url, env_file, statements_file = sys.argv[1:4]
    with open(env_file, encoding="utf-8") as f:
        env = dict(line.rstrip("\n").split("=", 1) for line in f if "=" in line)
    wanted = {"name": NAME, "engine": "postgresql", "host": env["DEMO_HOST"], "port": int(env["DEMO_PORT"]),
              "database": env["DEMO_DATABASE"], "username": env["DEMO_USER"], "password": env["DEMO_PASSWORD"],
              "ssl_enabled": False, "monitoring_enabled": True, "interval_s": 10,
              "scratch": True}  # the data is ours: an index may be built to measure it
    connections = call("GET", url + "/api/connections")
    found = next((c for c in connections if c["name"] == NAME), None)
    if found is None:
        found = call("POST", url + "/api/connections", wanted)
        print(f"run: registered the demo as connection {found['id']}")
    elif not (all(found.get(k) == wanted[k] for k in ("host", "port", "database", "username", "scratch", "interval_s"))
              and call("POST", f"{url}/api/connections/{found['id']}/test", {})["success"]):
        changed = {k: wanted[k] for k in ("host", "port", "database", "username", "password", "scratch", "interval_s")}
        call("PUT", f"{url}/api/connections/{found['id']}", changed)
        print("run: the demo moved or is watched otherwise now, connection updated")

    done = {o["original_sql"].strip() for o in call("GET", f"{url}/api/optimizer/optimizations?connection_id={found['id']}")}
    with open(statements_file, encoding="utf-8") as f:
        statements = {s["id"]: s for s in json.load(f)["statements"]}
    for number in LOOK_AT:
        sql = statements[number]["sql"]
        if sql in done:
            continue
        answer = call("POST", url + "/api/optimizer/optimize",
                      {"connection_id": found["id"], "sql_query": sql, "include_execution_plan": True})
        proposals = answer.get("proposals", [])
        print(f"run: looked at '{statements[number]['name']}': {len(proposals)} proposal{'' if len(proposals) == 1 else 's'}")


if __name__ == "__main__":
    main()
