0SELECT * FROM a LEFT JOIN LATERAL (SELECT * FROM b WHERE b.x = a.x LIMIT 1) l ON true, ROWS FROM (generate_series(1, 3), unnest(ARRAY[1, 2])) WITH ORDINALITY AS f(x, y, o) TABLESAMPLE bernoulli (1)
