0SELECT id, kind FROM events WHERE created_at > '2025-12-01' AND user_id = 42
