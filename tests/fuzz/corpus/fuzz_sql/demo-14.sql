0SELECT id, total FROM orders WHERE coalesce(coupon_code, '') = 'C77'
