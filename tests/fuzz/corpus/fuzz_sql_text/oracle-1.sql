4SELECT /*+ FULL(t) */ a -- key
FROM t WHERE b = q'[it's]' AND c = :x;
BEGIN
	UPDATE t SET a = 1; -- inside
	COMMIT;
END;
/
DELETE FROM t WHERE d = DATE '2024-01-01';
