4SELECT /*+ INDEX(c ix) */ c.id, NVL(c.name, '-') FROM customers c WHERE c.country = 'DE' AND ROWNUM <= 10
