0SELECT id, sku, name FROM products WHERE sku LIKE 'SKU-00012%'
