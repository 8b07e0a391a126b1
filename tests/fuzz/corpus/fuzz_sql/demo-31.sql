0SELECT count(*) FROM users WHERE country = 'US' AND city = 'Boston'
