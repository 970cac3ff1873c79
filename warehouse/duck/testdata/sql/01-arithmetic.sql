# Numbers
! create table n (i int, b bigint, s smallint, d numeric(7,2), e numeric(10,4), f float8)
! insert into n values (5, 5, 5, 10.00, 3.0000, 2.5), (2, 2, 2, 1.50, 0.5000, null)

= integer / integer
: corrected
@ 4a 5/2
select 5/2, -5/2, 7/7
-> 2 | -2 | 1

= x / 0
: corrected
@ 4a 1/0
select 1/0
-> ERROR 22012 division by zero
select i / (i - 5) from n where i = 5
-> ERROR 22012 division by zero
select 1.0/0
-> ERROR 22012 division by zero
select 1e0/0
-> ERROR 22012 division by zero

= x % 0
: corrected
select 5 % 0
-> ERROR 22012 division by zero
select mod(5, 0)
-> ERROR 22012 division by zero

= numeric / numeric
: corrected
@ 4a 10.0/3
select d / e, d / i, i / d from n order by i desc
-> 3.333333333 | 2.0000000000000 | 0.500000
-> 3.000000000 | 0.7500000000000 | 1.333333
select 10.0/3
-> 3.333333333333

= numeric * numeric
: same
select d * e, d * i from n order by i desc
-> 30.000000 | 50.00
-> 0.750000 | 3.00

= numeric + numeric
: same
select d + e, d - i from n order by i desc
-> 13.0000 | 5.00
-> 2.0000 | -0.50

= AVG(integer)
: corrected
@ 4a AVG(int)
select avg(i), avg(b), avg(s) from n
-> 3 | 3 | 3

= AVG(numeric)
: corrected
@ 4a 10.0/3
select avg(d), avg(e) from n
-> 5.75 | 1.7500

= AVG(float8)
: same
select avg(f) from n
-> 2.5

= SUM(integer)
: corrected
@ 4a SUM(int)
select sum(i), sum(s), sum(b), sum(d) from n
-> 7 | 7 | 7 | 11.50

= NUMERIC without precision
: corrected
@ 4a NUMERIC without (p,s)
select 1.5::numeric, 2.5::decimal, cast(3.5 as dec)
-> 2 | 3 | 4
create table n2 (x numeric, y decimal(5))
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 'n2'
-> x | numeric(18,0)
-> y | numeric(5,0)
drop table n2
-> DROP TABLE

= CAST(1.7 AS INT)
: same
@ 4a rounding and the rest that is the same
select cast(1.7 as int), cast(-1.5 as int), 2.5::int
-> 2 | -2 | 3

= ROUND
: same
@ 4a rounding and the rest that is the same
select round(28.05, 1), round(-2.5), round(1234.567, -2), round(1.5)
-> 28.1 | -3 | 1200 | 2

= TRUNC(number)
: corrected
@ 4b TRUNC(num,n)
select trunc(110.3), trunc(1.55, 1), trunc(-1.5), trunc(1234.567, -2)
-> 110 | 1.5 | -1 | 1200

= MOD
: corrected
@ 4b MOD
select mod(10, 4), mod(-5, 3), mod(6, 3.5)
-> 2 | -2 | 2.5

= GREATEST, LEAST ignore nulls
: same
@ 4a rounding and the rest that is the same
@ 4b GREATEST
select greatest(1, null, 3), least(2, null, 1)
-> 3 | 1

= TO_HEX
: corrected
@ 4a TO_HEX(255)
select to_hex(255), to_hex(2147676847)
-> ff | 8002f2af

= |/ (square root)
: corrected
@ 4c |/
select |/ 25, |/ i from n where i = 5
-> 5 | 2.23606797749979

= ||/ (cube root)
: corrected
select ||/ 27
-> 3

= @ (absolute value)
: corrected
@ 4c @
select @ -5, @ (i - 7) from n order by i
-> 5 | 5
-> 5 | 2

= # (bitwise xor)
: corrected
@ 4c # (xor)
select 5 # 3
-> 6

