3-- tsql
UPDATE TOP (5) t SET a += 1, b = DEFAULT OUTPUT deleted.a FROM t JOIN u ON t.id = u.id WHERE u.x = 1 /* end */;
