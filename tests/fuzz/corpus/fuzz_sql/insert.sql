0INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, E'x\n') ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE t.a > 0 RETURNING *
