\set VERBOSITY terse
-- conditions within conditions, with mistakes
\if true
  \if nonsense
    \echo not here
  \elif true
    \echo elif
    \if false
      \echo not
    \else extra
      \echo else
    \endif
  \else
    \echo not this
  \endif
\else
  \if broken
  \endif
  \elif true
\endif
\endif
\else
\elif true
\if
\echo no value
\endif
\if 1 2
\echo extra
\endif
\if :{?nope}
\echo nope
\elif :{?VERBOSITY}
\echo is set
\endif
\if yes
select 1 \if false as x, 2 \else as y, 3 \endif as z;
\endif
-- \gset of null, of none and of many
select null as a, 1 as b, '' as c \gset p_
\echo :p_a :p_b :p_c :{?p_a} :{?p_c}
\set p_a 5
select null as p_a \gset
\echo :p_a :{?p_a}
select 1 where false \gset
select 1 union select 2 \gset
select 1 as a, 2 as a \gset
\echo :a
select 1 as "a b" \gset
select 1 as ROW_COUNT \gset
select 7 as "autocommit" \gset
select 'on' as "AUTOCOMMIT" \gset
select 1 as x \gset 1bad
-- \gexec with errors and nulls
select * from (values ('select 1 as one'), (null), ('select 1/0'), ('nonsense'), ('\echo x'), ('')) v \gexec
\echo :ERROR :SQLSTATE :ROW_COUNT
select 'select 1', 'select 2' \gexec
select 1 \gexec \echo after
\set ECHO all
select 'select 3' \gexec
\set ECHO none
\set SINGLESTEP off
-- \g with files and options
select 1 as a \g (format=csv) 
select 1 as a \g (format=csv tuples_only=on)
select 1 as a \g (nonsense=1)
select 1 as a \g (format=csv
select 1 as a \gx (border=2
null=x)
select 2 as b \gdesc
select \gdesc
\gdesc
select 1 as a, 'x' as "b c" \gx
\g
;
\r
\g
\p
select 1
\p
\r
\p
\w /nonexistent/x
\o /nonexistent/x
\i /nonexistent/x
\ir nonexistent
\cd /nonexistent
\copy nonsense
\copy t from
\copy (select 1) to /nonexistent/x
\crosstabview
select 1 \crosstabview
select 1 as a, 2 as b, 3 as c \crosstabview
select 1 as a, 2 as b, 3 as c union all select 1, 2, 4 \crosstabview
select 1 as a, 2 as b, 3 as c \crosstabview d
select 1 as a, 2 as b, 3 as c \crosstabview a a
\pset nonsense
\pset border x
\pset border 99
\pset format nonsense
\pset format a
\pset linestyle x
\pset columns -1
\pset csv_fieldsep ab
\pset csv_fieldsep '"'
\pset null a b
\unset nope
\unset
\set 1a b
\set FETCH_COUNT x
\set FETCH_COUNT -1
\set ON_ERROR_ROLLBACK nonsense
\set VERBOSITY nonsense
\set VERBOSITY
\set ECHO nonsense
\echo :VERBOSITY :ECHO
\timing nonsense
\x nonsense
\t nonsense
\prompt
\getenv
\getenv x
\setenv
\setenv a=b c
\setenv W2 1
\getenv w W2
\echo :w
\setenv W2
\getenv w2 W2
\echo :{?w2}
\unknown 1 2
\
\\
\\ \echo two
select 1 \\ select 2; \echo x \\ select 3;
select 'unterminated
