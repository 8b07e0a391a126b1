3SELECT TOP (10) WITH TIES [id], [Full Name] = name FROM [dbo].[customers] AS c WITH (NOLOCK, INDEX (ix)) WHERE c.country = N'DE' ORDER BY name
