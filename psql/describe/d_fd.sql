#title List of text search dictionaries
#modifiers S+
SELECT
  n.nspname as "Schema",
  d.dictname as "Name",
#if +
  ( SELECT COALESCE(nt.nspname, '(null)')::pg_catalog.text || '.' || t.tmplname FROM
    pg_catalog.pg_ts_template t
    LEFT JOIN pg_catalog.pg_namespace nt ON nt.oid = t.tmplnamespace
    WHERE d.dicttemplate = t.oid ) AS  "Template",
  d.dictinitoption as "Init options",
#end
  pg_catalog.obj_description(d.oid, 'pg_ts_dict') as "Description"
FROM pg_catalog.pg_ts_dict d
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.dictnamespace
#pattern|where|d.dictname|pg_catalog.pg_ts_dict_is_visible(d.oid)
ORDER BY 1, 2;
