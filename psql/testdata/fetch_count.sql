\set FETCH_COUNT 3
select i, repeat('x', i) from generate_series(1,7) i;
\echo :ROW_COUNT
select i from generate_series(1,6) i;
select i, 1/(4-i) from generate_series(1,7) i;
\echo :ROW_COUNT :ERROR
select nope;
select 1 as a \gset
\echo :a
select i from generate_series(1,6) i \gset
select i from generate_series(1,6) i \g (format=unaligned)
begin; select 1 where false; commit;
\x
select i, 'a' as "longer" from generate_series(1,4) i;
values (1),(2);
with x as (select 1) select * from x;
select 1 as a, 2 as b into temp qq;
table qq;
show work_mem;
