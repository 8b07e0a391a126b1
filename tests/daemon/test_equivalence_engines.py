#!/usr/bin/env python3
"""Every rewrite that is called equal returns the same columns and rows as its original on MariaDB and on SQLite, whether it
pays or not: statements that look like a rule's and are not, over NULLs, duplicates, empty tables and what only these engines
have (dates that are none, unsigned numbers, values of any type, collations that fold). SO_MY_BIN names another MariaDB, or MySQL."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import sqlopt_test  # noqa: E402

NUMBERS_OF_MYSQL = """
CREATE TABLE seq_1_to_60 (seq INT PRIMARY KEY); INSERT INTO seq_1_to_60
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT i FROM n;
CREATE VIEW seq_1_to_20 AS SELECT seq FROM seq_1_to_60 WHERE seq <= 20;
"""

MARIADB = """
CREATE DATABASE shop; USE shop; SET sql_mode = '';
CREATE TABLE o (id INT PRIMARY KEY, x INT NOT NULL, y INT, un INT UNSIGNED NOT NULL, big BIGINT NOT NULL,
  ci VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL, bin VARCHAR(20) COLLATE utf8mb4_bin NOT NULL, dt DATETIME,
  dt6 DATETIME(6), ts TIMESTAMP NULL, d DATE, `order by` INT NOT NULL, dec1 DECIMAL(10, 2) NOT NULL) CHARACTER SET utf8mb4;
CREATE TABLE u (id INT PRIMARY KEY, x INT, y INT NOT NULL, s VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL,
  b VARCHAR(20) COLLATE utf8mb4_bin NOT NULL, o INT) CHARACTER SET utf8mb4;
CREATE TABLE e (id INT PRIMARY KEY, x INT, y INT NOT NULL);
CREATE TABLE k (a INT, b INT, c INT, t VARCHAR(9) COLLATE utf8mb4_general_ci NOT NULL UNIQUE, PRIMARY KEY (a, b));
INSERT INTO o SELECT seq, ELT(1 + seq % 5, 0, 1, 5, 77, -1), ELT(1 + seq % 4, 0, 1, NULL, 5), seq % 6,
  ELT(1 + seq % 3, 9007199254740993, 9007199254740992, 5), ELT(1 + seq % 4, 'a', 'A', 'b ', 'b'),
  ELT(1 + seq % 4, 'a', 'A', 'b ', 'b'),
  ELT(1 + seq % 7, '2024-01-01', '2023-12-31 23:59:59', '2024-01-01 23:59:59', '2024-00-00', '0000-00-00', NULL, '2025-01-01'),
  ELT(1 + seq % 3, '2023-12-31 23:59:59.999999', '2024-01-01', NULL), ELT(1 + seq % 2, '2024-01-01 10:00:00', NULL),
  ELT(1 + seq % 4, '2024-01-01', '2023-12-31', '2024-01-00', NULL), seq % 3, seq / 4 FROM seq_1_to_60;
INSERT INTO u SELECT seq, ELT(1 + seq % 3, 0, NULL, 5), seq % 3 + 1, ELT(1 + seq % 2, 'A', 'c'), ELT(1 + seq % 2, 'A', 'c'), seq
  FROM seq_1_to_20;
