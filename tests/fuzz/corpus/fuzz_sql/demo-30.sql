0SELECT * FROM coupons WHERE code = 'C4711'
