#!/usr/bin/env python3
"""Turns SQL files into C at build time.

  embed_sql.py statements IN.sql OUT.h OUT.c    named statements: an enum and a table
  embed_sql.py migrations IN.sql... OUT.h       one string literal a file, in the order given

A statement begins with a line "-- name: xyz" and ends before the next one; other comment lines are dropped.
"-- columns: abc = a, b, c" defines a list that statements repeat as $(abc).
"""
import re
import sys


def literal(text):
    lines = [line.strip() for line in text.strip().splitlines() if not line.strip().startswith("--")]
    lines = [line for line in lines if line]
    return "\n".join('\t"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in lines)


def statements(path, header, source):
    columns, found, name, seen = {}, [], None, set()
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        define = re.match(r"-- columns: (\w+) = (.*)$", line)
        begin = re.match(r"-- name: (\w+)\s*$", line)
        if define:
            columns[define[1]] = define[2].strip()
        elif begin:
            name = begin[1]
            if name in seen:
                sys.exit(f"{path}:{number}: statement {name} exists twice")
            seen.add(name)
            found.append([name, ""])
        elif line.startswith("--") or not line.strip():
            continue
        elif name is None:
            sys.exit(f"{path}:{number}: text before the first '-- name:'")
        else:
            found[-1][1] += line
    for entry in found:
        entry[1] = re.sub(r"\$\((\w+)\)", lambda m: columns[m[1]], entry[1]).strip().rstrip(";")
    with open(header, "w", encoding="utf-8") as out:
        out.write("#ifndef SO_STORE_STATEMENTS_H\n#define SO_STORE_STATEMENTS_H\n\nenum so_store_statement {\n")
        out.writelines(f"\tSO_STMT_{name.upper()},\n" for name, _ in found)
        out.write("\tSO_STMT_MAX\n};\n\nstruct so_store_sql {\n\tconst char *name, *text;\n};\n\n")
        out.write("extern const struct so_store_sql so_store_statements[SO_STMT_MAX];\n\n#endif\n")
    with open(source, "w", encoding="utf-8") as out:
        out.write('#include "store/statements.h"\n\nconst struct so_store_sql so_store_statements[SO_STMT_MAX] = {\n')
        out.writelines(f'{{ "{name}",\n{literal(text)}\n}},\n' for name, text in found)
        out.write("};\n")


def migrations(paths, header):
    with open(header, "w", encoding="utf-8") as out:
        out.write("#ifndef SO_STORE_MIGRATIONS_H\n#define SO_STORE_MIGRATIONS_H\n\n")
        out.write("/* One entry a schema version, first to last. */\nstatic const char *const migration_sql[] = {\n")
        out.writelines(f"{literal(open(path, encoding='utf-8').read())},\n" for path in paths)
        out.write("};\n\n#endif\n")


if sys.argv[1] == "statements":
    statements(*sys.argv[2:5])
else:
    migrations(sys.argv[2:-1], sys.argv[-1])
