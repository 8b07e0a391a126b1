1-- mysql
DELETE QUICK FROM t WHERE a = 1 ORDER BY b LIMIT 10 /* end */;
