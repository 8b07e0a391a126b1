3INSERT INTO t EXEC dbo.load @p = 1
