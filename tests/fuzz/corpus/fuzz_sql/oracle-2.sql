4SELECT * FROM (SELECT region, y, amount FROM sales) PIVOT (SUM(amount) AS s FOR y IN (2023 AS a, 2024 AS b))
