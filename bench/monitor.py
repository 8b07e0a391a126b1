#!/usr/bin/env python3
"""The cost of polls on a private PostgreSQL with 5,000 statements, of which 500 move between two polls: what the server
spends on the counters beside what it spends on SELECT count(*) FROM pg_stat_statements, and what we spend."""
import os
import subprocess
import sys

ROOT = os.environ.get("SO_ROOT") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))
import sqlopt_test  # noqa: E402

BUILD = os.environ.get("SO_BUILD") or os.path.join(ROOT, "build")
POLLS = int(os.environ.get("MONITOR_POLLS", "20"))
TABLES, SHAPES = 100, 50


def workload(first, last):
    """Statements first to last: one for each table and number of terms, so that each is a row of its own."""
    return "".join(f"SELECT {' + '.join(['a'] * (n // TABLES + 1))} FROM t{n % TABLES} WHERE b = {n};\n"
                   for n in range(first, last))


def main():
    settings = ("pg_stat_statements.max = 20000", "pg_stat_statements.track_planning = off")
    with sqlopt_test.Postgres(extensions=("pg_stat_statements",), settings=settings) as pg:
        pg.psql("".join(f"CREATE TABLE t{n} (a int, b int);\n" for n in range(TABLES)))
        pg.psql("SELECT pg_stat_statements_reset()")
        pg.psql(workload(0, TABLES * SHAPES))
        env = {**os.environ, "MONITOR_PG_DSN": pg.dsn(), "MONITOR_POLLS": str(POLLS)}
        with subprocess.Popen([os.path.join(BUILD, "bench", "bench_monitor")], env=env, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bench:
            for poll in range(POLLS + 3):
                pg.psql(workload(poll % 10 * 500, poll % 10 * 500 + 500))
                bench.stdin.write("\n")
                bench.stdin.flush()
                if bench.stdout.readline() != "polled\n":
                    sys.exit("bench: the poll failed")
            sys.stdout.write(bench.stdout.read())
        if bench.returncode:
            sys.exit(bench.returncode)
        for _ in range(POLLS):
            pg.psql("SELECT count(*) FROM pg_stat_statements")
        for name, pattern in (("counters", "%sqlopt%pg_stat_statements(%"), ("count", "SELECT count(*) FROM pg_stat_statements")):
            ms = pg.psql("SELECT round(mean_exec_time::numeric, 2) FROM pg_stat_statements"
                         f" WHERE query LIKE '{pattern}' AND calls >= {POLLS} ORDER BY total_exec_time DESC LIMIT 1")
            print(f"monitor.pg_{name}_server_ms\t{ms.strip()}\tms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
