5SELECT id, "name" FROM customers WHERE country = 'DE' AND created > datetime('now', '-7 days') ORDER BY name COLLATE NOCASE LIMIT 20 OFFSET 10
