0SELECT c.id, c.name FROM categories c WHERE c.parent_id IS NULL AND (SELECT count(*) FROM orders WHERE status = 'delivered') > 0
