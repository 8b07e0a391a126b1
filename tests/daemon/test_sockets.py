#!/usr/bin/env python3
"""WebSockets: events and their replay, foreign origins, hostile frames, many clients, clients that do not read."""
import concurrent.futures
import os
import struct
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
import ws  # noqa: E402
from raw import exchange  # noqa: E402

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Sockets(unittest.TestCase):
    def setUp(self):
        self.server = sqlopt_test.Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)

    def note(self, text="note"):
        reply = self.server.post("/api/annotations", {"text": text})
        self.assertEqual(reply.status, 201)
        return reply.json()["id"]

    def open(self, path="/api/ws", **more):
        socket = ws.Socket(self.server.port, path, **more)
        self.addCleanup(socket.s.close)
        return socket

    def threads(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/task"))

    def alive(self):
        """Others are served, and the server is well."""
        with ws.Socket(self.server.port) as other:
            hello = other.message()
            self.assertEqual(hello["event"], "hello")
            made = self.note("still here")
            self.assertEqual(other.until("annotation")["data"]["id"], made)
        self.assertEqual(self.server.get("/health").status, 200)

    # ---- events --------------------------------------------------------------------------------------------------

    def test_events_and_replay(self):
        first = self.open()
        hello = first.message()
        self.assertEqual(hello["event"], "hello")
        ids = [self.note(f"{i}") for i in range(5)]
        got = [first.until("annotation") for _ in ids]
        self.assertEqual([e["data"]["id"] for e in got], ids)
        self.assertEqual([e["data"]["text"] for e in got], ["0", "1", "2", "3", "4"])
        self.assertEqual(sorted(e["id"] for e in got), [e["id"] for e in got])
        self.assertGreater(got[0]["id"], hello["id"])
        # come back with an id: what followed is sent again, once
        second = self.open(f"/api/ws?last_event_id={got[1]['id']}")
        again = [second.until("annotation") for _ in range(3)]
        self.assertEqual(again, got[2:])
        third = self.open(f"/api/ws?last_event_id={hello['id']}&job_id=77")  # nothing of this job
        third.message()
        made = self.note("last")
        self.assertEqual(second.until("annotation")["data"]["id"], made)
        third.send(ws.frame(ws.TEXT, b'{"type":"ping"}'))
        self.assertEqual(third.message(), {"event": "pong"})
        # an id of long ago: a gap, and then what there is
        old = self.open("/api/ws?last_event_id=1")
        self.assertEqual(old.until("gap")["data"]["missed"] > 0, True)
        self.assertEqual(old.until("annotation")["data"]["id"], ids[0])

    def test_polls_are_events(self):
        with sqlopt_test.Postgres() as pg:
            socket = self.open()
            made = self.server.post("/api/connections", {
                "name": "pg", "engine": "postgresql", "host": "127.0.0.1", "port": pg.port, "database": "postgres",
                "username": "postgres", "password": "", "ssl_enabled": False, "monitoring_enabled": True}).json()
            poll = socket.until("poll")
            self.assertEqual((poll["data"]["connection_id"], poll["data"]["ok"]), (made["id"], True))
            self.server.post("/api/optimizer/optimize", {"connection_id": made["id"], "sql_query": "SELECT 1"})
            self.assertEqual(socket.until("job")["data"]["kind"] in ("optimize", "discover"), True)

    def test_frames_that_come_with_the_request(self):
        socket = self.open(extra=ws.frame(ws.TEXT, b'{"type":"ping"}') + ws.frame(ws.PING, b"early"))
        seen = [socket.frame() for _ in range(3)]
        self.assertIn((ws.TEXT, b'{"event":"pong"}'), seen)
        self.assertIn((ws.PONG, b"early"), seen)

    def test_ping_and_fragments(self):
        socket = self.open()
        socket.message()
        socket.send(ws.frame(ws.PING, b"x" * 125))
        self.assertEqual(socket.frame(), (ws.PONG, b"x" * 125))
        # a message in pieces, with a ping between them
        socket.send(ws.frame(ws.TEXT, b'{"type":', fin=False) + ws.frame(ws.PING, b"!") +
                    ws.frame(ws.CONTINUATION, b"", fin=False) + ws.frame(ws.CONTINUATION, b'"ping"}'))
        self.assertEqual({socket.frame(), socket.frame()}, {(ws.PONG, b"!"), (ws.TEXT, b'{"event":"pong"}')})
        # and byte by byte
        for byte in ws.frame(ws.TEXT, b'{"type":"ping"}'):
            socket.send(bytes([byte]))
        self.assertEqual(socket.message(), {"event": "pong"})
        socket.send(ws.frame(ws.CLOSE, struct.pack(">H", 1000) + b"bye"))
        with self.assertRaises(ws.Closed) as closed:
            socket.message()
        self.assertEqual(closed.exception.code, 1000)
        with self.assertRaises(ws.Closed) as closed:
            socket.message()
        self.assertIsNone(closed.exception.code)  # the connection ended after it

    # ---- what is refused -----------------------------------------------------------------------------------------

    def handshake(self, *changes, path="/api/ws", first=None):
        lines = {"Host": f"127.0.0.1:{self.server.port}", "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13"}
        for name, value in changes:
            lines[name] = value
        text = (first or f"GET {path} HTTP/1.1") + "\r\n"
        text += "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v is not None) + "\r\n"
        return exchange(self.server.port, text.encode())

    def test_handshakes(self):
        good = self.handshake()
        self.assertEqual(good.status, 101)
        self.assertEqual(good.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")  # of the RFC
        self.assertEqual(good.header("Upgrade"), "websocket")
        port = self.server.port
        for status, changes in (
                (426, [("Upgrade", None)]), (426, [("Connection", "keep-alive")]), (426, [("Upgrade", "h2c")]),
                (426, [("Sec-WebSocket-Version", "8")]), (426, [("Sec-WebSocket-Version", None)]),
                (400, [("Sec-WebSocket-Key", None)]), (400, [("Sec-WebSocket-Key", "short")]),
                (400, [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ!==")]), (400, [("Sec-WebSocket-Key", "A" * 24)]),
                (403, [("Origin", "http://evil.example")]), (403, [("Origin", "null")]),
                (403, [("Origin", f"http://127.0.0.1.evil.example:{port}")]),
                (421, [("Host", "evil.example")])):
            got = self.handshake(*changes)
            self.assertEqual(got.status, status, changes)
            if status == 426:
                self.assertEqual((got.header("Upgrade"), got.header("Sec-WebSocket-Version")), ("websocket", "13"))
        self.assertEqual(self.handshake(("Origin", f"http://127.0.0.1:{port}")).status, 101)
        self.assertEqual(self.handshake(("Connection", "keep-alive, upgrade"), ("Upgrade", "WebSocket")).status, 101)
        self.assertEqual(self.handshake(path="/api/ws?job_id=x&last_event_id=-1").status, 422)
        self.assertEqual(self.handshake(first="POST /api/ws HTTP/1.1").status, 405)
        self.assertIn(self.handshake(first="GET /api/ws HTTP/1.0").status, (400, 426))
        self.alive()

    def closes(self, data, *codes):
        socket = self.open(timeout=5)
        socket.message()
        try:
            socket.send(data)
        except OSError:
            pass
        with self.assertRaises(ws.Closed) as closed:
            try:
                while True:
                    socket.message()
            except TimeoutError:
                self.fail(f"nothing came of {data[:40]!r}")
        self.assertIn(closed.exception.code, codes, data[:40])
        socket.s.close()

    def test_hostile_frames(self):
        ping = b'{"type":"ping"}'
        for data, *codes in (
                (ws.frame(ws.TEXT, b" " * 4097), 1009),  # over the limit in one frame
                (ws.frame(ws.TEXT, b" " * 4000, fin=False) + ws.frame(ws.CONTINUATION, b" " * 97), 1009),  # and in two
                (b"\x81\xff" + struct.pack(">Q", 2**62) + b"abcdefgh", 1009),  # says that it will be huge
                (b"\x81\xff" + struct.pack(">Q", 2**63 + 5) + b"abcd", 1002, 1005, None),  # a length that there is not
                (ws.frame(ws.TEXT, ping, mask=False), 1002),
                (ws.frame(3, b"x"), 1002), (ws.frame(0xF, b"x"), 1002),  # opcodes that there are not
                (ws.frame(ws.TEXT, ping, rsv=4), 1002), (ws.frame(ws.TEXT, ping, rsv=1), 1002),
                (ws.frame(ws.CONTINUATION, ping), 1002),  # goes on with nothing
                (ws.frame(ws.TEXT, b"{", fin=False) + ws.frame(ws.TEXT, b"}"), 1002),  # begins another in between
                (ws.frame(ws.PING, b"x" * 126), 1002, 1005, None), (ws.frame(ws.PING, b"x", fin=False), 1002, 1005, None),
                (ws.frame(ws.TEXT, b"\xff\xfe"), 1007), (ws.frame(ws.TEXT, b"\xed\xa0\x80"), 1007),
                (ws.frame(ws.TEXT, b"\xc3", fin=False) + ws.frame(ws.CONTINUATION, b"("), 1007),
                (ws.frame(ws.TEXT, b"\xf0\x9f"), 1007),  # ends within a character
                (ws.frame(ws.BINARY, ping), 1003),
                (ws.frame(ws.TEXT, b"hello"), 1008), (ws.frame(ws.TEXT, b""), 1008), (ws.frame(ws.TEXT, b"[" * 4000), 1008),
                (ws.frame(ws.TEXT, b'{"type":7}'), 1008),
                (ws.frame(ws.CLOSE, b"\x03"), 1002, 1005),  # half a code
                (ws.frame(ws.CLOSE, struct.pack(">H", 1005)), 1002, 1005), (ws.frame(ws.CLOSE, struct.pack(">H", 99)), 1002, 1005),
                (ws.frame(ws.CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
                (ws.frame(ws.CLOSE), 1000, 1005)):
            self.closes(data, *codes)
        self.alive()

    def test_noise(self):
        """Random bytes, cut frames, connections that go away at any point."""
        import random
        random.seed(int(os.environ.get("SEED", "7")))
        for round_ in range(120):
            with ws.Socket(self.server.port) as socket:
                data = bytearray(ws.frame(random.choice((0, 1, 2, 8, 9, 10)), random.randbytes(random.randrange(200)),
                                          fin=random.random() < 0.8))
                for _ in range(random.randrange(4)):
                    data[random.randrange(len(data))] = random.randrange(256)
                try:
                    socket.send(bytes(data[:random.randrange(1, len(data) + 1)]))
                    if round_ % 3 == 0:
                        socket.message()
                        socket.s.settimeout(0.05)
                        socket.message()
                except (ws.Closed, OSError, TimeoutError):
                    pass
        self.alive()

    # ---- many, and slow ------------------------------------------------------------------------------------------

    def test_many_clients_on_a_fixed_number_of_threads(self):
        self.open().message()
        before = self.threads()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            clients = list(pool.map(lambda _: self.open(), range(500)))
            self.assertEqual(self.threads(), before)
            made = [self.note(f"{i}") for i in range(5)]

            def read(client):
                return [client.until("annotation")["data"]["id"] for _ in made]

            for got in pool.map(read, clients):
                self.assertEqual(got, made)
        self.assertEqual(self.threads(), before)
        for client in clients:
            client.s.close()
        self.alive()

    def test_streams_have_a_limit(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            clients = list(pool.map(lambda _: self.open(), range(1000)))
        got = self.handshake()
        self.assertEqual(got.status, 503)
        self.assertIn("event streams", got.text)
        for client in clients[:10]:
            client.s.close()
        sqlopt_test.wait_for("room again", lambda: self.handshake().status == 101)

    def test_a_slow_reader_is_dropped_and_others_go_on(self):
        slow = self.open(receive_buffer=4096)
        quick = self.open()
        quick.message()
        seen, ended = [], []

        def follow():
            try:
                while True:
                    seen.append(quick.until("annotation", 60)["data"]["id"])
            except (ws.Closed, OSError):
                ended.append(True)

        thread = threading.Thread(target=follow)
        thread.start()
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: self.note("x" * 480), range(700)))
        sqlopt_test.wait_for("all of them", lambda: len(seen) == len(made))
        self.assertEqual(sorted(seen), sorted(made))

        def dropped():
            """The server's end is gone: the kernel answers what we send with a reset."""
            try:
                slow.send(ws.frame(ws.PING))
                return False
            except OSError:
                return True

        sqlopt_test.wait_for("it is dropped", dropped, 30)
        self.assertLess(time.monotonic() - began, 40)
        more = self.note("after")
        sqlopt_test.wait_for("others go on", lambda: more in seen)
        self.assertEqual(ended, [])
        self.assertEqual(self.server.stop(), 0)  # with a socket open
        thread.join(10)
        self.assertEqual(ended, [True])

    def test_pongs_that_nobody_reads_do_not_pile_up(self):
        socket = self.open(receive_buffer=4096)
        socket.s.settimeout(2)
        sent = 0
        try:
            for _ in range(20000):
                socket.send(ws.frame(ws.PING, b"x" * 120) * 10)
                sent += 10
        except OSError:
            pass
        self.assertLess(sent, 150000)  # it stopped reading from us
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as f:
            rss_kb = next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
        if "SAN_OPTIONS" not in " ".join(os.environ):
            self.assertLess(rss_kb, 150000)
        self.alive()

    def test_stop(self):
        clients = [self.open() for _ in range(20)]
        for client in clients:
            client.message()
        silent = self.open()  # never answers the close
        began = time.monotonic()
        stopper = threading.Thread(target=lambda: codes.append(self.server.stop()))
        codes = []
        stopper.start()
        for client in clients:
            with self.assertRaises(ws.Closed) as closed:
                while True:
                    client.message()
            self.assertEqual(closed.exception.code, 1001)
            client.send(ws.frame(ws.CLOSE, struct.pack(">H", 1001)))
        stopper.join(20)
        self.assertEqual(codes, [0])
        self.assertLess(time.monotonic() - began, 5)
        silent.s.close()


sqlopt_test.main()
