-- Deterministic rows for the captures of MySQL and MariaDB: no random numbers, so that a second capture gives the same plans.
-- Nor do statistics change while plans are captured.
set global innodb_stats_auto_recalc = off;
drop database if exists shop;
create database shop character set utf8mb4;
use shop;
create table digits (d int not null primary key) engine=InnoDB;
insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
create table numbers (n int not null primary key) engine=InnoDB;
insert into numbers select a.d + 10*b.d + 100*c.d + 1000*e.d + 10000*f.d from digits a, digits b, digits c, digits e, digits f where f.d < 6;
create table regions (id int not null primary key, name varchar(40) not null) engine=InnoDB;
insert into regions select d, concat('region ', d) from digits;
create table customers (id int not null primary key, name varchar(80) not null, email varchar(120) not null, region_id int not null,
  code varchar(20) not null, created_at datetime not null, unique key customers_email (email), key customers_code (code), key customers_region (region_id)) engine=InnoDB;
insert into customers select n, concat('name ', n % 700), concat('c', n, '@example.org'), n % 10, lpad(n, 8, '0'), '2024-01-01' + interval (n % 900) day from numbers where n < 4000;
create table products (id int not null primary key, name varchar(80) not null, description text, price decimal(10,2) not null, category int not null,
  attributes json, key products_category (category), fulltext key products_text (description)) engine=InnoDB;
insert into products select n, concat('product ', n), concat('a thing number ', n, if(n % 50 = 0, ' made of copper', ' made of wood')), n % 97 + 0.5, n % 20,
  concat('{"tags": ["t', n % 7, '", "u', n % 3, '"]}') from numbers where n < 800;
create table orders (id int not null primary key, customer_id int not null, status varchar(12) not null, amount decimal(10,2) not null,
  created_at datetime not null, note varchar(200), key orders_customer (customer_id), key orders_status_created (status, created_at)) engine=InnoDB;
insert into orders select n, (n * 7) % 4000, elt(n % 20 + 1, 'paid','paid','paid','paid','paid','paid','paid','paid','paid','paid','paid','paid','paid','paid','paid','open','open','open','void','new'),
  (n * 37) % 1000 + 0.25, '2024-06-01' + interval (n % 500) day, if(n % 300 = 0, concat('call back ', n), null) from numbers where n < 40000;
create table order_items (order_id int not null, line int not null, product_id int not null, quantity int not null, primary key (order_id, line), key items_product (product_id)) engine=InnoDB;
insert into order_items select n, 1, n % 800, n % 5 + 1 from numbers where n < 40000;
insert into order_items select n, 2, (n * 3) % 800, n % 3 + 1 from numbers where n < 20000;
create table events (id int not null, happened date not null, kind int not null, payload varchar(100), primary key (id, happened)) engine=InnoDB
  partition by range (year(happened)) (partition p2022 values less than (2023), partition p2023 values less than (2024), partition p2024 values less than (2025), partition pmax values less than maxvalue);
insert into events select n, '2022-01-01' + interval (n % 1400) day, n % 30, 'x' from numbers where n < 20000;
create table log_lines (id int not null, customer_id int, body varchar(100)) engine=InnoDB;
insert into log_lines select n, n % 4000, concat('line ', n) from numbers where n < 15000;
create table staff (id int not null primary key, boss int, name varchar(40), key staff_boss (boss)) engine=InnoDB;
insert into staff select n, if(n = 0, null, floor(n / 5)), concat('s', n) from numbers where n < 300;
create table readings (id int not null, month int not null, sensor int not null, value int not null, primary key (id, month)) engine=InnoDB
  partition by list (month) (partition p1 values in (1), partition p2 values in (2), partition p3 values in (3), partition p4 values in (4), partition p5 values in (5),
  partition p6 values in (6), partition p7 values in (7), partition p8 values in (8), partition p9 values in (9), partition p10 values in (10));
insert into readings select n, n % 10 + 1, n % 700, n % 97 from numbers where n < 40000;
create table documents (id int not null primary key, owner int not null, body varchar(2000) not null, key documents_owner (owner)) engine=InnoDB;
insert into documents select n, n % 900, repeat(concat('word ', n, ' '), 100) from numbers where n < 30000;
create view big_orders as select customer_id, sum(amount) as total, count(*) as n from orders group by customer_id;
analyze table regions, customers, products, orders, order_items, events, log_lines, staff, readings, documents;
