1-- mysql
INSERT IGNORE INTO t (a, b) VALUES (1, 'x'), (2, "y") AS new ON DUPLICATE KEY UPDATE b = CONCAT(new.b, '!'), a = VALUES(a) /* end */;
