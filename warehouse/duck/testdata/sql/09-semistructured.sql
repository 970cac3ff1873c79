# JSON and SUPER
! put super.json {"id": 21, "s": {"a": [1, "x"]}} {"id": 22, "s": "[1]"} {"id": 23, "s": null}
! put super.csv 31,"{""a"": [5]}"\n32,12\n33,"[1, 2]"
! put bad.csv 41,{bad

= JSON_EXTRACT_PATH_TEXT
: corrected
@ 4c TRUNC(ts), DECODE, ISNULL, LPAD/RPAD(2 args), JSON_EXTRACT_PATH_TEXT, OCTET_LENGTH
select json_extract_path_text('{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}', 'f4', 'f6'), json_extract_path_text('{"a":1}', 'b'), json_extract_path_text('{bad', 'a', true)
-> star |  | NULL
select json_extract_path_text('{bad', 'a')
-> ERROR 22P02 JSON parsing error: expected a string as a key at byte 1

= JSON_EXTRACT_ARRAY_ELEMENT_TEXT, JSON_ARRAY_LENGTH
: corrected
select json_extract_array_element_text('[111,112,113]', 2), json_array_length('[11,12,13,{"f1":21,"f2":[25,26]},14]')
-> 113 | 5

= IS_VALID_JSON, IS_VALID_JSON_ARRAY
: corrected
@ 4d IS_VALID_JSON
select is_valid_json('{"a":1}'), is_valid_json('{bad'), is_valid_json_array('[1]'), is_valid_json_array('{"a":1}')
-> t | f | t | f

= SUPER columns, JSON_PARSE, JSON_SERIALIZE
: corrected
: A SUPER is kept as JSON. A text that is stored in one is a text of it; JSON_PARSE reads it. On the wire it is JSON text of the type 4000.
@ 4c VARCHAR(MAX) / SUPER / VARBYTE / HLLSKETCH
@ 4d JSON_PARSE
@ 4d type SUPER=JSON
create table c (id int, s super)
-> CREATE TABLE
insert into c values (1, json_parse('{"a": {"b": [10, "x", {"k": true}]}, "n": 1.5, "t": "text", "d": "2024-01-15", "z": null}'))
-> INSERT 0 1
insert into c (id, s) values (2, '[1]'), (3, null), (4, json_parse('[1,[2,[3]],"q"]'))
-> INSERT 0 3
insert into c select id + 10, s from c where id = 4
-> INSERT 0 1
update c set s = json_parse('{"a":5}') where id = 2
-> UPDATE 1
select id, s from c order by id
-> 1 | {"a":{"b":[10,"x",{"k":true}]},"n":1.5,"t":"text","d":"2024-01-15","z":null}
-> 2 | {"a":5}
-> 3 | NULL
-> 4 | [1,[2,[3]],"q"]
-> 14 | [1,[2,[3]],"q"]
select id, json_serialize(s), json_typeof(s) from c order by id
-> 1 | {"a":{"b":[10,"x",{"k":true}]},"n":1.5,"t":"text","d":"2024-01-15","z":null} | object
-> 2 | {"a":5} | object
-> 3 | NULL | NULL
-> 4 | [1,[2,[3]],"q"] | array
-> 14 | [1,[2,[3]],"q"] | array
select json_parse('{bad')
-> ERROR 22P02 JSON parsing error: expected a string as a key at byte 1
select can_json_parse('{bad'), can_json_parse('[1]')
-> f | t
select "column", type from pg_table_def where tablename = 'c'
-> id | integer
-> s | super
create table c2 as select id, s, s.a as a from c where id < 3
-> CREATE TABLE
select id, a, a.b[0]::int from c2 order by id
-> 1 | {"b":[10,"x",{"k":true}]} | 10
-> 2 | 5 | NULL
drop table c2
-> DROP TABLE
alter table c add column more super
-> ALTER TABLE

= SUPER navigation and casts
: corrected
: In the lax mode: what is not there, and what cannot be cast, is null. A number in a text is not cast, which is not documented: cast it to VARCHAR first. Names of attributes are lower case, as enable_case_sensitive_identifier is off.
select s.a.b[0], s.a.b[1], c.s.a.b[2].k, s.zz.y, s.a.b[9], s.z from c where id = 1
-> 10 | "x" | true | NULL | NULL | NULL
select s.a.b[0]::int + 1, s.t::varchar, s.t::varchar(2), cast(s.n as decimal(5,2)), s.d::date, s.a.b[2].k::bool, s.a::int, s.a.b[2].k::varchar, s.a.b[0]::bool from c where id = 1
-> 11 | text | te | 1.50 | 2024-01-15 | t | NULL | true | t
select id from c where s.t::varchar = 'text' and s.a.b[0]::int between 5 and 15
-> 1
select id from c where s.t is not null or s.a.zz is not null
-> 1
select s.t::int from c where id = 1
-> ERROR 22P02 casting a string of SUPER to a number is not supported by the embedded warehouse: cast it to VARCHAR first
select s.a::varchar from c where id = 1
-> ERROR 22P02 casting an array or an object of SUPER to a text is not supported by the embedded warehouse: use JSON_SERIALIZE
select data.price::int, j.data.name from (select json_parse('{"price": 345, "name": "TV"}') as data) as j
-> 345 | "TV"
select max(s.a.b[0]::int), count(s.a) from c
-> 10 | 2

= functions of SUPER
: corrected
select is_array(s), is_object(s), is_scalar(s.a), is_integer(s.a), is_varchar(s.t) from c where id in (1, 2) order by id
-> f | t | f | f | t
-> f | t | t | t | NULL
select get_array_length(s), subarray(s, 1, 1), array_flatten(s), array_concat(s, array(7, 'x', null)) from c where id = 4
-> 3 | [[2,[3]]] | [1,2,3,"q"] | [1,[2,[3]],"q",7,"x",null]
select array(1, 'a', true, json_parse('[2]')), split_to_array('a|b', '|'), get_array_length(json_parse('{}')), is_smallint(json_parse('40000')), is_bigint(json_parse('40000'))
-> [1,"a",true,[2]] | ["a","b"] | NULL | f | t

= unnesting of SUPER in FROM
: corrected
select c.id, i, x from c, c.s as i at x where c.id = 4 order by x
-> 4 | 1 | 0
-> 4 | [2,[3]] | 1
-> 4 | "q" | 2
select t.id, e.k::varchar from c t, t.s.a.b as e where t.id = 1 and is_object(e)
-> 1 | true
select t.id, f::int from c as t, t.s as e, e as f where t.id = 4
-> ERROR 0A000 unnesting a SUPER that is no array is not supported by the embedded warehouse
select sum(i::int) from (select json_parse('[1,2,3]') as a) q, q.a as i
-> 6

= a SUPER that is not cast
: refused
: In comparisons, GROUP BY, ORDER BY, DISTINCT, joins, set operations and other functions.
select id from c where s.t = 'text'
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select s.t, count(*) from c group by s.t
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select id from c order by s
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select distinct s from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select distinct * from c
-> ERROR 0A000 DISTINCT of tables with SUPER is not supported by the embedded warehouse
select upper(s.t) from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select s.a.b[0] + 1 from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select max(s) from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select a.id from c a join c b on a.s = b.s
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select a.id from c a join c b using (s)
-> ERROR 0A000 joining by SUPER is not supported by the embedded warehouse
select s from c union select s from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select case when s.t is null then s.t end from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select k from (select s.t as k from c) q where k = 'text'
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select id from c where s in ('a')
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select s || 'x' from c
-> ERROR 0A000 comparing, ordering, grouping by or computing with a SUPER that is not cast is not supported by the embedded warehouse
select '[1]'::super
-> ERROR 0A000 the type SUPER is not supported by the embedded warehouse

= COPY and UNLOAD of SUPER
: corrected
: From JSON, CSV and delimited texts, whose fields are JSON, and from Parquet with SERIALIZETOJSON.
copy c (id, s) from 's3://b/super.json' iam_role 'arn:aws:iam::000000000000:role/x' json 'auto'
-> COPY
copy c (id, s) from 's3://b/super.csv' iam_role 'arn:aws:iam::000000000000:role/x' csv
-> COPY
select id, s, s.a[0]::int, json_typeof(s) from c where id > 20 order by id
-> 21 | {"a":[1,"x"]} | 1 | object
-> 22 | "[1]" | NULL | string
-> 23 | NULL | NULL | NULL
-> 31 | {"a":[5]} | 5 | object
-> 32 | 12 | NULL | number
-> 33 | [1,2] | NULL | array
copy c (id, s) from 's3://b/bad.csv' iam_role 'arn:aws:iam::000000000000:role/x' csv
-> ERROR XX000 Load into table 'c' failed.  Check 'stl_load_errors' system table for details.
unload ('select id, s from c where id = 22') to 's3://b/superout/' iam_role 'arn:aws:iam::000000000000:role/x' parallel off
-> UNLOAD
unload ('select s from c') to 's3://b/superout2/' iam_role 'arn:aws:iam::000000000000:role/x' format parquet
-> UNLOAD
