1SELECT /*+ NO_ICP(t) */ a, # key
	`b c`, "text" FROM t /* x */ WHERE d = 'it\'s' AND e = 0x1F; -- rest
UPDATE t SET a = 1 LIMIT 2;