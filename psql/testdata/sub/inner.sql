\echo inner
\set from_inner yes
\ir deeper.sql
select nope;
\q
\echo not reached
