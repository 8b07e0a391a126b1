-- The rows. Every value is a hash of (row number, column salt, seed): the same seed gives the same data whatever the
-- plan or the server version, another seed gives other data with the same distributions. Time stands still at
-- 2026-01-01, so statements with dates mean the same in every year.
--   psql -v seed=1 -v part=a|b    (the two parts are independent and may run side by side)
\if :{?seed}
\else
	\set seed 1
\endif
SET search_path = shop, public;

-- uniform in [0, 1)
CREATE FUNCTION pg_temp.u(i bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (hashint8extended(i, :seed::bigint * 1000 + salt) & 4294967295)::float8 / 4294967296.0;
-- uniform in 1..n
CREATE FUNCTION pg_temp.pick(i bigint, salt int, n int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 1 + floor(pg_temp.u(i, salt) * n)::int;

SELECT :'part' = 'a' AS part_a \gset
\if :part_a

INSERT INTO categories
SELECT i, CASE WHEN i > 20 THEN 1 + i % 20 END, 'Category ' || i
FROM generate_series(1, 200) i;

-- The city implies the country; 20 cities in 11 countries, each city 5 % of the users.
INSERT INTO users
SELECT i,
	CASE WHEN pg_temp.u(i, 1) < 0.1 THEN 'User' ELSE 'user' END || i || '@example.com',
	'Customer ' || pg_temp.pick(i, 2, 90000),
	(ARRAY['DE','DE','FR','FR','GB','GB','ES','ES','IT','IT','PL','PL','NL','NL','US','US','SE','SE','AT','PT'])[c],
	(ARRAY['Berlin','Hamburg','Paris','Lyon','London','Leeds','Madrid','Sevilla','Roma','Milano','Warszawa','Gdansk',
		'Amsterdam','Utrecht','Boston','Austin','Stockholm','Malmo','Wien','Porto'])[c],
	CASE WHEN pg_temp.u(i, 4) < 0.03 THEN 'blocked' ELSE 'active' END,
	timestamptz '2026-01-01 00:00+00' - pg_temp.u(i, 5) * interval '365 days',
	timestamptz '2026-01-01 00:00+00' - (730 + pg_temp.u(i, 6) * 1000) * interval '1 day'
FROM generate_series(1, 200000) i, LATERAL (SELECT pg_temp.pick(i, 3, 20) AS c) x;

INSERT INTO products
SELECT i,
	'SKU-' || lpad(i::text, 6, '0'),
	'Product ' || pg_temp.pick(i, 11, 20000),
	pg_temp.pick(i, 12, 200),
	round((5 + 495 * pg_temp.u(i, 13) ^ 2)::numeric, 2),
	jsonb_build_object('brand', 'Brand ' || pg_temp.pick(i, 14, 250), 'color',
		(ARRAY['red','green','blue','black','white'])[pg_temp.pick(i, 15, 5)], 'weight_g', pg_temp.pick(i, 16, 5000)),
	ARRAY['tag' || pg_temp.pick(i, 17, 50), 'tag' || pg_temp.pick(i, 18, 50)],
	timestamptz '2026-01-01 00:00+00' - pg_temp.u(i, 19) * interval '1500 days'
FROM generate_series(1, 50000) i;

-- One coupon in eight was not referred by another one: the NULLs that make NOT IN return nothing.
INSERT INTO coupons
SELECT 'C' || i,
	CASE WHEN pg_temp.u(i, 21) >= 0.125 THEN 'C' || pg_temp.pick(i, 22, 60000) END,
	5 * pg_temp.pick(i, 23, 6),
	date '2026-01-01' + pg_temp.pick(i, 24, 365)
FROM generate_series(1, 60000) i;

-- user_id is skewed by its square (the first users order most); created_at grows with id; 'pending' exists only among
-- the newest orders, which is what misleads the planner about ORDER BY created_at LIMIT 20.
INSERT INTO orders
SELECT i,
	1 + floor(200000 * pg_temp.u(i, 31) ^ 2)::int,
	CASE WHEN i > 598200 AND pg_temp.u(i, 32) < 0.83 THEN 'pending'
		WHEN pg_temp.u(i, 33) < 0.0275 THEN (ARRAY['cancelled','returned','shipped'])[pg_temp.pick(i, 34, 3)]
		ELSE 'delivered' END,
	round((3 + 700 * pg_temp.u(i, 35) ^ 3)::numeric, 2),
	timestamp '2024-01-01 00:00' + (i - pg_temp.u(i, 36)) * interval '105.26 seconds',
	CASE WHEN pg_temp.u(i, 37) < 0.1 THEN 'C' || pg_temp.pick(i, 38, 1000) END
FROM generate_series(1, 600000) i;

-- Only the first tenth of the shipments is known to the statistics, and the new carrier appeared later.
INSERT INTO shipments
SELECT i, pg_temp.pick(i, 81, 600000), (ARRAY['post','ups','dhl'])[pg_temp.pick(i, 82, 3)], 'delivered',
	timestamptz '2024-01-01 00:00+00' + i * interval '5 minutes'
FROM generate_series(1, 20000) i;
ANALYZE shipments;
INSERT INTO shipments
SELECT i, pg_temp.pick(i, 81, 600000),
	CASE WHEN pg_temp.u(i, 83) < 0.016 THEN 'drone' ELSE (ARRAY['post','ups','dhl'])[pg_temp.pick(i, 82, 3)] END,
	CASE WHEN pg_temp.u(i, 84) < 0.02 THEN 'lost' ELSE 'delivered' END,
	timestamptz '2024-01-01 00:00+00' + i * interval '5 minutes'
FROM generate_series(20001, 200000) i;

INSERT INTO sessions
SELECT md5(i::text || :seed), pg_temp.pick(i, 91, 200000),
	timestamptz '2026-01-01 00:00+00' - pg_temp.u(i, 92) * interval '30 days',
	('10.' || pg_temp.pick(i, 93, 200) || '.' || pg_temp.pick(i, 94, 250) || '.1')::inet
FROM generate_series(1, 100000) i;

INSERT INTO invoices SELECT 2040104465 + i, i * 7, date '2025-06-01' + i / 50 FROM generate_series(1, 5000) i;
SELECT setval('invoices_id_seq', 2040109465);

INSERT INTO audit_log
SELECT timestamptz '2025-01-01 00:00+00' + i * interval '15 minutes', 'admin' || pg_temp.pick(i, 96, 9),
	(ARRAY['login','export','price change'])[pg_temp.pick(i, 97, 3)]
FROM generate_series(1, 30000) i;

\else

INSERT INTO order_items
SELECT (i + 1) / 2, 1 + (i + 1) % 2, pg_temp.pick(i, 41, 50000), pg_temp.pick(i, 42, 5),
	round((5 + 300 * pg_temp.u(i, 43) ^ 2)::numeric, 2)
FROM generate_series(1, 1200000) i;

-- The newest 100,000 orders are not paid yet. Two references mean the same number: the text matters.
INSERT INTO payments
SELECT i, i,
	CASE i WHEN 400001 THEN '77' WHEN 400002 THEN '077' ELSE (100000000 + i)::text END,
	(ARRAY['card','card','card','paypal','invoice'])[pg_temp.pick(i, 51, 5)],
	round((3 + 700 * pg_temp.u(i, 52) ^ 3)::numeric, 2),
	timestamptz '2024-01-01 01:00+00' + i * interval '105.26 seconds'
FROM generate_series(1, 500000) i;

INSERT INTO events
SELECT i,
	1 + floor(200000 * pg_temp.u(i, 61) ^ 2)::int,
	(ARRAY['view','view','view','view','search','cart','checkout'])[pg_temp.pick(i, 62, 7)],
	timestamptz '2024-01-01 00:00+00' + (i - pg_temp.u(i, 63)) * interval '78.9 seconds',
	CASE WHEN pg_temp.u(i, 64) < 0.2 THEN jsonb_build_object('page', pg_temp.pick(i, 65, 9000)) END
FROM generate_series(1, 800000) i;

-- One review in a thousand speaks of a refund.
INSERT INTO reviews
SELECT i, pg_temp.pick(i, 71, 50000), 1 + floor(200000 * pg_temp.u(i, 72) ^ 2)::int, pg_temp.pick(i, 73, 5),
	concat_ws(' ', w[pg_temp.pick(i, 101, 48)], w[pg_temp.pick(i, 102, 48)], w[pg_temp.pick(i, 103, 48)],
		w[pg_temp.pick(i, 104, 48)], w[pg_temp.pick(i, 105, 48)], w[pg_temp.pick(i, 106, 48)],
		w[pg_temp.pick(i, 107, 48)], w[pg_temp.pick(i, 108, 48)], w[pg_temp.pick(i, 109, 48)],
		w[pg_temp.pick(i, 110, 48)], w[pg_temp.pick(i, 111, 48)], w[pg_temp.pick(i, 112, 48)],
		'order ' || pg_temp.pick(i, 113, 600000),
		CASE WHEN pg_temp.u(i, 114) < 0.001 THEN 'please refund me' END),
	timestamptz '2026-01-01 00:00+00' - pg_temp.u(i, 74) * interval '700 days'
FROM generate_series(1, 200000) i, (SELECT ARRAY['good','bad','great','poor','cheap','sturdy','fragile','quick','slow',
	'delivery','package','box','colour','size','fits','broken','perfect','again','never','always','would','buy','not',
	'recommend','friend','gift','quality','price','value','money','works','stopped','after','week','month','year',
	'service','support','answer','helpful','happy','sad','late','early','exactly','described','photo','manual'] AS w) x;

\endif
