-- A small shop for the browser tests: large enough that an index pays, loaded in two seconds.
CREATE DATABASE shop;
CREATE ROLE shop_reader LOGIN PASSWORD 'right-password';
GRANT pg_read_all_stats TO shop_reader;
ALTER ROLE shop_reader SET search_path = shop, public;
\c shop
CREATE EXTENSION hypopg;
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (id int PRIMARY KEY, email varchar(120) NOT NULL, full_name text NOT NULL, created_at timestamptz NOT NULL);
INSERT INTO users SELECT i, 'user' || i || '@example.com', 'User ' || i, '2020-01-01'::timestamptz + i * interval '1 minute' FROM generate_series(1, 100000) i;
CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, total numeric(10, 2) NOT NULL, created_at timestamp NOT NULL);
INSERT INTO orders SELECT i, 1 + i % 100000, (i % 9000) / 10.0, '2024-01-01'::timestamp + i * interval '1 minute' FROM generate_series(1, 150000) i;
CREATE INDEX orders_created_at_idx ON orders (created_at);
-- Names that would be markup if anybody took them for it.
CREATE TABLE "<img src=x onerror=alert(1)>" (id int PRIMARY KEY, "<b>name</b>" text NOT NULL);
INSERT INTO "<img src=x onerror=alert(1)>" SELECT i, 'name ' || i FROM generate_series(1, 30000) i;
CREATE INDEX "<svg onload=alert(2)>" ON "<img src=x onerror=alert(1)>" (id);
-- May build and drop indexes: for measuring them.
CREATE ROLE shop_builder LOGIN;
ALTER ROLE shop_builder SET search_path = shop, public;
GRANT pg_read_all_stats TO shop_builder;
GRANT USAGE, CREATE ON SCHEMA shop TO shop_builder;
ALTER TABLE users OWNER TO shop_builder;
ALTER TABLE orders OWNER TO shop_builder;
ALTER TABLE "<img src=x onerror=alert(1)>" OWNER TO shop_builder;
GRANT USAGE ON SCHEMA shop TO shop_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO shop_reader;
ANALYZE;
-- The role must prove its password; everything else stays as the test server was made.
DO $$
BEGIN
	EXECUTE format($f$COPY (VALUES ('host all shop_reader 127.0.0.1/32 scram-sha-256'), ('local all all trust'), ('host all all 127.0.0.1/32 trust')) TO %L$f$, current_setting('hba_file'));
END $$;
SELECT pg_reload_conf();
