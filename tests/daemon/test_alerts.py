#!/usr/bin/env python3
"""Alerts end to end: real receivers of HTTP and SMTP on loopback, findings and failing polls in a real store."""
# long: it waits for retries
import base64
import contextlib
import email
import email.policy
import http.server
import json
import os
import socket
import socketserver
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import exposition  # noqa: E402
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402

TOKEN = "T0KEN-of-the-hook"
LOCAL = {"ALERT_ALLOWED_HOSTS": "127.0.0.1,localhost", "MONITORING_ENABLED": "false"}


class Hook:
    """A receiver of webhooks; `answer(number of the request)` gives a status, a dict of headers, or hangs."""

    def __init__(self, answer=lambda n: 200):
        hook, self.requests, self.open = self, [], threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.requests.append((self.path, dict(self.headers), body, time.monotonic()))
                status = answer(len(hook.requests))
                if status is None:
                    hook.open.wait(60)
                    return
                headers = {}
                if isinstance(status, tuple):
                    status, headers = status
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/{TOKEN}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()

    def bodies(self):
        return [json.loads(r[2]) for r in self.requests]


class Mail:
    """A small SMTP server: AUTH PLAIN and LOGIN, implicit TLS or STARTTLS when it has a certificate."""

    def __init__(self, cert=None, implicit=False, starttls=False, refuse=None):
        mail, self.messages, self.logins, self.refuse = self, [], [], refuse
        context = None
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*cert)

        class Handler(socketserver.BaseRequestHandler):
            def say(self, text):
                self.sock.sendall(text.encode() + b"\r\n")

            def handle(self):
                self.sock, secure = self.request, implicit
                with contextlib.suppress(OSError):
                    if implicit:
                        self.sock = context.wrap_socket(self.sock, server_side=True)
                    self.talk(secure)

            def talk(self, secure):
                file, sender, to = self.sock.makefile("rb"), None, []
                self.say("220 mail.test ESMTP")
                while True:
                    line = file.readline().decode().rstrip("\r\n")
                    word = line.split(" ")[0].upper()
                    if not line or word == "QUIT":
                        return self.say("221 bye") if line else None
                    if word == "EHLO":
                        self.say("250-mail.test")
                        if starttls and not secure:
                            self.say("250-STARTTLS")
                        self.say("250 AUTH PLAIN LOGIN" if secure else "250 SIZE 100000")
                    elif word == "STARTTLS":
                        self.say("220 go on")
                        self.sock = context.wrap_socket(self.sock, server_side=True)
                        file, secure = self.sock.makefile("rb"), True
                    elif word == "AUTH":
                        token = line.split(" ")[2] if line.count(" ") > 1 else None
                        if token is None:
                            self.say("334 ")
                            token = file.readline().decode().strip()
                        _, user, password = base64.b64decode(token).decode().split("\0")
                        mail.logins.append((user, password, secure))
                        self.say("235 welcome" if password == "mail-password" else "535 no")
                    elif word == "MAIL":
                        sender = line
                        self.say("250 ok")
                    elif word == "RCPT":
                        to.append(line)
                        self.say(mail.refuse or "250 ok")
                    elif word == "DATA":
                        self.say("354 go on")
                        text = b""
                        while not text.endswith(b"\r\n.\r\n"):
                            text += file.readline()
                        mail.messages.append((sender, to, text[:-3], secure))
                        self.say("250 taken")
                    else:
                        self.say("500 what?")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def certificate(folder):
    """Key and certificate for 127.0.0.1."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", folder + "/key.pem", "-out",
                    folder + "/cert.pem"], check=True, capture_output=True)
    return folder + "/cert.pem", folder + "/key.pem"


def sql(server, statement, *values):
    with contextlib.closing(sqlite3.connect(server.dir + "/sqlopt.db", timeout=20)) as store:
        with store:
            return store.execute(statement, values).lastrowid


def add_connection(server, name):
    return sql(server, "INSERT INTO connection (organisation_id, name, engine, host, port, database, username, ssl_enabled,"
               " scratch, monitoring_enabled, created_us, updated_us, last_monitored_us)"
               " VALUES (1, ?, 'postgresql', '127.0.0.1', 1, 'd', 'u', 0, 0, 1, 1, 1, 0)", name)


def add_finding(server, connection, rule="query-regression", severity=3, title="3.2 times slower", text="Since then."):
    return sql(server, "INSERT INTO finding (organisation_id, connection_id, rule, issue_type, title, description, severity,"
               " doc, resolved, detected_us, resolved_us) VALUES (1, ?, ?, 't', ?, ?, ?, '{}', 0, 1, 0)",
               connection, rule, title, text, severity)


def fail_polls(server, connection, failures, error="cannot reach 'db1'"):
    sql(server, "INSERT INTO watch (connection_id, polls, attempts, failures, first_us, last_us, reading_us, epoch_us, evicted,"
        " complete, statements, error_kind, error) VALUES (?, 1, 1, ?, 1, 1, 1, 1, 0, 1, 0, 'unreachable', ?)"
        " ON CONFLICT (connection_id) DO UPDATE SET failures = excluded.failures", connection, failures, error)


class Alerts(unittest.TestCase):
    def setUp(self):
        self.server = sqlopt_test.Server(env=LOCAL)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.api = Client(self.server)

    def channel(self, url, kind="webhook", expect=201, **more):
        return self.api.call("POST", "/api/alerts/channels", {"name": kind, "kind": kind, "url": url, **more}, expect)

    def rule(self, channel, **more):
        made = self.api.call("POST", "/api/alerts/rules",
                             {"name": f"rule {more.get('name', '')}", "channel_id": channel["id"], **more}, 201)
        self.settle()
        return made

    def settle(self):
        """The rules have looked at the store as it is now."""
        with contextlib.closing(sqlite3.connect(self.server.dir + "/sqlopt.db")) as store:
            sqlopt_test.wait_for("the cursor", lambda: store.execute(
                "SELECT coalesce((SELECT finding_id FROM alert_cursor), -1) >= (SELECT coalesce(max(id), 0) FROM finding)"
            ).fetchone()[0])

    def deliveries(self, query=""):
        return self.api.call("GET", "/api/alerts/deliveries" + query)

    def test_findings_are_told_once_and_their_end_too(self):
        with Hook() as hook:
            connection = add_connection(self.server, "shop")
            before = add_finding(self.server, connection, title="was there before")
            self.rule(self.channel(hook.url, authorization="Bearer abc"))
            first = add_finding(self.server, connection, title="filter (name = 'O''Brien' AND id = 4711) reads all",
                                text="It's IN (1, 2) and 3.2 times slower.")
            add_finding(self.server, connection, severity=1, title="only medium")
            sqlopt_test.wait_for("the alert", lambda: hook.requests)
            path, headers, _, _ = hook.requests[0]
            self.assertEqual(path, f"/hook/{TOKEN}")
            self.assertEqual((headers["Content-Type"], headers["Authorization"]), ("application/json", "Bearer abc"))
            told = hook.bodies()[0]
            self.assertEqual((told["event"], told["state"], told["severity"]), ("regression", "firing", "critical"))
            self.assertEqual(told["connection"], {"id": connection, "name": "shop", "engine": "postgresql"})
            self.assertEqual(told["finding"]["id"], first)
            self.assertEqual(told["title"], "filter (name = ? AND id = ?) reads all")
            self.assertEqual(told["text"], "It's IN (?) and 3.2 times slower.")
            # found again: the same matter
            again = add_finding(self.server, connection,
                                title="filter (name = 'O''Brien' AND id = 4711) reads all")
            self.settle()
            sql(self.server, "UPDATE finding SET resolved = 1, resolved_us = 2 WHERE id IN (?, ?)", first, again)
            sqlopt_test.wait_for("the end", lambda: len(hook.requests) > 1)
            told = hook.bodies()[1]
            self.assertEqual((told["event"], told["state"], told["finding"]["id"]), ("resolved", "resolved", again))
            # and back at once: quiet for an hour
            add_finding(self.server, connection, title="filter (name = 'O''Brien' AND id = 4711) reads all")
            add_finding(self.server, connection, title="another thing", rule="seq-scan-filter")
            sqlopt_test.wait_for("the other", lambda: len(hook.requests) > 2)
            self.assertEqual(hook.bodies()[2]["event"], "finding")
            self.settle()
            self.assertEqual(len(hook.requests), 3)
            # the receiver has it a moment before the store knows
            sqlopt_test.wait_for("the deliveries", lambda: len(self.deliveries("?state=sent")) == 3)
            sent = self.deliveries("?state=sent")
            self.assertEqual([d["event"] for d in sent], ["finding", "resolved", "regression"])
            self.assertEqual(sent[0]["message"]["title"], "another thing")
            self.assertNotIn("was there before", json.dumps(sent))
            self.assertNotIn(before, [d["message"]["finding"]["id"] for d in sent])
            families = exposition.parse(self.server.get("/metrics").body, False)
            self.assertEqual(families["sqlopt_alert_attempts_total"].samples[(("result", "sent"),)], 3)

    def test_a_finding_that_is_opened_again(self):
        with Hook() as hook:
            connection = add_connection(self.server, "shop")
            self.rule(self.channel(hook.url), quiet_s=4)
            finding = add_finding(self.server, connection)
            sqlopt_test.wait_for("the alert", lambda: len(hook.requests) == 1)
            for resolved in (1, 0):
                sql(self.server, "UPDATE finding SET resolved = ? WHERE id = ?", resolved, finding)
                sqlopt_test.wait_for("the end, and later the return", lambda n=3 - resolved: len(hook.requests) == n)
            self.assertEqual([b["state"] for b in hook.bodies()], ["firing", "resolved", "firing"])
            self.assertEqual(hook.bodies()[2]["event"], "regression")
            self.assertGreaterEqual(hook.requests[2][3] - hook.requests[1][3], 2)  # looks are two seconds apart

    def test_failing_polls_and_recovery(self):
        with Hook() as hook:
            shop, other = add_connection(self.server, "shop"), add_connection(self.server, "other")
            channel = self.channel(hook.url)
            self.rule(channel, events=["collection_failure", "resolved"], failures=3, connection_id=shop)
            fail_polls(self.server, shop, 2)
            fail_polls(self.server, other, 50)
            add_finding(self.server, shop)  # not what this rule is about
            self.settle()
            self.assertEqual(hook.requests, [])
            fail_polls(self.server, shop, 3)
            sqlopt_test.wait_for("the alert", lambda: hook.requests)
            told = hook.bodies()[0]
            self.assertEqual((told["event"], told["connection"]["name"]), ("collection_failure", "shop"))
            self.assertIn("unreachable", told["title"])
            self.assertIn("db1", told["text"])
            for failures in (4, 5):
                fail_polls(self.server, shop, failures)
            fail_polls(self.server, shop, 0)
            sqlopt_test.wait_for("the recovery", lambda: len(hook.requests) > 1)
            self.assertEqual((hook.bodies()[1]["event"], hook.bodies()[1]["state"]), ("resolved", "resolved"))
            self.assertEqual(len(hook.requests), 2)

    def test_a_real_server_goes_and_comes_back(self):
        self.server.stop()
        self.server.extra = {**LOCAL, "MONITORING_ENABLED": "true"}
        self.server.start()
        with Hook() as hook, sqlopt_test.Postgres() as pg:
            self.api.call("POST", "/api/connections",
                          {"name": "real", "engine": "postgresql", "host": "127.0.0.1", "port": pg.port,
                           "database": "postgres", "username": "postgres", "interval_s": 10}, 201)
            self.rule(self.channel(hook.url), failures=1)
            pg.stop()
            self.api.call("POST", "/api/monitoring/trigger")
            sqlopt_test.wait_for("the alert", lambda: hook.requests)
            pg.start()
            sqlopt_test.wait_for("the recovery", lambda: self.api.call("POST", "/api/monitoring/trigger")
                                 and len(hook.requests) > 1)
            self.assertEqual([(b["event"], b["connection"]["name"]) for b in hook.bodies()],
                             [("collection_failure", "real"), ("resolved", "real")])

    def test_attempts(self):
        """Errors that may pass are tried again, later each time; others are not. A restart forgets nothing."""
        with Hook(lambda n: (503, {}) if n == 1 else 200) as weak, Hook(lambda n: 410) as gone:
            connection = add_connection(self.server, "shop")
            self.rule(self.channel(weak.url, name="weak"), name="w")
            self.rule(self.channel(gone.url, name="gone"), name="g")
            add_finding(self.server, connection)
            sqlopt_test.wait_for("the first attempt", lambda: weak.requests and gone.requests)
            sqlopt_test.wait_for("it is noted", lambda: [d for d in self.deliveries("?state=queued") if d["attempts"]])
            waiting = self.deliveries("?state=queued")[0]
            self.assertEqual((waiting["attempts"], waiting["error"]), (1, "'127.0.0.1' answered 503"))
            self.assertIsNotNone(waiting["next_attempt_at"])
            self.server.kill()
            self.server.start()
            sqlopt_test.wait_for("the second attempt", lambda: len(weak.requests) > 1)
            self.assertGreaterEqual(weak.requests[1][3] - weak.requests[0][3], 4.5)
            self.assertEqual(weak.requests[0][1]["X-Sqlopt-Delivery"], weak.requests[1][1]["X-Sqlopt-Delivery"])
            sqlopt_test.wait_for("it is noted", lambda: self.deliveries("?state=sent"))
            given_up = self.deliveries("?state=failed")[0]
            self.assertEqual((given_up["attempts"], given_up["error"]), (1, "'127.0.0.1' answered 410"))
            self.assertEqual(len(gone.requests), 1)
            self.assertNotIn(TOKEN, self.server.log())

    def test_a_hanging_receiver_keeps_nobody_waiting(self):
        with Hook(lambda n: None) as hanging, Hook() as good:
            connection = add_connection(self.server, "shop")
            for i in range(3):
                self.rule(self.channel(hanging.url, name=f"hanging {i}"), name=f"h{i}")
            self.rule(self.channel(good.url, name="good"), name="g")
            for i in range(5):
                add_finding(self.server, connection, title=f"thing {i}")
            began = time.monotonic()
            sqlopt_test.wait_for("the others are told", lambda: len(good.requests) == 5, 8)
            self.assertEqual(self.api.call("GET", "/health")["status"], "healthy")
            self.assertEqual(len(hanging.requests), 3)  # one at a time each
            began = time.monotonic()
            self.assertEqual(self.server.stop(), 0)  # and the end does not wait for it either
            self.assertLess(time.monotonic() - began, 8)

    def test_a_flood_is_summed_up(self):
        with Hook() as hook:
            connection = add_connection(self.server, "shop")
            channel = self.channel(hook.url, max_per_hour=3)
            self.rule(channel)
            for i in range(10):
                add_finding(self.server, connection, title=f"thing {i}")
            sqlopt_test.wait_for("three are sent", lambda: len(self.deliveries("?state=sent")) == 3)
            self.assertEqual(len(self.deliveries("?state=held")), 7)
            sql(self.server, "UPDATE alert_delivery SET created_us = created_us - 3600000000 WHERE state = 'sent'")
            sqlopt_test.wait_for("the sum", lambda: len(hook.requests) == 4)
            told = hook.bodies()[3]
            self.assertEqual((told["event"], told["title"]), ("summary", "7 alerts were held back"))
            self.assertIn("thing 3", told["text"])
            sqlopt_test.wait_for("all is noted", lambda: len(self.deliveries("?state=summed")) == 7)

    def test_secrets_stay(self):
        with Hook() as hook:
            channel = self.channel(hook.url, authorization="Bearer s3cret")
            path = f"/api/alerts/channels/{channel['id']}"
            self.assertEqual((channel["target"], channel["has_secret"]), ("127.0.0.1", True))
            shown = json.dumps([channel, self.api.call("GET", path), self.api.call("GET", "/api/alerts/channels")])
            for secret in (TOKEN, "s3cret"):
                self.assertNotIn(secret, shown)
            # another address: what was kept does not go there
            self.api.problem("PUT", path, {"url": "http://127.0.0.1:1/evil"}, 400, "authorization")
            self.api.call("PUT", path, {"name": "renamed", "max_per_hour": 5})
            answer = self.api.call("POST", path + "/test", {})
            self.assertTrue(answer["success"], answer)
            self.assertEqual(hook.requests[-1][1]["Authorization"], "Bearer s3cret")
            mail = self.api.call("POST", "/api/alerts/channels",
                                 {"name": "m", "kind": "email", "smtp_host": "127.0.0.1", "from": "a@example.com",
                                  "to": ["b@example.com"], "username": "u", "password": "mail-password"}, 201)
            self.api.problem("PUT", f"/api/alerts/channels/{mail['id']}", {"smtp_host": "evil.example"}, 400, "password")
            # what is kept can be removed: then it may go elsewhere, and in the clear
            self.assertTrue(mail["has_secret"] and mail["has_login"])
            self.assertTrue(self.api.call("PUT", f"/api/alerts/channels/{mail['id']}", {"password": None})["has_login"])
            bare = self.api.call("PUT", f"/api/alerts/channels/{mail['id']}",
                                 {"password": "", "smtp_host": "localhost", "smtp_security": "none"})
            self.assertFalse(bare["has_secret"] or bare["has_login"])
            self.assertTrue(self.api.call("GET", path)["has_login"])
            hook_only = self.api.call("PUT", path, {"authorization": ""})
            self.assertTrue(hook_only["has_secret"])
            self.assertFalse(hook_only["has_login"])
            self.assertTrue(self.api.call("POST", path + "/test", {})["success"])
            self.assertNotIn("Authorization", hook.requests[-1][1])
            self.api.problem("POST", "/api/alerts/channels",
                             {"name": "bad", "kind": "webhook", "url": "http://h/" + TOKEN + "\r\nX: y"}, 400, "url")
            self.server.stop()
            with open(self.server.dir + "/sqlopt.db", "rb") as f:
                store = f.read()
            for secret in (TOKEN, "s3cret", "mail-password"):
                self.assertNotIn(secret.encode(), store)
                self.assertNotIn(secret, self.server.log())

    def test_slack(self):
        with Hook() as hook:
            connection = add_connection(self.server, "a <b> & c")
            self.rule(self.channel(hook.url, kind="slack"))
            add_finding(self.server, connection, title="x < y & z", text="more")
            sqlopt_test.wait_for("the alert", lambda: hook.requests)
            body = hook.bodies()[0]
            self.assertEqual(list(body), ["text"])
            self.assertEqual(body["text"], "*[CRITICAL] a &lt;b&gt; &amp; c: x &lt; y &amp; z*\nmore\n_rule rule _")

    def test_mail(self):
        with tempfile.TemporaryDirectory() as folder:
            cert = certificate(folder)
            with Mail(cert, implicit=True) as tls, Mail(cert, starttls=True) as start, Mail() as plain:
                connection = add_connection(self.server, "läden")
                common = {"kind": "email", "from": "sqlopt@example.com", "smtp_host": "127.0.0.1",
                          "to": ["dba@example.com", "on-call@example.com"]}
                for name, mail, more in (("tls", tls, {"username": "u", "password": "mail-password", "tls_ca": cert[0]}),
                                         ("starttls", start, {"username": "u", "password": "mail-password",
                                                              "tls_ca": cert[0]}),
                                         ("none", plain, {})):
                    made = self.api.call("POST", "/api/alerts/channels",
                                         {"name": name, "smtp_security": name, "smtp_port": mail.port, **common, **more}, 201)
                    self.rule(made, name=name)
                add_finding(self.server, connection, title="größer: 3.2 times slower", text="A line.")
                for mail in (tls, start, plain):
                    sqlopt_test.wait_for("the mail", lambda m=mail: m.messages)
                    sender, to, text, secure = mail.messages[0]
                    self.assertTrue(sender.startswith("MAIL FROM:<sqlopt@example.com>"), sender)
                    self.assertEqual(to, ["RCPT TO:<dba@example.com>", "RCPT TO:<on-call@example.com>"])
                    self.assertTrue(all(len(line) <= 78 for line in text.split(b"\r\n")), text)
                    parsed = email.message_from_bytes(text, policy=email.policy.default)
                    self.assertEqual(parsed["Subject"], "[CRITICAL] läden: größer: 3.2 times slower")
                    self.assertEqual(parsed["To"], "dba@example.com, on-call@example.com")
                    self.assertIn("A line.", parsed.get_content())
                    self.assertLess(abs(email.utils.parsedate_to_datetime(parsed["Date"]).timestamp() - time.time()), 60)
                    self.assertEqual(mail.logins, [("u", "mail-password", True)] if secure else [])
                # a certificate that nobody vouches for, a refused login, a refused receiver: said, and not repeated
                for more, words in (({"smtp_security": "tls", "smtp_port": tls.port}, "certificate"),
                                    ({"smtp_security": "tls", "smtp_port": tls.port, "tls_ca": cert[0], "username": "u",
                                      "password": "wrong"}, "535"),
                                    ({"smtp_security": "starttls", "smtp_port": plain.port}, "")):
                    made = self.api.call("POST", "/api/alerts/channels",
                                         {"name": f"bad {words}", **common, **more}, 201)
                    answer = self.api.call("POST", f"/api/alerts/channels/{made['id']}/test", {})
                    self.assertFalse(answer["success"])
                    self.assertIn(words, answer["message"])
                self.assertEqual(len(plain.messages), 1)  # starttls means that nothing is sent without
                self.api.problem("POST", "/api/alerts/channels",
                                 {"name": "x", "smtp_security": "none", "password": "p", **common}, 400, "in the clear")
                self.api.problem("POST", "/api/alerts/channels", {"name": "x", **common, "to": ["a@b\r\nBcc: c@d"]}, 400, "to")

    def test_what_this_machine_reaches_alone_is_off_limits(self):
        with Hook() as hook:
            self.server.stop()
            self.server.extra = {"MONITORING_ENABLED": "false"}
            self.server.start()
            port = hook.server.server_port
            for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"):
                made = self.channel(f"http://{host}:{port}/x", name=host)
                answer = self.api.call("POST", f"/api/alerts/channels/{made['id']}/test", {})
                self.assertFalse(answer["success"], host)
                self.assertIn("ALERT_ALLOWED_HOSTS", answer["message"], host)
            self.assertEqual(hook.requests, [])
            self.server.stop()
            self.server.extra = {"ALERT_ALLOWED_HOSTS": "hooks.example.com", "MONITORING_ENABLED": "false"}
            self.server.start()
            answer = self.api.call("POST", f"/api/alerts/channels/{made['id']}/test", {})
            self.assertIn("not among ALERT_ALLOWED_HOSTS", answer["message"])
            self.assertEqual(hook.requests, [])

    def test_redirects_lead_nowhere(self):
        with Hook() as inner, Hook(lambda n: (302, {"Location": inner.url})) as outer:
            made = self.channel(outer.url)
            answer = self.api.call("POST", f"/api/alerts/channels/{made['id']}/test", {})
            self.assertFalse(answer["success"])
            self.assertIn("302", answer["message"])
            self.assertEqual(inner.requests, [])

    def test_rules_and_limits(self):
        with Hook() as hook:
            channel = self.channel(hook.url)
            self.api.problem("POST", "/api/alerts/channels", {"name": "webhook", "kind": "webhook", "url": hook.url}, 409)
            self.api.problem("POST", "/api/alerts/channels", {"name": "x", "kind": "pager"}, 422, "webhook")
            self.api.problem("POST", "/api/alerts/channels", {"name": "x", "kind": "webhook", "url": "file:///etc/passwd"},
                             400, "http")
            rule = self.rule(channel)
            self.assertEqual(rule["events"], ["regression", "finding", "collection_failure", "resolved"])
            self.assertEqual((rule["min_severity"], rule["failures"], rule["quiet_s"]), ("high", 3, 3600))
            path = f"/api/alerts/rules/{rule['id']}"
            changed = self.api.call("PUT", path, {"events": ["finding"], "min_severity": "low", "enabled": False})
            self.assertEqual((changed["events"], changed["min_severity"], changed["enabled"], changed["name"]),
                             (["finding"], "low", False, rule["name"]))
            self.assertEqual(self.api.call("GET", path), changed)
            self.assertEqual(self.api.call("GET", "/api/alerts/rules"), [changed])
            self.api.problem("PUT", path, {"events": ["everything"]}, 422, "regression")
            self.api.problem("POST", "/api/alerts/rules", {"name": "y", "channel_id": 99}, 404, "channel 99")
            self.api.problem("POST", "/api/alerts/rules", {"name": "y", "channel_id": channel["id"], "connection_id": 9}, 404,
                             "connection 9")
            self.api.problem("PUT", path, {"channel_id": 99}, 404, "channel 99")
            self.api.call("DELETE", path, expect=204)
            self.api.problem("GET", path, None, 404)
            self.api.call("DELETE", f"/api/alerts/channels/{channel['id']}", expect=204)
            self.api.problem("POST", f"/api/alerts/channels/{channel['id']}/test", {}, 404)
            self.assertEqual(self.api.call("GET", "/api/alerts/channels"), [])


sqlopt_test.main()
