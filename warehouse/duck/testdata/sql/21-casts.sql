# Values without a cast
! create table ic (a int, b varchar(10), d date, ts timestamp, n numeric(9,2), f float8, t time)
! insert into ic values (1, 'x', '2024-01-31', '2024-01-31 10:00', 1.5, 2.5, '10:00:00'), (12, 'a b', '2024-02-29', '2024-02-29 23:59:59.5', '-3.25', 0.1, '23:30:00')

= numbers and times where texts are needed
: corrected
select upper(1), length(12), len(a), concat(1, 2), concat(a, 'x') from ic order by a
-> 1 | 2 | 1 | 12 | 1x
-> 1 | 2 | 2 | 12 | 12x
select substring(12345, 2, 2), left(20240101, 4), right(a, 1), left(d, 7), substring(ts, 1, 10) from ic order by a
-> 23 | 2024 | 1 | 2024-01 | 2024-01-31
-> 23 | 2024 | 2 | 2024-02 | 2024-02-29
select lpad(a, 3, '0'), rpad(a, 3, '*'), trim(a), replace(123, '2', 'x'), strpos(123, '2'), charindex('2', 123), split_part(d, '-', 1) from ic order by a
-> 001 | 1** | 1 | 1x3 | 2 | 2 | 2024
-> 012 | 12* | 12 | 1x3 | 2 | 2 | 2024
select md5(1) = md5('1'), reverse(123), regexp_substr(d, '[0-9]+'), regexp_replace(a, '1', '2'), upper(n), length(f) from ic order by a
-> t | 321 | 2024 | 2 | 1.50 | 3
-> t | 321 | 2024 | 22 | -3.25 | 3
select a from ic where d like '2024-01%'
-> 1
select a from ic where a like '1%' and n not like '1.%'
-> 12
select a from ic where lower(d) like '%-31' or cast(n * 2 as varchar) like '3%'
-> 1
select upper(true)
-> ERROR 42883 function upper(boolean) does not exist
select left(1 / 1, 1), upper(a / 2) from ic where a = 12
-> 1 | 6

= floating point numbers as texts
: corrected
select 1.0::float8::varchar, 100000000000::float8::varchar, 0.1::real::varchar, 1e20::float8::varchar, 1000000::real::varchar, 'x' || 2.0::float8
-> 1 | 100000000000 | 0.1 | 1e+20 | 1e+06 | x2
select f::varchar, cast(f * 10 as varchar) from ic order by a
-> 2.5 | 25
-> 0.1 | 1

= a date minus a constant
: same
select date '2024-03-01' - '2024-02-01', d - '1/1/2024' from ic order by a
-> 29 | 30
-> 29 | 59
select ts - '2024-01-01' from ic order by a
-> 30 days 10:00:00
-> 59 days 23:59:59.5

= DATEDIFF and DATEADD of TIME
: same
select datediff(hour, '10:00:00'::time, '12:30:00'::time), datediff(minute, t, '12:30'::time), datediff(second, time '10:00', '10:01') from ic order by a
-> 2 | 150 | 60
-> 2 | -660 | 60
select dateadd(hour, 1, t), dateadd(minute, -90, t), dateadd(second, 1.5, t) from ic order by a
-> 11:00:00 | 08:30:00 | 10:00:01.5
-> 00:30:00 | 22:00:00 | 23:30:01.5
select dateadd(hour, 1, d), datediff(hour, d, ts), datediff(hour, '2024-01-01', '2024-01-02 05:00') from ic order by a
-> 2024-01-31 01:00:00 | 10 | 29
-> 2024-02-29 01:00:00 | 23 | 29

= texts as times with zone
: corrected
select '2024-01-01 10:00+02'::timestamptz, '2024-07-01 10:00 America/New_York'::timestamptz, cast('1/5/2024' as timestamptz)
-> 2024-01-01 08:00:00+00 | 2024-07-01 14:00:00+00 | 2024-01-05 00:00:00+00
select 'x'::timestamptz
-> ERROR 22007 invalid input syntax for type timestamp with time zone: "x"

= NULLIF and DECODE do not see blanks at the end
: corrected
select nullif('abc ', 'abc'), nullif(b || ' ', b), nullif(b, 'x ') from ic order by a
-> NULL | NULL | NULL
-> NULL | NULL | a b
select decode('abc ', 'abc', 1, 0), decode(b || ' ', b, 'same', 'other'), decode(b, 'x ', 1, 2), decode(a, 1, 'one', 'more') from ic order by a
-> 1 | same | 1 | one
-> 1 | same | 2 | more

= overflows
: same
select 2147483647::int + 1::int
-> ERROR 22003 integer out of range
select 100::smallint * 1000::smallint
-> ERROR 22003 smallint out of range
select 9223372036854775807 + 1
-> ERROR 22003 bigint out of range

= VALUES with texts and numbers in one column
: corrected
create table mixed (n numeric(7,2), v varchar(5), d date)
-> CREATE TABLE
insert into mixed values ('1.5', 1, '2024-01-01'), (-2.25, 'a', date '2024-02-02'), (null, 3, '1/5/2024')
-> INSERT 0 3
select * from mixed order by d
-> 1.50 | 1 | 2024-01-01
-> NULL | 3 | 2024-01-05
-> -2.25 | a | 2024-02-02
insert into mixed (v) values ('abcdef'), (1)
-> ERROR 22001 value too long for type character varying(5)

= TRIM of what a function gives
: same
select trim(both 'x' from upper('xXxaX')), trim(trailing ';' from lower('A;'))
-> XXXAX | a
select extract(year from add_months('2024-01-01', 1))
-> 2024
