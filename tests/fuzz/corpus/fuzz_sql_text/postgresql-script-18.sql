0-- postgresql
SELECT * FROM generate_series(1, 10) WITH ORDINALITY AS g (v, n), ROWS FROM (unnest(ARRAY[1]), json_each('{}')) AS r /* end */;
