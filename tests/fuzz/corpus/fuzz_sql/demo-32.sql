0SELECT * FROM shipments WHERE carrier = 'drone'
