0SELECT o.id, o.user_id, o.total FROM orders o WHERE o.id BETWEEN 300000 AND 300029 AND o.total > 1.9 * (SELECT avg(i.total) FROM orders i WHERE i.user_id = o.user_id)
