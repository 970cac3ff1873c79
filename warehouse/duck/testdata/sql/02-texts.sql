# Texts
! create table s (c char(5), v varchar(10), n int)
! insert into s values ('ab   ', 'ab', 1), ('abc', 'xyz', 2), (null, null, 3)

= CAST(… AS VARCHAR(n)), CHAR(n)
: corrected
@ 4a CAST('abcdef' AS CHAR(3)/VARCHAR(3))
select cast('abcdef' as char(3)), cast('abcdef' as varchar(3)), 'abcdef'::varchar(2), convert(varchar(4), 'abcdef')
-> abc | abc | ab | abcd

= INSERT of a text that is too long
: corrected
@ 4a INSERT of 8 chars into VARCHAR(3)
insert into s (v) values ('12345678901')
-> ERROR 22001 value too long for type character varying(10)
insert into s (v) values ('éééééé')
-> ERROR 22001 value too long for type character varying(10)
insert into s (c) values ('123456')
-> ERROR 22001 value too long for type character(5)

= CHAR comparisons are blank-padded
: corrected
@ 4a CHAR(n): 'ab'::CHAR(5)='ab   '
select 'ab'::char(5) = 'ab   ', count(*) from s where c = 'ab        '
-> t | 1

= LEN of CHAR
: corrected
@ 4a LEN('abc ') of CHAR
select len(c), len('abc '::char(5)), len(v) from s where n = 1
-> 2 | 3 | 2

= VARCHAR that ends with blanks
: refused
: Redshift stores them and ignores them when it compares; DuckDB would not.
insert into s (v) values ('a ')
-> ERROR 0A000 storing a VARCHAR that ends with blanks is not supported by the embedded warehouse

= CONCAT
: corrected
@ 4a CONCAT('a',NULL)
@ 4b || (NULL => NULL)
select concat('a', null), concat('Amazon ', 'Redshift'), 'a' || null, 'a' || 1
-> NULL | Amazon Redshift | NULL | a1

= backslash escapes in '…'
: corrected
@ 4a 'a\nb'
select 'a\nb', 'it\'s', 'a\\b', E'a\tb', 'a''b'
-> a⏎b | it's | a\b | a	b | a'b

= $$ … $$
: same
@ 4b $$..$$
select $$it's$$, $a$x$$y$a$
-> it's | x$$y

= adjacent string constants
: same
select 'ab'
 'cd'
-> abcd

= LEN, LENGTH, CHAR_LENGTH, CHARACTER_LENGTH, TEXTLEN, OCTET_LENGTH
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select len('été'), length('été'), char_length('été'), character_length('x'), textlen('ab'), octet_length('été')
-> 3 | 3 | 3 | 1 | 2 | 5

= BIT_LENGTH
: same
select bit_length('ab')
-> 16

= CHARINDEX, POSITION, STRPOS
: corrected
@ 4b STRPOS
@ 4d CHARINDEX
select charindex('fish', 'dogfish'), position('fish' in 'dogfish'), strpos('dogfish', 'fish'), charindex('x', 'dogfish')
-> 4 | 4 | 4 | 0

= LEFT, RIGHT
: same
@ 4b LEFT/RIGHT
select left('Chicago', 3), right('Chicago', 3), left('ab', 5)
-> Chi | ago | ab

= SUBSTRING, SUBSTR
: corrected
@ 4b SUBSTRING
select substring('caterpillar', 6, 4), substring('caterpillar', 0, 4), substring('caterpillar' from 4 for 2), substr('caterpillar', 9)
-> pill | cat | er | lar

= SPLIT_PART
: same
@ 4b SPLIT_PART
select split_part('abc$def$ghi', '$', 2), split_part('abc$def$ghi', '$', 4), split_part('2020-01-02', '-', 1)
-> def |  | 2020
select split_part('a-b', '-', 0)
-> ERROR 22P02 field position must be greater than zero

= LPAD, RPAD
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select '[' || lpad('ab', 4) || rpad('ab', 4) || lpad('abc', 2, 'x') || rpad('a', 3, '*') || ']'
-> [  abab  aba**]

