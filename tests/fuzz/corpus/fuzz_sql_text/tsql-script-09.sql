3-- tsql
SELECT a, b FROM t FOR XML PATH('row'), ROOT('rows'), TYPE /* end */;
