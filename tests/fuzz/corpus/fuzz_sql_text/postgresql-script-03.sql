0-- postgresql
SELECT o.*, l.qty * l.price AS total FROM orders AS o LEFT JOIN lines AS l USING (order_id) WHERE o.status IN ('new', 'paid') OR l.qty IS NULL /* end */;
