-- Tables for the statements beside this file: small, but with every kind of access path.
CREATE SCHEMA shop;
SET search_path = shop, public;
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, country text, born date, "Full Name" text);
INSERT INTO users SELECT i, 'user' || i || '@example.com', (ARRAY['DE', 'FR', 'IT', 'ES'])[i % 4 + 1], date '1950-01-01' + i, 'Name ' || i
FROM generate_series(1, 2000) i;
CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, status text NOT NULL, total numeric(10, 2) NOT NULL,
	created_at timestamptz NOT NULL, note text);
INSERT INTO orders SELECT i, i * 7919 % 2000 + 1, CASE WHEN i % 50 = 0 THEN 'pending' WHEN i % 7 = 0 THEN 'open' ELSE 'paid' END,
	(i * 37 % 10000) / 100.0, timestamptz '2025-01-01 00:00:00+00' + i * interval '5 minutes', repeat('x', i % 40)
FROM generate_series(1, 30000) i;
CREATE INDEX orders_user_id_idx ON orders (user_id);
CREATE INDEX orders_created_at_idx ON orders (created_at);
CREATE INDEX orders_status_idx ON orders (status);
CREATE TABLE items (order_id int NOT NULL REFERENCES orders ON DELETE CASCADE, line int NOT NULL, product text NOT NULL, quantity int NOT NULL,
	PRIMARY KEY (order_id, line));
INSERT INTO items SELECT i / 2 + 1, i % 2, 'product ' || i % 300, i % 9 FROM generate_series(0, 39999) i;
CREATE TABLE events (id int, day date NOT NULL, kind text) PARTITION BY RANGE (day);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT i, date '2025-01-01' + i % 700, 'kind ' || i % 5 FROM generate_series(1, 6000) i;
CREATE INDEX events_day_idx ON events (day);
CREATE TABLE audit (id int PRIMARY KEY, what text, at timestamptz DEFAULT now());
CREATE TABLE "Odd ""Table" ("a b" int, c text);
INSERT INTO "Odd ""Table" SELECT i, 'it''s ' || i FROM generate_series(1, 50) i;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER audit_touch BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE points (id int, at point);
INSERT INTO points SELECT i, point(i % 100, i / 100) FROM generate_series(1, 3000) i;
CREATE INDEX points_at_idx ON points USING gist (at);
-- Parts on another server, which is this one: scans that do not wait for each other.
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw
	OPTIONS (host '127.0.0.1', port :'port', dbname 'postgres', async_capable 'true', use_remote_estimate 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'postgres');
CREATE TABLE far (id int, user_id int, total numeric) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE far_1 PARTITION OF far FOR VALUES FROM (1) TO (15001) SERVER elsewhere OPTIONS (schema_name 'shop', table_name 'orders');
CREATE FOREIGN TABLE far_2 PARTITION OF far FOR VALUES FROM (15001) TO (40000) SERVER elsewhere OPTIONS (schema_name 'shop', table_name 'orders');
VACUUM ANALYZE;
