#!/usr/bin/env python3
"""A double of SQL Server: speaks TDS 7.4 as far as FreeTDS needs it, and answers batches from a file of cases.

    tds.py CASES.json [LOG]

Listens on a free port of 127.0.0.1, prints it, and ends when its standard input does. Standard library only. The wire
format is Microsoft's [MS-TDS]; what the answers hold is documentation-shaped, no server ever gave them.

A case is the first whose regular expression `match` is found in the batch:
    results   list of {columns: [[name, type], ...], rows: [[...], ...]} or {series: [first, last]} (one int column "i")
    error     [number, class, state, text]
    plan      showplan XML: the only answer under SHOWPLAN_XML, the last result under STATISTICS XML
    delay     seconds before the answer; an attention packet ends it
    deaf      the attention packet is not acknowledged either
    drop      the connection is closed instead
Types: int bigint float bit nvarchar nvarcharmax varbinary xml. SET, BEGIN, ROLLBACK, COMMIT and IF need no case.
The password "wrong" is refused; the user "weak" gets the cases whose `user` is "weak" before all others."""
import json
import os
import re
import select
import socketserver
import struct
import sys
import threading
import time

COLLATION = b"\x09\x04\xd0\x00\x34"
TYPES = {
    "int": b"\x26\x04", "bigint": b"\x26\x08", "bit": b"\x68\x01", "float": b"\x6d\x08",
    "nvarchar": b"\xe7\xa0\x0f" + COLLATION, "nvarcharmax": b"\xe7\xff\xff" + COLLATION,
    "varbinary": b"\xa5\x40\x00", "xml": b"\xf1\x00",
}
PRELOGIN, LOGIN7, BATCH, RPC, ATTENTION, TRANSACTION, REPLY = 0x12, 0x10, 0x01, 0x03, 0x06, 0x0E, 0x04
MORE, FAILED, COUNTED, ATTENTION_DONE = 0x01, 0x02, 0x10, 0x20


def utf16(text):
    return text.encode("utf-16-le")


def b_varchar(text):
    return bytes([len(text)]) + utf16(text)


def us_varchar(text):
    return struct.pack("<H", len(text)) + utf16(text)


def done(status=0, count=0):
    return struct.pack("<BHHQ", 0xFD, status, 0xC1, count)


def env_change(kind, new, old=b"\0"):
    data = bytes([kind]) + new + old
    return b"\xe3" + struct.pack("<H", len(data)) + data


def message(token, number, severity, state, text):
    data = struct.pack("<iBB", number, state, severity) + us_varchar(text) + b_varchar("DOUBLE") + b_varchar("")
    data += struct.pack("<I", 1)
    return bytes([token]) + struct.pack("<H", len(data)) + data


def chunked(data):
    return struct.pack("<Q", len(data)) + (struct.pack("<I", len(data)) + data if data else b"") + struct.pack("<I", 0)


def value(kind, v):
    if v is None:
        return {"nvarchar": b"\xff\xff", "varbinary": b"\xff\xff", "nvarcharmax": b"\xff" * 8,
                "xml": b"\xff" * 8}.get(kind, b"\0")
    if kind == "int":
        return b"\x04" + struct.pack("<i", v)
    if kind == "bigint":
        return b"\x08" + struct.pack("<q", v)
    if kind == "bit":
        return b"\x01" + bytes([1 if v else 0])
    if kind == "float":
        return b"\x08" + struct.pack("<d", v)
    if kind == "nvarchar":
        return us_varchar(v) if len(v) < 0 else struct.pack("<H", len(utf16(v))) + utf16(v)
    if kind == "varbinary":
        data = bytes.fromhex(v)
        return struct.pack("<H", len(data)) + data
    return chunked(utf16(v))


def result_set(columns, rows):
    out = [b"\x81" + struct.pack("<H", len(columns))]
    for name, kind in columns:
        out.append(struct.pack("<IH", 0, 0x0009) + TYPES[kind] + b_varchar(name))
    for row in rows:
        out.append(b"\xd1" + b"".join(value(kind, v) for (_, kind), v in zip(columns, row)))
    return b"".join(out)


def expand(result):
    if "series" in result:
        first, last = result["series"]
        step = 1 if first <= last else -1
        return [["i", "int"]], [[i] for i in range(first, last + step, step)]
    return result["columns"], result["rows"]


