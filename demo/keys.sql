-- Keys, indexes, statistics, and the planted problems of the schema.
--   psql -v part=a|b    (independent, side by side), then foreign_keys.sql
SET ROLE shop_owner;
SET search_path = shop, public;
SET maintenance_work_mem = '128MB';

SELECT :'part' = 'a' AS part_a \gset
\if :part_a
ALTER TABLE categories ADD PRIMARY KEY (id);
ALTER TABLE users ADD PRIMARY KEY (id);
ALTER TABLE products ADD PRIMARY KEY (id);
CREATE INDEX products_created_at_idx ON products (created_at);              -- planted: nothing uses it
ALTER TABLE coupons ADD PRIMARY KEY (code);
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE INDEX orders_created_at_idx ON orders (created_at);
CREATE INDEX orders_created_idx ON orders (created_at);                     -- planted: the same once more
CREATE INDEX orders_coupon_code_idx ON orders (coupon_code);
ALTER TABLE sessions ADD PRIMARY KEY (id);
ALTER TABLE shipments ADD PRIMARY KEY (id);
\else
ALTER TABLE order_items ADD PRIMARY KEY (order_id, line_no);
CREATE INDEX order_items_order_id_idx ON order_items (order_id);            -- planted: a prefix of the primary key
ALTER TABLE payments ADD PRIMARY KEY (id);
CREATE INDEX payments_order_id_idx ON payments (order_id);
CREATE INDEX payments_provider_ref_idx ON payments (provider_ref);
ALTER TABLE events ADD PRIMARY KEY (id);
CREATE INDEX events_created_at_idx ON events (created_at);
ALTER TABLE reviews ADD PRIMARY KEY (id);
CREATE INDEX reviews_product_id_idx ON reviews (product_id);
\endif
