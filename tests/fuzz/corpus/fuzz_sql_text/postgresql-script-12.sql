0-- postgresql
SELECT x FROM t WHERE name ILIKE '%abc%' ESCAPE '!' AND code !~ '^[A-Z]+$' AND NOT flag IS TRUE AND y IS DISTINCT FROM z /* end */;
