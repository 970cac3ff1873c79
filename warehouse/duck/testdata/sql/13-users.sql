# Users, privileges and sessions
Users, groups, roles, owners and grants are kept, survive a restart, and are
asked before each statement. What GRANT has for functions, columns, datashares
and models is refused by name.
! create table asset (id integer, name varchar(10))
! insert into asset values (1, 'x')
! create schema vault

= CREATE USER, ALTER USER
: own
: A password is kept as what checks it by SCRAM-SHA-256 alone.
create user mia password 'Secret123' connection limit 5 syslog access unrestricted
-> CREATE USER
alter user mia valid until '2099-12-31' session timeout 3600
-> ALTER USER
select usename, usesuper, valuntil from pg_user where usename = 'mia'
-> mia | f | 2099-12-31 00:00:00
create user weak password 'secret'
-> ERROR 28P01 password must have 8 to 64 characters
create user md password 'md50123456789abcdef0123456789abcdef'
-> ERROR 0A000 a hashed password is not supported by the embedded warehouse

= CREATE GROUP, ALTER GROUP … ADD USER
: own
create group crew with user mia
-> CREATE GROUP
create user ned password 'Secret123'
-> CREATE USER
alter group crew add user ned
-> ALTER GROUP
alter group crew drop user ned
-> ALTER GROUP
select groname from pg_group
-> crew

= CREATE ROLE, GRANT ROLE
: own
create role viewer
-> CREATE ROLE
create role editor
-> CREATE ROLE
grant role viewer to role editor
-> GRANT
grant role editor to ned
-> GRANT
select user_name, role_name, admin_option from svv_user_grants
-> ned | editor | f
grant role viewer to editor
-> ERROR 42704 user "editor" does not exist

= GRANT ROLE … WITH ADMIN OPTION
: own
: Who has it may give the role to others, and take it.
test: TestAdminOption
grant role viewer to mia with admin option
-> GRANT
select user_name, role_name, admin_option from svv_user_grants order by 1
-> mia | viewer | t
-> ned | editor | f
set session authorization mia; grant role viewer to ned
-> SET
-> GRANT
reset session authorization
-> RESET
revoke admin option for role viewer from mia
-> REVOKE
set session authorization mia; revoke role viewer from ned
-> ERROR 42501 permission denied to revoke role "viewer"
reset session authorization
-> RESET
grant role viewer to role editor with admin option
-> ERROR 0LP01 admin options can only be granted to users

= GRANT … ON TABLE
: own
grant select, insert on asset to mia
-> GRANT
grant update on asset to group crew
-> GRANT
grant select on asset to ned with grant option
-> GRANT
select identity_name, privilege_type, admin_option from svv_relation_privileges where relation_name = 'asset' order by 1, 2
-> crew | UPDATE | f
-> mia | INSERT | f
-> mia | SELECT | f
-> ned | SELECT | t
select has_table_privilege('mia', 'asset', 'select'), has_table_privilege('mia', 'asset', 'update'), has_table_privilege('mia', 'asset', 'delete')
-> t | t | f
set session authorization mia; select * from asset
-> SET
-> 1 | x
delete from asset
-> ERROR 42501 permission denied for relation asset
reset session authorization
-> RESET
grant fly on asset to mia
-> ERROR 0LP01 invalid privilege type FLY for relation

= GRANT … ON SCHEMA, ON ALL TABLES IN SCHEMA
: own
grant usage, create on schema vault to mia
-> GRANT
grant select on all tables in schema vault to group crew
-> GRANT
select has_schema_privilege('mia', 'vault', 'create'), has_schema_privilege('ned', 'vault', 'usage')
-> t | f

= GRANT … ON DATABASE
: own
grant create on database dev to ned
-> GRANT
select has_database_privilege('ned', 'dev', 'create'), has_database_privilege('mia', 'dev', 'create'), has_database_privilege('mia', 'dev', 'temp')
-> t | f | t
grant create on database other to ned
-> ERROR 3D000 database "other" does not exist

= REVOKE
: own
revoke insert on asset from mia
-> REVOKE
revoke grant option for select on asset from ned
-> REVOKE
revoke create on schema public from public
-> REVOKE
select has_table_privilege('mia', 'asset', 'insert'), has_schema_privilege('mia', 'public', 'create')
-> f | f
grant create on schema public to public
-> GRANT

= ALTER DEFAULT PRIVILEGES
: own
alter default privileges in schema vault grant select on tables to mia
-> ALTER DEFAULT PRIVILEGES
create table vault.made (id integer)
-> CREATE TABLE
select has_table_privilege('mia', 'vault.made', 'select')
-> t
alter default privileges in schema vault revoke select on tables from mia
-> ALTER DEFAULT PRIVILEGES

= ALTER TABLE … OWNER TO
: own
alter table asset owner to ned
-> ALTER TABLE
select tableowner from pg_tables where tablename = 'asset'
-> ned
drop user ned
-> ERROR 2BP01 user "ned" cannot be dropped because some objects depend on it
alter table asset owner to current_user
-> ALTER TABLE

= GRANT of functions, columns, datashares
: refused
grant execute on function f() to mia
-> ERROR 0A000 GRANT of EXECUTE is not supported by the embedded warehouse
grant select (id) on asset to mia
-> ERROR 0A000 GRANT on columns is not supported by the embedded warehouse
grant usage on datashare d to mia
-> ERROR 0A000 GRANT ON DATASHARE is not supported by the embedded warehouse
grant usage on language sql to mia
-> ERROR 0A000 GRANT ON LANGUAGE is not supported by the embedded warehouse

= SET SESSION AUTHORIZATION
: own
: A superuser becomes any user, and back.
set session authorization ned; select current_user
-> SET
-> ned
set session authorization awsuser
-> SET
reset session authorization
-> RESET
select current_user
-> awsuser

= DROP USER, DROP GROUP, DROP ROLE
: own
: What still has objects or privileges is not dropped.
drop user mia
-> ERROR 2BP01 user "mia" cannot be dropped because some objects depend on it
drop group crew
-> ERROR 2BP01 group "crew" cannot be dropped because some objects depend on it
drop role viewer
-> ERROR 2BP01 role "viewer" cannot be dropped because it is granted to users
drop user if exists nobody
-> DROP USER

= CANCEL, PG_CANCEL_BACKEND, PG_TERMINATE_BACKEND
: own
: The statements of others end for superusers alone, one's own for everybody.
@ 4c DECLARE/FETCH cursor, PREPARE with types, CANCEL
cancel 99999
-> ERROR 22023 PID 99999 is not a session of this warehouse
cancel 99999 'too slow'
-> ERROR 22023 PID 99999 is not a session of this warehouse
select pg_terminate_backend(99999)
-> f
create view v as select pg_cancel_backend(1)
-> ERROR 0A000 a view of the system's statements and sizes is not supported by the embedded warehouse

= CANCEL of a statement that runs
: own
test: TestCancelAndTerminate

= COPY … FROM STDIN
: own
: psql's \copy and the bulk loading of PostgreSQL's drivers: texts and CSV.
test: TestCopyFromStdin

= COPY … FROM STDIN … BINARY
: own
test: TestCopyFromBinary

= COPY … TO STDOUT
: own
test: TestCopyToStdout
