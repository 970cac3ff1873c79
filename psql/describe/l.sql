#title List of databases
#modifiers +
SELECT d.datname as "Name",
       pg_catalog.pg_get_userbyid(d.datdba) as "Owner",
       pg_catalog.pg_encoding_to_char(d.encoding) as "Encoding",
       d.datcollate as "Collate",
       d.datctype as "Ctype",
#if >=150000
       d.daticulocale as "ICU Locale",
       CASE d.datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END AS "Locale Provider",
#end
#if <150000
       NULL as "ICU Locale",
       'libc' AS "Locale Provider",
#end
#if +
       pg_catalog.array_to_string(d.datacl, E'\n') AS "Access privileges",
       CASE WHEN pg_catalog.has_database_privilege(d.datname, 'CONNECT')
            THEN pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.datname))
            ELSE 'No Access'
       END as "Size",
       t.spcname as "Tablespace",
       pg_catalog.shobj_description(d.oid, 'pg_database') as "Description"
#end
#if !+
       pg_catalog.array_to_string(d.datacl, E'\n') AS "Access privileges"
#end
FROM pg_catalog.pg_database d
#if +
  JOIN pg_catalog.pg_tablespace t on d.dattablespace = t.oid
#end
#if pattern
#pattern|where|d.datname|
#end
ORDER BY 1;
