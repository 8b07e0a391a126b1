0SELECT DISTINCT id, total FROM orders
