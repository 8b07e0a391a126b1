0SELECT a, grouping(a) FROM t GROUP BY GROUPING SETS ((a, b), ROLLUP (c), ()) HAVING count(DISTINCT d) > 1