= BTRIM, LTRIM, RTRIM, TRIM
: corrected
@ 4d BTRIM
select btrim('  abc  '), btrim('xyzaxyzbxyzcxyz', 'xyz'), ltrim('2008-2-3', '20-'), rtrim('xaxbxcx', 'x') , trim('  a '), trim(both 'x' from 'xax'), trim(leading '"' from '"a"')
-> abc | axyzbxyzc | 8-2-3 | xaxbxc | a | a | a"

= UPPER, LOWER, INITCAP
: corrected
@ 4d INITCAP, QUOTE_IDENT/LITERAL
select upper('été'), lower('ÀB'), initcap('nibh.enim@egestas.ca'), initcap('ad-hoc o''neil')
-> ÉTÉ | àb | Nibh.Enim@Egestas.Ca | Ad-Hoc O'Neil

= REPEAT, REPLICATE
: corrected
@ 4b REPEAT, REVERSE
@ 4d REPLICATE
select repeat('ab', 3), replicate('ab', 2)
-> ababab | abab

= REVERSE
: same
@ 4b REPEAT, REVERSE
select reverse('horse')
-> esroh

= REPLACE
: same
select replace('Shows', 'Shows', 'Theatre'), replace('aXbX', 'X', '')
-> Theatre | ab

= TRANSLATE
: same
select translate('mint tea', 'inea', 'osin'), translate('abc', 'abc', 'x')
-> most tin | x

= CHR, ASCII
: same
@ 4b CHR
select chr(65), ascii('A'), chr(233)
-> A | 65 | é

= QUOTE_IDENT, QUOTE_LITERAL
: corrected
@ 4d INITCAP, QUOTE_IDENT/LITERAL
select quote_ident('Mixed name'), quote_ident('plain'), quote_literal('it''s')
-> "Mixed name" | plain | 'it''s'

= SOUNDEX
: corrected
select soundex('Robert'), soundex('Ashcraft')
-> R163 | A261

= DIFFERENCE
: corrected
select difference('Amazon', 'Ama'), difference('Robert', 'Rupert')
-> 2 | 4

= BPCHARCMP, BTTEXT_PATTERN_CMP
: corrected
select bpcharcmp('a', 'b'), bttext_pattern_cmp('b', 'a')
-> -1 | 1

= NVL, COALESCE
: corrected
@ 4d NVL(2–4)
@ 4b COALESCE/NULLIF
select nvl(null, 2), nvl(null, null, 3, 4), coalesce(null, 'x')
-> 2 | 3 | x

= NVL2
: corrected
@ 4d NVL2
select nvl2(null, 'a', 'b'), nvl2(1, 'a', 'b')
-> b | a

= NULLIF
: same
@ 4b COALESCE/NULLIF
select nullif(1, 1), nullif(1, 2)
-> NULL | 1

= ISNULL(a, b)
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select isnull(null, 5)
-> 5

= DECODE
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select decode(2, 1, 'one', 2, 'two', 'many'), decode(null, null, 'none', 'some'), decode(7, 1, 'one')
-> two | none | NULL

= CONVERT(type, x)
: corrected
@ 4c CONVERT(type,x)
select convert(int, '12') + 1, convert(date, '2024-01-15')
-> 13 | 2024-01-15

= x ISNULL, x NOTNULL
: same
select 1 isnull, null notnull
-> f | f

= CASE
: same
select case 1 when 1 then 'a' else 'b' end, case when null then 1 else 2 end
-> a | 2

= COLLATE
: refused
select 'a' collate case_insensitive = 'A'
-> ERROR 0A000 COLLATE is not supported by the embedded warehouse

= LIKE, ILIKE
: corrected
@ 4b ILIKE
select 'a_b' like 'a\\_b', 'axb' like 'a\\_b', 'ABC' ilike 'a%', 'abc' not like 'a', 'a%' like 'a!%' escape '!', 'abc' ~~ 'a%', 'ABC' ~~* 'a%'
-> t | f | t | t | t | t | t

= text comparison is by bytes
: same
select 'B' < 'a', 'é' > 'z', 'a' < 'ab'
-> t | t | t

= implicit casts between text and number
: same
select '1' = 1, 1 || 'a'
-> t | 1a

= 'text' + number
: corrected
: A constant beside a number is one.
select '2' + 3, 3 * '2', 1.5 + '2.25', '7' / 2, 10 - '3' - 1
-> 5 | 6 | 3.75 | 3 | 6

