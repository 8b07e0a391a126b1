CREATE ROLE reader LOGIN PASSWORD 're@der s3cret';
CREATE ROLE watcher LOGIN;
CREATE ROLE owner LOGIN;
GRANT pg_monitor TO watcher;
CREATE SCHEMA "Stats X";
CREATE EXTENSION pg_stat_statements SCHEMA "Stats X";
CREATE SCHEMA hypo;
CREATE EXTENSION hypopg SCHEMA hypo;
GRANT USAGE ON SCHEMA hypo TO PUBLIC;
CREATE SCHEMA app;
CREATE SCHEMA "Mixed Case";
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN app.email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE app.customers (id int PRIMARY KEY, name varchar(40) NOT NULL COLLATE "C", email app.email UNIQUE DEFERRABLE,
    mood app.mood, code char(4), born date, gone int);
ALTER TABLE app.customers DROP COLUMN gone;
COMMENT ON TABLE app.customers IS 'who''s who';
COMMENT ON COLUMN app.customers.born IS 'birthday';
CREATE TABLE app.orders (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES app.customers ON DELETE CASCADE,
    status text NOT NULL, total numeric(10,2) DEFAULT 0, created_at timestamptz NOT NULL, payload jsonb, tags text[],
    net numeric GENERATED ALWAYS AS (total * 0.8) STORED, note text);
CREATE INDEX orders_status ON app.orders (status DESC NULLS LAST, created_at) INCLUDE (total) WHERE status <> 'done';
CREATE INDEX orders_expr ON app.orders (lower(note), note text_pattern_ops);
CREATE INDEX orders_gin ON app.orders USING gin (payload jsonb_path_ops);
CREATE STATISTICS app.orders_stats (ndistinct, dependencies) ON customer_id, status FROM app.orders;
INSERT INTO app.customers SELECT i, 'name ' || i, 'u' || i || '@x', CASE WHEN i % 2 = 0 THEN 'sad' ELSE 'happy' END::app.mood,
    'c' || i % 100, date '1990-01-01' + i % 5000 FROM generate_series(1, 2000) i;
INSERT INTO app.orders (id, customer_id, status, total, created_at, note) SELECT i, 1 + i % 2000,
    CASE WHEN i % 10 = 0 THEN 'open, "now"' WHEN i % 10 < 3 THEN 'paid' ELSE 'done' END, i % 100,
    timestamptz '2024-01-01 00:00+00' + i * interval '1 minute', CASE WHEN i % 4 = 0 THEN NULL ELSE 'n' || i % 50 END
    FROM generate_series(1, 20000) i;
CREATE TABLE app.looseref (id int, customer_id int);
ALTER TABLE app.looseref ADD CONSTRAINT looseref_fk FOREIGN KEY (customer_id) REFERENCES app.customers NOT VALID;
CREATE TABLE app.offref (id int, customer_id int CONSTRAINT offref_fk REFERENCES app.customers);
ALTER TABLE app.offref DISABLE TRIGGER ALL;
CREATE VIEW app.open_orders AS SELECT o.*, c.name FROM app.orders o JOIN app.customers c ON c.id = o.customer_id;
CREATE VIEW app.nested AS SELECT * FROM app.open_orders WHERE total > 1;
CREATE MATERIALIZED VIEW app.totals AS SELECT customer_id, sum(total) AS total FROM app.orders GROUP BY 1;
CREATE TABLE app.events (id int, at date NOT NULL, kind int, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
CREATE TABLE app.events_1 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE app.events_2 PARTITION OF app.events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
INSERT INTO app.events SELECT i, date '2024-01-01' + i % 60, i % 3 FROM generate_series(1, 3000) i;
CREATE TABLE app.parent (id int PRIMARY KEY);
CREATE TABLE app.child () INHERITS (app.parent);
CREATE TABLE "Mixed Case"."Order ""Items""" ("Id" int PRIMARY KEY, "select" text);
CREATE TABLE public.orders (id int, other text);
CREATE TABLE app.secret (id int PRIMARY KEY, owner text);
ALTER TABLE app.secret ENABLE ROW LEVEL SECURITY;
CREATE TABLE app.dups (c int);
INSERT INTO app.dups VALUES (1), (1);
CREATE FUNCTION app.bump() RETURNS int LANGUAGE sql VOLATILE AS $$ UPDATE app.dups SET c = c + 1; SELECT 1 $$;
-- Sleeps on through its first n cancel requests. It is declared stable, or the driver would not run it.
CREATE FUNCTION app.deaf(n int) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
	FOR i IN 0 .. n LOOP
		BEGIN
			PERFORM pg_sleep(30);
		EXCEPTION WHEN query_canceled THEN
			IF i = n THEN RAISE; END IF;
		END;
	END LOOP;
	RETURN n;
END $$;
CREATE FUNCTION app.stable_one(int) RETURNS int LANGUAGE sql STABLE AS $$ SELECT $1 $$;
ALTER TABLE app.dups OWNER TO owner;
GRANT USAGE ON SCHEMA app TO reader, watcher, owner;
GRANT SELECT ON app.customers, app.orders, app.secret TO reader;
