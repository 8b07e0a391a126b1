-- For MariaDB and MySQL: each reads what the other knows otherwise as a comment.
CREATE DATABASE app;
CREATE DATABASE other;
CREATE DATABASE made;
CREATE TABLE made.digits (d INT);
INSERT INTO made.digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE made.numbers (seq INT PRIMARY KEY);
INSERT INTO made.numbers SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d
    FROM made.digits a, made.digits b, made.digits c, made.digits d, made.digits e WHERE e.d < 2;
USE app;
CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40) COLLATE utf8mb4_bin NOT NULL, email VARCHAR(80) UNIQUE,
    mood ENUM('sad', 'happy'), code CHAR(4), born DATE COMMENT 'birthday') COMMENT 'who''s who';
CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, customer_id INT NOT NULL, status VARCHAR(20) NOT NULL,
    total DECIMAL(10,2) DEFAULT 0, created_at DATETIME NOT NULL, payload JSON, note TEXT,
    net DECIMAL(12,4) GENERATED ALWAYS AS (total * 0.8) STORED, flags TINYINT UNSIGNED NOT NULL DEFAULT 0,
    KEY orders_status (status, created_at DESC), KEY orders_note (note(10)), KEY orders_hidden (total) /*M! IGNORED */ /*!80000 INVISIBLE */,
    CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE);
INSERT INTO customers SELECT seq, CONCAT('name ', seq), CONCAT('u', seq, '@x'), IF(seq % 2, 'happy', 'sad'),
    CONCAT('c', seq % 100), DATE '1990-01-01' + INTERVAL seq % 5000 DAY FROM made.numbers WHERE seq <= 2000;
INSERT INTO orders (id, customer_id, status, total, created_at, note) SELECT seq, 1 + seq % 2000,
    CASE WHEN seq % 10 = 0 THEN 'open, "now"' WHEN seq % 10 < 3 THEN 'paid' ELSE 'done' END, seq % 100,
    TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq MINUTE, IF(seq % 4 = 0, NULL, CONCAT('n', seq % 50)) FROM made.numbers;
CREATE VIEW open_orders AS SELECT o.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id;
CREATE VIEW nested AS SELECT * FROM open_orders WHERE total > 1;
CREATE TABLE `Odd ``Name` (`Id` INT PRIMARY KEY, `select` TEXT);
CREATE TABLE dups (c INT);
INSERT INTO dups VALUES (1), (1);
CREATE TABLE events (id INT, at DATE NOT NULL, PRIMARY KEY (at, id)) PARTITION BY RANGE (YEAR(at))
    (PARTITION p1 VALUES LESS THAN (2024), PARTITION p2 VALUES LESS THAN MAXVALUE);
CREATE FUNCTION twice(i INT) RETURNS INT DETERMINISTIC NO SQL RETURN i * 2;
DELIMITER //
CREATE FUNCTION bump() RETURNS INT MODIFIES SQL DATA BEGIN UPDATE dups SET c = c + 1; RETURN 1; END //
DELIMITER ;
DROP DATABASE made;
SET SESSION /*M! histogram_type = JSON_HB, */ sql_notes = 1;
ANALYZE TABLE customers, orders /*M! PERSISTENT FOR ALL */;
ANALYZE /*!80000 TABLE customers UPDATE HISTOGRAM ON name WITH 254 BUCKETS */ /*M! TABLE customers */;
ANALYZE /*!80000 TABLE orders UPDATE HISTOGRAM ON customer_id, status, total WITH 254 BUCKETS */ /*M! TABLE dups */;
-- Least privilege: each lacks one thing.
CREATE USER reader@'%' IDENTIFIED BY 're@der s3cret';
GRANT SELECT, SHOW VIEW ON app.* TO reader@'%';
CREATE USER watcher@'%' IDENTIFIED BY 'w';
GRANT PROCESS ON *.* TO watcher@'%';
CREATE USER full@'%' IDENTIFIED BY 'f';
GRANT PROCESS ON *.* TO full@'%';
GRANT SELECT, SHOW VIEW ON app.* TO full@'%';
CREATE USER partial@'%' IDENTIFIED BY 'p';
GRANT SELECT (id, status) ON app.orders TO partial@'%';
GRANT SELECT ON app.dups TO partial@'%';
CREATE USER needs_tls@'%' IDENTIFIED BY 'only-0ver-tls' REQUIRE SSL;