= TEXT and VARCHAR without length
: corrected
@ 4c VARCHAR(MAX) / SUPER / VARBYTE / HLLSKETCH
create table s2 (a text, b varchar, c char, d varchar(max), e nvarchar(20), f bpchar, g character varying(7))
-> CREATE TABLE
select "column", type from pg_table_def where tablename = 's2'
-> a | character varying(256)
-> b | character varying(256)
-> c | character(1)
-> d | character varying(65535)
-> e | character varying(20)
-> f | character(256)
-> g | character varying(7)
drop table s2
-> DROP TABLE

= OCTETINDEX
: corrected
select octetindex('q', 'éq')
-> 3

= computed texts are compared and ordered without the blanks at their end
: corrected
: In comparisons, IN, BETWEEN, CASE, joins, ORDER BY and PARTITION BY; stored texts have none.
select substring('ab c', 1, 3) = 'ab', 'ab' = rpad('ab', 5), left('a bc', 2) in ('a'), to_char(date '2024-05-01', 'Month') = 'May', split_part('x ,y', ',', 1) <> 'x', replace('a-', '-', ' ') between 'a' and 'a'
-> t | t | t | t | f | t
select count(*) from s where substring(v, 1, 2) = 'ab'
-> 1
select v || ' ' = 'ab', 'ab' >= v || '  ', v || ' ' || '' not in ('ab', 'x'), upper(v || ' ') = 'AB', (v || ' ')::varchar(20) = 'ab', coalesce(v || ' ', 'x') between 'ab' and 'ab', case v || ' ' when 'ab' then 1 else 2 end, case when 'ab' = v || ' ' then 1 end from s where n = 1
-> t | t | f | t | t | t | 1 | 1
select a.n, b.n from s a join s b on a.v || ' ' = b.v order by 1
-> 1 | 1
-> 2 | 2
select n from (select 1 as n, 'a'::varchar || ' ' as k union all select 2, 'a') q order by case when n = 1 then 'a' || ' ' else 'a' end, n desc
-> 2
-> 1
select n, row_number() over (partition by case n when 1 then 'a' || ' ' else 'a' end order by n) from s where n < 3 order by 1
-> 1 | 1
-> 2 | 2
update s set v = 'y' || v where v || ' ' = 'xyz'
-> UPDATE 1
update s set v = 'xyz' where v = 'yxyz'
-> UPDATE 1

= grouping by computed texts, DISTINCT, set operations
: corrected
: Where no text ends with a blank the result is Redshift's; where one does a named error tells so, since Redshift may give either of two texts that it takes for the same. The same holds for a text of a subquery or a view that another part of the statement compares, and for CREATE TABLE AS.
select v || '-' || n, count(*) from s where n < 3 group by v || '-' || n order by 1
-> ab-1 | 1
-> xyz-2 | 1
select v || ' ' || n as k, count(*) from s where n < 3 group by k order by k
-> ab 1 | 1
-> xyz 2 | 1
select upper(v || '-') || 'x', max(v || '-') from s where n < 3 group by v || '-' order by 2
-> AB-x | ab-
-> XYZ-x | xyz-
select left(v, 1) as k, count(*) from s group by 1 order by 1
-> a | 1
-> x | 1
-> NULL | 1
select v || ' ', count(*) from s group by 1
-> ERROR 0A000 grouping by, or storing, a text that ends with blanks is not supported by the embedded warehouse
select distinct v || ' ' from s
-> ERROR 0A000 grouping by, or storing, a text that ends with blanks is not supported by the embedded warehouse
select left(v, 1) from s union select 'a ' order by 1
-> ERROR 0A000 grouping by, or storing, a text that ends with blanks is not supported by the embedded warehouse
select count(distinct v || ' ') from s
-> ERROR 0A000 grouping by, or storing, a text that ends with blanks is not supported by the embedded warehouse
select count(*) from (select v || ' ' as k from s) q where k = 'ab'
-> ERROR 0A000 grouping by, or storing, a text that ends with blanks is not supported by the embedded warehouse
select k || '.' from (select v || ' ' as k, n from s) q where n = 1
-> ab .
create table s3 as select v || ' ' as k from s
-> ERROR 0A000 grouping by, or storing, a text that ends with blanks is not supported by the embedded warehouse
create table s3 as select v || '.' as k from s
-> CREATE TABLE
drop table s3
-> DROP TABLE
