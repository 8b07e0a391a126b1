0SELECT o.id, o.total FROM orders o WHERE o.created_at >= '2025-12-31 22:30' AND o.id NOT IN (SELECT p.order_id FROM payments p)
