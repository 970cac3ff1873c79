#title List of text search parsers
#modifiers S
SELECT
  n.nspname as "Schema",
  p.prsname as "Name",
  pg_catalog.obj_description(p.oid, 'pg_ts_parser') as "Description"
FROM pg_catalog.pg_ts_parser p
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
#pattern|where|p.prsname|pg_catalog.pg_ts_parser_is_visible(p.oid)
ORDER BY 1, 2;
