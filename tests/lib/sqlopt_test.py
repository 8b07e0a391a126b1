"""What the Python tests share: private PostgreSQL servers, the sqlopt server, a small HTTP client, TAP.

A test program is an executable tests/SUITE/test_*.py:

    #!/usr/bin/env python3
    import os, sys, unittest
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
    import sqlopt_test

    class Something(unittest.TestCase):
        def test_it(self): ...

    sqlopt_test.main()

Only Debian's python3 standard library is used."""
import contextlib
import glob
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SO_BUILD", os.path.join(ROOT, "build"))
BINARY = os.path.join(BUILD, "sqlopt")
DEADLINE_S = 30


def free_port():
    """Below the ports that the system gives to clients: tests that run beside this one cannot get it by chance."""
    while True:
        port = random.SystemRandom().randrange(12000, 32000)
        with contextlib.closing(socket.socket()) as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_for(what, condition, deadline_s=DEADLINE_S):
    """Poll until condition() is true; its last result is returned. Never sleeps for luck."""
    end = time.monotonic() + deadline_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {deadline_s} s")
        time.sleep(0.02)


def postgres_bin():
    """The folder of initdb; SO_PG_BIN names another version."""
    found = os.environ.get("SO_PG_BIN") or "/usr/lib/postgresql/15/bin"
    if not os.path.exists(os.path.join(found, "initdb")):
        newest = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda p: int(p.split("/")[4]))
        if not newest:
            return None
        found = os.path.dirname(newest[-1])
    return found


