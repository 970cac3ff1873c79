\i nowhere.sql
\i .
\ir nowhere.sql
\set f 'a''b'
\echo :'f' :"f"
select :'f' as x, ':f' as y;
\set q 'select 1 as one'
:q;
\p
\r
\unset q
\echo :q
select 1 as a \g out.txt
\o out2.txt
select 2 as b;
\o
\t
select 3;
\t
\x auto
select 4 as four, 'x' as ex;
\pset border 2
\pset linestyle unicode
\pset null (none)
\x off
select null as n, 1 as "A b";
\pset format wrapped
\pset columns 20
select 'a long text that is wrapped' as t;
\pset format html
select 1 as a, '<b>' as b;
\pset format latex
select 1 as a, '$' as b;
\pset format asciidoc
select 1 as a, '|' as b;
\pset format troff-ms
select 1 as a;
\pset format unaligned
\pset fieldsep ';'
select 1 as a, 2 as b;
\prompt 'p? ' v
\if
\if nonsense
\else
\echo no
\endif
\endif
\if true
