#title List of tablespaces
#modifiers S+
SELECT spcname AS "Name",
  pg_catalog.pg_get_userbyid(spcowner) AS "Owner",
#if +
  pg_catalog.pg_tablespace_location(oid) AS "Location",
  pg_catalog.array_to_string(spcacl, E'\n') AS "Access privileges",
  spcoptions AS "Options",
  pg_catalog.pg_size_pretty(pg_catalog.pg_tablespace_size(oid)) AS "Size",
  pg_catalog.shobj_description(oid, 'pg_tablespace') AS "Description"
#end
#if !+
  pg_catalog.pg_tablespace_location(oid) AS "Location"
#end
FROM pg_catalog.pg_tablespace
#if pattern
#pattern|where|spcname|
#end
ORDER BY 1;