class Postgres:
    """A private PostgreSQL on loopback in a temporary folder, as an unprivileged user; gone at the end of `with`."""

    def __init__(self, extensions=("pg_stat_statements", "hypopg"), settings=()):
        self.bin = postgres_bin()
        if not self.bin:
            raise unittest.SkipTest("no PostgreSQL server is installed")
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.extensions, self.settings = extensions, settings
        self.port = free_port()
        self.dir = None

    def as_user(self, *command, **options):
        if os.geteuid() == 0:
            command = ("runuser", "-u", self.user, "--", *command)
        return subprocess.run(command, cwd="/", check=True, text=True, stdin=options.pop("stdin", subprocess.DEVNULL),
                              **options)

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="sqlopt-pg-")
        if os.geteuid() == 0:
            shutil.chown(self.dir, self.user)
        data = self.dir + "/data"
        try:
            self.as_user(self.bin + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8",
                         "--locale=C.UTF-8", stdout=subprocess.DEVNULL)
            with open(data + "/postgresql.conf", "a", encoding="utf-8") as f:
                f.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.dir}'\n"
                        "fsync = off\njit = off\nshared_buffers = 32MB\ntimezone = 'UTC'\n"
                        "shared_preload_libraries = 'pg_stat_statements'\n" + "".join(s + "\n" for s in self.settings))
            self.start()
            for name in self.extensions:
                self.psql(f"CREATE EXTENSION {name}")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        # A server that is just starting has no pid file yet: ask again for a moment.
        for _ in range(20 if os.path.exists(self.dir + "/log") or os.path.exists(self.dir + "/pg_ctl.log") else 1):
            with contextlib.suppress(subprocess.CalledProcessError):
                self.stop()
                break
            time.sleep(0.1)
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self):
        # pg_ctl's children keep its output open, so it goes to a file.
        with open(self.dir + "/pg_ctl.log", "a", encoding="utf-8") as log:
            self.as_user(self.bin + "/pg_ctl", "-D", self.dir + "/data", "-s", "-w", "-l", self.dir + "/log", "start",
                         stdout=log, stderr=log)

    def stop(self, mode="immediate"):
        self.as_user(self.bin + "/pg_ctl", "-D", self.dir + "/data", "-s", "-w", "-m", mode, "stop",
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def dsn(self, database="postgres", user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def psql(self, sql, database="postgres", user="postgres"):
        """Run SQL; the rows come back as text, fields separated by |."""
        done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-", self.dsn(database, user)], input=sql,
                              text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise AssertionError("psql: " + done.stderr.strip())
        return done.stdout.rstrip("\n")


class MySQL:
    """A private MariaDB on loopback, or the MariaDB or MySQL that SO_MY_BIN names; gone when this process ends."""

    def __init__(self, kind="digests"):
        self.port, self.process = free_port(), None
        script = os.path.join(ROOT, "tests", "engine", "my_server.sh")
        self.dir = subprocess.run([script, "start", str(os.getpid()), str(self.port), kind], check=True, capture_output=True,
                                  text=True, timeout=120).stdout.strip()
        if self.dir.startswith("skip: "):
            raise unittest.SkipTest(self.dir[6:])
        with open(self.dir + "/flavor", encoding="utf-8") as f:
            self.flavor = f.read().strip()

    def run(self, sql, database="", user="root", password=""):
        """Rows come back as text, fields separated by tabs."""
        done = subprocess.run([self.dir + "/client", "-N", "-u", user, *(["-p" + password] if password else []), database],
                              input=sql, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError("client: " + done.stderr.strip())
        return done.stdout.strip()

    def pid(self):
        with open(self.dir + "/pid", encoding="ascii") as f:
            return int(f.read())

    def stop(self):
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        if self.process:  # ours: it stays until it is waited for
            self.process.wait(90)
        wait_for("the database server ends", lambda: not os.path.exists(f"/proc/{pid}"), 90)

    def start(self, *options):
        with open(self.dir + "/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.dir + "/serve", *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def answers():
            with contextlib.suppress(AssertionError):
                return self.run("SELECT 1")
        wait_for("the database server answers", answers, 60)


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def http(method, url, body=None, headers=None, timeout=DEADLINE_S):
    """One request; errors of the server are replies too. A dict or list is sent as JSON."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    if isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(url, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as reply:
            return Reply(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as e:
        with e:
            return Reply(e.code, e.headers, e.read())


class Server:
    """`sqlopt serve` on a free port with a store of its own; the folder survives kill() and start()."""

    def __init__(self, binary=BINARY, env=None):
        if not os.path.exists(binary):
            raise AssertionError(f"'{binary}' is not built")
        self.binary, self.extra = binary, env or {}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.dir = tempfile.mkdtemp(prefix="sqlopt-server-")
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.stop()
        log = self.log() if self.process else ""
        shutil.rmtree(self.dir, ignore_errors=True)
        if "Sanitizer" in log or "runtime error:" in log:
            raise AssertionError("the server's sanitizer found something:\n" + log[-8000:])

    def environment(self):
        keep = {k: v for k, v in os.environ.items()
                if k in ("PATH", "LANG", "LC_ALL", "TMPDIR") or k.endswith("SAN_OPTIONS")}
        return {**keep, "HOME": self.dir, "BACKEND_HOST": "127.0.0.1", "BACKEND_PORT": str(self.port),
                "DATABASE_URL": f"sqlite:///{self.dir}/sqlopt.db", "OLLAMA_BASE_URL": "http://127.0.0.1:9",
                **self.extra}

    def start(self, wait=True):
        with open(self.dir + "/log", "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve"], cwd=self.dir, env=self.environment(), stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL)
        if wait:
            wait_for("the server answers /health", self.healthy)

    def healthy(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with status {self.process.returncode}:\n{self.log()[-4000:]}")
        try:
            return self.get("/health", timeout=5).status == 200
        except OSError:
            return False

    def log(self):
        with open(self.dir + "/log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self, deadline_s=DEADLINE_S):
        """SIGTERM, as a service manager would; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop within {deadline_s} s:\n{self.log()[-4000:]}") from None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def get(self, path, **options):
        return http("GET", self.url + path, **options)

    def post(self, path, body=None, **options):
        return http("POST", self.url + path, {} if body is None else body, **options)


def sqlopt(*arguments, stdin=None, env=None, timeout=60):
    """The command line: returns the CompletedProcess with text output."""
    return subprocess.run([BINARY, *arguments], input=stdin, text=True, capture_output=True, timeout=timeout,
                          env={**os.environ, **(env or {})}, check=False)


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0
        self.bad_subtest = None

    def say(self, ok, test, extra=""):
        self.number += 1
        print(f"{'ok' if ok else 'not ok'} {self.number} - {test.id().split('.', 1)[-1]}{extra}", flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.bad_subtest = None

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say(True, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say(True, test, " # SKIP " + " ".join(reason.split()))

    def bad(self, test, err):
        self.say(False, test)
        for line in self._exc_info_to_string(err, test).splitlines():
            print("# " + line)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.bad(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.bad(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.bad(subtest, err)


def main():
    """Run the TestCases of the calling program (all, or those named by its arguments) and print TAP."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `with` takes servers down
    loader = unittest.TestLoader()
    module = sys.modules["__main__"]
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    result = TapResult()
    suite.run(result)
    print(f"1..{result.number}")
    sys.exit(0 if result.wasSuccessful() and result.number else 1)
