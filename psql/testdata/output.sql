\o /dev/null
select 1;
\o
select 2 \g /dev/null
\o /nonexistent/x
\timing off
\timing maybe
\conninfo
\encoding
\encoding UTF8
select 'select ' || g from generate_series(1,3) g \gexec
select 'select 1/0', 'select 5' \gexec
\getenv path NOPE_NOT_SET
\echo :{?path}
\cd /nonexistent
\restrict abc
\echo no
\unrestrict x
\unrestrict abc
\echo yes
\set
