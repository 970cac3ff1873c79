-- args: -v a=1 -v b= -v c -v it=it's
\echo :a :b :c :'it' :"it" :nope ':a' ":a" :{?a} :{?c}
\set a
\echo [:a]
\set a one two 'th''ree' "fo ur" '\x41\102\n\tq'
\echo :a
\echo :'a'
select :'a' as a, :'it' as it, 'x:it' as x, ':''it''' as y;
\set q 'select 1 as one; select 2 as two;'
:q
\set rec 'select :rec'
select ':rec';
\set bad-name 1
\unset
\unset a
\echo :a
\set ON_ERROR_STOP maybe
\set ECHO nothing
\set FETCH_COUNT x
\set VERBOSITY loud
\set AUTOCOMMIT
\echo :AUTOCOMMIT
\unset AUTOCOMMIT
\echo :AUTOCOMMIT
\set AUTOCOMMIT on
\set 'quoted' x:a:y
\echo :quoted
select 1 as x, 2 as "y z", null as n \gset pre_
\echo :pre_x :pre_n
select 1 as x, null as it \gset
\echo :x :it
select 1 where false \gset
select generate_series(1,2) as x \gset
select 5 as "ECHO" \gset
\echo -n no newline
\echo
\echo '-n' quoted
\echo a   b	c 'd  e' "f  g"
\warn to stderr
\qecho to query output
\echo 'open
\echo \\ select 3 as three;
\echo a\\select 4 as four;
select array[1,2,3][2:3], 5::int, now() is null as n;
\set n 3
select (array[1,2,3])[1:n];
select 1 \; select 2;
select '\a' = 'x\:';
\echo :DBNAME :USER :HOST
\p
select 1
\p
\r
\p
\set s 'a\\b'
select :'s';
\g
