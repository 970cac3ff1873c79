# Changing rows
! create table t (a int, b varchar(5), c int default 9)
! create table u (a int, b varchar(5))
! insert into t values (1, 'x', 1), (2, 'y', 2)
! insert into u values (2, 'new'), (3, 'more')

= INSERT
: same
insert into t values (5, 'v', 5)
-> INSERT 0 1
insert into t (a) select 6
-> INSERT 0 1
insert into t select 7, 'z', 7
-> INSERT 0 1
select * from t order by a
-> 1 | x | 1
-> 2 | y | 2
-> 5 | v | 5
-> 6 | NULL | 9
-> 7 | z | 7
delete from t where a >= 5
-> DELETE 3

= INSERT of fewer values than columns
: corrected
insert into t values (10, 'ten')
-> INSERT 0 1
insert into t select 11
-> INSERT 0 1
insert into t values (1, 'a', 2, 3)
-> ERROR 42601 INSERT has more expressions than target columns
select * from t where a >= 10 order by a
-> 10 | ten | 9
-> 11 | NULL | 9
delete from t where a >= 10
-> DELETE 2

= INSERT DEFAULT
: same
@ 4b INSERT DEFAULT
insert into t values (12, default, default)
-> INSERT 0 1
insert into t default values
-> INSERT 0 1
select * from t where c = 9 order by a
-> 12 | NULL | 9
-> NULL | NULL | 9
delete from t where c = 9
-> DELETE 2

= UPDATE
: same
update t set c = c + 1, b = 'w' where a = 1
-> UPDATE 1
update t set b = default, c = default where a = 1
-> UPDATE 1
select * from t where a = 1
-> 1 | NULL | 9

= UPDATE … FROM
: same
@ 4b UPDATE FROM
update t set b = u.b from u where t.a = u.a
-> UPDATE 1
select b from t where a = 2
-> new

= DELETE … USING
: same
@ 4b DELETE USING
delete from t using u where t.a = u.a
-> DELETE 1
select count(*) from t
-> 1

= DELETE without FROM
: corrected
@ 4c DELETE t WHERE (no FROM), ALTER TABLE APPEND
delete t where a = 99
-> DELETE 0

= MERGE
: same
@ 4b MERGE
merge into t using u on t.a = u.a when matched then update set b = u.b when not matched then insert (a, b) values (u.a, u.b)
-> MERGE 2
select a, b from t order by a
-> 1 | NULL
-> 2 | new
-> 3 | more

= MERGE … REMOVE DUPLICATES
: refused
@ 4e MERGE REMOVE DUPLICATES
merge into t using u on t.a = u.a remove duplicates
-> ERROR 0A000 MERGE … REMOVE DUPLICATES is not supported by the embedded warehouse

= WITH … INSERT, DELETE
: same
insert into t with q as (select 20 as a) select a from q
-> INSERT 0 1
delete from t where a in (with q as (select 20 as a) select a from q)
-> DELETE 1

= RETURNING
: refused
insert into t values (1) returning a
-> ERROR 0A000 RETURNING is not supported by the embedded warehouse

= ON CONFLICT, INSERT OR REPLACE
: refused
insert into t values (1) on conflict do nothing
-> ERROR 0A000 ON CONFLICT is not supported by the embedded warehouse
insert or replace into t values (1)
-> ERROR 0A000 INSERT OR REPLACE is not supported by the embedded warehouse

= BEGIN, START, END, COMMIT, ROLLBACK, ABORT
: own
@ 4b BEGIN/START/END TRANSACTION/ABORT/ROLLBACK
@ 4c BEGIN ISOLATION LEVEL .., LOCK, GRANT/REVOKE/USER/GROUP, ALTER OWNER, SET query_group/wlm/datestyle/…, SET SESSION AUTHORIZATION, RESET, SHOW server_version
begin; insert into t values (30); rollback
-> BEGIN
-> INSERT 0 1
-> ROLLBACK
start transaction; insert into t values (31); end transaction
-> START TRANSACTION
-> INSERT 0 1
-> COMMIT
begin work isolation level serializable; abort work
-> BEGIN
-> ROLLBACK
begin read write; commit
-> BEGIN
-> COMMIT
select a from t where a >= 30
-> 31

= an error ends a transaction
: own
@ 4e MVCC-serializable errors
begin; insert into t values (40); select nope
-> ERROR 42703 column "nope" does not exist
select count(*) from t where a = 40
-> 0
begin; select 1/0; commit
-> ERROR 22012 division by zero

= SAVEPOINT
: refused
savepoint s
-> ERROR 0A000 SAVEPOINT is not supported by the embedded warehouse

= DECLARE, FETCH, CLOSE
: own
@ 4c DECLARE/FETCH cursor, PREPARE with types, CANCEL
begin; declare c cursor for select a from t order by a; fetch 1 from c; close c; commit
-> BEGIN
-> DECLARE CURSOR
-> 1
-> CLOSE CURSOR
-> COMMIT

= PREPARE, EXECUTE, DEALLOCATE
: own
@ 4c DECLARE/FETCH cursor, PREPARE with types, CANCEL
prepare p (int) as select $1 + 1
-> PREPARE
execute p (41)
-> 42
deallocate p
-> DEALLOCATE

= CALL, stored procedures
: refused
@ 4e stored procedures (PL/pgSQL), RAISE INFO, plpythonu
call p(1)
-> ERROR 0A000 CALL is not supported by the embedded warehouse
create procedure p() as $$ begin end $$ language plpgsql
-> ERROR 0A000 CREATE PROCEDURE is not supported by the embedded warehouse
create or replace procedure p() as $$ begin end $$ language plpgsql
-> ERROR 0A000 CREATE PROCEDURE is not supported by the embedded warehouse

= CREATE FUNCTION
: refused
@ 4c CREATE FUNCTION sql, `$1`
@ 4e stored procedures (PL/pgSQL), RAISE INFO, plpythonu
create function f (int) returns int immutable as $$ select $1 $$ language sql
-> ERROR 0A000 CREATE FUNCTION is not supported by the embedded warehouse
create or replace function f (a int) returns int stable as $$ return a $$ language plpythonu
-> ERROR 0A000 CREATE FUNCTION is not supported by the embedded warehouse

= CREATE EXTERNAL SCHEMA, TABLE, DATASHARE, MODEL
: refused
@ 4e Spectrum EXTERNAL SCHEMA/TABLE
create external schema s from data catalog database 'd' iam_role default
-> ERROR 0A000 CREATE EXTERNAL SCHEMA is not supported by the embedded warehouse
create external table s.t (a int) stored as parquet location 's3://b/'
-> ERROR 0A000 CREATE EXTERNAL TABLE is not supported by the embedded warehouse
create datashare d
-> ERROR 0A000 CREATE DATASHARE is not supported by the embedded warehouse
create model m from t target a function f iam_role default settings (s3_bucket 'b')
-> ERROR 0A000 CREATE MODEL is not supported by the embedded warehouse

= CREATE LIBRARY, DATABASE
: refused
create library l language plpythonu from 's3://b/l.zip'
-> ERROR 0A000 CREATE LIBRARY is not supported by the embedded warehouse
create database d
-> ERROR 0A000 CREATE DATABASE is not supported by the embedded warehouse
