-- name: full-scan-filter
select id, amount from orders where amount > 990
-- name: full-scan-all
select * from log_lines
-- name: point-by-key
select * from customers where id = 17
-- name: impossible-where
select * from customers where 1 = 0
-- name: no-matching-row
select * from customers where id = -5
-- name: no-table
select 1 + 1
-- name: unique-lookup-join
select o.id, c.name from orders o join customers c on c.id = o.customer_id where o.status = 'new'
-- name: range
select id from orders where status = 'open' and created_at > '2025-06-01'
-- name: covering-index
select count(*) from orders where status = 'void'
-- name: index-full-scan
select customer_id from orders order by customer_id
-- name: index-merge-union
select id, amount from orders where customer_id = 21 or id between 5 and 9
-- name: index-merge-intersect
select /*+ INDEX_MERGE(orders) */ id from orders force index (orders_customer, orders_status_created) where customer_id = 70 and status = 'paid' and created_at = '2024-06-11'
-- name: filesort
select id, note from orders where note is not null order by note desc
-- name: filesort-limit
select id, amount from orders order by amount desc limit 10
-- name: group-temporary
select status, note, count(*) from orders group by status, note order by count(*) desc
-- name: group-index
select customer_id, count(*), max(amount) from orders group by customer_id having count(*) > 3
-- name: distinct
select distinct c.region_id from customers c join orders o on o.customer_id = c.id where o.amount > 900
-- name: three-tables
select c.name, p.name, i.quantity from customers c join orders o on o.customer_id = c.id join order_items i on i.order_id = o.id join products p on p.id = i.product_id where c.region_id = 3 and p.category = 4
-- name: group-order-limit
select r.name, sum(o.amount) as s from orders o join customers c on c.id = o.customer_id join regions r on r.id = c.region_id where o.created_at > '2025-08-01' group by r.name order by s desc limit 3
-- name: left-join-null
select c.id from customers c left join orders o on o.customer_id = c.id where o.id is null
-- name: join-no-index
select count(*) from log_lines l join orders o on o.note = l.body
-- name: join-buffer-range
select count(*) from log_lines l join staff s on l.id > s.id * 40 where l.customer_id < 50
-- name: cartesian
select count(*) from staff a, regions b, staff c
-- name: cartesian-rows
select a.name, r.name, l.body from regions r, staff a, log_lines l where l.id < 300
-- name: exists-semijoin
select c.id from customers c where exists (select 1 from orders o where o.customer_id = c.id and o.amount > 995)
-- name: in-semijoin-materialised
select l.id from log_lines l where l.customer_id in (select customer_id from orders where status = 'void')
-- name: not-in
select c.id from customers c where c.id not in (select o.customer_id from orders o where o.status = 'new')
-- name: not-exists
select p.id from products p where not exists (select 1 from order_items i where i.product_id = p.id and i.quantity = 5)
-- name: dependent-subquery
select c.id, (select max(o.amount) from orders o where o.customer_id = c.id) as biggest from customers c where c.region_id = 2
-- name: dependent-subquery-scan
select s.id, (select count(*) from log_lines l where l.customer_id = s.id) as n from staff s where s.id < 20
-- name: dependent-in-where
select c.id from customers c where c.created_at > (select min(o.created_at) from orders o where o.customer_id = c.id) and c.region_id = 1
-- name: scalar-subquery
select id from orders where amount = (select max(amount) from orders where status = 'open')
-- name: derived-table
select d.customer_id, c.name from (select customer_id, sum(amount) as s from orders where status = 'paid' group by customer_id) d join customers c on c.id = d.customer_id where d.s > 5000
-- name: view-join
select c.name, b.total from big_orders b join customers c on c.id = b.customer_id where c.region_id = 9
-- name: cte-twice
with t as (select customer_id, count(*) as n from orders group by customer_id) select a.customer_id from t a join t b on b.n = a.n and b.customer_id = a.customer_id + 1 limit 20
-- name: recursive-cte
with recursive chain as (select id, boss, 1 as depth from staff where id = 250 union all select s.id, s.boss, c.depth + 1 from staff s join chain c on s.id = c.boss) select * from chain
-- name: union-distinct
select id from customers where region_id = 1 union select customer_id from orders where status = 'void'
-- name: union-all
select id, 'a' from customers where region_id = 1 union all select id, 'b' from products where category = 3 order by 1 limit 15
-- name: intersect
select customer_id from orders where status = 'void' intersect select id from customers where region_id = 8
-- name: except
select id from customers where region_id = 8 except select customer_id from orders where status = 'open'
-- name: window
select id, customer_id, row_number() over (partition by customer_id order by created_at) as rn, sum(amount) over (order by id rows 2 preceding) as s from orders where status = 'new'
-- name: partition-pruned
select count(*) from events where happened between '2023-02-01' and '2023-03-01'
-- name: partition-all
select id from events where kind = 7 and payload = 'x'
-- name: implicit-conversion
select id, name from customers where code = 1234
-- name: function-on-column
select id from orders where date(created_at) = '2025-01-15'
-- name: like-prefix
select id from customers where email like 'c12%'
-- name: like-contains
select id from customers where email like '%12@%'
-- name: in-list
select id from orders where customer_id in (1, 5, 9, 700, 2222)
-- name: fulltext
select id from products where match(description) against ('copper')
-- name: json-table
select p.id, j.tag from products p, json_table(p.attributes, '$.tags[*]' columns (tag varchar(20) path '$')) j where p.category = 3
-- name: values-list
select * from (values (1, 'a'), (2, 'b')) v
-- name: values-rows
select * from (values row(1, 'a'), row(2, 'b')) v
-- name: large-offset
select id, amount from orders order by id limit 10 offset 30000
-- name: order-by-limit-index
select id, note from orders where note = 'call back 300' order by id limit 1
-- name: update
update orders set amount = amount + 1 where status = 'void' and created_at < '2024-07-01'
-- name: update-join
update orders o join customers c on c.id = o.customer_id set o.note = 'x' where c.region_id = 4 and o.status = 'new'
-- name: delete
delete from log_lines where customer_id = 77
-- name: insert-select
insert into log_lines select id, customer_id, note from orders where status = 'new'
-- name: range-checked
select count(*) from staff s join orders o on o.customer_id < s.boss and o.id > s.id where s.id < 6
-- name: range-checked-often
select count(*) from log_lines l join orders o on o.customer_id < l.customer_id and o.id > l.id where l.id < 300
-- name: rowid-filter
select o.id from orders o join order_items i on i.order_id = o.id where o.customer_id between 100 and 160 and o.status = 'open' and o.created_at between '2025-02-01' and '2025-03-20' and i.quantity > 2
-- name: implicit-conversion-large
select id, amount from orders where note = 300
-- name: partitions-many
select id from readings where sensor = 17
-- name: partitions-one
select id from readings where sensor = 17 and month = 3
-- name: derived-filter
select d.id from (select id, amount * 2 as twice from orders limit 30000) d where d.twice > 1990
-- name: derived-kept
select d.id from (select id, amount * 2 as twice from orders limit 30000) d where d.twice > 1
-- name: key-lookups
select sum(amount) from orders force index (orders_customer) where customer_id < 3000
-- name: key-lookups-covered
select sum(customer_id) from orders force index (orders_customer) where customer_id < 3000
-- name: cold-scan
select count(*) from documents where body like '%absent%'
-- name: warm-scan
select count(*) from customers where name like '%absent%'
-- name: index-full-scan-filter
select id from orders where created_at = '2024-07-01'
-- name: index-full-scan-few
select id from staff where boss % 7 = 3
-- name: lookups-slow
select straight_join sum(length(d.body)) from orders o join documents d on d.owner = o.customer_id % 900 where o.id < 3000
-- name: inner-scan
-- set: join_cache_level=0
select count(*) from staff s join log_lines l on l.customer_id > s.id * 15
-- name: sort-spill
-- set: sort_buffer_size=32768
select id, body from documents order by body
-- name: slow-condition
select count(*) from staff where sleep(0.004) = 0
-- name: lookup-conversion
select id, amount from orders where status = 5
-- name: lookup-conversion-few
select id, name from customers where code = 1234
