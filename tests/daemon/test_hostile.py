#!/usr/bin/env python3
"""Malformed and hostile requests: each is answered or cut off, and the server still answers afterwards."""
# alone: it opens more connections than the machine serves beside other tests
import json
import os
import resource
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from raw import connect, exchange, request  # noqa: E402

POST = ("POST", "/api/connections", "Content-Type: application/json")
JSON = b'{"name":"x"}'

# name, bytes, statuses that are right
TABLE = [
    ("a plain request", request(), [200]),
    ("no Host", request(host=None), [400]),
    ("no Host in HTTP/1.0", request(host=None, version="HTTP/1.0"), [200]),
    ("two Hosts", request("GET", "/health", "Host: localhost"), [400]),
    ("space before the colon", request("GET", "/health", "X-A : 1"), [400]),
    # libmicrohttpd cuts the value at the NUL, so there is nothing left to refuse.
    ("NUL in a header value", request("GET", "/health", "X-A: a\0b"), [200, 400]),
    ("control byte in a header value", request("GET", "/health", "X-A: a\x01b"), [400]),
    ("two Content-Lengths", request(*POST, "Content-Length: 12", "Content-Length: 5", body=JSON), [400]),
    ("two equal Content-Lengths", request(*POST, "Content-Length: 12", "Content-Length: 12", body=JSON), [400]),
    ("Content-Length and chunked", request(*POST, "Content-Length: 4", "Transfer-Encoding: chunked",
                                           body=b"c\r\n" + JSON + b"\r\n0\r\n\r\n"), [400]),
    ("unknown Transfer-Encoding", request(*POST, "Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), [400]),
    ("two Transfer-Encodings", request(*POST, "Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), [400]),
    ("Content-Length +2", request(*POST, "Content-Length: +2", body=b"{}"), [400]),
    ("Content-Length -1", request(*POST, "Content-Length: -1", body=b"{}"), [400]),
    ("Content-Length 0x2", request(*POST, "Content-Length: 0x2", body=b"{}"), [400]),
    ("a chunk size that is none", request(*POST, "Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n"), [400]),
    ("%00 in the path", request("GET", "/health%00x"), [400]),
    ("half an escape", request("GET", "/health%2"), [400]),
    ("absolute target of another host", request("GET", "http://evil.example/health"), [400]),
    ("Host of another site (DNS rebinding)", request(host="evil.example"), [421]),
    ("Host that only looks like loopback", request(host="127.0.0.1.evil.example"), [421]),
    ("Host with rubbish as port", request(host="localhost:x"), [421]),
    ("foreign Origin changing something", request(*POST, "Origin: http://evil.example", "Content-Length: 12",
                                                  body=JSON), [403]),
    ("Origin null changing something", request(*POST, "Origin: null", "Content-Length: 12", body=JSON), [403]),
    ("foreign Origin reading", request("GET", "/health", "Origin: http://evil.example"), [200]),
    ("a body that is not JSON by its type", request("POST", "/api/connections", "Content-Type: text/plain",
                                                    "Content-Length: 12", body=JSON), [415]),
    ("a form", request("POST", "/api/connections", "Content-Type: application/x-www-form-urlencoded",
                       "Content-Length: 3", body=b"a=b"), [415]),
    ("a body without a type", request("POST", "/api/connections", "Content-Length: 12", body=JSON), [415]),
    ("declared body of 2 MiB", request(*POST, "Content-Length: 2097152", body=b"x" * 2097152), [413]),
    ("declared body of 1 TiB", request(*POST, f"Content-Length: {1 << 40}", body=b"x" * 65536), [413]),
    ("chunked body of 2 MiB", request(*POST, "Transfer-Encoding: chunked",
                                      body=b"10000\r\n" + b"x" * 65536 + b"\r\n"
                                           + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 31 + b"0\r\n\r\n"), [413]),
    ("header of 64 KB", request("GET", "/health", "X-A: " + "a" * 65536), [431]),
    ("URI of 100 KB", request("GET", "/" + "a" * 100000), [414]),
    ("5,000 headers", request("GET", "/health", *[f"X-{i}: 1" for i in range(5000)]), [431]),
    ("an unknown method", request("BREW", "/health"), [501]),
    ("TRACE", request("TRACE", "/health"), [501]),
    ("CONNECT", request("CONNECT", "/health"), [501, 400]),
    ("a method that the path has not", request("DELETE", "/health"), [405]),
    ("a path that is not there", request("GET", "/api/nothing"), [404]),
    ("a path that climbs", request("GET", "/assets/../../../etc/passwd"), [404]),
    ("a path that climbs, escaped", request("GET", "/assets/%2e%2e/%2e%2e/etc/passwd"), [404]),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 505, 501, None]),
    ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200, [400, None]),
    ("line noise", bytes(range(256)) * 8 + b"\r\n\r\n", [400, None]),
    ("three pipelined", request() + request("GET", "/openapi.json") + request(), [200]),
]


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = int(os.environ.get("SO_TEST_PORT", "0"))
        cls.server = None
        if not cls.port:
            cls.server = sqlopt_test.Server()
            cls.server.__enter__()
            cls.port = cls.server.port

    @classmethod
    def tearDownClass(cls):
        if cls.server:
            cls.server.__exit__(None, None, None)

    def still_answers(self):
        self.assertEqual(exchange(self.port, request("GET", "/health", "Connection: close")).status, 200)

    def test_table(self):
        for name, data, right in TABLE:
            with self.subTest(name):
                got = exchange(self.port, data)
                self.assertIn(got.status, right, got.text[:300])
                if got.status and got.status >= 400 and "application/problem+json" in got.text:
                    problem = json.loads(got.text.split("\r\n\r\n", 1)[1])
                    self.assertEqual(problem["status"], got.status)
                    self.assertTrue(problem["detail"])
                self.still_answers()

    def test_pipelined_in_order(self):
        got = exchange(self.port, request() + request("GET", "/api/nothing") + request())
        self.assertEqual(got.statuses, [200, 404, 200])

    def test_smuggled_request_is_not_answered(self):
        body = b"0\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        got = exchange(self.port, request(*POST, f"Content-Length: {len(body)}", "Transfer-Encoding: chunked",
                                          body=body))
        self.assertEqual(got.statuses[0], 400)
        self.assertNotIn('"openapi"', got.text)
        self.assertTrue(got.closed)

    def test_refused_body_does_not_become_a_request(self):
        inner = request("GET", "/openapi.json")
        got = exchange(self.port, request("POST", "/api/connections", "Content-Type: text/plain",
                                          f"Content-Length: {len(inner)}", body=inner) + request())
        self.assertEqual(got.statuses, [415, 200])

    def test_cors(self):
        ok = exchange(self.port, request("OPTIONS", "/api/connections", "Origin: http://localhost:3000",
                                         "Access-Control-Request-Method: POST",
                                         "Access-Control-Request-Headers: content-type"))
        self.assertEqual(ok.status, 204)
        self.assertEqual(ok.header("Access-Control-Allow-Origin"), "http://localhost:3000")
        self.assertEqual(ok.header("Access-Control-Allow-Credentials"), "true")
        self.assertEqual(ok.header("Access-Control-Allow-Headers"), "content-type")
        for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            self.assertIn(method, ok.header("Access-Control-Allow-Methods"))
        get = exchange(self.port, request("GET", "/health", "Origin: http://localhost:3000"))
        self.assertIn("X-Request-ID", get.header("Access-Control-Expose-Headers"))
        foreign = exchange(self.port, request("GET", "/health", "Origin: http://evil.example"))
        self.assertIsNone(foreign.header("Access-Control-Allow-Origin"))
        refused = exchange(self.port, request("OPTIONS", "/api/connections", "Origin: http://evil.example",
                                              "Access-Control-Request-Method: POST"))
        self.assertEqual(refused.status, 403)

    def test_request_id(self):
        self.assertEqual(exchange(self.port, request("GET", "/health", "X-Request-ID: abc-1")).header("X-Request-ID"),
                         "abc-1")
        made = exchange(self.port, request("GET", "/health", "X-Request-ID: <script>")).header("X-Request-ID")
        self.assertRegex(made, r"^[0-9a-f]{24}$")
        problem = exchange(self.port, request("GET", "/api/nothing", "X-Request-ID: abc-2"))
        self.assertIn('"request_id":"abc-2"', problem.text)

    def test_405_names_the_methods(self):
        got = exchange(self.port, request("DELETE", "/health"))
        self.assertEqual(got.header("Allow"), "GET, HEAD")

    def test_head(self):
        head = exchange(self.port, request("HEAD", "/health", "Connection: close"))
        self.assertEqual(head.status, 200)
        self.assertTrue(int(head.header("Content-Length")) > 0)
        self.assertTrue(head.text.endswith("\r\n\r\n"))

    def test_both_slash_forms(self):
        for path in ("/health", "/health/", "/openapi.json", "/api/events/?job_id=x", "/api/events?job_id=x"):
            self.assertIn(exchange(self.port, request("GET", path)).status, (200, 422), path)

    def test_expect_continue_too_large(self):
        with connect(self.port) as s:
            s.sendall(request(*POST, "Content-Length: 2000000", "Expect: 100-continue"))
            self.assertIn(b"413", s.recv(65536).split(b"\r\n")[0])

    def test_page_or_json(self):
        browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        self.assertIn("application/json", exchange(self.port, request("GET", "/")).header("Content-Type"))
        for path in ("/", "/optimizer/12", "/docs", "/redoc"):
            page = exchange(self.port, request("GET", path, browser, "Connection: close"))
            self.assertEqual(page.status, 200, path)
            self.assertIn("text/html", page.header("Content-Type"))
            policy = page.header("Content-Security-Policy")
            self.assertIn("default-src 'self'", policy)
            self.assertNotIn("script-src", policy.replace("script-src 'self'", ""))
        self.assertEqual(exchange(self.port, request("GET", "/assets/none.js", browser)).status, 404)
        self.assertEqual(exchange(self.port, request("GET", "/api/none", browser)).status, 404)
        self.assertEqual(exchange(self.port, request("GET", "/optimizer/12")).status, 404)

    def test_slow_loris(self):
        """Headers and bodies that trickle are cut off within the limit (10 s, checked every second); others work on."""
        def trickle(first, results, index):
            with connect(self.port, 30) as s:
                s.sendall(first)
                began = time.monotonic()
                while time.monotonic() - began < 25:
                    s.settimeout(1.0)
                    try:
                        s.sendall(b"a")
                        if s.recv(1) == b"":
                            break
                    except TimeoutError:
                        continue
                    except OSError:
                        break
                results[index] = time.monotonic() - began

        kinds = [b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: ",
                 request(*POST, "Content-Length: 1000"),
                 b"GET /hea"]
        results = [None] * 60
        threads = [threading.Thread(target=trickle, args=(kinds[i % 3], results, i)) for i in range(60)]
        for thread in threads:
            thread.start()
        slowest = 0
        while any(thread.is_alive() for thread in threads):
            began = time.monotonic()
            self.still_answers()
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.5)
        for thread in threads:
            thread.join()
        self.assertLess(max(results), 20)
        self.assertGreater(min(results), 5)
        self.assertLess(slowest, 5)

    def test_1000_idle_connections_and_300_streams(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        clients = []
        try:
            for _ in range(1000):
                clients.append(connect(self.port))
            streams = [connect(self.port) for _ in range(300)]
            clients += streams
            for s in streams:
                s.sendall(request("GET", "/api/events"))
            for s in streams:
                self.assertIn(b"200 OK", s.recv(4096))
            self.still_answers()
            if self.server:
                with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as f:
                    threads = int(next(line.split()[1] for line in f if line.startswith("Threads:")))
                self.assertLess(threads, 100)
        finally:
            for s in clients:
                s.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.still_answers()


sqlopt_test.main()
