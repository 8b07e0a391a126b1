3-- tsql
SELECT a.id, m.v FROM a CROSS APPLY (SELECT TOP 1 v FROM b WHERE b.k = a.k ORDER BY v DESC) AS m OUTER APPLY OPENJSON(a.doc) WITH (n int '$.n') AS j /* end */;
