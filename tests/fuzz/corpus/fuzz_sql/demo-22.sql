0SELECT c.code FROM coupons c WHERE c.code NOT IN (SELECT r.referrer_code FROM coupons r)
