#!/usr/bin/env python3
"""Every rewrite that is called equal returns the same columns and rows as its original on PostgreSQL, whether it pays or
not: statements that look like a rule's and are not, over NULLs, duplicates, empty tables and boundary values."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import sqlopt_test  # noqa: E402

SCHEMA = """
CREATE SCHEMA s1; CREATE SCHEMA s2;
CREATE DOMAIN s2.varchar AS pg_catalog.varchar(1);
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE o (id int PRIMARY KEY, x int NOT NULL, y int, n numeric, b bigint, t text, na name, ts timestamp,
  tz timestamptz, d date, dup int UNIQUE DEFERRABLE, nk int UNIQUE);
CREATE TABLE u (id int PRIMARY KEY, x int, y int NOT NULL, n numeric, b numeric, ts date);
CREATE TABLE e (id int PRIMARY KEY, x int, y int NOT NULL);
CREATE TABLE one (id int PRIMARY KEY, x int);
CREATE TABLE k (a int, b int, c int, PRIMARY KEY (a, b));
CREATE TABLE s1.t (id int PRIMARY KEY, x int); CREATE TABLE s2.t (id int PRIMARY KEY, x int);
CREATE TABLE par (id int PRIMARY KEY, x int NOT NULL);
CREATE TABLE chi () INHERITS (par); ALTER TABLE chi ALTER x DROP NOT NULL;
CREATE TABLE ciu (id int PRIMARY KEY, a text COLLATE ci NOT NULL); CREATE UNIQUE INDEX ON ciu (a COLLATE "C");
"""

DATA = """
INSERT INTO o SELECT g, (ARRAY[0, 1, 5, 7, 77, -1, 2147483640])[1 + g % 7], (ARRAY[0, 1, NULL, 5])[1 + g % 4],
  (ARRAY['0', '1', 'NaN', '2.5', 'Infinity', NULL, '5'])[1 + g % 7]::numeric,
  (ARRAY[9007199254740991, 9007199254740993, NULL, 5])[1 + g % 4],
  (ARRAY['', 'a', 'A', NULL, '7'])[1 + g % 5], (ARRAY[repeat('x', 63), NULL, 'y'])[1 + g % 3],
  (ARRAY['2024-01-01', '2023-12-31 23:59:59.999999', '2024-03-31 02:30', 'infinity', '-infinity', NULL,
    '0044-03-15 BC', '2024-12-31 23:59'])[1 + g % 8]::timestamp,
  (ARRAY['2024-03-31 00:00+00', '2024-03-30 23:00+00', '2018-11-04 03:00+00', 'infinity', '2018-02-18 02:00+00', NULL,
    '2023-12-31 23:00+00', '2024-10-27 00:30+00'])[1 + g % 8]::timestamptz,
  (ARRAY['2024-01-01', '2023-12-31', 'infinity', NULL])[1 + g % 4]::date, g, CASE WHEN g % 2 = 0 THEN g END
  FROM generate_series(1, 60) AS g;
