2-- mariadb
REPLACE INTO t (a) VALUES (1), (2) RETURNING * /* end */;
