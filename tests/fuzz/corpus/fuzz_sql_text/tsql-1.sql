3SELECT TOP 5 [a b] -- first
FROM dbo.t WITH (NOLOCK) WHERE c = N'x' /* why */
UPDATE t SET a += 1 OUTPUT deleted.a
IF @x = 1 BEGIN SELECT 1; SELECT 2 END