#if >=140000
SELECT oid, stxrelid::pg_catalog.regclass, stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS nsp, stxname,
pg_catalog.pg_get_statisticsobjdef_columns(oid) AS columns,
#end
#if <140000
SELECT oid, stxrelid::pg_catalog.regclass, stxnamespace::pg_catalog.regnamespace AS nsp, stxname,
  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(attname),', ')
   FROM pg_catalog.unnest(stxkeys) s(attnum)
   JOIN pg_catalog.pg_attribute a ON (stxrelid = a.attrelid AND
        a.attnum = s.attnum AND NOT attisdropped)) AS columns,
#end
  'd' = any(stxkind) AS ndist_enabled,
  'f' = any(stxkind) AS deps_enabled,
  'm' = any(stxkind) AS mcv_enabled,
#if >=140000
stxstattarget
#end
#if >=130000 <140000
  stxstattarget
#end
#if <130000
  -1 AS stxstattarget
#end
FROM pg_catalog.pg_statistic_ext
WHERE stxrelid = '{oid}'
#if >=140000
ORDER BY nsp, stxname;
#end
#if <140000
ORDER BY 1;
#end
