-- name: scan
SELECT * FROM orders WHERE total > 5
-- name: key
SELECT * FROM orders WHERE id = 5
-- name: key-range
SELECT * FROM orders WHERE id > 5 AND id < 9
-- name: index
SELECT * FROM orders WHERE user_id = 3 AND status > 'a'
-- name: covering
SELECT status FROM orders WHERE user_id = 3
-- name: covering-scan
SELECT count(*) FROM orders
-- name: index-order
SELECT * FROM orders ORDER BY created_at LIMIT 3
-- name: without-rowid
SELECT * FROM items WHERE order_id = 3 AND line > 1
-- name: or
SELECT * FROM orders WHERE user_id = 3 OR created_at = '2025-01-03'
-- name: in-list
SELECT * FROM orders WHERE user_id IN (1, 2, 3) AND status IN ('a', 'b')
-- name: join
SELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE o.created_at > '2025-01-03'
-- name: left-join
SELECT * FROM users u LEFT JOIN orders o ON o.user_id = u.id
-- name: automatic
SELECT * FROM users a JOIN users b ON a.country = b.born
-- name: bloom
SELECT count(*) FROM orders o, users u WHERE u.email = o.note AND u.country = 'x' AND o.total > 3
-- name: sort
SELECT * FROM orders ORDER BY total
-- name: sort-part
SELECT * FROM orders ORDER BY created_at, total
-- name: group
SELECT status, count(*) FROM orders GROUP BY status
-- name: distinct
SELECT DISTINCT note FROM orders
-- name: count-distinct
SELECT count(DISTINCT note) FROM orders
-- name: scalar
SELECT (SELECT max(total) FROM orders)
-- name: correlated
SELECT id, (SELECT max(total) FROM orders WHERE user_id = users.id) FROM users
-- name: correlated-where
SELECT * FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.total > 10)
-- name: in-subquery
SELECT * FROM users WHERE id IN (SELECT user_id FROM orders WHERE total > 90)
-- name: not-in
SELECT * FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE total > 90)
-- name: view
SELECT * FROM users JOIN paid ON paid.user_id = users.id WHERE paid.total > 10
-- name: union
SELECT id FROM users UNION SELECT user_id FROM orders
-- name: union-all
SELECT id FROM users UNION ALL SELECT user_id FROM orders
-- name: except
SELECT id FROM users EXCEPT SELECT user_id FROM orders
-- name: merge
SELECT id FROM users UNION SELECT user_id FROM orders ORDER BY 1
-- name: recursive
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n JOIN users ON users.id = n.i
-- name: materialized
WITH t AS MATERIALIZED (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) SELECT * FROM t a JOIN t b ON a.n = b.user_id
-- name: values
VALUES (1, 2), (3, 4)
-- name: constant
SELECT 1
-- name: virtual
SELECT * FROM notes WHERE notes MATCH 'a'
-- name: json-each
SELECT value FROM json_each('[1,2,3]') JOIN users ON users.id = value
-- name: odd-names
SELECT * FROM "odd (name)" WHERE c > 3
-- name: window
SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY total) FROM orders
-- name: min
SELECT min(created_at) FROM orders
-- name: right-join
SELECT * FROM orders o RIGHT JOIN users u ON u.country = o.note
-- name: update
UPDATE orders SET total = 0 WHERE user_id IN (SELECT id FROM users WHERE country = '1')
-- name: delete
DELETE FROM orders WHERE created_at < '2024-01-01'
-- name: insert
INSERT INTO items SELECT id, 1, note FROM orders WHERE total > 5
-- name: correlated-scan
SELECT id, (SELECT max(total) FROM orders WHERE orders.note = users.email || '') FROM users
-- name: inner-scan
SELECT count(*) FROM orders JOIN users ON users.email LIKE orders.note
-- name: group-ordered
SELECT user_id, count(*) FROM orders GROUP BY user_id
