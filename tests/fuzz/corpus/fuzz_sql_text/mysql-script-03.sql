1-- mysql
SELECT a <=> b, a DIV 2, a MOD 3, !a, a XOR b, a && b, a || b, a REGEXP '^x', BINARY a, a -> '$.x', a ->> '$.y' FROM t /* end */;
