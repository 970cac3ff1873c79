SELECT spcname FROM pg_catalog.pg_tablespace
WHERE oid = '{space}';
