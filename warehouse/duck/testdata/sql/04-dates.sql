# Dates and times
= GETDATE(), SYSDATE, CURRENT_DATE
: corrected
@ 4c GETDATE() / SYSDATE (bare word)
@ 4d GETDATE
select getdate() > '2020-01-01', sysdate > '2020-01-01', current_date = trunc(getdate()), current_timestamp > '2020-01-01', timeofday() like '% UTC'
-> t | t | t | t | t
select abs(datediff(hour, getdate(), timezone('UTC', current_timestamp)))
-> 0

= DATEADD
: corrected
@ 4c DATEADD(day,..), DATEDIFF(day,..), DATE_PART(year,..) bare unit
@ 4c DATEADD/ADD_MONTHS end-of-month, MONTHS_BETWEEN, NEXT_DAY
select dateadd(day, 1, '2003-01-31'), dateadd(month, 1, '2008-01-31'), dateadd(month, 1, '2008-02-29'), dateadd(week, -1, '2008-01-31'), dateadd(quarter, 1, '2008-01-31'), dateadd('year', 1, '2008-02-29')
-> 2003-02-01 00:00:00 | 2008-02-29 00:00:00 | 2008-03-29 00:00:00 | 2008-01-24 00:00:00 | 2008-04-30 00:00:00 | 2009-02-28 00:00:00
select dateadd(minute, 30, '2008-01-31'::date), dateadd(ms, 5, '2024-01-01'), dateadd(decade, 1, '2024-01-01'), dateadd(century, 1, '2024-01-01'), date_add('hour', 2, timestamp '2008-01-01 00:00:00')
-> 2008-01-31 00:30:00 | 2024-01-01 00:00:00.005 | 2034-01-01 00:00:00 | 2124-01-01 00:00:00 | 2008-01-01 02:00:00

= DATEDIFF
: corrected
@ 4c DATEADD(day,..), DATEDIFF(day,..), DATE_PART(year,..) bare unit
@ 4b DATEDIFF('x')
@ 4a rounding and the rest that is the same
select datediff(day, '2003-01-01', '2003-01-31'), datediff(qtr, '1998-07-01', '2008-01-01'), datediff(month, '2003-01-31', '2003-02-01'), datediff(year, '2008-12-31', '2009-01-01'), datediff('hour', '2008-01-01 00:59:00', '2008-01-01 01:00:00'), datediff(minute, '2008-01-01', '2008-01-02')
-> 30 | 38 | 1 | 1 | 1 | 1440

= DATEDIFF(week, …)
: corrected
: The documentation does not tell whether weeks begin on Sunday or Monday: where that makes a difference it is an error.
select datediff(week, '2009-01-01', '2009-12-31'), datediff(week, '2024-01-06', '2024-01-08'), datediff(week, '2024-01-15', '2024-01-01'), datediff(w, '2024-01-02', '2024-01-20')
-> 52 | 1 | -2 | 2
select datediff(week, '2024-01-06', '2024-01-07')
-> ERROR 0A000 DATEDIFF in weeks of which one begins with a Sunday is not supported by the embedded warehouse

= DATEDIFF in decades, centuries, millennia
: corrected
select datediff(decade, '1999-12-31', '2000-01-01'), datediff(century, '1999-12-31', '2001-01-01')
-> 1 | 1

= DATE_PART, EXTRACT
: corrected
@ 4a rounding and the rest that is the same
@ 4b EXTRACT
@ 4b DATE_PART('x')
@ 4c DATEADD(day,..), DATEDIFF(day,..), DATE_PART(year,..) bare unit
select date_part(year, '2008-01-04'::date), date_part('week', date '2008-01-04'), date_part(dow, date '2008-01-04'), date_part(w, date '2008-01-01'), extract(month from date '2008-05-01'), extract(epoch from timestamp '2000-01-01 00:00:00'), date_part(minute, timestamp '2009-01-01 02:08:01'), extract(dow from timestamp '2008-01-06 00:00:00'), extract(hour from timestamp '2009-09-09 12:08:43'), pgdate_part('year', date '2008-01-01')
-> 2008 | 1 | 5 | 1 | 5 | 946684800 | 8 | 0 | 12 | 2008
select extract('year' from date '2008-05-01'), extract(qtr from date '2008-05-01'), extract(yearday from date '2008-02-01'), extract(ms from timestamp '2009-09-09 12:08:43.5'), date_part(decade, date '2008-01-01'), date_part(sec, timestamp '2009-09-21 11:10:03.189717'), date_part(ms, timestamp '2009-09-21 11:10:03.189717'), extract(sec from timestamp '2009-09-21 11:10:03.189717'), extract(us from timestamp '2009-09-21 11:10:03.189717')
-> 2008 | 2 | 32 | 500 | 200 | 3.189717 | 3189.717 | 3 | 189717

