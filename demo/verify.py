#!/usr/bin/env python3
"""Run every statement of the demo before and after the change that is expected to help.

    demo/verify.py [ID ...]        (the demo must run: demo/demo start)

Prints the time in ms (median of three) before and after, the planner's cost with a hypothetical and with the real
index, and whether the results are the same. Indexes are built inside a transaction that is rolled back. This checks
the demo itself, without sqlopt.
"""
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = 3


def psql(script):
    done = subprocess.run([os.path.join(HERE, "demo"), "psql", "-At"], input=script, text=True, capture_output=True,
                          timeout=180, check=False)
    if done.returncode != 0:
        sys.exit("psql failed: " + done.stderr.strip())
    return done.stdout


def parts(script_parts):
    """Run the statements in one session, one transaction; return the output of each."""
    mark = "----part----"
    script = ("\\set ON_ERROR_STOP 1\nBEGIN;\nSET LOCAL statement_timeout = '60s';\n" +
              f"\\echo {mark}\n".join(p + ";\n" for p in script_parts) + "ROLLBACK;\n")
    return psql(script).split(mark + "\n")


def analyze(sql):
    return "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql


def result_hash(sql):
    return ("SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)), 0) FROM (" + sql + ") r")


def measure(prepare, sql):
    out = parts([";\n".join(prepare) if prepare else "SELECT"] + [analyze(sql)] * (RUNS + 1) + [result_hash(sql)])
    plans = [json.loads(o)[0] for o in out[1:RUNS + 2]]
    ms = statistics.median(p["Execution Time"] for p in plans[1:])
    return ms, plans[0]["Plan"]["Total Cost"], plans[0]["Plan"]["Node Type"], out[-1].strip()


def what_if(index, sql):
    quoted = index.replace("'", "''")
    try:
        out = parts([f"SELECT FROM hypopg_create_index('{quoted}')", "EXPLAIN (FORMAT JSON) " + sql, "SELECT hypopg_reset()"])
    except SystemExit as e:
        return str(e)[:40]
    return json.loads(out[1])[0]["Plan"]["Total Cost"]


def main():
    with open(os.path.join(HERE, "statements.json"), encoding="utf-8") as f:
        statements = json.load(f)["statements"]
    wanted = {int(a) for a in sys.argv[1:]}
    print(f"{'id':>3} {'kind':9} {'before':>9} {'after':>9} {'gain':>7} {'cost':>11} {'what-if':>11} {'real':>11} same")
    for s in statements:
        if wanted and s["id"] not in wanted:
            continue
        before, cost, node, want = measure([], s["sql"])
        p = s["proposal"]
        if not p:
            print(f"{s['id']:3} {s['kind']:9} {before:9.2f} {'':9} {'':7} {cost:11.2f}  {node}")
            continue
        if p["type"] == "maintenance":  # ANALYZE leaves traces that no rollback removes
            print(f"{s['id']:3} {s['kind']:9} {before:9.2f}  not run, it would end the planted staleness")
            continue
        tries = [p["sql"]] + p.get("or", []) + s.get("rejected", [])
        for sql in tries:
            hypothetical = ""
            if p["type"] == "rewrite":
                after, cost_after, _, got = measure([], sql)
            else:
                if p["type"] == "index":
                    hypothetical = what_if(sql, s["sql"])
                table = sql.split(" ON ")[1].split(" ")[0] if p["type"] == "index" else None
                prepare = [sql] + ([f"ANALYZE {table}"] if table else [])
                after, cost_after, _, got = measure(prepare, s["sql"])
            shown = f"{hypothetical:11.2f}" if isinstance(hypothetical, float) else f"{hypothetical:>11}"
            print(f"{s['id']:3} {s['kind']:9} {before:9.2f} {after:9.2f} {before / after:7.1f} {cost:11.2f} {shown} "
                  f"{cost_after:11.2f} {'yes' if got == want else 'NO'}  {sql[:70]}", flush=True)


if __name__ == "__main__":
    main()
