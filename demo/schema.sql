-- The shop: tables only. Keys and indexes come after the data (keys.sql), which is several times faster.
-- The structure is the one of a web shop that grew for years: some indexes are missing, some are there twice.
CREATE SCHEMA shop AUTHORIZATION shop_owner;
SET ROLE shop_owner;
SET search_path = shop, public;

CREATE TABLE categories (
	id int NOT NULL,
	parent_id int,
	name text NOT NULL
);

CREATE TABLE users (
	id int NOT NULL,
	email varchar(120) NOT NULL,
	full_name text NOT NULL,
	country char(2) NOT NULL,
	city text NOT NULL,
	status text NOT NULL,
	last_login timestamptz NOT NULL,
	created_at timestamptz NOT NULL
);

CREATE TABLE products (
	id int NOT NULL,
	sku varchar(20) NOT NULL,
	name text NOT NULL,
	category_id int NOT NULL,
	price numeric(10, 2) NOT NULL,
	attrs jsonb NOT NULL,
	tags text[] NOT NULL,
	created_at timestamptz NOT NULL
);

CREATE TABLE coupons (
	code varchar(20) NOT NULL,
	referrer_code varchar(20),
	discount_pct int NOT NULL,
	valid_until date NOT NULL
);

-- created_at is without time zone here and with time zone in events: both rewrites of a day filter have to be right.
CREATE TABLE orders (
	id int NOT NULL,
	user_id int NOT NULL,
	status text NOT NULL,
	total numeric(10, 2) NOT NULL,
	created_at timestamp NOT NULL,
	coupon_code varchar(20)
);

CREATE TABLE order_items (
	order_id int NOT NULL,
	line_no int NOT NULL,
	product_id int NOT NULL,
	quantity int NOT NULL,
	unit_price numeric(10, 2) NOT NULL
);

CREATE TABLE payments (
	id int NOT NULL,
	order_id int NOT NULL,
	provider_ref varchar(20) NOT NULL,
	method text NOT NULL,
	amount numeric(10, 2) NOT NULL,
	paid_at timestamptz NOT NULL
);

CREATE TABLE events (
	id bigint NOT NULL,
	user_id int NOT NULL,
	kind text NOT NULL,
	created_at timestamptz NOT NULL,
	payload jsonb
);

CREATE TABLE reviews (
	id int NOT NULL,
	product_id int NOT NULL,
	user_id int NOT NULL,
	rating smallint NOT NULL,
	body text NOT NULL,
	created_at timestamptz NOT NULL
);

-- Planted: nobody looks after these two, so their statistics are absent (sessions) and stale (shipments).
CREATE TABLE sessions (
	id text NOT NULL,
	user_id int NOT NULL,
	started_at timestamptz NOT NULL,
	ip inet NOT NULL
) WITH (autovacuum_enabled = false);

CREATE TABLE shipments (
	id int NOT NULL,
	order_id int NOT NULL,
	carrier text NOT NULL,
	state text NOT NULL,
	shipped_at timestamptz NOT NULL
) WITH (autovacuum_enabled = false);

-- Planted: the sequence of this int4 key stands at 95 % of its range.
CREATE TABLE invoices (
	id serial PRIMARY KEY,
	order_id int NOT NULL,
	issued_on date NOT NULL
);

-- Planted: a table without a primary key.
CREATE TABLE audit_log (
	happened_at timestamptz NOT NULL,
	actor text NOT NULL,
	action text NOT NULL
);
