0SELECT * FROM products WHERE id = 4711
