#!/usr/bin/env python3
"""Print the demo's workload as SQL: workload.py statements.json"""
import json
import sys

RUNS = {"control": 40}  # healthy statements run often, the others a few times

with open(sys.argv[1], encoding="utf-8") as f:
    statements = json.load(f)["statements"]
for s in statements:
    for _ in range(s.get("runs", RUNS.get(s["kind"], 2))):
        print(s["sql"] + ";")
