\setenv
\setenv A
\setenv A=b c
\setenv FOO bar
\getenv x FOO
\echo :x
\setenv FOO
\unset x
\getenv x FOO
\echo :x
\getenv
\getenv a
\prompt
\w
\w /nonexistent/x
select 'w' \w /dev/null
\p
;
\lo_nope
\g nosuch/dir
select 1 \g (format=html border=2
select 1 \gx (null=x
select 1 as a \g (format=csv tuples_only=on) /dev/null
select 1 as a \gx (format=unaligned title='x y')
select 1 as a \g (nonsense=1)
;
select 1/0 \watch 1
\encoding
\cd
\x on \a \t \f ';' \C 'T' \pset null N
select 1 as a, null as b;
