4-- oracle
INSERT ALL WHEN a > 1 THEN INTO t (a) VALUES (a) ELSE INTO u VALUES (a, b) SELECT a, b FROM s /* end */;
