-- args: -e
-- comment
select 1 as a -- trailing
;
\echo hi
\set x 5
select :x;
select
/* in */ 2;
/* before */ select 3;
