1SELECT @n := @n + 1, @@session.sql_mode, CAST(a AS UNSIGNED), CONVERT(a USING utf8mb4), _utf8mb4'x' COLLATE utf8mb4_bin FROM t
