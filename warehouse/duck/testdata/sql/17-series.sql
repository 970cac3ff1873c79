# Series and interpolation
! create table m17 (g int, m numeric(10,2), f float8, big numeric(38,2))
! insert into m17 values (1, 0.01, 0.01, 1), (1, 0.02, 0.02, 2)
! create table p17 (m numeric(10,1))
! insert into p17 values (5), (7.5), (10), (20)

= GENERATE_SERIES in a list of SELECT
: corrected
select generate_series(1, 3)
-> 1
-> 2
-> 3
select generate_series(1, 3)::varchar
-> 1
-> 2
-> 3
select generate_series(1, 3) * 10 as ten, 'x'
-> 10 | x
-> 20 | x
-> 30 | x
select count(*) from (select generate_series(1, 5) as n) s where n > 1
-> 4
select count(*) from p17, generate_series(1, 2)
-> 8

= GENERATE_SERIES elsewhere
: refused
select count(generate_series(1, 3))
-> ERROR 0A000 GENERATE_SERIES or UNNEST here is not supported by the embedded warehouse
select 1 where generate_series(1, 3) = 1
-> ERROR 0A000 GENERATE_SERIES or UNNEST here is not supported by the embedded warehouse
select generate_series(1, 3), generate_series(1, 2)
-> ERROR 0A000 more than one GENERATE_SERIES in a list of SELECT is not supported by the embedded warehouse

= MEDIAN and PERCENTILE_CONT of NUMERIC
: corrected
select median(m), median(f) from m17
-> 0.015 | 0.015
select percentile_cont(0.25) within group (order by m), percentile_cont(0.25) within group (order by m desc), median(m + 1) from p17
-> 6.875 | 12.500 | 9.75
select distinct median(m) over (partition by g), percentile_cont(0.1) within group (order by m) over (partition by g) from m17
-> 0.015 | 0.011
select median(big) from m17
-> ERROR 0A000 MEDIAN of a NUMERIC of 38 digits is not supported by the embedded warehouse
