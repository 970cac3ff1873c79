-- errors that do not stop
select 1/0;
select nope from nowhere;
select * from pg_class where relname = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' and nope = 1 and relname = 'bbbbbbbbbbbbbbbbbbbbbb';
select
   a,
   b	c d
  from (select 1 as a) x;
syntax error here;
select 'é日本', nope;
create table t (a int primary key, b text not null);
insert into t values (1, 'x');
insert into t values (1, 'y');
insert into t values (2, null);
do $$ begin raise notice 'hello %', 1; raise warning 'careful'; end $$;
do $$ begin raise exception 'custom' using hint = 'try that', detail = 'so', errcode = '22012'; end $$;
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
\errverbose
select 1;
\echo :ERROR :SQLSTATE :ROW_COUNT :LAST_ERROR_SQLSTATE :'LAST_ERROR_MESSAGE'
\set VERBOSITY verbose
drop table if exists nothing;
\set VERBOSITY terse
select nope;
\set VERBOSITY sqlstate
select nope;
\set VERBOSITY default
\set SHOW_CONTEXT always
do $$ begin raise notice 'with context'; end $$;
create function f() returns int language plpgsql as $$ begin return nope; end $$;
select f();
begin;
select 1/0;
select 2;
commit;
commit;
select 'unterminated;
