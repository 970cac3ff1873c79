-- args: -a
-- comment

select 1 as a,

  2 as b;
\echo hi
\set x 1
select :x;
select 1/0;
