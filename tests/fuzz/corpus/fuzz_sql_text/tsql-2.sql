3DECLARE @n int = 5;
EXEC dbo.p @a = 1, @b = 'x' OUTPUT; -- call