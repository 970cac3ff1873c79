select 1 as a;
\set x 5
\echo :x
select
  :x as b;
-- c

select 2