#title Large objects
#modifiers +
SELECT oid as "ID",
  pg_catalog.pg_get_userbyid(lomowner) as "Owner",
#if +
  pg_catalog.array_to_string(lomacl, E'\n') AS "Access privileges",
#end
  pg_catalog.obj_description(oid, 'pg_largeobject') as "Description"
FROM pg_catalog.pg_largeobject_metadata
ORDER BY oid
