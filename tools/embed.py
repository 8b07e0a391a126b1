#!/usr/bin/env python3
"""Embeds files into the binary: writes an assembler file (.incbin, read-only data) and a C table.

usage: embed.py OUT.S OUT.c DEPFILE PRIVATE_DIR [URL_PREFIX=FOLDER]...

Every file is stored gzip-compressed once, with an ETag from its content. A folder that does not exist contributes
nothing, so that the C part builds without the page. Output is the same for the same input."""
import gzip
import hashlib
import os
import sys

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".json": "application/json", ".map": "application/json", ".woff2": "font/woff2",
    ".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8", ".webmanifest": "application/manifest+json",
}


def collect(mappings, deps):
    for mapping in mappings:
        prefix, folder = mapping.split("=", 1)
        deps.append(folder)
        for base, folders, names in os.walk(folder):
            folders.sort()
            deps.extend(os.path.join(base, name) for name in folders)
            for name in names:
                path = os.path.join(base, name)
                if not name.startswith(".") and os.path.splitext(name)[1] in TYPES:
                    deps.append(path)
                    yield prefix + "/" + os.path.relpath(path, folder).replace(os.sep, "/"), path


def main():
    out_s, out_c, depfile, private = sys.argv[1:5]
    deps = [os.path.abspath(__file__)]
    entries = sorted(collect(sys.argv[5:], deps))
    os.makedirs(private, exist_ok=True)
    asm = ['\t.section .rodata.assets,"a",@progbits\n']
    rows = []
    for i, (url, path) in enumerate(entries):
        with open(path, "rb") as file:
            raw = file.read()
        digest = hashlib.sha256(raw).hexdigest()
        packed = os.path.join(os.path.abspath(private), f"{i}.gz")
        with open(packed, "wb") as file:
            file.write(gzip.compress(raw, 9, mtime=0))
        size = os.path.getsize(packed)
        asm.append(f'\t.balign 8\n\t.globl so_asset_{i}\nso_asset_{i}: /* {digest} */\n\t.incbin "{packed}"\n\t.byte 0\n')
        kind = TYPES[os.path.splitext(path)[1]]
        rows.append((url, kind, digest[:32], i, size, len(raw)))
    asm.append('\t.section .note.GNU-stack,"",@progbits\n')
    with open(out_s, "w", encoding="utf-8") as file:
        file.write("".join(asm))
    with open(out_c, "w", encoding="utf-8") as file:
        file.write('#include "http/assets.h"\n\n')
        file.writelines(f"extern const unsigned char so_asset_{row[3]}[];\n" for row in rows)
        file.write("\nconst struct so_asset so_assets[] = {\n")
        for url, kind, tag, i, size, raw_size in rows:
            file.write(f'\t{{ "{url}", "{kind}", "\\"{tag}\\"", so_asset_{i}, {size}, {raw_size} }},\n')
        file.write("\t{ 0 },\n};\n")
        file.write(f"const size_t so_assets_count = {len(rows)};\n")
    with open(depfile, "w", encoding="utf-8") as file:
        escaped = (path.replace(" ", "\\ ") for path in deps)
        file.write(f"{out_s}: " + " ".join(escaped) + "\n")


main()
