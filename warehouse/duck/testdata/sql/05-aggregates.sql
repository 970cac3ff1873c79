# Aggregates and windows
! create table w (g varchar(5), x int, y numeric(7,2), z varchar(9))
! insert into w values ('a', 1, 1.50, 'p'), ('a', 2, 2.50, 'q'), ('a', 5, null, 'q'), ('b', 7, 4.00, null)

= COUNT, COUNT(DISTINCT), MIN, MAX, SUM
: same
select count(*), count(y), count(distinct z), min(x), max(z), sum(y) from w
-> 4 | 3 | 2 | 1 | q | 8.00

= MEDIAN
: same
@ 4b MEDIAN
select median(x), median(y) from w
-> 3.5 | 2.500

= MEDIAN … OVER
: corrected
select distinct g, median(x) over (partition by g) from w order by g
-> a | 2
-> b | 7

= PERCENTILE_CONT, PERCENTILE_DISC WITHIN GROUP
: same
@ 4b PERCENTILE_CONT WITHIN GROUP
select percentile_cont(0.5) within group (order by x), percentile_disc(0.5) within group (order by x), percentile_cont(0.25) within group (order by x desc) from w
-> 3.5 | 2 | 5.5

= PERCENTILE_CONT … OVER
: corrected
@ 4c PERCENTILE_CONT .. OVER, RATIO_TO_REPORT
select distinct g, percentile_cont(0.5) within group (order by x) over (partition by g) from w order by g
-> a | 2
-> b | 7
select distinct percentile_cont(0.25) within group (order by x desc) over () from w
-> 5.5

= PERCENTILE_DISC … OVER
: corrected
select distinct g, percentile_disc(0.5) within group (order by x) over (partition by g) from w order by g
-> a | 2
-> b | 7

= RATIO_TO_REPORT
: corrected
@ 4c PERCENTILE_CONT .. OVER, RATIO_TO_REPORT
select g, x, ratio_to_report(x) over (partition by g) from w order by x
-> a | 1 | 0.125
-> a | 2 | 0.25
-> a | 5 | 0.625
-> b | 7 | 1

= APPROXIMATE COUNT(DISTINCT)
: corrected
: Counted exactly: Redshift's may be off by 2 %.
@ 4c APPROXIMATE COUNT(DISTINCT x) / PERCENTILE_DISC
select approximate count(distinct z) from w
-> 2

= APPROXIMATE PERCENTILE_DISC
: corrected
: Computed exactly.
@ 4c APPROXIMATE COUNT(DISTINCT x) / PERCENTILE_DISC
select approximate percentile_disc(0.5) within group (order by x) from w
-> 2

= LISTAGG
: corrected
@ 4c LISTAGG WITHIN GROUP (not OVER), with DISTINCT
select listagg(z, ',') within group (order by x desc), listagg(distinct z, '-') within group (order by z), listagg(z) from w where g = 'a'
-> q,q,p | p-q | pqq

= LISTAGG … OVER
: corrected
@ 4b LISTAGG(..) WITHIN GROUP .. OVER
select distinct g, listagg(x, ',') within group (order by x) over (partition by g) from w order by g
-> a | 1,2,5
-> b | 7

= ANY_VALUE
: same
@ 4b ANY_VALUE
select any_value(g) from w where g = 'a'
-> a

= BOOL_AND, BOOL_OR
: same
@ 4b BOOL_OR/AND
select bool_and(x > 0), bool_or(x > 5) from w
-> t | t

= STDDEV, VARIANCE
: same
@ 4b STDDEV/VAR
select round(stddev(x), 4), round(stddev_pop(x), 4), round(stddev_samp(x), 4), round(variance(x), 4), round(var_pop(x), 4), round(var_samp(x), 4) from w
-> 2.7538 | 2.3848 | 2.7538 | 7.5833 | 5.6875 | 7.5833

