0SELECT id, total FROM orders WHERE id + 1 = 500000
