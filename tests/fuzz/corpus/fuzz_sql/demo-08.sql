0SELECT id, email, last_login FROM users WHERE status = 'blocked' AND last_login > '2025-12-01' ORDER BY last_login DESC LIMIT 50
