#!/usr/bin/env python3
"""What happens to real PostgreSQL servers while they are monitored: locks, lost privileges, a dropped extension, a standby,
a disk without room, a clock that is set back. The connection says what is wrong and what to run, polling comes back by
itself, and what the server counted is what the history shows: not a call less, not one twice."""
# long: it waits for back-offs and restarts
import os
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lib")]
import sqlopt_test  # noqa: E402
import watching  # noqa: E402

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long shift_s(void)
{
	FILE *file = fopen(getenv("CLOCK_SHIFT"), "re");
	long shift = 0;

	if (file) {
		if (fscanf(file, "%ld", &shift) != 1)
			shift = 0;
		fclose(file);
	}
	return shift;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, ts);
	if (rc == 0 && id == CLOCK_REALTIME)
		ts->tv_sec += shift_s();
	return rc;
}
"""


class TargetTrouble(watching.Watched):
    @classmethod
    def setUpClass(cls):
        cls.pg = sqlopt_test.Postgres()
        cls.pg.__enter__()
        cls.addClassCleanup(cls.pg.__exit__, None, None, None)
        cls.pg.psql("CREATE TABLE watched (id int); CREATE ROLE watcher LOGIN; CREATE ROLE app LOGIN;"
                    "GRANT pg_monitor TO watcher; GRANT ALL ON watched TO app")

    def setUp(self):
        self.pg.psql("SELECT pg_stat_statements_reset()")
        super().setUp()

    def connect(self, **more):
        return self.watch(**{"engine": "postgresql", "port": self.pg.port, "database": "postgres", "username": "watcher", **more})

    def work(self, calls, table="watched"):
        self.pg.psql(f"SELECT count(*) FROM {table};" * calls, user="app")

    def test_a_privilege_that_is_lost(self):
        self.work(5)
        connection = self.connect()
        self.work(20)
        self.poll(connection)
        self.expect(connection, 25)
        self.pg.psql("REVOKE pg_monitor FROM watcher")
        try:
            self.work(7)
            state = self.poll(connection, good=False)
            self.assertEqual(state["error_kind"], "denied_by_target", state)
            self.assertIn('GRANT pg_monitor TO "watcher"', state["error"])
            self.expect(connection, 25)
            self.work(8)
        finally:
            self.pg.psql("GRANT pg_monitor TO watcher")
        # shown again, the rows are not new: the calls of the meantime count, their lifetimes do not
        self.recovers(connection, 40)
        self.work(2)
        self.poll(connection)
        self.expect(connection, 42)

    def test_a_login_that_never_saw_the_others(self):
        self.work(5)
        self.pg.psql("REVOKE pg_monitor FROM watcher")
        try:
            connection = self.connect()
            self.work(20)
            self.poll(connection)
            self.expect(connection, 0)
        finally:
            self.pg.psql("GRANT pg_monitor TO watcher")
        self.poll(connection)
        # what it is shown now begins with what it is, as at the first poll
        self.expect(connection, 25)
        self.work(3)
        self.poll(connection)
        self.expect(connection, 28)

    def test_an_extension_that_is_dropped(self):
        connection = self.connect()
        self.work(10)
        self.poll(connection)
        self.expect(connection, 10)
        self.pg.psql("DROP EXTENSION pg_stat_statements")
        try:
            self.work(5)
            for _ in range(2):  # the connection that saw it, and a new one
                state = self.poll(connection, good=False)
                self.assertEqual(state["error_kind"], "unsupported", state)
                self.assertIn("CREATE EXTENSION pg_stat_statements", state["error"])
        finally:
            # in another place, which the connection that saw it cannot know
            self.pg.psql("CREATE SCHEMA tools; GRANT USAGE ON SCHEMA tools TO watcher;"
                         "CREATE EXTENSION pg_stat_statements SCHEMA tools")
        try:
            self.recovers(connection, 15)
        finally:
            self.pg.psql("DROP EXTENSION pg_stat_statements; CREATE EXTENSION pg_stat_statements SCHEMA public")

    def test_what_we_read_is_locked(self):
        connection = self.connect()
        self.work(10)
        self.poll(connection)
        locker = subprocess.Popen(["psql", "-Xq", self.pg.dsn()], stdin=subprocess.PIPE, text=True)
        try:
            locker.stdin.write("BEGIN; LOCK TABLE pg_catalog.pg_database IN ACCESS EXCLUSIVE MODE;\n")
            locker.stdin.flush()
            began = time.monotonic()
            state = self.poll(connection, good=False, timeout=60)
            self.assertLess(time.monotonic() - began, 45)
            self.assertEqual(state["error_kind"], "timeout", state)
            self.assertTrue(state["error"])
        finally:
            locker.communicate("ROLLBACK;\n", timeout=20)
        self.work(5)
        self.recovers(connection, 15)
        self.assertEqual(self.pg.psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'watcher' AND wait_event_type ="
                                      " 'Lock'"), "0")

    def test_a_standby(self):
        """Read-only, behind the same name as nothing else: watched like any server."""
        standby = sqlopt_test.Postgres()
        standby.dir = self.pg.dir
        folder, port = self.pg.dir + "/standby", sqlopt_test.free_port()
        self.pg.as_user(self.pg.bin + "/pg_basebackup", "-h", "127.0.0.1", "-p", str(self.pg.port), "-U", "postgres", "-D",
                        folder, "-R", "-X", "stream", "-c", "fast", "--no-sync", capture_output=True)
        with open(folder + "/postgresql.conf", "a", encoding="utf-8") as f:
            f.write(f"port = {port}\n")
        with open(self.pg.dir + "/standby.out", "w", encoding="utf-8") as log:
            self.pg.as_user(self.pg.bin + "/pg_ctl", "-D", folder, "-s", "-w", "-l", folder + ".log", "start", stdout=log,
                            stderr=log)
        try:
            standby.port = port
            self.assertEqual(standby.psql("SELECT pg_is_in_recovery()"), "t")
            connection = self.connect(port=port)
            standby.psql("SELECT count(*) FROM watched;" * 12, user="app")
            self.poll(connection)
            self.expect(connection, 12)
            self.assertIsNone(self.state(connection)["error"])
            # it becomes the primary under us: the same server goes on counting
            self.pg.as_user(self.pg.bin + "/pg_ctl", "-D", folder, "-s", "-w", "promote", stdout=subprocess.DEVNULL)
            standby.psql("SELECT count(*) FROM watched;" * 3, user="app")
            self.poll(connection)
            self.expect(connection, 15)
        finally:
            self.pg.as_user(self.pg.bin + "/pg_ctl", "-D", folder, "-s", "-w", "-m", "immediate", "stop",
                            stdout=subprocess.DEVNULL)

    def restart_with(self, script):
        """The server under a wrapper."""
        wrapper = self.server.dir + "/wrapper"
        with open(wrapper, "w", encoding="ascii") as f:
            f.write(f'#!/bin/sh\n{script}\nexec {self.server.binary} "$@"\n')
        os.chmod(wrapper, 0o755)
        whole, self.server.binary = self.server.binary, wrapper
        self.server.stop()
        self.server.start()
        return whole

    def test_a_disk_without_room(self):
        connection = self.connect()
        self.work(10)
        self.poll(connection)
        self.expect(connection, 10)
        self.server.stop()
        blocks = os.path.getsize(self.server.dir + "/sqlopt.db") // 512
        self.server.start()
        # the log of the store cannot grow beyond a few pages
        whole = self.restart_with(f'trap "" XFSZ\nulimit -f {min(blocks, 64)}')
        self.work(7)
        self.api.call("POST", "/api/monitoring/trigger")
        sqlopt_test.wait_for("the failure", lambda: self.state(connection)["error"] is not None, 60)
        state = self.state(connection)
        self.assertEqual(state["error_kind"], "store_error", state)
        self.assertIn("free some space", state["error"])
        self.assertEqual(self.server.get("/health").status, 200)
        self.server.stop()
        self.server.binary = whole
        self.server.start()
        self.recovers(connection, 17)

    def test_a_clock_that_is_set_back(self):
        if os.environ.get("ASAN_OPTIONS") or os.environ.get("TSAN_OPTIONS"):
            self.skipTest("sanitizers want to be loaded first")
        shim = self.server.dir + "/shim"
        with open(shim + ".c", "w", encoding="ascii") as f:
            f.write(SHIM)
        if subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim + ".so", shim + ".c", "-ldl"], check=False).returncode:
            self.skipTest("no C compiler")
        with open(shim + ".now", "w", encoding="ascii") as f:
            f.write("0\n")
        self.restart_with(f"CLOCK_SHIFT={shim}.now LD_PRELOAD={shim}.so; export CLOCK_SHIFT LD_PRELOAD")
        connection = self.connect()
        calls = 0
        for shift in (-7200, -7230, 1800, -86400):
            with open(shim + ".tmp", "w", encoding="ascii") as f:
                f.write(f"{shift}\n")
            os.rename(shim + ".tmp", shim + ".now")
            self.work(6)
            calls += 6
            self.recovers(connection, calls)  # nobody triggers: waiting goes by the other clock


sqlopt_test.main()
