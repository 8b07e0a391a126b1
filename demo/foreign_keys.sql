-- Foreign keys; those marked have no index on the referencing side (planted).
SET ROLE shop_owner;
SET search_path = shop, public;

ALTER TABLE categories ADD FOREIGN KEY (parent_id) REFERENCES categories;   -- no index, but a tiny table
ALTER TABLE products ADD FOREIGN KEY (category_id) REFERENCES categories;   -- no index
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;              -- no index
ALTER TABLE order_items ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE order_items ADD FOREIGN KEY (product_id) REFERENCES products;   -- no index
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE reviews ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE reviews ADD FOREIGN KEY (user_id) REFERENCES users;             -- no index
