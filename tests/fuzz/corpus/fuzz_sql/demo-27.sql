0SELECT * FROM categories WHERE name = 'Category 17'
