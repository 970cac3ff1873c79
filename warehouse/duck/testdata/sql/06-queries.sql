# Queries
! create table a (id int, k int, at varchar(5), date date, time int, type varchar(3))
! insert into a values (1, 10, 'x', '2024-01-01', 1, 'u'), (2, 20, 'y', '2024-01-02', 2, 'v'), (3, null, null, null, 3, null)
! create table b (k int, v varchar(9))
! insert into b values (10, 'ten'), (30, 'thirty')

= TOP n
: corrected
@ 4c TOP n, MINUS, a.k=b.k(+), CONNECT BY
select top 2 id from a order by id desc
-> 3
-> 2
select top (1) id from a order by id
-> 1
select distinct top 1 k from a order by k
-> 10

= MINUS, EXCEPT, INTERSECT, UNION
: corrected
@ 4c TOP n, MINUS, a.k=b.k(+), CONNECT BY
@ 4b EXCEPT
select k from a minus select k from b order by 1
-> 20
-> NULL
select k from a except select k from b order by 1
-> 20
-> NULL
select k from a intersect select k from b
-> 10
select 1 union select 1 union all select 1
-> 1
-> 1

= a.k = b.k (+)
: refused
@ 4c TOP n, MINUS, a.k=b.k(+), CONNECT BY
select a.id from a, b where a.k = b.k (+)
-> ERROR 0A000 the outer join (+) is not supported by the embedded warehouse

= CONNECT BY
: refused
@ 4c TOP n, MINUS, a.k=b.k(+), CONNECT BY
select id from a start with id = 1 connect by prior id = k
-> ERROR 0A000 CONNECT BY is not supported by the embedded warehouse

= joins
: same
select a.id, b.v from a left join b on a.k = b.k order by 1
-> 1 | ten
-> 2 | NULL
-> 3 | NULL
select count(*) from a cross join b
-> 6
select a.id, b.v from a full outer join b using (k) order by 1, 2
-> 1 | ten
-> 2 | NULL
-> 3 | NULL
-> NULL | thirty
select count(*) from a natural join b
-> 1

= alias reuse in the SELECT list and WHERE
: same
@ 4a rounding and the rest that is the same
select id * 2 as double_id, double_id + 1 as next from a order by id
-> 2 | 3
-> 4 | 5
-> 6 | 7

= EXCLUDE
: same
@ 4b EXCLUDE
select * exclude (at, date, time, type) from a order by id
-> 1 | 10
-> 2 | 20
-> 3 | NULL

= names that are words of DuckDB's: at, map, struct, show, lambda, asof, …
: corrected
@ 4b reserved-ish column names (date, time, type)
select at, date, time, type from a where at = 'x' order by at
-> x | 2024-01-01 | 1 | u
select a.at, upper(at) as at, max(at) over () from a group by at, a.at order by at limit 1
-> x | X | y
create table words (at int, map int, struct int, show int, lambda int, asof int, glob int, semi int, anti int, returning int, positional int)
-> CREATE TABLE
insert into words (at, map, struct, show, lambda, asof, glob, semi, anti, returning, positional) values (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
-> INSERT 0 1
update words set at = at + 1, map = 5 where show = 4
-> UPDATE 1
select w.at, map, struct, show, lambda, asof, glob, semi, anti, returning, positional from words w
-> 2 | 5 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11
select at + map as sum, at at2 from words where at = 2 group by at, map order by at
-> 7 | 2
drop table words
-> DROP TABLE

= names without quotes are lower case
: same
@ 4a rounding and the rest that is the same
select ID, "id" from A where Id = 1
-> 1 | 1

= column names of results
: corrected
select 1, count(*), max(id) from a
-> 1 | 3 | 3

= subqueries
: same
select id from a where k in (select k from b) or exists (select 1 from b where b.k = a.id * 100)
-> 1
select (select max(v) from b) as m
-> thirty

= WITH
: same
with x as (select 1 as n), y (m) as (select n + 1 from x) select * from y
-> 2

= WITH RECURSIVE
: same
@ 4b recursive CTE
with recursive t(n) as (select 1 union all select n + 1 from t where n < 4) select sum(n) from t
-> 10

= PIVOT
: same
@ 4b PIVOT, UNPIVOT
select * from (select v, k from b) pivot (sum(k) for v in ('ten', 'thirty'))
-> 10 | 30

= UNPIVOT
: same
@ 4b PIVOT, UNPIVOT
select * from (select 1 as x, 2 as y) unpivot (n for name in (x, y)) order by name
-> x | 1
-> y | 2

= VALUES
: same
select * from (values (1, 'a'), (2, 'b')) as t(n, s) order by n desc
-> 2 | b
-> 1 | a

= generate_series
: same
@ 4b generate_series
select count(*), sum(generate_series) from generate_series(1, 4)
-> 4 | 10

= LIMIT, OFFSET
: same
select id from a order by id limit 1 offset 1
-> 2
select id from a order by id offset 2
-> 3

= ORDER BY a position and an alias
: same
select id as n from a order by n desc limit 1
-> 3
select id from a order by 1 desc limit 1
-> 3

= GROUP BY a position, ALL
: same
select v, count(*) from b group by 1 order by 1
-> ten | 1
-> thirty | 1

= IN, BETWEEN, ANY, ALL, IS DISTINCT FROM
: same
select 1 in (1, 2), 2 not in (1, null), 2 between 1 and 3, 1 = any (select 1), 1 is distinct from null
-> t | NULL | t | t | t

= booleans
: same
select true, 't'::boolean, 'yes'::bool, 0::bool, not true, null is unknown, true is not false
-> t | t | t | f | f | t | t

= EXPLAIN
: own
: The plan is DuckDB's.
@ 4b EXPLAIN
explain select 1 where false
-> physical_plan | ┌───────────────────────────┐⏎│        EMPTY_RESULT       │⏎└───────────────────────────┘⏎
