1SELECT /*!80000 STRAIGHT_JOIN */ a FROM t; -- one
/* two */ INSERT INTO t VALUES (1, 'x'), (2, NULL);