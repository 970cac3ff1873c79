#title List of text search templates
#modifiers S+
SELECT
  n.nspname AS "Schema",
  t.tmplname AS "Name",
#if +
  t.tmplinit::pg_catalog.regproc AS "Init",
  t.tmpllexize::pg_catalog.regproc AS "Lexize",
#end
  pg_catalog.obj_description(t.oid, 'pg_ts_template') AS "Description"
FROM pg_catalog.pg_ts_template t
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
#pattern|where|t.tmplname|pg_catalog.pg_ts_template_is_visible(t.oid)
ORDER BY 1, 2;
