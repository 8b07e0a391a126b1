0SELECT id, full_name FROM users WHERE lower(email) = 'user4711@example.com'
