0SELECT id, total FROM orders WHERE id = 4711.0