class Session(socketserver.BaseRequestHandler):
    def setup(self):
        self.user, self.plan_only, self.actual = "", False, False

    # ---- packets ----

    def exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.request.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        data = b""
        while True:
            kind, status, length = struct.unpack(">BBH", self.exactly(8)[:4])
            data += self.exactly(length - 8)
            if status & 1:
                return kind, data

    def reply(self, data, size=4096):
        pieces = [data[i:i + size - 8] for i in range(0, len(data), size - 8)] or [b""]
        for number, piece in enumerate(pieces, 1):
            last = number == len(pieces)
            self.request.sendall(struct.pack(">BBHHBB", REPLY, last, len(piece) + 8, 0, number & 255, 0) + piece)

    # ---- a session ----

    def handle(self):
        try:
            while True:
                kind, data = self.receive()
                if kind == PRELOGIN:
                    self.prelogin()
                elif kind == LOGIN7:
                    if not self.login(data):
                        return
                elif kind == BATCH:
                    self.batch(data[struct.unpack("<I", data[:4])[0]:].decode("utf-16-le"))
                elif kind == ATTENTION:
                    self.reply(done(ATTENTION_DONE))
                elif kind == TRANSACTION:
                    self.reply(done())
                else:
                    self.log(f"packet of type {kind}")
                    return
        except (EOFError, ConnectionError):
            pass

    def log(self, text):
        if self.server.log:
            print(text.replace("\n", " "), file=self.server.log, flush=True)

    def prelogin(self):
        options = [(0, b"\x10\x00\x10\x00\x00\x00"), (1, b"\x02"), (2, b"\0"), (3, b""), (4, b"\0")]  # no encryption
        at, head, body = len(options) * 5 + 1, b"", b""
        for token, data in options:
            head += struct.pack(">BHH", token, at + len(body), len(data))
            body += data
        self.reply(head + b"\xff" + body)

    def login(self, data):
        def field(offset):
            at, n = struct.unpack_from("<HH", data, offset)
            return data[at:at + 2 * n]

        self.user = field(40).decode("utf-16-le")
        database = field(68).decode("utf-16-le") or "master"
        password = bytes((((c ^ 0xA5) & 15) << 4) | ((c ^ 0xA5) >> 4) for c in field(44)).decode("utf-16-le")
        self.log(f"LOGIN {self.user} {field(48).decode('utf-16-le')} {database}")
        if password == "wrong":
            self.reply(message(0xAA, 18456, 14, 1, f"Login failed for user '{self.user}'.") + done(FAILED))
            return False
        if database == "nowhere":
            self.reply(message(0xAA, 4060, 11, 1, f'Cannot open database "{database}" requested by the login.')
                       + done(FAILED))
            return False
        ack = b"\x01\x74\x00\x00\x04" + b_varchar("Microsoft SQL Server") + b"\x10\x00\x10\x00"
        self.reply(env_change(1, b_varchar(database), b_varchar("master")) + env_change(7, b"\x05" + COLLATION)
                   + env_change(4, b_varchar("4096"), b_varchar("4096")) + b"\xad" + struct.pack("<H", len(ack)) + ack
                   + done())
        return True

    def case_of(self, sql):
        for wanted in (self.user, None):
            for case in self.server.cases():
                if case.get("user") == wanted and re.search(case["match"], sql, re.S):
                    return case
        return None

    def settings(self, sql):
        self.plan_only = "SHOWPLAN_XML ON" in sql or (self.plan_only and "SHOWPLAN_XML OFF" not in sql)
        self.actual = "STATISTICS XML ON" in sql or (self.actual and "STATISTICS XML OFF" not in sql)

    def batch(self, sql):
        self.log("BATCH " + sql)
        case = self.case_of(sql)
        if case is None:
            if re.match(r"(/\*.*?\*/)?\s*(SET|IF|BEGIN|COMMIT|ROLLBACK)\b", sql, re.S):
                self.settings(sql)
                return self.reply(done())
            return self.reply(message(0xAA, 208, 16, 1, "Invalid object name (the double has no case for this batch).")
                              + done(FAILED))
        if "delay" in case and not self.plan_only and not self.wait(case):
            return self.reply(done(ATTENTION_DONE))
        if case.get("drop"):
            raise EOFError
        if "error" in case:
            return self.reply(message(0xAA, *case["error"]) + done(FAILED))
        return self.answer(case)

    def wait(self, case):
        until = time.monotonic() + case["delay"]
        while time.monotonic() < until:
            if select.select([self.request], [], [], until - time.monotonic())[0]:
                if self.receive()[0] == ATTENTION and not case.get("deaf"):
                    return False
        return True

    def answer(self, case):
        plan = ([["Microsoft SQL Server 2005 XML Showplan", "xml"]], [[case.get("plan")]])
        results = [] if self.plan_only else [expand(r) for r in case.get("results", [])]
        if "plan" in case and (self.plan_only or self.actual):
            results.append(plan)
        out = []
        for i, (columns, rows) in enumerate(results):
            more = MORE if i + 1 < len(results) else 0
            out.append(result_set(columns, rows) + done(COUNTED | more, len(rows)))
        self.reply(b"".join(out) or done())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    path, read, when = "", [], None

    def cases(self):
        """Read again when the file is another one, so that what is counted can grow."""
        info = os.stat(self.path)
        if self.when != (info.st_mtime_ns, info.st_ino):
            with open(self.path, encoding="utf-8") as f:
                self.read = json.load(f)
            self.when = (info.st_mtime_ns, info.st_ino)
        return self.read


def main():
    server = Server(("127.0.0.1", 0), Session)
    server.path = sys.argv[1]
    server.cases()
    server.log = open(sys.argv[2], "a", encoding="utf-8") if len(sys.argv) > 2 else None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
