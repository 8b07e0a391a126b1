0SELECT id, total FROM orders WHERE date_trunc('day', created_at) = '2025-03-01'
