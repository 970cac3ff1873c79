-- variables in comments are not read: :'dt' it's
/* nor :here ; */ select 1 as a; -- trailing :x
select 1 as b -- :x it's
;
;;
 ;
select 1 as c;select 2 as d;\echo same line
select 1 as e \echo in the middle
;
\echo a;b;
\echo 'a';;
\set sc 1;
\echo :sc
\set semi ';'
select 3 :semi
\set cmd '\\echo from variable'
:cmd x
\set t 'date_dim d'
\set col '"Col"'
select :col from (select 1 as "Col") :t;
\set empty
select :'empty' as e, ':empty' as f;
\set dollar $$x$$
select :'dollar', $$:dollar$$, $t$ ; ' $t$;
\set a 1 \set b 2
\echo :a:b :a :b :a-:b :a':b' 'x':a"y"
\echo :'a:b
\echo :{?a}:{?zz} :{?a
\echo ':a' ":a"
\set x 'it''s'
\echo :x :'x' :"x"
\echo "a""b" 'c''d' 'e\'f' '\060\x41\n|'
\unset nosuch
\echo -n -n x
\echo
\warn -n a b
\warn
\if true \echo one line \endif
\if false \\ \echo no \endif
\endif
\if :{?a} \\ \echo sep \\ \endif
select 5 as five \gset
\echo :five
select :five + 1 as six \gset z_ extra
\echo :z_six
select 1 as a, 2 as b; select 3 as c \g
select 'x' as "a b" \gset
begin;
select 1/0 \gset
select 1 as one \gset
\echo :ERROR :SQLSTATE :{?one}
rollback;
select 1 as q \; select 1/0 \; select 2;
\echo :ROW_COUNT
create table r (i int);
insert into r select generate_series(1,5);
\echo :ROW_COUNT
select * from r;
\echo :ROW_COUNT
update r set i = i + 1 where i > 3;
\echo :ROW_COUNT
\t
\echo quiet next
\set QUIET on
\t
select 1;
create table r2 (i int);
\set QUIET off
explain (costs off) select * from r;
show client_encoding;
\set ECHO queries
select :a;
\set ECHO errors
select nope;
\set ECHO all
select 1;
\set ECHO none
select 1
\r
select 2 as two
\p
;
\g
\pset null 'N U'
select null::int as n, null::text as t, '' as e;
select 1 as a, 'x' as b;
\pset fieldsep '\t'
\pset format u
select 1 as a, null as b;
\pset format a
\pset format al
\x maybe
\timing on extra
\timing off
\f
\f '|' x
\C 'Caption here'
select 1 as a;
\C
\conninfo x
\errverbose
\qecho -n a 'b c'
\qecho
\i 'no such file.sql'
\ir ../testdata/sub/deeper.sql
\cd sub
\i deeper.sql
\cd ..
\i ~/nothing
\g nosuchdir/out
select 1 \g nosuchdir/out
select 'last' as "no newline"
