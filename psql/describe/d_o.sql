#title List of collations
#modifiers S+
SELECT n.nspname AS "Schema",
       c.collname AS "Name",
       c.collcollate AS "Collate",
       c.collctype AS "Ctype",
#if >=150000
       c.colliculocale AS "ICU Locale",
#end
#if <150000
       c.collcollate AS "ICU Locale",
#end
#if >=100000
       CASE c.collprovider WHEN 'd' THEN 'default' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END AS "Provider",
#end
#if >=120000 +
       CASE WHEN c.collisdeterministic THEN 'yes' ELSE 'no' END AS "Deterministic?",
#end
#if <100000
       'libc' AS "Provider",
#end
#if <120000 +
       'yes' AS "Deterministic?",
#end
#if +
       pg_catalog.obj_description(c.oid, 'pg_collation') AS "Description"
#end
#if >=120000 !+
       CASE WHEN c.collisdeterministic THEN 'yes' ELSE 'no' END AS "Deterministic?"
#end
#if <120000 !+
       'yes' AS "Deterministic?"
#end
FROM pg_catalog.pg_collation c, pg_catalog.pg_namespace n
WHERE n.oid = c.collnamespace
#if !S !pattern
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
#end
      AND c.collencoding IN (-1, pg_catalog.pg_char_to_encoding(pg_catalog.getdatabaseencoding()))
#pattern|and|c.collname|pg_catalog.pg_collation_is_visible(c.oid)
ORDER BY 1, 2;
