#title List of access methods
#modifiers +
#since 90600
#unsupported The server (version %s) does not support access methods.
SELECT amname AS "Name",
#if +
  CASE amtype WHEN 'i' THEN 'Index' WHEN 't' THEN 'Table' END AS "Type",
  amhandler AS "Handler",
  pg_catalog.obj_description(oid, 'pg_am') AS "Description"
#end
#if !+
  CASE amtype WHEN 'i' THEN 'Index' WHEN 't' THEN 'Table' END AS "Type"
#end
FROM pg_catalog.pg_am
#if pattern
#pattern|where|amname|
#end
ORDER BY 1;
