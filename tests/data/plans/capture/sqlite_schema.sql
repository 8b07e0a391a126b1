-- Tables for sqlite_statements.sql.
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, country TEXT, born TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, status TEXT, total REAL, created_at TEXT, note TEXT);
CREATE INDEX orders_user ON orders (user_id, status);
CREATE INDEX orders_created ON orders (created_at);
CREATE TABLE items (order_id INTEGER NOT NULL, line INTEGER NOT NULL, product TEXT, PRIMARY KEY (order_id, line)) WITHOUT ROWID;
CREATE TABLE "odd (name)" ("a b" TEXT, c INTEGER);
CREATE INDEX "odd index" ON "odd (name)" (c);
CREATE VIRTUAL TABLE notes USING fts5(body);
CREATE VIEW paid AS SELECT user_id, sum(total) AS total FROM orders WHERE status = 'paid' GROUP BY user_id;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO orders SELECT i, i % 300, CASE i % 7 WHEN 0 THEN 'open' ELSE 'paid' END, i % 97, date('2025-01-01', i || ' minutes'), 'x' FROM n;
INSERT INTO users SELECT DISTINCT user_id, user_id || '@example.com', user_id % 5, '1990-01-01' FROM orders;
ANALYZE;
