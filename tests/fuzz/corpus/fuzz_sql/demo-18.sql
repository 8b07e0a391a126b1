0SELECT u.id, u.email FROM users u WHERE u.id BETWEEN 1000 AND 1024 AND (SELECT count(*) FROM reviews r WHERE r.user_id = u.id) > 0
