#if >=140000
SELECT c.oid::pg_catalog.regclass, c.relkind, inhdetachpending, pg_catalog.pg_get_expr(c.relpartbound, c.oid)
#end
#if >=100000 <140000
SELECT c.oid::pg_catalog.regclass, c.relkind, false AS inhdetachpending, pg_catalog.pg_get_expr(c.relpartbound, c.oid)
#end
#if <100000
SELECT c.oid::pg_catalog.regclass, c.relkind, false AS inhdetachpending, NULL
#end
FROM pg_catalog.pg_class c, pg_catalog.pg_inherits i
WHERE c.oid = i.inhrelid AND i.inhparent = '{oid}'
#if >=100000
ORDER BY pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.oid::pg_catalog.regclass::pg_catalog.text;
#end
#if <100000
ORDER BY c.oid::pg_catalog.regclass::pg_catalog.text;
#end
