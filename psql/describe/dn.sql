#title List of schemas
#modifiers S+
SELECT n.nspname AS "Name",
#if +
  pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner",
  pg_catalog.array_to_string(n.nspacl, E'\n') AS "Access privileges",
  pg_catalog.obj_description(n.oid, 'pg_namespace') AS "Description"
#end
#if !+
  pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner"
#end
FROM pg_catalog.pg_namespace n
#if pattern
#pattern|where|n.nspname|
#end
#if !S !pattern
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
#end
ORDER BY 1;
