1-- mysql
SELECT * FROM t PARTITION (p0, p1) AS x WHERE MATCH (title, body) AGAINST ('word' IN BOOLEAN MODE) LOCK IN SHARE MODE /* end */;
