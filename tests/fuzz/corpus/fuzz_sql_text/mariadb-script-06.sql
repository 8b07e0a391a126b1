2-- mariadb
(SELECT a FROM t) EXCEPT (SELECT a FROM u) INTERSECT SELECT a FROM v /* end */;
