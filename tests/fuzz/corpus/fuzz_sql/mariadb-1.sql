2SELECT `id` FROM `customers` WHERE `country` = 'DE' ORDER BY `id` LIMIT 10 OFFSET 20
