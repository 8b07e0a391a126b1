#!/usr/bin/env python3
"""The demo's claim, measured: loads the shop with fresh data for each seed and sends every statement through
`sqlopt optimize --verify --measure --scratch`. SEED="1 2 3" chooses the data, STATEMENTS="3 7" some of the statements.

Prints name<TAB>value<TAB>unit. A statement counts as confirmed when a proposal of the expected type was offered and measured
at least 1.2x faster; a proposal is a loser when it was offered on the planner's word and then took longer. Details of
each statement go to standard error."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SQLOPT = os.environ.get("SQLOPT", os.path.join(ROOT, "build", "sqlopt"))
LOSS = 1.1  # a longer median than this times the original's is a loss, less is noise


def demo(env, *args, **kwargs):
    return subprocess.run([os.path.join(ROOT, "demo", "demo"), *args], env=env, check=True, stdout=subprocess.PIPE,
                          text=True, **kwargs).stdout.strip()


def optimize(dsn, search_path, sql, *flags):
    run = subprocess.run([SQLOPT, "optimize", "--dsn", dsn, "--search-path", search_path, "--json", "--timeout-ms", "60000", *flags,
                          "--", sql], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        raise RuntimeError(run.stderr.strip())
    return json.loads(run.stdout)


def rung(proposal, name):
    return next(entry for entry in proposal["proof"] if entry["rung"] == name)["status"]


def gain(proposal):
    measured = proposal["measured"]
    return measured["before_ms"] / max(measured["after_ms"], 0.001) if measured else None


def real_cost(env, proposal, sql):
    """What the planner says with the index really built."""
    ddl = proposal["sql"].replace("CREATE INDEX CONCURRENTLY", "CREATE INDEX")
    script = "SET search_path = shop, public;\nBEGIN;\n%s;\nEXPLAIN (FORMAT JSON) %s;\nROLLBACK;\n" % (ddl, sql)
    out = demo(env, "psql", "-At", "-d", "shop", input=script)
    start = out.index("[")
    return json.JSONDecoder().raw_decode(out[start:])[0][0]["Plan"]["Total Cost"]


class Sums:
    def __init__(self):
        self.confirmed = self.refused = self.unproved = self.controls_silent = self.no_gain = self.found = self.losers = self.different = 0
        self.gains, self.errors, self.problems = [], [], []


def is_type(proposal, statement):
    return proposal["kind"] == statement["proposal"]["type"] if statement.get("proposal") else False


def judge(env, sums, statement, result):
    proposals = result["proposals"]
    offered = [p for p in proposals if p["verdict"] == "offered"]
    for p in proposals:
        if rung(p, "equivalent") == "passed" and rung(p, "same_result") == "failed":
            sums.different += 1
        if p["measured"] and rung(p, "planned") == "passed" and p["verdict"] != "unproved" and gain(p) * LOSS < 1:
            sums.losers += 1
    for p in offered:
        if p["kind"] == "index" and p["cost"] and p["cost"]["source"] == "what_if" and not p["combined"]:
            real = real_cost(env, p, statement["sql"])
            sums.errors.append(abs(p["cost"]["after"] - real) / max(real, 0.01) * 100)
    kind = statement["kind"]
    good = [p for p in offered if is_type(p, statement) and p["measured"] and rung(p, "measured") == "passed"]
    if kind == "slow":
        if good:
            sums.confirmed += 1
            sums.gains.append(max(gain(p) for p in good))
            return "confirmed %.4gx" % max(gain(p) for p in good)
    elif kind == "refused" and not [p for p in offered if p["kind"] == "rewrite"]:
        sums.refused += 1
        return "refused"
    elif kind == "unproved" and not [p for p in offered if p["kind"] == "rewrite"]:
        sums.unproved += 1
        return "unproved"
    elif kind == "control" and result["verdict"]["fine"] and not offered:
        sums.controls_silent += 1
        return "silent"
    elif kind == "no_gain" and not [p for p in offered if p["kind"] == "setting"]:
        sums.no_gain += 1
        return "no setting proposed"
    elif kind == "finding" and set(statement["findings"]) <= {f["rule"] for f in result["findings"]}:
        sums.found += 1
        return "found"
    sums.problems.append(statement["id"])
    return "UNEXPECTED: " + "; ".join("%s %s %s" % (p["verdict"], p["kind"], p["title"]) for p in proposals)


def run_seed(seed, sums):
    with tempfile.TemporaryDirectory(prefix="sqlopt-bench-", dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        env = dict(os.environ, SEED=str(seed), DEMO_DIR=os.path.join(folder, "demo"), DEMO_PORT="15599")
        demo(env, "start")
        try:
            dsn = demo(env, "dsn")
            plan = json.load(open(os.path.join(ROOT, "demo", "statements.json"), encoding="utf-8"))
            wanted = [int(i) for i in os.environ.get("STATEMENTS", "").split()]
            for statement in plan["statements"]:
                if wanted and statement["id"] not in wanted:
                    continue
                flags = ["--analyze"] if statement["kind"] == "finding" else ["--verify", "--measure", "--scratch"]
                try:
                    verdict = judge(env, sums, statement, optimize(dsn, plan["search_path"], statement["sql"], *flags))
                except RuntimeError as error:
                    sums.problems.append(statement["id"])
                    verdict = "ERROR: %s" % error
                print("seed %s  %2d %-45s %s" % (seed, statement["id"], statement["name"], verdict), file=sys.stderr, flush=True)
        finally:
            demo(env, "reset")


def main():
    seeds = os.environ.get("SEED", "1 2 3").split()
    per_seed = []
    for seed in seeds:
        sums = Sums()
        run_seed(seed, sums)
        per_seed.append(sums)
    def worst(f, pick=min):
        return pick(f(s) for s in per_seed)
    rows = [
        ("demo.seeds", len(seeds), ""),
        ("demo.confirmed", worst(lambda s: s.confirmed), "statements (least of the seeds)"),
        ("demo.refused", worst(lambda s: s.refused), "statements"),
        ("demo.unproved", worst(lambda s: s.unproved), "statements"),
        ("demo.controls_silent", worst(lambda s: s.controls_silent), "statements"),
        ("demo.no_gain", worst(lambda s: s.no_gain), "statements"),
        ("demo.found", worst(lambda s: s.found), "statements"),
        ("demo.gain_median", worst(lambda s: statistics.median(s.gains) if s.gains else 0), "x"),
        ("demo.losers", worst(lambda s: s.losers, max), "proposals (most of the seeds)"),
        ("demo.whatif_error_max", worst(lambda s: max(s.errors, default=0), max), "%"),
        ("demo.different_results", worst(lambda s: s.different, max), "proposals"),
    ]
    for name, value, unit in rows:
        print("%s\t%.6g\t%s" % (name, value, unit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