INSERT INTO u SELECT g, (ARRAY[0, NULL, 5, 3])[1 + g % 4], g % 3 + 1, g / 2.0, 5.2, NULL FROM generate_series(1, 20) AS g;
INSERT INTO u VALUES (100, NULL, 9, 5.2, 5.2, '2024-01-01');
INSERT INTO one VALUES (1, NULL);
INSERT INTO k SELECT g % 4, g, g % 3 FROM generate_series(1, 20) AS g;
INSERT INTO s1.t VALUES (1, 1), (2, 1); INSERT INTO s2.t VALUES (1, 1), (2, 1), (3, NULL);
INSERT INTO par VALUES (1, 0), (2, 1); INSERT INTO chi VALUES (1, NULL), (2, 0), (2, 0);
INSERT INTO ciu VALUES (1, 'a'), (2, 'A'), (3, 'b');
ANALYZE;
"""

STATEMENTS = """
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM e)
SELECT id FROM o WHERE y NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT u.x FROM u WHERE u.x > 0)
SELECT id FROM o WHERE x NOT IN (SELECT u.x FROM u WHERE u.x > 0 OR u.y > 0)
SELECT id FROM o WHERE x NOT IN (SELECT y FROM u WHERE u.x = 1 OR u.x = 5)
SELECT id FROM par WHERE x NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE x NOT IN (SELECT par.x FROM par)
SELECT x FROM o GROUP BY ROLLUP (x) HAVING x NOT IN (SELECT y FROM u)
SELECT x FROM o GROUP BY x HAVING x NOT IN (SELECT y FROM u)
SELECT id FROM o WHERE (SELECT count(*) FROM u WHERE u.x = o.x) > 0
SELECT id, (SELECT count(*) FROM u WHERE u.x = o.x) = 0 FROM o
SELECT id, (SELECT count(*) FROM u WHERE u.x = o.x) > 0 FROM o
SELECT ((SELECT count(*) FROM u) > 0)::text FROM o
SELECT CASE WHEN o.x = 1 THEN false ELSE (SELECT count(*) FROM u WHERE u.id = o.id) > 0 END FROM o
SELECT (SELECT count(o.id) FROM one) > 0 FROM o
SELECT 1 FROM o HAVING (SELECT count(o.id) FROM e) = 0
SELECT 1 FROM o GROUP BY x HAVING (SELECT count(o.id) FROM e) = 0
SELECT id FROM o WHERE (SELECT count(x) FROM u) > 0
SELECT id FROM o WHERE ts::date = '2024-01-01'
SELECT id FROM o WHERE ts::date <= '2023-12-31'
SELECT id FROM o WHERE NOT date_trunc('month', ts) > '2023-12-01'
SELECT id FROM o WHERE extract(year FROM ts) < 2024
SELECT id FROM o WHERE extract(year FROM d) >= 2024
SELECT id FROM o WHERE date_trunc('day', tz) = '2024-03-31'
SELECT id FROM o WHERE date_trunc('day', tz) >= '2018-11-04'
SELECT id FROM o WHERE date_trunc('day', tz) < '2018-02-18'
SELECT id FROM o WHERE tz::date >= '2024-03-31'
SELECT id FROM o WHERE date_trunc('hour', tz) <= '2024-10-27 02:00'
SELECT ts FROM o FULL JOIN u USING (ts) WHERE ts::date = '2024-01-01'
SELECT id FROM o WHERE x + 1 = 6
SELECT id FROM o WHERE n + 1 > 2
SELECT id FROM o WHERE 5 - n > 3
SELECT id FROM o WHERE 5 - n < 3
SELECT id FROM o WHERE NOT 5 - x >= 3
SELECT b FROM o FULL JOIN u USING (b) WHERE b > 5.1
SELECT b FROM o FULL JOIN u USING (b) WHERE b - 1 > 3
SELECT id FROM o WHERE x > 5.5
SELECT id FROM o WHERE x < -0.5
SELECT id FROM o WHERE x::text = '77'
SELECT id FROM o WHERE x::s2.varchar = '7'
SELECT id FROM o WHERE coalesce(y, 0) = 0
SELECT id FROM o WHERE coalesce(y, 0) = 1
SELECT id FROM o WHERE NOT coalesce(y, 0) = 1
SELECT id FROM o WHERE coalesce(t, '') = ''
SELECT id FROM o WHERE coalesce(na, repeat('x', 70)) = 'y'
SELECT id FROM o WHERE coalesce(na, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxA') = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxB'
SELECT id FROM par WHERE coalesce(x, 0) = 0
SELECT x FROM par LEFT JOIN e USING (x) WHERE coalesce(x, 0) = 0
SELECT coalesce(x, 0) = 0 FROM o GROUP BY ROLLUP (x)
SELECT x, count(*) FROM o GROUP BY CUBE (x) HAVING coalesce(x, 0) = 0
SELECT count(*) FROM o, one JOIN k ON coalesce(x, 0) = 0
SELECT count(*) FROM o JOIN (one JOIN k ON coalesce(x, 0) = 0) ON o.id = k.a
SELECT j.id FROM par AS j WHERE EXISTS (SELECT 1 FROM (one CROSS JOIN k) AS j WHERE coalesce(j.x, 0) = 0)
SELECT count(*) FROM (par AS a JOIN k ON true) AS j(p, q, r, s, t), one AS a WHERE coalesce(a.x, 0) = 0
SELECT id FROM o WHERE EXISTS (WITH c(x) AS (SELECT u.x FROM u WHERE id = 1) SELECT 1 FROM c WHERE coalesce(x, 0) = 0)
SELECT id FROM o WHERE EXISTS (WITH c(x) AS (SELECT n FROM u WHERE id = -1 UNION ALL SELECT NULL) SELECT 1 FROM c WHERE coalesce(x, 0) = 0)
WITH o AS (SELECT NULL::int AS x, 1 AS id) SELECT id FROM o WHERE coalesce(x, 0) = 0
SELECT DISTINCT * FROM o
SELECT DISTINCT id FROM par
SELECT DISTINCT dup FROM o
SELECT DISTINCT nk FROM o
SELECT DISTINCT a FROM ciu
SELECT DISTINCT s1.t.* FROM s1.t, s2.t
SELECT DISTINCT s1.t.*, s2.t.x FROM s1.t, s2.t
SELECT DISTINCT o.id FROM o JOIN k ON k.b = o.id AND k.a = 1
SELECT DISTINCT o.id FROM o JOIN k ON k.b = o.id
SELECT DISTINCT o.id FROM u LEFT JOIN o ON o.id = u.x
SELECT DISTINCT u.id FROM u LEFT JOIN o ON o.id = u.x
WITH c AS MATERIALIZED (SELECT * FROM o) SELECT id FROM c WHERE x = 5
WITH materialized AS MATERIALIZED (SELECT id FROM o) SELECT * FROM materialized
""".strip().splitlines()

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo")


def claimed_equal(pg, sql, zone):
    """The texts that the optimizer calls equal to the statement."""
    done = subprocess.run([sqlopt_test.BINARY, "optimize", "--dsn", pg.dsn(), "--json", "-"], input=sql, text=True,
                          capture_output=True, check=False, env={**os.environ, "PGOPTIONS": f"-c TimeZone={zone}"})
    if done.returncode:
        raise AssertionError(f"{sql}: {done.stderr}")
    for p in json.loads(done.stdout)["proposals"]:
        rungs = {rung["rung"]: rung["status"] for rung in p["proof"]}
        if p["kind"] == "rewrite" and rungs["equivalent"] == "passed" and rungs["planned"] == "passed":
            yield p["origin"], p["sql"] or p["shown_sql"]


def answer(pg, sql, zone):
    """Names and types of the columns, and the rows without their order."""
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-", pg.dsn()], text=True,
                          capture_output=True, check=True,
                          input=f"\\pset null '<NULL>'\nSET TimeZone = '{zone}';\n{sql}\n\\gdesc\n{sql}\n;")
    return sorted(done.stdout.splitlines())


class Equivalence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pg = cls.enterClassContext(sqlopt_test.Postgres())
        schema = SCHEMA
        if int(cls.pg.psql("SHOW server_version_num")) >= 180000:  # a child cannot lose what it inherits, but need not inherit it
            schema = schema.replace("par (id int PRIMARY KEY, x int NOT NULL)", "par (id int PRIMARY KEY, x int NOT NULL NO INHERIT)")
            schema = schema.replace("ALTER TABLE chi ALTER x DROP NOT NULL;", "")
        cls.pg.psql(schema + DATA)

    def test_claimed_rewrites_return_the_same(self):
        rules = set()
        for sql in STATEMENTS:
            for zone in ZONES if "tz" in sql else ZONES[:1]:
                for origin, text in claimed_equal(self.pg, sql, zone):
                    with self.subTest(sql=sql, rewrite=text, zone=zone):
                        self.assertEqual(answer(self.pg, text, zone), answer(self.pg, sql, zone))
                    rules.add(origin)
        # the statements do reach the rules
        self.assertLessEqual({f"rule {n}" for n in (1, 4, 10, 11, 12, 14, 21, 33)}, rules)


sqlopt_test.main()
