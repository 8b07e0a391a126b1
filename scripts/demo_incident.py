#!/usr/bin/env python3
"""An incident on the demo: an index is dropped under load, and the server has to say which query suffers, and why.
   scripts/demo_incident.py          some minutes of load, then DROP INDEX, then wait for the finding and print it
   scripts/demo_incident.py undo     build the index again, and load until the finding is closed
Needs `make run`. Environment: DEMO_DIR, BACKEND_PORT, WARM_S (seconds of load before: 210)."""
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DIR = os.environ.get("DEMO_DIR", f"/var/tmp/sqlopt-demo-{os.getuid()}")
INDEX = "payments_provider_ref_idx"
BEFORE = os.path.join(DIR, "incident.sql")  # what builds the index again
WARM_S = float(os.environ.get("WARM_S", "210"))
STATEMENTS = ("SELECT id, amount FROM payments WHERE provider_ref = '{ref}'",  # the one that needs the index
              "SELECT name FROM products WHERE id = {id}", "SELECT count(*) FROM orders WHERE id < {id}")


def die(text):
    sys.exit(f"demo-incident: {text}")


def say(text):
    print(f"demo-incident: {text}", flush=True)


def sql(text, *options):
    done = subprocess.run([os.path.join(ROOT, "demo", "demo"), "psql", "-At", *options], input=text, text=True,
                          capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        die(done.stderr.strip() or done.stdout.strip())
    return done.stdout.strip()


class Server:
    def __init__(self):
        try:
            with open(os.path.join(DIR, "server", "server.port"), encoding="utf-8") as f:
                port = f.read().strip()
        except OSError:
            die("the server does not run: 'make run' starts it")
        self.url = f"http://127.0.0.1:{port}"
        self.demo = next((c for c in self.get("/api/connections") if c["name"] == "demo shop"), None)
        if self.demo is None:
            die("the demo is not registered: 'make run' does it")
        if not 0 < (self.demo["interval_s"] or 0) <= 10:
            die("the demo is not polled every ten seconds: 'make run' sees to it")

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as reply:
                return json.load(reply)
        except OSError as e:
            return die(f"{self.url}{path}: {e}")

    def finding(self, state):
        """The regression of our statement, if there is one."""
        rows = self.get(f"/api/findings?connection_id={self.demo['id']}&rule=query-regression&state={state}")
        for row in rows:
            if row["query_id"] and "provider_ref" in self.get(f"/api/monitoring/queries/{row['query_id']}")["sql_text"]:
                return row
        return None


class Load:
    """About thirty statements a second through one session."""

    def __enter__(self):
        self.stop = threading.Event()
        self.session = subprocess.Popen([os.path.join(ROOT, "demo", "demo"), "psql", "-At", "-o", "/dev/null"],
                                        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        number = 0
        try:
            self.session.stdin.write("SET ROLE shop_app; SET application_name = 'shop';\n")
            while not self.stop.wait(0.33):
                number += 1
                for i in range(10):
                    n = number * 977 + i * 7919
                    statement = STATEMENTS[(0, 0, 1, 1, 1, 1, 1, 1, 2, 0)[i]]
                    self.session.stdin.write(statement.format(ref=100000000 + n % 500000, id=n % 40000 + 1) + ";\n")
                self.session.stdin.flush()
        except OSError:
            pass  # the session ended: who waits for its effect finds out

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        try:
            self.session.stdin.close()
        except OSError:
            pass
        self.session.terminate()
        self.session.wait(timeout=20)
        self.session.stderr.close()


def wait_for(what, condition, deadline_s):
    began = time.monotonic()
    while time.monotonic() - began < deadline_s:
        found = condition()
        if found:
            return found, time.monotonic() - began
        time.sleep(2)
    return die(f"{what} did not come within {deadline_s:.0f} s; 'make demo-incident UNDO=1' builds the index again")


def start():
    server = Server()
    definition = sql(f"SELECT pg_get_indexdef('shop.{INDEX}'::regclass)") if sql(
        f"SELECT to_regclass('shop.{INDEX}')") else None
    if not definition:
        die(f"index {INDEX} is not there: 'make demo-incident UNDO=1' builds it again")
    if server.finding("active"):
        die("the finding of the last time is still open: 'make demo-incident UNDO=1' ends it")
    with open(BEFORE, "w", encoding="utf-8") as f:
        f.write(definition + ";\n")
    with Load():
        say(f"the shop is busy; what is normal has to be seen first ({WARM_S:.0f} s) ...")
        time.sleep(WARM_S)
        sql(f"DROP INDEX shop.{INDEX}")
        say(f"DROP INDEX shop.{INDEX}. Now look at {server.url}/ ...")
        found, took = wait_for("the finding", lambda: server.finding("active"), 150)
    say(f"found after {took:.0f} s, cause {found['cause']}:")
    print(f"  [{found['severity']}] {found['title']}\n  {found['description']}\n  {found['remedy']}")
    print(f"  {server.url}/api/findings/{found['id']}")
    say("'make demo-incident UNDO=1' builds the index again")
    return found


def undo():
    server = Server()
    if not os.path.exists(BEFORE):
        die("nothing to undo")
    with open(BEFORE, encoding="utf-8") as f:
        definition = f.read()
    if not sql(f"SELECT to_regclass('shop.{INDEX}')"):
        sql(definition)
        say(definition.strip())
    os.unlink(BEFORE)
    if not server.finding("active"):
        return
    with Load():
        say("the index is back; the finding is closed when the last calls are as before ...")
        _, took = wait_for("its end", lambda: not server.finding("active"), 400)
    say(f"closed after {took:.0f} s")


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["start"], ["undo"]):
        sys.exit(__doc__)
    undo() if sys.argv[1:] == ["undo"] else start()