= DATE_PART_YEAR
: corrected
select date_part_year(date '2008-01-04')
-> 2008

= DATE_TRUNC
: same
@ 4b DATE_TRUNC
select date_trunc('month', timestamp '2008-09-08 12:00:01'), date_trunc('week', date '2024-01-07'), date_trunc('week', date '2024-01-08'), date_trunc('quarter', date '2024-05-08'), date_trunc('hour', timestamp '2008-09-08 12:10:01'), date_trunc('decade', date '2024-05-08')
-> 2008-09-01 00:00:00 | 2024-01-01 00:00:00 | 2024-01-08 00:00:00 | 2024-04-01 00:00:00 | 2008-09-08 12:00:00 | 2020-01-01 00:00:00

= TRUNC(timestamp)
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select trunc(timestamp '2011-07-21 10:32:38.248109'), trunc(date '2011-07-21')
-> 2011-07-21 | 2011-07-21

= LAST_DAY
: corrected
@ 4b LAST_DAY
select last_day('2008-05-07'), last_day(timestamp '2004-02-07 01:02:03')
-> 2008-05-31 | 2004-02-29

= ADD_MONTHS
: corrected
@ 4c DATEADD/ADD_MONTHS end-of-month, MONTHS_BETWEEN, NEXT_DAY
@ 4d ADD_MONTHS
select add_months(date '2008-03-31', 1), add_months(date '2007-02-28', 1), add_months('2008-01-01 05:07:30', -1)
-> 2008-04-30 00:00:00 | 2007-03-31 00:00:00 | 2007-12-01 05:07:30

= MONTHS_BETWEEN
: corrected
@ 4c DATEADD/ADD_MONTHS end-of-month, MONTHS_BETWEEN, NEXT_DAY
select months_between('1969-01-18', '1969-03-18'), months_between('2024-01-31', '2024-02-29')
-> -2 | -1

= NEXT_DAY
: corrected
@ 4c DATEADD/ADD_MONTHS end-of-month, MONTHS_BETWEEN, NEXT_DAY
select next_day('2014-08-20', 'Tuesday'), next_day('2014-08-20', 'Wed')
-> 2014-08-26 | 2014-08-27

= CONVERT_TIMEZONE
: corrected
@ 4d CONVERT_TIMEZONE(2,3)
select convert_timezone('UTC', 'US/Pacific', timestamp '2008-08-21 07:23:54'), convert_timezone('US/Pacific', timestamp '2008-08-21 07:23:54'), convert_timezone('EST', 'PST', timestamp '2008-03-05 12:25:29')
-> 2008-08-21 00:23:54 | 2008-08-21 00:23:54 | 2008-03-05 09:25:29

= AT TIME ZONE
: same
@ 4b AT TIME ZONE
select timestamp '2001-02-16 20:38:40' at time zone 'MST', timestamptz '2001-02-16 20:38:40-05' at time zone 'MST'
-> 2001-02-17 03:38:40+00 | 2001-02-16 18:38:40

= TIMEZONE(zone, x)
: same
select timezone('America/New_York', timestamp '2001-02-16 20:38:40')
-> 2001-02-17 01:38:40+00

= TO_CHAR(time)
: corrected
@ 4c TO_CHAR, TO_DATE, TO_TIMESTAMP, TO_NUMBER
@ 4d TO_CHAR(date, simple)
select to_char(timestamp '2009-12-31 23:15:59', 'MONTH-DY-DD-YYYY HH12:MIPM'), to_char(date '2026-03-01', 'FMDay DDth FMMonth'), to_char(date '2024-01-05', 'YYYY"Q"Q IW')
-> DECEMBER -THU-31-2009 11:15PM | Sunday 01st March | 2024Q1 01

= TO_CHAR(number)
: corrected
@ 4c TO_CHAR, TO_DATE, TO_TIMESTAMP, TO_NUMBER
select to_char(125.8, '999.99'), to_char(-125.8, '999D99MI'), to_char(1234567, '9,999,999'), to_char(12, '0000')
->  125.80 | 125.80- |  1,234,567 |  0012

= TO_DATE
: corrected
@ 4c TO_CHAR, TO_DATE, TO_TIMESTAMP, TO_NUMBER
select to_date('02 Oct 2001', 'DD Mon YYYY'), to_date('20240115', 'YYYYMMDD')
-> 2001-10-02 | 2024-01-15
select to_date('20010631', 'YYYYMMDD', false), to_date('20010631', 'YYYYMMDD')
-> 2001-07-01 | 2001-07-01
select to_date('20010631', 'YYYYMMDD', true)
-> ERROR 22P02 date/time field value out of range: "20010631"

