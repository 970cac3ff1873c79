# Sessions and settings
= LOCK [TABLE] t, …: others wait to change them until the transaction ends; they read on
: own
test: TestWaitByTable
create table locked (a int); begin; lock locked; lock table public.locked; commit; drop table locked
-> CREATE TABLE
-> BEGIN
-> LOCK TABLE
-> LOCK TABLE
-> COMMIT
-> DROP TABLE

= SET, SHOW, RESET
: own
@ 4c BEGIN ISOLATION LEVEL .., LOCK, GRANT/REVOKE/USER/GROUP, ALTER OWNER, SET query_group/wlm/datestyle/…, SET SESSION AUTHORIZATION, RESET, SHOW server_version
set query_group to 'etl'
-> SET
show query_group
-> etl
reset query_group
-> RESET
show query_group
->
show server_version
-> 8.0.2
set wlm_query_slot_count to 3
-> SET
set enable_result_cache_for_session to off
-> SET
show enable_result_cache_for_session
-> off
set datestyle to 'ISO, MDY'
-> SET
set timezone to 'UTC'
-> SET
set extra_float_digits to 0
-> SET
set analyze_threshold_percent to 15
-> SET
set application_name to 'x'
-> SET
set client_min_messages = warning
-> SET
set search_path to public
-> SET
set search_path = '$user', public
-> SET
show search_path
-> $user, public

= settings that Redshift has and that change nothing here
: own
set enable_case_sensitive_identifier to false
-> SET
set enable_case_sensitive_super_attribute to false
-> SET
set mv_enable_aqmv_for_session to off
-> SET
set enable_vacuum_boost to on
-> SET
set json_serialization_enable to false
-> SET
set describe_field_name_in_uppercase to off
-> SET
set use_fips_ssl to false
-> SET
set max_cursor_result_set_size to 0
-> SET
set cast_super_null_on_error to true
-> SET
set error_on_nondeterministic_update to false
-> SET
set navigate_super_null_on_error to on
-> SET
set statement_timeout to 60000
-> SET
show statement_timeout
-> 60000
reset all
-> RESET
show statement_timeout
-> 0

= settings whose other values would change results
: refused
set datestyle to 'German'
-> ERROR 0A000 setting datestyle to "German" is not supported by the embedded warehouse
set timezone to 'America/New_York'
-> ERROR 0A000 setting timezone to "America/New_York" is not supported by the embedded warehouse
set enable_case_sensitive_identifier to true
-> ERROR 0A000 setting enable_case_sensitive_identifier to "true" is not supported by the embedded warehouse
set json_serialization_enable to true
-> ERROR 0A000 setting json_serialization_enable to "true" is not supported by the embedded warehouse
set downcase_delimited_identifier to off
-> ERROR 0A000 setting downcase_delimited_identifier to "off" is not supported by the embedded warehouse

= settings that Redshift has not
: refused
set nonsense to 1
-> ERROR 42704 unrecognized configuration parameter "nonsense"
show nonsense
-> ERROR 42704 unrecognized configuration parameter "nonsense"
set threads to 4
-> ERROR 42704 unrecognized configuration parameter "threads"

= session context variables
: own
: Any name with a point.
set my.var to 'abc'
-> SET
show my.var
-> abc
select current_setting('my.var'), current_setting('query_group')
-> abc |
select set_config('my.var', 'def', false)
-> def
select current_setting('my.var')
-> def
select current_setting('nonsense')
-> ERROR 42704 unrecognized configuration parameter "nonsense"
reset my.var
-> RESET
show my.var
-> ERROR 42704 unrecognized configuration parameter "my.var"

= SET LOCAL, set_config(…, true)
: refused
set local query_group to 'x'
-> ERROR 0A000 SET LOCAL is not supported by the embedded warehouse
select set_config('my.var', 'x', true)
-> ERROR 0A000 SET_CONFIG for the transaction only is not supported by the embedded warehouse

= CURRENT_USER, CURRENT_DATABASE(), VERSION(), …
: corrected
select current_user, session_user, user, current_database(), current_schema(), current_schemas(false), version() like '%Redshift%', pg_backend_pid() > 0
-> awsuser | awsuser | awsuser | dev | public | {public} | t | t

= PG_LAST_QUERY_ID, PG_LAST_COPY_ID, PG_LAST_COPY_COUNT, PG_LAST_UNLOAD_COUNT
: own
@ 4d pg_last_copy_count
select pg_last_query_id() <> 0, pg_last_copy_count(), pg_last_copy_id()
-> t | 0 | -1
select pg_last_unload_count()
-> 0

= HAS_TABLE_PRIVILEGE and its kin
: own
select has_table_privilege('public.t', 'select'), has_schema_privilege('public', 'usage'), has_database_privilege('dev', 'create')
-> t | t | t

= DISCARD, LISTEN, NOTIFY, LOAD, DO
: refused
discard all
-> ERROR 0A000 DISCARD is not supported by the embedded warehouse
listen x
-> ERROR 0A000 LISTEN is not supported by the embedded warehouse
do $$ begin end $$
-> ERROR 0A000 DO is not supported by the embedded warehouse

= DuckDB's own statements
: refused
pragma database_list
-> ERROR 0A000 PRAGMA is not supported by the embedded warehouse
attach 'x' as y
-> ERROR 0A000 ATTACH is not supported by the embedded warehouse
install httpfs
-> ERROR 0A000 INSTALL is not supported by the embedded warehouse
copy t to 'x'
-> ERROR 0A000 COPY TO a file is not supported by the embedded warehouse
from t
-> ERROR 0A000 FROM is not supported by the embedded warehouse
describe t
-> ERROR 0A000 DESCRIBE is not supported by the embedded warehouse
