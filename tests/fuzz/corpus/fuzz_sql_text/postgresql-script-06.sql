0-- postgresql
WITH RECURSIVE tree (id, depth) AS (SELECT id, 0 FROM nodes WHERE parent IS NULL UNION ALL SELECT n.id, depth + 1 FROM nodes n, tree t WHERE n.parent = t.id) SELECT * FROM tree /* end */;
