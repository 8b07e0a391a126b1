3DELETE FROM t OUTPUT deleted.* FROM t INNER JOIN u ON u.id = t.id WHERE u.gone = 1