= & | << >> ~
: same
select 12 & 10, 12 | 3, 1 << 4, 16 >> 2, ~ 5
-> 8 | 15 | 16 | 4 | -6

= ^ (power)
: same
select 2 ^ 3, 2 ^ 0.5 * 1
-> 8 | 1.4142135623730951

= DLOG10, DEXP, DLOG1
: corrected
@ 4d DLOG10, DEXP
select dlog10(100), dexp(0), dlog1(1), log(100), ln(1)
-> 2 | 1 | 0 | 2 | 0

= POW, POWER, SQRT, CBRT, SIGN, CEIL, CEILING, FLOOR, ABS, DEGREES, RADIANS, PI
: same
select power(2, 3), pow(2, 3), sqrt(4), cbrt(27), sign(-2), ceil(1.2), ceiling(1.2), floor(-1.2), abs(-3), degrees(0), radians(0), pi()
-> 8 | 8 | 2 | 3 | -1 | 2 | 2 | -2 | 3 | 0 | 0 | 3.141592653589793

= EXP, SIN, COS, TAN, ASIN, ACOS, ATAN, ATAN2, COT
: same
select exp(0), sin(0), cos(0), tan(0), asin(0), acos(1), atan(0), atan2(0, 1), round(cot(1), 4)
-> 1 | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0.6421

= RANDOM
: same
select random() between 0 and 1
-> t

= STRTOL
: corrected
@ 4d STRTOL
select strtol('abcd1234', 16), strtol('1234567', 10), strtol('110101', 2), strtol('zz', 36), strtol('-10', 8)
-> 2882343476 | 1234567 | 53 | 1295 | -8
select strtol('0xff', 16), strtol('xyz', 10)
-> ERROR 22P02 the input xyz is not valid to be converted to base 10

= FNV_HASH
: corrected
@ 4e FARMFINGERPRINT, FNV, CHECKSUM
select fnv_hash(1), fnv_hash('Amazon Redshift'), fnv_hash('Amazon Redshift', fnv_hash(1)), fnv_hash('abcd'), fnv_hash('cd', fnv_hash('ab'))
-> -5968735742475085980 | 7783490368944507294 | -2202602717770968555 | -281581062704388899 | -281581062704388899

= FARMFINGERPRINT64
: refused
@ 4e FARMFINGERPRINT, FNV, CHECKSUM
select farmfingerprint64('Amazon Redshift')
-> ERROR 0A000 the function farmfingerprint64 is not supported by the embedded warehouse

= CHECKSUM
: refused
@ 4e FARMFINGERPRINT, FNV, CHECKSUM
select checksum('x')
-> ERROR 0A000 the function checksum is not supported by the embedded warehouse

= CRC32, MD5, SHA, SHA1, SHA2
: corrected
@ 4d SHA/FUNC_SHA1/SHA2
@ 4b MD5, SHA1
select crc32('Amazon Redshift'), md5('Amazon Redshift'), sha1('Amazon Redshift'), func_sha1('a'), sha('a'), sha2('Amazon Redshift', 256)
-> 32def43d | f7415e33f972c03abd4f3fed36748f7a | eeac5ed1e11cda66032c30ad77b25071b5487f55 | 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 | 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 | 15013dc10bc5b293f1f66ea28d818387f191cafeb26f89639fae0b4acf9c8772

= integer overflow
: same
select 2147483647 + 1
-> ERROR 22003 integer out of range
select 2147483647::int * 2::int
-> ERROR 22003 integer out of range
select 32768::smallint
-> ERROR 22003 smallint out of range

= numeric literals
: same
select 1., .5, 1e3, 12345678901234567890
-> 1 | 0.5 | 1000 | 12345678901234567890

= TO_NUMBER
: corrected
@ 4c TO_CHAR, TO_DATE, TO_TIMESTAMP, TO_NUMBER
select to_number('12,454.8-', '99G999D9S'), to_number('$ 2,012,454.88', 'L 9,999,999.99')
-> -12454.8 | 2012454.88

= BIT_AND, BIT_OR
: same
select bit_and(i), bit_or(i) from n
-> 0 | 7
