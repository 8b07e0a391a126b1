0-- postgresql
SELECT CASE status WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE NULL END, COALESCE(note, ''), NULLIF(a, b), GREATEST(a, b, 3) FROM t /* end */;
