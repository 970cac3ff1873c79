# Found by a reader
! create table r26 (i integer, b boolean, s varchar(5), g integer)
! insert into r26 values (1, true, 'a', 1), (2, false, '', 1), (3, null, 'b', 1), (4, true, 'a', 2), (5, true, null, 2)

= an alias without AS after a sign or NOT
: same
select x from (select -i x from r26 where i = 1) q
-> -1
select x, y, z from (select - 5 x, 2-i y, (-i) z from r26 where i = 1) q
-> -5 | 1 | -1
with w as (select not b x, +i y, -abs(-i) z from r26 where i = 1) select x, y, z from w
-> f | 1 | -1
create table c26 as select -i md, i from r26 where i = 1
-> CREATE TABLE
select md, i from c26
-> -1 | 1
create view v26 as select -i x, i from r26
-> CREATE VIEW
select x from v26 where i = 2
-> -2

= TO_DATE of YY before other digits
: corrected
select to_date('240107', 'YYMMDD'), to_date('990107', 'YYMMDD'), to_date('2401', 'YYMM'), to_date('24001', 'YYDDD'), to_date('012407', 'MMYYDD'), to_date('070124', 'DDMMYY')
-> 2024-01-07 | 1999-01-07 | 2024-01-01 | 2024-01-01 | 2024-01-07 | 2024-01-07
select to_timestamp('2401071011', 'YYMMDDHH24MI'), to_date('24-01-07', 'YY-MM-DD')
-> 2024-01-07 10:11:00+00 | 2024-01-07

= texts in the formats of TO_TIMESTAMP
: corrected
select to_timestamp('2024-01-05T10:11:12Z', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_date('on 2024/01/05', '"on" YYYY-MM-DD')
-> 2024-01-05 10:11:12+00 | 2024-01-05

= LISTAGG of empty texts
: corrected
select g, listagg(s, ',') within group (order by i), listagg(distinct s, '-') within group (order by s) from r26 group by g order by g
-> 1 | a,b | a-b
-> 2 | a | a
select listagg(i, ',') within group (order by i desc), listagg(s) within group (order by i) from r26
-> 5,4,3,2,1 | aba
select i, listagg(s, ',') within group (order by i) over (partition by g) from r26 order by i
-> 1 | a,b
-> 2 | a,b
-> 3 | a,b
-> 4 | a
-> 5 | a

= DATE_PART_YEAR of a text
: corrected
select date_part_year('2024-01-01'), date_part_year(date '2023-05-06')
-> 2024 | 2023

= the name of TRIM
: corrected
select btrim, ltrim, rtrim from (select trim(' a '), trim(leading 'b' from 'ba'), trim(trailing 'b' from 'ab')) s
-> a | a | a

= FLOOR, CEILING and TRUNC of integers
: corrected
select floor(i)/2, ceil(i)/2, ceiling(i::bigint)/2, trunc(i)/2, floor(i/2) from r26 where i = 3
-> 1 | 1 | 1 | 1 | 1
select floor(-1.5), ceil(1.2::numeric(10,2)), floor(2.5::float), trunc(-2.7), trunc(2.77, 1), floor('3'), trunc(timestamp '2024-01-05 10:00:00')
-> -2 | 2 | 2 | -2 | 2.7 | 3 | 2024-01-05
create table f26 as select floor(i) as f, ceil(i * 1.5) as c, trunc(i) as t from r26
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'f26' and "column" = 'f'
-> f | integer
select g, floor(avg(i)), floor(sum(i))/2 from r26 group by g order by g
-> 1 | 2 | 3
-> 2 | 4 | 4

= decimals and texts in comparisons
: corrected
create table j26 (i integer, n decimal(10,2))
-> CREATE TABLE
insert into j26 values (5, 5.20)
-> INSERT 0 1
create table k26 (k varchar(10))
-> CREATE TABLE
insert into k26 values ('5.204'), ('5.2'), ('1000.4')
-> INSERT 0 3
select k, n from k26 join j26 on k = n
-> 5.2 | 5.20
select k from k26 where k = 5.20
-> 5.2
select k from k26 where k in (5.2, 7) or 1000.40 = k
-> 5.2
-> 1000.4
select 1 where false union all select n from j26 where n = '5.204' union select a.n from j26 a where a.n in ('5.204', '5.201')
-> SELECT 0
select k from k26 where k in (5.2, 7.1, 8.25) and k between 5.2 and 5.2
-> 5.2
select n = '5.204', n > '5.196', n <> '5.2001', n >= '5.2049', n between '5.2049' and '6', n not in ('5.2049'), '5.2' = n, n = '5.20000' from j26
-> f | t | t | f | f | t | t | t
update j26 set i = 9 from k26 where k26.k = j26.n and k26.k = '5.204'
-> UPDATE 0
update j26 set i = 0 where n = '5.204'
-> UPDATE 0
update j26 set i = 7, n = '5.204' where n = '5.20'
-> UPDATE 1
select i, n, (select max(k) from k26 where k26.k = j26.n) from j26
-> 7 | 5.20 | 5.2
with k26 as (select 5.204::decimal(10,3) as k) select k from k26 join j26 j on k26.k = j.n
-> SELECT 0
delete from k26 using j26 where k26.k = j26.n
-> DELETE 1
select count(*) from k26 x where exists (select 1 from j26 y where y.n = x.k)
-> 0

= products of decimals with more than 18 digits
: corrected
create table m26 (a decimal(18,2), r decimal(12,6), q integer, b bigint, s decimal(7,2))
-> CREATE TABLE
insert into m26 values (12345678901234.56, 1.123456, 3, 9000000000, 5.25)
-> INSERT 0 1
select a * r, a*r*2.5, -a * r + 1, q * s, s * s, a * b from m26
-> 13869827035665.37383936 | 34674567589163.434598400 | -13869827035664.37383936 | 15.75 | 27.5625 | 111111110111111040000000.00
select 1000.5::decimal(12,4)*250.25::decimal(12,4)*1.1::decimal(10,6), cast(10000.00 as decimal(18,8)) * cast(10000.00 as decimal(18,8))
-> 275412.63750000000000 | 100000000.0000000000000000
select sum(x.a * x.r), count(*) from m26 x where x.a * x.r > 1.0
-> 13869827035665.37383936 | 1
select a * r / 2 as half, 2 / s * s as about from m26
-> 6934913517832.686919680000000 | 1.99999800
create table p26 as select a * a as square, a * s as price from m26
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'p26'
-> square | numeric(37,4)
-> price | numeric(26,4)
update m26 set a = s * s where a * r > 0
-> UPDATE 1

= SMALLINT and integer constants
: corrected
create table s26 (a smallint, n decimal(5,2))
-> CREATE TABLE
insert into s26 values (32767, 1.5)
-> INSERT 0 1
select a+1, a * 2, -a - 10, 1 + t.a, 40000 - a, a / 2, a % 10, a/2+1, (a+1)*2, 2*a*n from s26 t where a+1 > 5 and a = 32767
-> 32768 | 65534 | -32777 | 32768 | 7233 | 16383 | 7 | 16384 | 65536 | 98301.00
create table t26 as select a + 0 as x, a/2 as y, a%10 as z, a from s26
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 't26'
-> x | integer
-> y | integer
-> z | integer
-> a | smallint
update s26 set a = a - 1, n = a * 0
-> UPDATE 1
select a, n, (select max(b.a) from s26 b where b.a + 1 = s26.a + 1) from s26
-> 32766 | 0.00 | 32766
