#title List of conversions
#modifiers S+
SELECT n.nspname AS "Schema",
       c.conname AS "Name",
       pg_catalog.pg_encoding_to_char(c.conforencoding) AS "Source",
       pg_catalog.pg_encoding_to_char(c.contoencoding) AS "Destination",
       CASE WHEN c.condefault THEN 'yes'
#if +
       ELSE 'no' END AS "Default?",
       d.description AS "Description"
#end
#if !+
       ELSE 'no' END AS "Default?"
#end
FROM pg_catalog.pg_conversion c
     JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
#if +
LEFT JOIN pg_catalog.pg_description d ON d.classoid = c.tableoid
          AND d.objoid = c.oid AND d.objsubid = 0
#end
WHERE true
#if !S !pattern
  AND n.nspname <> 'pg_catalog'
  AND n.nspname <> 'information_schema'
#end
#pattern|and|c.conname|pg_catalog.pg_conversion_is_visible(c.oid)
ORDER BY 1, 2;