= TO_TIMESTAMP
: corrected
@ 4c TO_CHAR, TO_DATE, TO_TIMESTAMP, TO_NUMBER
select to_timestamp('05 Dec 2000 10:11:12', 'DD Mon YYYY HH24:MI:SS')
-> 2000-12-05 10:11:12+00

= date - date
: same
@ 4a rounding and the rest that is the same
select date '2024-03-01' - date '2024-02-01'
-> 29

= date + integer
: same
select date '2024-02-28' + 2, date '2024-03-01' - 1, 1 + date '2024-02-28'
-> 2024-03-01 | 2024-02-29 | 2024-02-29

= timestamp + integer
: corrected
@ 4c ts + int
select timestamp '2024-02-28 10:00:00' + 2, timestamp '2024-03-01 10:00:00' - 1, getdate() - 1 < getdate(), 1 + timestamp '2024-02-28 10:00:00'
-> 2024-03-01 10:00:00 | 2024-02-29 10:00:00 | t | 2024-02-29 10:00:00

= timestamp - timestamp
: same
select timestamp '2024-03-01 10:00:00' - timestamp '2024-02-29 09:30:00'
-> 1 day 00:30:00

= interval literals
: same
@ 4b interval arithmetic
select date '2024-01-31' + interval '1 month', timestamp '2024-01-01 00:00:00' + interval '1 day 2 hours', interval '52 hours', date '2024-01-01' + interval '1' day, date '2024-01-01' - interval '2 weeks'
-> 2024-02-29 00:00:00 | 2024-01-02 02:00:00 | 52:00:00 | 2024-01-02 00:00:00 | 2023-12-18 00:00:00

= DATE literals in other forms
: corrected
@ 4c '20240115'::date, '01/15/2024'::date
select '20240115'::date, '01/15/2024'::date, date '15-Jan-2024', cast('January 15, 2024' as date), '2024-1-5'::date, '08/01/99'::date, date '1999-January-08'
-> 2024-01-15 | 2024-01-15 | 2024-01-15 | 2024-01-15 | 2024-01-05 | 1999-08-01 | 1999-01-08

= dates of texts in columns
: corrected
select x::date from (select '20240115' as x union all select '01/15/2024') q order by x
-> 2024-01-15
-> 2024-01-15

= 'now', 'today', 'yesterday', 'tomorrow'
: same
select 'today'::date = current_date
-> t

= TIMESTAMP literals
: same
select timestamp '2024-01-15', '2024-01-15 10:11:12.5'::timestamp, '20240115 101112'::timestamp, '2024-01-15T10:11:12'::timestamp
-> 2024-01-15 00:00:00 | 2024-01-15 10:11:12.5 | 2024-01-15 10:11:12 | 2024-01-15 10:11:12

= TIMESTAMPTZ
: same
@ 4b INT2/4/8 FLOAT4/8 BPCHAR NVARCHAR TEXT TIMESTAMPTZ DATETIME
select '2024-01-15 10:11:12+02'::timestamptz, timestamptz '2024-01-15 10:11:12', cast('2024-01-15 10:11:12-08' as timestamp with time zone)
-> 2024-01-15 08:11:12+00 | 2024-01-15 10:11:12+00 | 2024-01-15 18:11:12+00

= TIME
: same
select '10:11:12'::time, time '23:59:59.5', cast(timestamp '2024-01-01 10:11:12' as time)
-> 10:11:12 | 23:59:59.5 | 10:11:12

= DATE_CMP, TIMESTAMP_CMP and their kin
: corrected
select date_cmp('2008-01-01', '2008-01-04'), timestamp_cmp(timestamp '2008-01-01 00:00:00', timestamp '2008-01-01 00:00:00'), timestamp_cmp_date('2024-01-02 00:00:00', '2024-01-01'), date_cmp_timestamp('2024-01-01', '2024-01-01 00:00:01')
-> -1 | 0 | 1 | -1

= comparison of a date with a text
: same
select date '2024-01-15' = '2024-01-15', date '2024-01-15' between '2024-01-01' and '2024-01-31', timestamp '2024-01-15 00:00:00' = date '2024-01-15'
-> t | t | t

= CAST(timestamp AS DATE), AS VARCHAR
: same
select '2024-01-15 23:59:59'::timestamp::date, timestamp '2024-01-15 10:11:12'::varchar, date '2024-01-15'::varchar(7)
-> 2024-01-15 | 2024-01-15 10:11:12 | 2024-01

= OVERLAPS
: refused
select (date '2024-01-01', date '2024-01-31') overlaps (date '2024-01-15', date '2024-02-15')
-> ERROR 0A000 OVERLAPS is not supported by the embedded warehouse