INSERT INTO k SELECT seq % 4, seq, seq % 3, CONCAT('t', seq) FROM seq_1_to_20;
ANALYZE TABLE o, u, e, k;
CREATE USER app@'%' IDENTIFIED BY 'right-Passw0rd'; GRANT ALL ON shop.* TO app@'%';
"""

ON_MARIADB = """
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM e)
SELECT id FROM o WHERE y NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT u.x FROM u WHERE u.x > 0)
SELECT id FROM o WHERE x NOT IN (SELECT u.x FROM u WHERE u.x > 0 OR u.y > 0)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u WHERE u.x = 1 XOR u.y = 2)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u AS O)
SELECT id FROM o WHERE `order by` NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE ci NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE bin NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT b FROM u)
SELECT id FROM o WHERE un NOT IN (SELECT y FROM u)
SELECT x FROM o GROUP BY x WITH ROLLUP HAVING x NOT IN (SELECT y FROM u)
SELECT x FROM o GROUP BY x HAVING x NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE 0 = x NOT IN (SELECT y FROM u)
SELECT id, x NOT IN (SELECT y FROM u) FROM o
SELECT id, x NOT IN (SELECT y FROM u) AS n FROM o
SELECT id FROM o WHERE (SELECT count(*) FROM u WHERE u.x = o.x) > 0
SELECT id FROM o WHERE (SELECT COUNT(*) FROM u WHERE u.x = o.x) = 0
SELECT id FROM o WHERE (SELECT count(*) FROM u WHERE u.x = o.x) = 0 < x
SELECT id, (SELECT count(*) FROM u WHERE u.x = o.x) > 0 FROM o
SELECT id FROM o WHERE (SELECT count(u.x) FROM u WHERE u.id = o.id) > 0
SELECT id FROM o WHERE (SELECT count(u.y) FROM u WHERE u.id = o.id) > 0
SELECT id FROM o WHERE DATE(dt) = '2024-01-01'
SELECT id FROM o WHERE date(dt) >= '2024-01-01'
SELECT id FROM o WHERE date(dt) > '2023-12-31' OR x = 5
SELECT id FROM o WHERE date(dt) < '2024-01-01'
SELECT id FROM o WHERE NOT date(dt) = '2024-01-01'
SELECT id FROM o WHERE date(d) = '2024-01-01'
SELECT id FROM o WHERE date(dt6) = '2024-01-01'
SELECT id FROM o WHERE date(ts) = '2024-01-01'
SELECT id FROM o WHERE CAST(dt AS DATE) = '2024-01-01'
SELECT id FROM o WHERE year(dt) = 2024
SELECT id FROM o WHERE date(dt) = '2024-01-01 10:00:00'
SELECT id FROM o WHERE x + 5 > 6
SELECT id FROM o WHERE x - 5 = 0
SELECT id FROM o WHERE 10 - x < 5
SELECT id FROM o WHERE un + 5 > 6
SELECT id FROM o WHERE dec1 + 1 > 6
SELECT id FROM o WHERE coalesce(y, 0) = 5
SELECT id FROM o WHERE coalesce(y, 0) = 0
SELECT id FROM o WHERE coalesce(x, 0) > 3
SELECT id FROM o WHERE NOT coalesce(y, 0) = 5
SELECT id FROM o WHERE IFNULL(y, 0) = 5
SELECT id FROM o WHERE coalesce(bin, 'b') = 'b '
SELECT DISTINCT id, x FROM o
SELECT DISTINCT a, b FROM k
SELECT DISTINCT b FROM k WHERE a = 1
SELECT DISTINCT b FROM k WHERE a = '1'
SELECT DISTINCT b FROM k WHERE a = 1 OR a = 2
SELECT DISTINCT a FROM k
SELECT DISTINCT t FROM k
SELECT DISTINCT o.id, u.y FROM o JOIN u ON u.id = o.id
SELECT DISTINCT o.id FROM o LEFT JOIN u ON u.id = o.x
SELECT DISTINCT o.id FROM o JOIN u ON u.x = o.x
SELECT DISTINCT SQL_NO_CACHE id FROM o
SELECT DISTINCT big FROM o WHERE big = '9007199254740993'
""".strip().splitlines()

SQLITE = """
CREATE TABLE o (id INTEGER PRIMARY KEY, x INT NOT NULL, y INT, t TEXT NOT NULL, n TEXT NOT NULL COLLATE NOCASE,
  "any" NOT NULL, r REAL NOT NULL, "order by" INT NOT NULL);
