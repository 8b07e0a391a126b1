0SELECT id, product_id FROM reviews WHERE body LIKE '%refund%'
