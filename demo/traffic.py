#!/usr/bin/env python3
"""Keep the demo busy: traffic.py statements.json psql ... runs its statements one by one, as an application would, until the
server ends. It rests four times as long as each took, so that it never takes more than a fifth of a processor."""
import json
import random
import subprocess
import sys
import time

LEAST_REST_S = 0.2
WEIGHT = {"control": 20}  # healthy statements run often, the others now and then


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        statements = json.load(f)["statements"]
    weights = [WEIGHT.get(s["kind"], 1) for s in statements]
    psql = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while psql.poll() is None:
        statement = random.choices(statements, weights)[0]
        began = time.monotonic()
        try:
            # the rows go nowhere; the line that follows tells that they are all there
            psql.stdin.write(f"\\o /dev/null\n{statement['sql']};\n\\o\n\\echo .\n")
            psql.stdin.flush()
        except BrokenPipeError:
            break
        if not psql.stdout.readline():
            break
        time.sleep(max(LEAST_REST_S, 4 * (time.monotonic() - began)))


if __name__ == "__main__":
    main()
