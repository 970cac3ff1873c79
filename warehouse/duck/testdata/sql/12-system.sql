# System tables and views
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
-> ERROR 0A000 the system table svl_qlog is not supported by the embedded warehouse

= STL_QUERYTEXT, SVL_STATEMENTTEXT, STL_DDLTEXT, STL_UTILITYTEXT
: own
select sequence, trim(text) from stl_querytext where text like 'select column_name from svv_columns%' limit 1
-> ERROR 0A000 the system table stl_querytext is not supported by the embedded warehouse
select type, trim(text) from svl_statementtext where text like 'create table st %' limit 1
-> ERROR 0A000 the system table svl_statementtext is not supported by the embedded warehouse
select trim(text) from stl_ddltext where text like 'create table st %' limit 1
-> ERROR 0A000 the system table stl_ddltext is not supported by the embedded warehouse
set query_group to default
-> SET
select distinct trim(text) from stl_utilitytext where text like 'set query_group%default%'
-> ERROR 0A000 the system table stl_utilitytext is not supported by the embedded warehouse

= STL_WLM_QUERY
: own
: There is one queue, and no waiting in it.
select service_class, total_queue_time from stl_wlm_query limit 1
-> ERROR 0A000 the system table stl_wlm_query is not supported by the embedded warehouse

= STV_SESSIONS, STL_SESSIONS
: own
select trim(user_name), trim(db_name) from stv_sessions where process = pg_backend_pid()
-> ERROR 0A000 the system table stv_sessions is not supported by the embedded warehouse

= STL_CONNECTION_LOG, SYS_CONNECTION_LOG
: own
select event, username, dbname from stl_connection_log where pid = pg_backend_pid()
-> ERROR 0A000 the system table stl_connection_log is not supported by the embedded warehouse
select event, user_name from sys_connection_log where session_id = pg_backend_pid()
-> ERROR 0A000 the system table sys_connection_log is not supported by the embedded warehouse

= STV_TBL_PERM, SVV_DISKUSAGE
: own
select trim(name), rows from stv_tbl_perm where name = 'st'
-> ERROR 0A000 the system table stv_tbl_perm is not supported by the embedded warehouse
select count(*) >= 0 from svv_diskusage where name = 'st'
-> ERROR 0A000 the system table svv_diskusage is not supported by the embedded warehouse

= SYS_LOAD_HISTORY, SYS_UNLOAD_HISTORY, STV_LOAD_STATE
: own
select count(*) from sys_load_history
-> ERROR 0A000 the system table sys_load_history is not supported by the embedded warehouse
select count(*) from sys_unload_history
-> ERROR 0A000 the system table sys_unload_history is not supported by the embedded warehouse
select count(*) from stv_load_state
-> ERROR 0A000 the system table stv_load_state is not supported by the embedded warehouse

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
-> ERROR 0A000 the system table stv_mv_info is not supported by the embedded warehouse
select count(*) from svv_mv_info
-> ERROR 0A000 the system table svv_mv_info is not supported by the embedded warehouse

= STL_ERROR, STL_SCAN, SVL_QUERY_SUMMARY and all others
: refused
select * from svl_query_summary
-> ERROR 0A000 the system table svl_query_summary is not supported by the embedded warehouse
select * from stl_scan
-> ERROR 0A000 the system table stl_scan is not supported by the embedded warehouse
select * from stv_wlm_query_state
-> ERROR 0A000 the system table stv_wlm_query_state is not supported by the embedded warehouse

= PG_CLASS, PG_ATTRIBUTE and their kin
: own
select attname from pg_attribute a join pg_class c on a.attrelid = c.oid where relname = 'st' order by attnum
-> a
-> b
