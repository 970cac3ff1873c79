# System tables and views
! put load/1 2|y\n3|z\n
! put bad/1 x|y\n
! create table st (a int encode az64 sortkey, b varchar(20))
! insert into st values (1, 'x')

= PG_TABLE_DEF
: own
@ 4d views stl_load_errors, pg_table_def, svv_*
select "column", type, encoding, sortkey, "notnull" from pg_table_def where tablename = 'st'
-> a | integer | az64 | 1 | f
-> b | character varying(20) | lzo | 0 | f

= SVV_TABLE_INFO
: own
@ 4d views stl_load_errors, pg_table_def, svv_*
select "table", diststyle, sortkey1, tbl_rows from svv_table_info where "table" = 'st'
-> st | AUTO(ALL) | a | 1

= SVV_COLUMNS, SVV_TABLES
: own
@ 4d views stl_load_errors, pg_table_def, svv_*
select column_name from svv_columns where table_name = 'st' order by ordinal_position
-> a
-> b
select table_type from svv_tables where table_name = 'st'
-> BASE TABLE

= STL_QUERY, SYS_QUERY_HISTORY, STV_RECENTS, STV_INFLIGHT
: own
: The last 1000 statements since the warehouse began.
select count(*) > 0 from stl_query where querytxt like 'select column_name from svv_columns%'
-> t
select distinct status from sys_query_history where query_text like 'select column_name from svv_columns%'
-> success
select status, user_name from stv_recents where query like 'select status, user_name from stv_recents%'
-> Running | awsuser
select text from stv_inflight
-> select text from stv_inflight

= SVL_QLOG
: own
select substring, aborted from svl_qlog where substring like 'select column_name from svv_columns%' limit 1
-> select column_name from svv_columns where table_name = 'st'  | 0

= STL_QUERYTEXT, SVL_STATEMENTTEXT, STL_DDLTEXT, STL_UTILITYTEXT
: own
select sequence, trim(text) from stl_querytext where text like 'select column_name from svv_columns%' limit 1
-> 0 | select column_name from svv_columns where table_name = 'st' order by ordinal_position
select type, trim(text) from svl_statementtext where text like 'create table st %' limit 1
-> DDL | create table st (a int encode az64 sortkey, b varchar(20))
select trim(text) from stl_ddltext where text like 'create table st %' limit 1
-> create table st (a int encode az64 sortkey, b varchar(20))
set query_group to default
-> SET
select distinct trim(text) from stl_utilitytext where text like 'set query_group%default%'
-> set query_group to default

= STL_WLM_QUERY
: own
: There is one queue, and no waiting in it.
select service_class, total_queue_time from stl_wlm_query limit 1
-> 100 | 0

= STV_TBL_PERM
: own
select trim(name), rows from stv_tbl_perm where name = 'st'
-> st | 1

= SYS_LOAD_HISTORY, SYS_UNLOAD_HISTORY, STV_LOAD_STATE
: own
: stv_load_state tells how far the loads are that run.
copy st from 's3://b/load/' iam_role default
-> COPY
select status, table_name, file_format, loaded_rows, source_file_count, file_count_scanned, source_file_bytes = file_bytes_scanned, error_count from sys_load_history where data_source = 's3://b/load/'
-> completed | st | text | 2 | 1 | 1 | t | 0
copy st from 's3://b/bad/' iam_role default
-> ERROR XX000 Load into table 'st' failed.  Check 'stl_load_errors' system table for details.
select status, loaded_rows from sys_load_history where data_source = 's3://b/bad/'
-> failed | 0
select count(*) from stv_load_state
-> 0
unload ('select * from st') to 's3://b/out/' iam_role default
-> UNLOAD
select status, file_format, unloaded_rows, unloaded_files_count, unloaded_files_size from sys_unload_history where unloaded_location = 's3://b/out/'
-> completed | text | 3 | 1 | 12

= SVV_TRANSACTIONS, STV_LOCKS: who holds a table and who waits for it
: own
test: TestWaitByTable
select count(*) from svv_transactions
-> 0
select count(*) from stv_locks
-> 0

= STV_MV_INFO, SVV_MV_INFO
: own
select count(*) from stv_mv_info
-> 0
select count(*) from svv_mv_info
-> 0

= STL_ERROR, STL_SCAN, SVL_QUERY_SUMMARY and all others
: refused
select * from svl_query_summary
-> ERROR 0A000 the system table svl_query_summary is not supported by the embedded warehouse
select * from stl_scan
-> ERROR 0A000 the system table stl_scan is not supported by the embedded warehouse
select * from stl_plan_info
-> ERROR 0A000 the system table stl_plan_info is not supported by the embedded warehouse
select * from svl_query_metrics
-> ERROR 0A000 the system table svl_query_metrics is not supported by the embedded warehouse

= PG_CLASS, PG_ATTRIBUTE and their kin
: own
select attname from pg_attribute a join pg_class c on a.attrelid = c.oid where relname = 'st' order by attnum
-> a
-> b

= STL_CONNECTION_LOG, SYS_CONNECTION_LOG
: same
select event, dbname, username, duration from stl_connection_log where pid = pg_backend_pid()
-> authenticated | dev | awsuser | 0
select count(*) > 0 from sys_connection_log where event = 'authenticated' and database_name = 'dev'
-> t

= SVV_DISKUSAGE, STV_BLOCKLIST, STV_SLICES, STL_ALERT_EVENT_LOG
: same
select count(*) >= 0 from svv_diskusage where name = 'nothing'
-> t
select count(distinct slice) from stv_slices
-> 1
select count(*) from stl_alert_event_log
-> 0
select count(*) from stv_blocklist where tbl = 0
-> 0

= empty relations of the catalog
: same
select (select count(*) from pg_extension) + (select count(*) from pg_cast) + (select count(*) from svv_external_schemas) + (select count(*) from svv_external_tables) + (select count(*) from svv_external_columns) + (select count(*) from svv_datashares)
-> 0

= keys of a table as clients ask
: same
create table keyed (a int, b int, c int, primary key (c, a))
-> CREATE TABLE
select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) where i.indrelid = 'keyed'::regclass and i.indisprimary order by 1
-> a
-> c
select conname, conkey from pg_constraint where conrelid = 'keyed'::regclass
-> keyed_pkey | {3,1}
comment on column keyed.b is 'the b'
-> COMMENT
select remarks from svv_columns where table_name = 'keyed' and column_name = 'b'
-> the b
