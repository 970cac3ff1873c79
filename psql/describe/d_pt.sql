#title List of partitioned tables
#modifiers S+
#since 100000
#unsupported The server (version %s) does not support declarative table partitioning.
SELECT n.nspname as "Schema",
  c.relname as "Name",
#if pattern | +
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner",
#end
#if + pattern
  inh.inhparent::pg_catalog.regclass as "Parent name",
#end
#if +
  s.tps as "Total size",
  pg_catalog.obj_description(c.oid, 'pg_class') as "Description"
#end
#if !+ pattern
  inh.inhparent::pg_catalog.regclass as "Parent name"
#end
#if !+ !pattern
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
#end
FROM pg_catalog.pg_class c
#if pattern | !+
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
#end
#if + pattern
     LEFT JOIN pg_catalog.pg_inherits inh ON c.oid = inh.inhrelid,
#end
#if + !pattern
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
#end
#if >=120000 +
     LATERAL (SELECT pg_catalog.pg_size_pretty(sum(
                 CASE WHEN ppt.isleaf AND ppt.level = 1
                      THEN pg_catalog.pg_table_size(ppt.relid) ELSE 0 END)) AS dps,
                     pg_catalog.pg_size_pretty(sum(pg_catalog.pg_table_size(ppt.relid))) AS tps
              FROM pg_catalog.pg_partition_tree(c.oid) ppt) s
#end
#if !+ pattern
     LEFT JOIN pg_catalog.pg_inherits inh ON c.oid = inh.inhrelid
#end
#if <120000 +
     LATERAL (WITH RECURSIVE d
                AS (SELECT inhrelid AS oid, 1 AS level
                      FROM pg_catalog.pg_inherits
                     WHERE inhparent = c.oid
                    UNION ALL
                    SELECT inhrelid, level + 1
                      FROM pg_catalog.pg_inherits i
                           JOIN d ON i.inhparent = d.oid)
                SELECT pg_catalog.pg_size_pretty(sum(pg_catalog.pg_table_size(d.oid))) AS tps,
                       pg_catalog.pg_size_pretty(sum(
             CASE WHEN d.level = 1 THEN pg_catalog.pg_table_size(d.oid) ELSE 0 END)) AS dps
               FROM d) s
#end
WHERE c.relkind IN ('p','')
#if !pattern
 AND NOT c.relispartition
      AND n.nspname <> 'pg_catalog'
      AND n.nspname !~ '^pg_toast'
      AND n.nspname <> 'information_schema'
#end
#pattern|and|c.relname|pg_catalog.pg_table_is_visible(c.oid)
#if pattern
ORDER BY "Schema", "Parent name" NULLS FIRST, "Name";
#end
#if !pattern
ORDER BY "Schema", "Name";
#end
