0WITH x AS (DELETE FROM a USING b WHERE a.id = b.id RETURNING a.*) UPDATE c SET (d, e) = (SELECT 1, 2) FROM x WHERE c.id = x.id
