1SELECT SQL_CALC_FOUND_ROWS `id`, `name` FROM `customers` WHERE `country` = 'DE' AND created > NOW() - INTERVAL 7 DAY ORDER BY name LIMIT 20, 10
