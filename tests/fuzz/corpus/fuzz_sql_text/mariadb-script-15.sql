2-- mariadb
UPDATE t, u SET t.a = u.a WHERE t.id = u.id /* end */;
