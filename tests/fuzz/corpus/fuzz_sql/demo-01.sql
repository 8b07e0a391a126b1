0SELECT * FROM users WHERE email = 'user4711@example.com'
