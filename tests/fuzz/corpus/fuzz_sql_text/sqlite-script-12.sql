5-- sqlite
REPLACE INTO t DEFAULT VALUES /* end */;
