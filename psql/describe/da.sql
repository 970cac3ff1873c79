#title List of aggregate functions
#modifiers S+
SELECT n.nspname as "Schema",
  p.proname AS "Name",
  pg_catalog.format_type(p.prorettype, NULL) AS "Result data type",
  CASE WHEN p.pronargs = 0
    THEN CAST('*' AS pg_catalog.text)
    ELSE pg_catalog.pg_get_function_arguments(p.oid)
  END AS "Argument data types",
  pg_catalog.obj_description(p.oid, 'pg_proc') as "Description"
FROM pg_catalog.pg_proc p
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
#if >=110000
WHERE p.prokind = 'a'
#end
#if <110000
WHERE p.proisagg
#end
#if !S !pattern
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
#end
#pattern|and|p.proname|pg_catalog.pg_function_is_visible(p.oid)
ORDER BY 1, 2, 4;