= GROUPING SETS, ROLLUP, CUBE, GROUPING
: same
@ 4b GROUPING SETS, ROLLUP
select g, count(*), grouping(g) from w group by rollup(g) order by 1
-> a | 3 | 0
-> b | 1 | 0
-> NULL | 4 | 1
select g, z, count(*) from w group by grouping sets ((g), (z)) order by 1, 2
-> a | NULL | 3
-> b | NULL | 1
-> NULL | p | 1
-> NULL | q | 2
-> NULL | NULL | 1
select count(*) from (select g, z from w group by cube(g, z)) q
-> 9

= nulls sort as the largest
: corrected
@ 4a ORDER BY x DESC nulls
select y from w order by y desc
-> NULL
-> 4.00
-> 2.50
-> 1.50
select y from w order by y
-> 1.50
-> 2.50
-> 4.00
-> NULL
select y from w order by y desc nulls last
-> 4.00
-> 2.50
-> 1.50
-> NULL

= ROW_NUMBER, RANK, DENSE_RANK, NTILE, PERCENT_RANK, CUME_DIST
: same
select x, row_number() over (order by x), rank() over (order by g), dense_rank() over (order by g), ntile(2) over (order by x), percent_rank() over (order by x), cume_dist() over (order by x) from w order by x
-> 1 | 1 | 1 | 1 | 1 | 0 | 0.25
-> 2 | 2 | 1 | 1 | 1 | 0.3333333333333333 | 0.5
-> 5 | 3 | 1 | 1 | 2 | 0.6666666666666666 | 0.75
-> 7 | 4 | 4 | 2 | 2 | 1 | 1

= LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE
: same
select x, lag(x) over (order by x), lead(x, 2) over (order by x), first_value(x) over (order by x rows between unbounded preceding and unbounded following), last_value(x) over (order by x rows between unbounded preceding and unbounded following), nth_value(x, 2) over (order by x rows between unbounded preceding and unbounded following) from w order by x
-> 1 | NULL | 5 | 1 | 7 | 2
-> 2 | 1 | 7 | 1 | 7 | 2
-> 5 | 2 | NULL | 1 | 7 | 2
-> 7 | 5 | NULL | 1 | 7 | 2

= IGNORE NULLS, RESPECT NULLS
: corrected
@ 4b IGNORE NULLS inside the call
@ 4c LAG(v) IGNORE NULLS OVER
select x, lag(y) ignore nulls over (order by x), last_value(y ignore nulls) over (order by x rows between unbounded preceding and current row), first_value(y) respect nulls over (order by x desc rows between unbounded preceding and current row) from w order by x
-> 1 | NULL | 1.50 | 4.00
-> 2 | 1.50 | 2.50 | 4.00
-> 5 | 2.50 | 2.50 | 4.00
-> 7 | 2.50 | 4.00 | 4.00

= window frames
: same
@ 4b window frames
select x, sum(x) over (order by x rows between 1 preceding and current row), sum(x) over (order by x rows unbounded preceding), avg(x) over (partition by g order by x rows between unbounded preceding and current row) from w order by x
-> 1 | 1 | 1 | 1
-> 2 | 3 | 3 | 1
-> 5 | 7 | 8 | 2
-> 7 | 12 | 15 | 7

= QUALIFY
: same
@ 4b QUALIFY
select g, x from w qualify row_number() over (partition by g order by x desc) = 1 order by g
-> a | 5
-> b | 7

= FILTER
: same
: Redshift has no FILTER clause.
select count(*) filter (where x > 1) from w
-> 3

= COUNT(*) OVER with ORDER BY in a view
: same
create view vw as select g, count(*) over (partition by g) as n from w
-> CREATE VIEW
select distinct n from vw where g = 'a'
-> 3
drop view vw
-> DROP VIEW

= HLL, HLL_CARDINALITY, HLLSKETCH
: refused
@ 4e HLLSKETCH
select hll(x) from w
-> ERROR 0A000 the function hll is not supported by the embedded warehouse

= aggregates of no rows
: same
select count(*), sum(x), avg(x), max(x), listagg(z) from w where x < 0
-> 0 | NULL | NULL | NULL | NULL
