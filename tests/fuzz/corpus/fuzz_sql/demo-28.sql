0SELECT count(*) FROM order_items
