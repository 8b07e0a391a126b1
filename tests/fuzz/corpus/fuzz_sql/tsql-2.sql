3SELECT region, [2023], [2024] FROM sales PIVOT (SUM(amount) FOR y IN ([2023], [2024])) AS p
