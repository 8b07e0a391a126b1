4-- oracle
SELECT q'[it's]', a || b, a ** 2, DECODE(a, 1, 'x', 'y'), CAST(a AS NUMBER(10, 2)), EXTRACT(YEAR FROM d) FROM DUAL /* end */;
