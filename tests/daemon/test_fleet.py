#!/usr/bin/env python3
"""Many databases: sqlopt connections apply, list, test, discover; instances; labels and environments."""
import json
import os
import pty
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
from client import Client  # noqa: E402


class Fleet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        cls.addClassCleanup(cls.pg.__exit__, None, None, None)
        for name in ("app", "billing", "orders_tmp"):
            cls.pg.psql(f"CREATE DATABASE {name}")
        cls.pg.psql("CREATE ROLE narrow LOGIN")
        cls.pg.psql("REVOKE CONNECT ON DATABASE billing FROM PUBLIC")
        cls.pg.psql("CREATE DATABASE closed ALLOW_CONNECTIONS false")

    def setUp(self):
        self.server = sqlopt_test.Server(env={"MONITORING_ENABLED": "false"})
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.api = Client(self.server)
        self.dir = tempfile.mkdtemp(dir=self.server.dir)

    def run_cli(self, *arguments, expect=0, stdin=None, **env):
        done = sqlopt_test.sqlopt("connections", *arguments, "--url", self.server.url, stdin=stdin, env=env)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def apply(self, text, *flags, expect=0, **env):
        path = self.dir + "/targets.conf"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return self.run_cli("apply", "-f", path, *flags, expect=expect, **env)

    def names(self, query=""):
        return [c["name"] for c in self.api.call("GET", "/api/connections" + query)]

    def conf(self, extra=""):
        return f"""# a comment
            [defaults]
            engine = postgresql
            host = 127.0.0.1
            port = {self.pg.port}
            username = postgres
            password = env:FLEET_PASSWORD
            environment = production
            [eu]        # a server
            databases = *   # all of them
            except = *_tmp, postgres
            labels = team:payments, tier:1
            [single]
            database = postgres
            interval_s = 60
            ssl_enabled = false
            {extra}"""

    def test_apply_is_idempotent(self):
        told = self.apply(self.conf(), "--dry-run", FLEET_PASSWORD="one")
        self.assertIn("would be: 3 created", told)
        self.assertEqual(self.names(), [])
        told = self.apply(self.conf(), FLEET_PASSWORD="one")
        self.assertIn("created    eu/app", told)
        self.assertEqual(self.names(), ["eu/app", "eu/billing", "single"])
        single = self.api.call("GET", "/api/connections")[2]
        self.assertEqual((single["interval_s"], single["environment"], single["labels"], single["port"]),
                         (60, "production", {}, self.pg.port))
        before = self.api.call("GET", "/api/connections")
        self.assertIn("0 created, 0 changed, 3 unchanged", self.apply(self.conf(), FLEET_PASSWORD="one"))
        self.assertEqual(self.api.call("GET", "/api/connections"), before)
        told = self.apply(self.conf(), FLEET_PASSWORD="two")
        self.assertIn("changed    eu/app (password)", told)
        self.assertIn("3 changed", told)
        told = self.apply(self.conf("search_path = app\n monitoring_enabled = false"), FLEET_PASSWORD="two")
        self.assertIn("changed    single (search_path, monitoring_enabled)", told)
        self.assertIn("1 changed, 2 unchanged", told)
        # a line that went away is a default again
        self.assertIn("1 changed", self.apply(self.conf(), FLEET_PASSWORD="two"))
        self.assertEqual(self.names("?label=team:payments"), ["eu/app", "eu/billing"])
        self.assertEqual(self.names("?label=tier"), ["eu/app", "eu/billing"])
        self.assertEqual(self.names("?label=team:other"), [])
        self.assertEqual(len(self.names("?environment=production")), 3)
        self.assertEqual(self.names("?environment=test"), [])
        with open(self.server.dir + "/sqlopt.db", "rb") as f:
            self.assertNotIn(b"FLEET_PASSWORD", f.read())

    def test_prune(self):
        self.apply(self.conf(), FLEET_PASSWORD="x")
        self.api.call("POST", "/api/connections",
                      {"name": "by hand", "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port,
                       "database": "postgres", "username": "postgres"}, 201)
        self.assertIn("0 removed", self.apply(self.conf(), FLEET_PASSWORD="x"))
        told = self.apply(self.conf(), "--prune", expect=2, FLEET_PASSWORD="x")
        self.assertIn("by hand", told)
        self.assertIn("nothing was deleted", told)
        self.assertIn("removed    by hand", self.apply(self.conf(), "--prune", "--dry-run", FLEET_PASSWORD="x"))
        self.assertIn("by hand", self.names())
        # typed at a terminal
        pid, fd = pty.fork()
        if pid == 0:
            os.environ["FLEET_PASSWORD"] = "x"
            os.execv(sqlopt_test.BINARY, ["sqlopt", "connections", "apply", "-f", self.dir + "/targets.conf", "--prune",
                                          "--url", self.server.url])
        seen = b""
        while b"Type yes:" not in seen:
            self.assertTrue(select.select([fd], [], [], 30)[0], seen)
            seen += os.read(fd, 4096)
        os.write(fd, b"yes\n")
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(fd)
        self.assertEqual(self.names(), ["eu/app", "eu/billing", "single"])
        told = self.apply(self.conf().split("[single]")[0], "--prune", "--yes", FLEET_PASSWORD="x")
        self.assertIn("removed    single", told)

    def test_a_server_that_is_away_keeps_its_connections(self):
        self.apply(self.conf(), FLEET_PASSWORD="x")
        away = self.conf().replace("[eu]", "[eu]\n port = 1")
        told = self.apply(away, "--prune", "--yes", expect=4, FLEET_PASSWORD="x")
        self.assertIn("section 'eu': its databases are not known", told)
        self.assertEqual(self.names(), ["eu/app", "eu/billing", "single"])

    def test_all_or_nothing(self):
        told = self.apply(self.conf("[bad]\n host = a b\n database = d\n"), expect=3, FLEET_PASSWORD="x")
        self.assertIn("refused    bad (host must be", told)
        self.assertIn("nothing was written", told)
        self.assertEqual(self.names(), [])
        answer = self.api.call("POST", "/api/connections/apply", {"connections": [
            {"name": "good", "engine": "postgresql", "host": "h", "database": "d", "username": "u"},
            {"name": "bad", "engine": "postgresql", "host": "h", "database": "d", "username": "u", "port": 0},
            {"name": "good", "engine": "postgresql", "host": "h", "database": "d", "username": "u"}, 7]})
        self.assertEqual([(o["name"], o["action"]) for o in answer],
                         [("good", "created"), ("bad", "refused"), ("good", "refused"), (None, "refused")])
        self.assertIn("port", answer[1]["error"])
        self.assertEqual(self.names(), [])

    def nothing(self):
        path = self.dir + "/nothing"
        with open(path, "w", encoding="ascii") as f:
            f.write("\n")
        return path

    def test_files_that_are_wrong(self):
        for text, words in (("[a]\nengine = postgresql\nhoost = x\n", ("line 3", "'hoost'", "environment")),
                            ("engine = x\n", ("line 1", "before the first")),
                            ("[a]\nnonsense\n", ("line 2", "key = value")),
                            ("[a\n", ("line 1", "[section]")),
                            ("", ("targets.conf", "no [section]")),
                            ("# all of them\n[defaults]\nengine = sqlite\n", ("no [section]",)),
                            (f"[a]\nengine=postgresql\npassword = file:{self.nothing()}\n", ("is empty", "secret")),
                            ("[a]\nengine=sqlite\n[a]\n", ("line 3", "already")),
                            ("[a]\nhost = h\n", ("line 1", "no engine")),
                            ("[a]\nengine=postgresql\nport = many\n", ("line 3", "whole number")),
                            ("[a]\nengine=postgresql\npassword = hunter2\n", ("section 'a'", "env:NAME")),
                            ("[a]\nengine=postgresql\npassword = env:NOT_THERE_AT_ALL\n", ("NOT_THERE_AT_ALL",)),
                            ("[a]\nengine=postgresql\nlabels = x\n", ("line 3", "name:value"))):
            told = self.apply(text, expect=3)
            for word in words:
                self.assertIn(word, told)
            self.assertNotIn("hunter2", told)
        self.assertIn("-f FILE", self.run_cli("apply", expect=2))
        self.assertIn("not one of apply", self.run_cli("frobnicate", expect=2))

    def test_secrets_by_file_and_pgpass(self):
        secret, pgpass = self.dir + "/secret", self.dir + "/pgpass"
        with open(secret, "w", encoding="utf-8") as f:
            f.write("from-a-file\n")
        with open(pgpass, "w", encoding="utf-8") as f:
            f.write("# comment\nother:*:*:*:wrong\n127.0.0.1:*:app:postgres:with\\:colon\n*:*:*:*:any\n")
        os.chmod(pgpass, 0o600)
        base = f"[defaults]\nengine = postgresql\nhost = 127.0.0.1\nport = {self.pg.port}\nusername = postgres\n"
        text = base + f"[f]\ndatabase = app\npassword = file:{secret}\n[p]\ndatabases = app, billing\npassword = pgpass\n"
        self.assertIn("3 created", self.apply(text, PGPASSFILE=pgpass))
        with open(pgpass, "w", encoding="utf-8") as f:
            f.write("127.0.0.1:*:app:postgres:with\\:colon\n*:*:*:*:another\n")
        self.assertIn("changed    p/billing (password)", self.apply(text, PGPASSFILE=pgpass))
        os.chmod(pgpass, 0o644)
        self.assertIn("chmod 600", self.apply(text, expect=3, PGPASSFILE=pgpass))

    def test_list_test_and_discover(self):
        self.apply(self.conf("[broken]\n port = 1\n database = d\n environment = test\n"), FLEET_PASSWORD="x")
        told = self.run_cli("list")
        self.assertIn("eu/billing", told)
        self.assertIn(f"127.0.0.1:{self.pg.port}/app", told)
        self.assertEqual([c["name"] for c in json.loads(self.run_cli("list", "--json", "--environment", "test"))], ["broken"])
        told = self.run_cli("test", expect=4)
        self.assertIn("FAILED broken", told)
        self.assertIn("ok     eu/app", told)
        self.assertNotIn("broken", self.run_cli("test", "eu/app"))
        self.assertIn("no connection 'nobody'", self.run_cli("test", "nobody", expect=3))
        told = self.run_cli("discover", "single")
        self.assertRegex(told, r"app +connection \d+")
        self.assertRegex(told, r"orders_tmp +not registered")
        for hidden in ("template1", "closed"):
            self.assertNotIn(hidden, told)
        found = self.api.call("POST", "/api/connections/discover",
                              {"engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "username": "narrow"})
        self.assertEqual([d["name"] for d in found], ["app", "orders_tmp", "postgres"])  # not billing
        self.api.problem("POST", "/api/connections/discover", {"engine": "oracle", "host": "h", "username": "u",
                                                               "database": "d"}, (400, 409, 422, 501), "one database")
        self.api.problem("POST", "/api/connections/discover", {"engine": "postgresql", "host": "127.0.0.1", "port": 1,
                                                               "username": "u"}, (502, 503, 504))
        self.server.stop()
        self.assertIn("no server answers", self.run_cli("list", expect=4))

    def test_discovery_of_sql_server(self):
        with subprocess.Popen(["python3", os.path.join(HERE, "..", "doubles", "tds.py"),
                               os.path.join(HERE, "..", "engine", "mssql_cases.json")], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as tds:
            port = int(tds.stdout.readline())
            found = self.api.call("POST", "/api/connections/discover",
                                  {"engine": "mssql", "host": "127.0.0.1", "port": port, "username": "sa",
                                   "password": "right"})
            self.assertEqual([d["name"] for d in found], ["crm", "shop"])
            tds.stdin.close()

    def test_instances(self):
        self.server.stop()
        self.server.extra = {}
        self.server.start()
        self.apply(self.conf(), FLEET_PASSWORD="x")
        instance = sqlopt_test.wait_for("one server with its three databases", lambda: [
            i for i in self.api.call("GET", "/api/instances")
            # app has no extension of its own: it is read through another of them
            if len(i["connections"]) == 3 and i["last_poll_at"] and not i["failures"]], 60)[0]
        self.assertEqual((instance["engine"], instance["port"], instance["failures"]), ("postgresql", self.pg.port, 0))
        self.assertIn(instance["state"], ("waiting", "running"))
        self.assertTrue(instance["version"][0].isdigit())
        self.assertTrue(instance["system_id"])
        self.assertEqual([c["database"] for c in instance["connections"]], ["app", "billing", "postgres"])
        self.assertEqual(self.names(f"?instance_id={instance['id']}"), ["eu/app", "eu/billing", "single"])
        targets = self.api.call("GET", "/api/monitoring/targets")
        self.assertEqual({t["instance_id"] for t in targets}, {instance["id"]})

    def lock(self, role, password):
        """A role that only this password lets in."""
        path = self.pg.dir + "/data/pg_hba.conf"
        self.pg.psql(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        with open(path, "r+", encoding="utf-8") as f:
            text = f.read()
            f.seek(0)
            f.write(f"host all {role} 127.0.0.1/32 scram-sha-256\n" + text)
        self.pg.psql("SELECT pg_reload_conf()")

    def test_a_found_database_is_added_with_the_password_of_its_server(self):
        secret = "a-secret-of-" + os.urandom(6).hex()
        self.lock("watcher", secret)
        first = {"name": "app", "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "database": "app",
                 "username": "watcher", "password": secret}
        like = self.api.call("POST", "/api/connections", first, 201)["id"]
        other = {"name": "other", "engine": "postgresql", "database": "orders_tmp"}
        self.api.problem("POST", "/api/connections", {**first, "name": "other", "password": ""}, 400, "asks for a password")
        added = self.api.call("POST", "/api/connections", {**other, "like": like}, 201)
        self.assertEqual([added[k] for k in ("host", "port", "database", "username", "ssl_enabled", "monitoring_enabled")],
                         ["127.0.0.1", self.pg.port, "orders_tmp", "watcher", False, True])
        self.assertTrue(self.api.call("POST", f"/api/connections/{added['id']}/test")["success"])
        # said in full it is the same; its copy stays when the first is gone
        same = {**first, "name": "same", "database": "orders_tmp", "like": like}
        del same["password"]
        same = self.api.call("POST", "/api/connections", same, 201)
        self.api.call("DELETE", f"/api/connections/{like}", expect=204)
        self.assertTrue(self.api.call("POST", f"/api/connections/{same['id']}/test")["success"])
        self.assertNotIn(secret, json.dumps([added, same, self.api.call("GET", "/api/connections")]))
        with open(self.server.dir + "/sqlopt.db", "rb") as f:
            self.assertNotIn(secret.encode(), f.read())
        self.assertNotIn(secret, self.server.log())

    def test_a_password_goes_to_no_other_server(self):
        first = {"name": "app", "engine": "postgresql", "host": "127.0.0.1", "port": self.pg.port, "database": "app",
                 "username": "postgres", "password": "not to be told"}
        like = self.api.call("POST", "/api/connections", first, 201)["id"]
        other = {"name": "other", "engine": "postgresql", "database": "billing", "like": like}
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            elsewhere.settimeout(0)
            for change, *words in (({"port": elsewhere.getsockname()[1]}, "port: is not that of 'app'"),
                                   ({"host": "localhost"}, "host: is not that of 'app'", "leave host out"),
                                   ({"username": "narrow"}, "username: is not that of 'app'"),
                                   ({"ssl_enabled": True}, "ssl_enabled: is not that"),
                                   ({"tls_ca": "/etc/ca.pem"}, "tls_ca: is not that"),
                                   ({"engine": "mysql", "port": self.pg.port}, "engine: is not that"),
                                   ({"password": "mine"}, "give that or one of your own"),
                                   ({"dsn": "host=127.0.0.1"}, "give that or one of your own")):
                with self.subTest(change):
                    self.api.problem("POST", "/api/connections", {**other, **change}, 400, *words)
            with self.assertRaises(BlockingIOError):
                elsewhere.accept()
        self.api.problem("POST", "/api/connections", {**other, "like": 999999}, 404, "like", "999999")
        self.api.problem("POST", "/api/connections", {**other, "like": 0}, 422)
        by_dsn = self.api.call("POST", "/api/connections", {"name": "by dsn", "engine": "postgresql",
                                                            "dsn": self.pg.dsn("app")}, 201)
        self.api.problem("POST", "/api/connections", {**other, "like": by_dsn["id"]}, 400, "'by dsn' logs in with a dsn")
        # only a new connection has something to be like
        self.api.problem("POST", "/api/connections/test", {**first, "like": like}, 422, "like")
        self.assertEqual(self.names(), ["app", "by dsn"])

    def test_two_hundred_servers_of_twenty_databases(self):
        text = ["[defaults]\nengine = postgresql\nusername = sqlopt\npassword = env:FLEET_PASSWORD\n"]
        for i in range(200):
            text.append(f"[server-{i:03}]\nhost = db{i}.example.com\nenvironment = {'production' if i % 2 else 'test'}\n"
                        f"labels = rack:{i % 7}\ndatabases = {', '.join(f'db{k:02}' for k in range(20))}\n")
        text = "".join(text)
        times = []
        for expected in ("4000 created, 0 changed, 0 unchanged", "0 created, 0 changed, 4000 unchanged"):
            began = time.monotonic()
            self.assertIn(expected, self.apply(text, FLEET_PASSWORD="x"))
            times.append(time.monotonic() - began)
        began = time.monotonic()
        self.assertEqual(len(self.names("?label=rack:3&environment=test")), 20 * sum(i % 7 == 3 and i % 2 == 0
                                                                                       for i in range(200)))
        times.append(time.monotonic() - began)
        print("# 4,000 connections: applied in %.1f s, again in %.1f s, filtered in %.2f s" % tuple(times))
        self.assertLess(sum(times), 120)
        refused = self.apply(text + "".join(f"[more{i}]\nhost=h\ndatabases={','.join(f'd{k}' for k in range(60))}\n"
                                            for i in range(20)), expect=3, FLEET_PASSWORD="x")
        self.assertIn("5000", refused)
        self.assertEqual(len(self.names()), 4000)


sqlopt_test.main()
