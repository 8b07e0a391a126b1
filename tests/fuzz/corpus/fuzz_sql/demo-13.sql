0SELECT id, kind FROM events WHERE created_at::date = '2025-03-01'
