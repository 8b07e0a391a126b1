0SELECT product_id, sum(quantity) FROM order_items WHERE product_id BETWEEN 1000 AND 1039 GROUP BY product_id
