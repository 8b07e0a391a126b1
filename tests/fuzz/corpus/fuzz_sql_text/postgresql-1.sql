0-- the day's sales
SELECT a, -- key
	sum(b) /* all */ AS s FROM t WHERE c = 'x' AND d > 1.5 GROUP BY a;

/* then */ DELETE FROM t WHERE a IN (1, 2); -- done
