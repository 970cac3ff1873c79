\set ON_ERROR_STOP 1
select null as a \gset
\echo :{?a}
begin;
select 1 where false \gset
\echo not reached