CREATE TABLE u (id INTEGER PRIMARY KEY, x INT, y INT NOT NULL, s TEXT NOT NULL, c TEXT NOT NULL COLLATE NOCASE);
CREATE TABLE e (id INTEGER PRIMARY KEY, x INT, y INT NOT NULL);
CREATE TABLE k (a INT NOT NULL, b INT NOT NULL, c INT, PRIMARY KEY (a, b));
CREATE TABLE nk (a TEXT PRIMARY KEY, b INT);
CREATE TABLE fold (n TEXT NOT NULL COLLATE NOCASE, m TEXT NOT NULL); CREATE UNIQUE INDEX fold_n ON fold (n COLLATE BINARY);
CREATE UNIQUE INDEX fold_m ON fold (m COLLATE NOCASE);
CREATE TABLE part (a INT NOT NULL, b INT NOT NULL); CREATE UNIQUE INDEX part_a ON part (a) WHERE b > 0;
CREATE TABLE wr (a TEXT PRIMARY KEY, b INT) WITHOUT ROWID;
"""

ON_SQLITE = """
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM e)
SELECT id FROM o WHERE y NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT u.x FROM u WHERE u.x > 0)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u WHERE u.x = 0 OR u.y = 2)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u AS O)
SELECT id FROM o WHERE "order by" NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE t NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE t NOT IN (SELECT c FROM u)
SELECT id FROM o WHERE n NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE n NOT IN (SELECT c FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE t NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE "any" NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE "any" NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE y NOT IN (SELECT "any" FROM o AS p)
SELECT id FROM o WHERE x NOT IN (SELECT "any" FROM o AS p)
SELECT id FROM o WHERE t NOT IN (SELECT "any" FROM o AS p)
SELECT id FROM o WHERE r NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE id NOT IN (SELECT s FROM u)
SELECT id FROM o WHERE 0 = x NOT IN (SELECT y FROM u)
SELECT id, x NOT IN (SELECT y FROM u) FROM o
SELECT id FROM o WHERE (SELECT count(*) FROM u WHERE u.x = o.x) > 0
SELECT id FROM o WHERE (SELECT COUNT(*) FROM u WHERE u.x = o.x) = 0
SELECT id FROM o WHERE (SELECT count(*) FROM u WHERE u.x = o.x) = 0 < x
SELECT id FROM o WHERE (SELECT count(u.x) FROM u WHERE u.id = o.id) > 0
SELECT id FROM o WHERE (SELECT count(u.y) FROM u WHERE u.id = o.id) > 0
SELECT DISTINCT id, x FROM o
SELECT DISTINCT a, b FROM k
SELECT DISTINCT b FROM k WHERE a = 1
SELECT DISTINCT a FROM nk
SELECT DISTINCT n FROM fold
SELECT DISTINCT m FROM fold
SELECT DISTINCT a FROM part
SELECT DISTINCT a FROM wr
SELECT DISTINCT o.id FROM o LEFT JOIN u ON u.id = o.id
SELECT DISTINCT o.id FROM o JOIN u ON u.x = o.x
WITH c AS MATERIALIZED (SELECT * FROM o) SELECT id FROM c WHERE x = 5
WITH c AS MATERIALIZED (SELECT id, random() AS z FROM o) SELECT id FROM c WHERE z = z
""".strip().splitlines()


def claimed_equal(dsn, sql):
    """The texts that the optimizer calls equal to the statement."""
    done = subprocess.run([sqlopt_test.BINARY, "optimize", "--dsn", dsn, "--json", "-"], input=sql, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"{sql}: {done.stderr}")
    for p in json.loads(done.stdout)["proposals"]:
        rungs = {rung["rung"]: rung["status"] for rung in p["proof"]}
        if p["kind"] != "rewrite":
            continue
        # never SQL to run without a proof
        assert not p["sql"] or rungs["equivalent"] == "passed", p
        if rungs["equivalent"] == "passed" and rungs["planned"] == "passed":
            yield p["origin"], p["sql"] or p["shown_sql"]


class Equivalence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="so-equal.")
        cls.addClassCleanup(shutil.rmtree, cls.dir)

    def check(self, dsn, statements, answer, wanted, never):
        reached = {}
        for sql in statements:
            for origin, text in claimed_equal(dsn, sql):
                with self.subTest(sql=sql, rewrite=text):
                    self.assertEqual(answer(text), answer(sql))
                reached.setdefault(origin, []).append(sql)
        # the statements do reach the rules
        self.assertLessEqual({f"rule {n}" for n in wanted}, set(reached))
        for origin, sql in never:
            self.assertIn(sql, statements)
            self.assertNotIn(sql, reached.get(origin, []))

    def test_mariadb(self):
        my = sqlopt_test.MySQL()

        def client(script):
            return subprocess.run([my.dir + "/client", "--column-names", "-B"], input=script,
                                  check=True, capture_output=True, text=True, timeout=60).stdout

        def answer(sql):
            return sorted(client("USE shop;\n" + sql + ";\n").splitlines())
        numbers = NUMBERS_OF_MYSQL if my.flavor == "mysql" else ""
        client(MARIADB.replace("USE shop;", "USE shop;" + numbers))
        self.check(f"mysql://app:right-Passw0rd@127.0.0.1:{my.port}/shop", ON_MARIADB, answer, (1, 4, 10, 11, 14, 21), (
            ("rule 10", "SELECT id FROM o WHERE year(dt) = 2024"), ("rule 10", "SELECT id FROM o WHERE date(dt) < '2024-01-01'"),
            ("rule 10", "SELECT id FROM o WHERE NOT date(dt) = '2024-01-01'"),
            ("rule 1", "SELECT id FROM o WHERE bin NOT IN (SELECT s FROM u)"),
            ("rule 21", "SELECT DISTINCT big FROM o WHERE big = '9007199254740993'"),
            ("rule 11", "SELECT id FROM o WHERE un + 5 > 6")))

    def test_sqlite(self):
        path = self.dir + "/shop.db"
        db = sqlite3.connect(path)
        self.addCleanup(db.close)
        db.executescript(SQLITE)
        values = ["a", "A", "1", 1, 1.0, b"1", "b", 7]
        db.executemany("INSERT INTO o VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                       ((i, [0, 1, 5, "abc", 77][i % 5], [0, None, 5, "1"][i % 4], "aAb1"[i % 4], "aAbB"[i % 4],
                         values[i % 8], [0, 1, 2.5][i % 3], i % 3) for i in range(60)))
        db.executemany("INSERT INTO u VALUES (?, ?, ?, ?, ?)",
                       ((i, [0, None, 5][i % 3], [1, 2, "abc"][i % 3], "A1x"[i % 3], "A1x"[i % 3]) for i in range(20)))
        db.executemany("INSERT INTO k VALUES (?, ?, ?)", ((i % 4, i, i % 3) for i in range(20)))
        db.executemany("INSERT INTO nk VALUES (?, 1)", ((None,), (None,), ("a",)))
        db.executemany("INSERT INTO fold VALUES (?, ?)", (("a", "a"), ("A", "b"), ("b", "c")))
        db.executemany("INSERT INTO part VALUES (?, ?)", ((1, 0), (1, 0), (1, 1)))
        db.executemany("INSERT INTO wr VALUES (?, 1)", (("a",), ("A",)))
        db.execute("ANALYZE")
        db.commit()

        def answer(sql):
            cursor = db.execute(sql)
            return [[column[0] for column in cursor.description], sorted(map(repr, cursor.fetchall()))]
        self.check("sqlite://" + path, ON_SQLITE, answer, (1, 4, 21, 33), (
            ("rule 21", "SELECT DISTINCT n FROM fold"), ("rule 21", "SELECT DISTINCT a FROM nk"),
            ("rule 21", "SELECT DISTINCT a FROM part"),
            ("rule 33", "WITH c AS MATERIALIZED (SELECT id, random() AS z FROM o) SELECT id FROM c WHERE z = z")))


sqlopt_test.main()
