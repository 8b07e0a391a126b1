-- Captured by postgresql_plans; postgresql_schema.sql makes the tables. Statements that change rows come last.
-- name: seq-scan
SELECT * FROM orders WHERE note = 'xxx' AND total > 12.5
-- name: index-scan
SELECT * FROM orders WHERE id = 77
-- name: index-backward
SELECT id, total FROM orders WHERE created_at < '2025-02-01' ORDER BY created_at DESC LIMIT 5
-- name: index-only
SELECT count(*) FROM orders WHERE user_id BETWEEN 10 AND 20
-- name: bitmap
SELECT * FROM orders WHERE user_id = 5
-- name: bitmap-and-or
SELECT * FROM orders WHERE (user_id = 5 OR user_id = 9 OR id < 30) AND created_at > '2025-01-03'
-- name: bitmap-lossy
-- set: work_mem = '64kB'
-- set: enable_seqscan = off
-- set: enable_indexscan = off
SELECT count(note) FROM orders WHERE created_at > '2025-01-10'
-- name: tid-scan
SELECT * FROM orders WHERE ctid IN ('(0,1)', '(3,4)')
-- name: tid-range
SELECT * FROM orders WHERE ctid < '(2,0)'
-- name: sample
SELECT * FROM orders TABLESAMPLE system (5) REPEATABLE (3) WHERE status = 'open'
-- name: knn
SELECT id FROM points ORDER BY at <-> point(3, 4) LIMIT 3
-- name: nested-loop
SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id < 20
-- name: nested-loop-left
SELECT u.email, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.total > 50 WHERE u.id < 12
-- name: join-filter
SELECT count(*) FROM users a JOIN users b ON a.id < b.id AND a.born > b.born WHERE a.id < 30 AND b.id < 40
-- name: hash-join
SELECT u.country, sum(o.total) FROM orders o JOIN users u ON u.id = o.user_id GROUP BY u.country
-- name: hash-right
SELECT u.email, o.total FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE u.country = 'DE'
-- name: hash-full
SELECT count(*) FROM users u FULL JOIN orders o ON o.user_id = u.id
-- name: hash-semi
SELECT count(*) FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.status = 'pending')
-- name: hash-anti
SELECT count(*) FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.status = 'open')
-- name: hash-batches
-- set: work_mem = '64kB'
SELECT count(*) FROM orders o JOIN items i ON i.order_id = o.id
-- name: merge-join
-- set: enable_hashjoin = off
-- set: enable_nestloop = off
SELECT count(*) FROM orders o JOIN users u ON u.id = o.user_id
-- name: merge-materialize
-- set: enable_hashjoin = off
-- set: enable_nestloop = off
SELECT count(*) FROM orders a JOIN orders b ON a.user_id = b.user_id WHERE a.id < 500 AND b.id < 500
-- name: memoize
-- set: enable_hashjoin = off
-- set: enable_mergejoin = off
SELECT count(u.email) FROM orders o JOIN users u ON u.id = o.user_id
-- name: sort
SELECT * FROM orders ORDER BY total DESC, note
-- name: sort-top
SELECT * FROM orders ORDER BY total DESC NULLS LAST, note COLLATE "C" LIMIT 7
-- name: sort-disk
-- set: work_mem = '64kB'
SELECT * FROM orders ORDER BY note, total
-- name: incremental-sort
SELECT * FROM orders ORDER BY user_id, total LIMIT 300
-- name: incremental-sort-disk
-- set: work_mem = '64kB'
-- set: enable_seqscan = off
SELECT status, note, id FROM orders ORDER BY status, note
-- name: group
SELECT user_id, count(*) FROM orders GROUP BY user_id ORDER BY user_id
-- name: hash-aggregate
SELECT user_id, count(DISTINCT status), max(total) FILTER (WHERE status = 'paid') FROM orders GROUP BY user_id HAVING count(*) > 3
-- name: hash-aggregate-disk
-- set: work_mem = '64kB'
-- set: enable_sort = off
SELECT note || id, count(*) FROM orders GROUP BY 1
-- name: grouping-sets
SELECT status, user_id % 10, count(*) FROM orders GROUP BY GROUPING SETS ((status), (user_id % 10), ())
-- name: rollup
-- set: enable_hashagg = off
SELECT status, user_id, count(*) FROM orders GROUP BY ROLLUP (status, user_id)
-- name: unique
-- set: enable_hashagg = off
SELECT DISTINCT user_id, status FROM orders
-- name: window
SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY created_at) FROM orders WHERE user_id < 100
-- name: window-run
SELECT * FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM orders) x WHERE n <= 5
-- name: set-op
SELECT user_id FROM orders EXCEPT ALL SELECT id FROM users
-- name: set-op-sorted
-- set: enable_hashagg = off
SELECT user_id FROM orders INTERSECT SELECT id FROM users
-- name: union
SELECT id FROM users UNION SELECT user_id FROM orders WHERE id < 10
-- name: append
SELECT id FROM users UNION ALL SELECT user_id FROM orders
-- name: merge-append
-- set: enable_seqscan = off
SELECT * FROM events ORDER BY day LIMIT 20
-- name: partitions
SELECT count(*) FROM events WHERE day >= '2025-06-01' AND kind = 'kind 1'
-- name: init-plan
SELECT * FROM orders WHERE total = (SELECT max(total) FROM orders) AND id > 5
-- name: sub-plan
SELECT u.id, (SELECT max(o.total) FROM orders o WHERE o.user_id = u.id) FROM users u WHERE u.id < 15
-- name: hashed-sub-plan
SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE status = 'pending')
-- name: cte
WITH paid AS MATERIALIZED (SELECT * FROM orders WHERE status = 'paid') SELECT a.id FROM paid a JOIN paid b ON a.id = b.user_id WHERE a.total > 10
-- name: recursive
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) SELECT sum(i) FROM n
-- name: function-scan
SELECT * FROM generate_series(1, 20) AS g(i) WHERE i % 3 = 0
-- name: table-function
SELECT x.* FROM xmltable('/a/b' PASSING '<a><b>1</b></a>' COLUMNS v int PATH '.') x
-- name: project-set
SELECT generate_series(1, 3), id FROM users WHERE id < 3
-- name: values
SELECT * FROM (VALUES (1, 'a'), (2, 'it''s'), (3, NULL)) v(i, t) WHERE i > 1
-- name: subquery-scan
SELECT * FROM (SELECT id, total FROM orders ORDER BY total LIMIT 20) x WHERE id > 100
-- name: result
SELECT * FROM users WHERE 1 = 2
-- name: one-time-filter
SELECT * FROM orders WHERE now() < '2000-01-01' AND id < 5
-- name: odd-names
SELECT "Full Name", "a b", c FROM "Odd ""Table" JOIN users "U s" ON "U s".id = "a b" WHERE c <> 'it''s (odd), "x"
-> and a new line'
-- name: lock-rows
SELECT * FROM users WHERE id = 3 FOR UPDATE
-- name: parallel-aggregate
-- set: min_parallel_table_scan_size = 0
-- set: parallel_setup_cost = 0
-- set: parallel_tuple_cost = 0
SELECT status, count(*) FROM orders WHERE total > 3 GROUP BY status
-- name: parallel-join
-- set: min_parallel_table_scan_size = 0
-- set: parallel_setup_cost = 0
-- set: parallel_tuple_cost = 0
SELECT count(*) FROM orders o JOIN users u ON u.id = o.user_id
-- name: gather-merge
-- set: min_parallel_table_scan_size = 0
-- set: parallel_setup_cost = 0
-- set: parallel_tuple_cost = 0
-- set: work_mem = '64kB'
SELECT id, note FROM orders ORDER BY note, id
-- name: jit
-- set: jit_above_cost = 0
SELECT sum(total) FROM orders WHERE total > 3
-- name: async-append
SELECT count(*) FROM far WHERE user_id < 100
-- name: foreign-join
SELECT a.id, b.total FROM far_1 a JOIN far_1 b ON b.id = a.user_id WHERE a.total > 99
-- name: foreign-sort
SELECT id, total FROM far_2 WHERE lower(user_id::text) <> '7' ORDER BY total DESC LIMIT 3
-- name: skip-scan
-- set: enable_seqscan = off
SELECT count(*) FROM items WHERE line = 1
-- name: array-searches
-- set: enable_bitmapscan = off
-- set: enable_seqscan = off
SELECT id, total FROM orders WHERE user_id IN (3, 700, 1400, 1999) ORDER BY id
-- name: disabled
-- set: enable_nestloop = off
-- set: enable_seqscan = off
SELECT count(*) FROM users a JOIN "Odd ""Table" o ON a.id < o."a b"
-- name: window-frames
SELECT user_id, total, sum(total) OVER w, rank() OVER (PARTITION BY status ORDER BY total DESC) FROM orders WHERE id < 3000 WINDOW w AS (PARTITION BY user_id ORDER BY id ROWS 2 PRECEDING)
-- name: cte-scans
WITH paid AS MATERIALIZED (SELECT id, user_id, total FROM orders WHERE status = 'paid') SELECT a.user_id, count(*) FROM paid a JOIN paid b USING (id) GROUP BY 1 HAVING count(*) > 12
-- name: lateral-memoize
-- set: enable_hashjoin = off
-- set: enable_mergejoin = off
SELECT count(x.email) FROM orders o, LATERAL (SELECT u.email FROM users u WHERE u.id = o.user_id AND u.country = 'DE') x WHERE o.id < 5000
-- name: json-table
-- since: 17
SELECT t.a, t.b FROM json_table('[{"a": 1, "b": "x"}, {"a": 2}]'::jsonb, '$[*]' COLUMNS (n FOR ORDINALITY, a int PATH '$.a', b text PATH '$.b' DEFAULT 'none' ON EMPTY)) t WHERE t.a > 0
-- name: self-join-removed
-- since: 18
SELECT a.id, b.total FROM orders a JOIN orders b USING (id) WHERE a.user_id = 9
-- name: merge-returning
-- since: 17
-- before: TRUNCATE audit
MERGE INTO audit a USING (SELECT id, status FROM orders WHERE id < 30) o ON a.id = o.id
WHEN MATCHED THEN UPDATE SET what = o.status WHEN NOT MATCHED BY TARGET THEN INSERT (id, what) VALUES (o.id, o.status) WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING merge_action(), a.id
-- name: insert
-- before: TRUNCATE audit
INSERT INTO audit (id, what) SELECT id, status FROM orders WHERE id <= 40
-- name: upsert
-- before: TRUNCATE audit
INSERT INTO audit (id, what) SELECT id, status FROM orders WHERE id <= 40 ON CONFLICT (id) DO UPDATE SET what = 'again' WHERE audit.what <> 'x'
-- name: update
UPDATE orders SET note = 'changed' WHERE user_id = 17
-- name: update-partitions
UPDATE events SET kind = 'other' WHERE day < '2025-01-10' OR day > '2026-11-20'
-- name: delete-cascade
DELETE FROM orders WHERE id <= 5
-- name: merge
-- before: TRUNCATE audit
MERGE INTO audit a USING (SELECT id, status FROM orders WHERE id < 30) o ON a.id = o.id
WHEN MATCHED THEN UPDATE SET what = o.status WHEN NOT MATCHED THEN INSERT (id, what) VALUES (o.id, o.status)
-- name: cte-insert
-- before: TRUNCATE audit
WITH gone AS (DELETE FROM items WHERE order_id = 3 RETURNING *) INSERT INTO audit (id, what) SELECT line, product FROM gone
