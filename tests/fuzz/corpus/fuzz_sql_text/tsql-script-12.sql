3-- tsql
SELECT * FROM t FOR SYSTEM_TIME AS OF '2024-01-01' AS h /* end */;
