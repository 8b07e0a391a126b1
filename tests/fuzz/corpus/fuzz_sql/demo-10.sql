0SELECT id, name, price FROM products WHERE attrs->>'brand' = 'Brand 17'
