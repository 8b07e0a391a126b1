#!/usr/bin/env python3
"""Makes C of the examples at build time: embed_examples.py examples.json OUT.h"""
import json
import re
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    text = json.dumps(json.load(f), separators=(",", ":"))
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("/* A body and an answer for operations, by their ids. */\nstatic const char examples_json[] =\n")
    for piece in re.findall(".{1,100}", text):
        out.write('\t"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"\n')
    out.write("\t;\n")
