1-- mysql
UPDATE LOW_PRIORITY t JOIN u ON t.id = u.id SET t.a = u.a, u.b = 0 WHERE t.c IS NULL /* end */;
