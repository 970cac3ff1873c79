//go:build cgo

package duck

import (
	"context"
	"fmt"
	"strings"

	"salamander/warehouse/dialect"
)

// systemViews are Redshift's own system tables and views. What only the
// process knows, the statements that run and the sizes of tables, reaches them
// by variables that a session sets before it runs a statement that asks:
// see [session.inform].
//
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
var systemViews = [...]string{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
	`rs.pg_table_def AS SELECT c.schema_name AS schemaname, c.table_name AS tablename, c.column_name AS "column", c.type_name AS type,
		rs_encoding(coalesce(t.comment, ''), c.column_name, c.type_name) AS encoding, rs_attribute(coalesce(t.comment, ''), 'distkey') = c.column_name AS distkey,
		rs_sort_position(coalesce(t.comment, ''), c.column_name)::INTEGER AS sortkey, NOT c.is_nullable AS "notnull"
	FROM rs.rs_columns c JOIN rs.rs_relations t ON t.schema_name = c.schema_name AND t.relname = c.table_name
	WHERE t.relkind = 'r' AND list_contains(string_split(replace(current_setting('search_path'), '"', ''), ','), c.schema_name)
	ORDER BY c.schema_name, c.table_name, c.column_index`,

	`rs.rs_sizes AS SELECT lower(f[1]) AS schema_name, lower(f[2]) AS table_name, CAST(f[3] AS BIGINT) AS bytes, CAST(f[4] AS BIGINT) AS rows FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_sizes') AS VARCHAR), chr(30))) AS r)) WHERE f[4] IS NOT NULL`,

	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
	`rs.svv_table_info AS SELECT $database AS database, t.schema_name AS schema, t.oid AS table_id, t.relname AS "table",
		CASE WHEN rs_attribute(coalesce(t.comment, ''), 'encoded') = 'Y' THEN 'Y' ELSE 'Y, AUTO(ENCODE)' END AS encoded,
		rs_attribute(coalesce(t.comment, ''), 'diststyle') AS diststyle, rs_attribute(coalesce(t.comment, ''), 'sortkey1') AS sortkey1,
		coalesce((SELECT max(rs_type_mod(c.type_name) - 4) FROM rs.rs_columns c WHERE c.schema_name = t.schema_name AND c.table_name = t.relname AND c.type_name LIKE 'character varying%'), 0)::INTEGER AS max_varchar,
		CASE WHEN rs_attribute(coalesce(t.comment, ''), 'sortkey_num') <> '0' THEN 'none' END AS sortkey1_enc, CAST(rs_attribute(coalesce(t.comment, ''), 'sortkey_num') AS INTEGER) AS sortkey_num,
		(z.bytes + 1048575) // 1048576 AS size, NULL::NUMERIC(10,4) AS pct_used, 0::BIGINT AS empty, NULL::NUMERIC(5,2) AS unsorted, 0::NUMERIC(5,2) AS stats_off,
		z.rows::NUMERIC(38,0) AS tbl_rows, NULL::NUMERIC(19,2) AS skew_sortkey1, NULL::NUMERIC(19,2) AS skew_rows, z.rows::NUMERIC(38,0) AS estimated_visible_rows,
		NULL::VARCHAR AS risk_event, NULL::NUMERIC(12,2) AS vacuum_sort_benefit, NULL::TIMESTAMP AS create_time
	FROM rs.rs_relations t JOIN rs.rs_sizes z ON z.schema_name = t.schema_name AND z.table_name = t.relname WHERE t.relkind = 'r' AND z.rows > 0`,

	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALL_COLUMNS.html
	`rs.svv_all_columns AS SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
		character_maximum_length, numeric_precision, numeric_scale, remarks FROM rs.info_columns`,
	`rs.svv_redshift_columns AS SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position, data_type, column_default, is_nullable,
		NULL::VARCHAR AS encoding, NULL::BOOLEAN AS distkey, NULL::INTEGER AS sortkey, NULL::VARCHAR AS column_acl, remarks FROM rs.info_columns`,
	`rs.svv_all_tables AS SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, NULL::VARCHAR AS table_acl,
		CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS table_type, NULL::VARCHAR AS remarks FROM rs.info_tables`,
	`rs.svv_redshift_tables AS SELECT database_name, schema_name, table_name, table_type, table_acl, remarks FROM rs.svv_all_tables`,
	`rs.svv_all_schemas AS SELECT $database AS database_name, nspname AS schema_name, nspowner AS schema_owner, 'local' AS schema_type, NULL::VARCHAR AS schema_acl,
		NULL::VARCHAR AS source_database, NULL::VARCHAR AS schema_option FROM rs.pg_namespace`,
	`rs.svv_redshift_schemas AS SELECT database_name, schema_name, schema_owner, schema_type, schema_acl, schema_option FROM rs.svv_all_schemas`,

	`rs.rs_history AS SELECT CAST(f[1] AS BIGINT) AS id, CAST(f[2] AS BIGINT) AS xid, CAST(f[3] AS INTEGER) AS pid, f[4] AS usr, f[5] AS db, f[6] AS label, f[7] AS kind,
		CAST(f[8] AS TIMESTAMP) AS started, CAST(nullif(f[9], '') AS TIMESTAMP) AS ended, f[10] AS status, f[11] AS message, CAST(f[12] AS BIGINT) AS rows, f[13] AS text, CAST(f[14] AS INTEGER) AS user_id FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_history') AS VARCHAR), chr(30))) AS r)) WHERE f[14] IS NOT NULL`,

	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERY.html
	`rs.stl_query AS SELECT user_id AS userid, id AS query, label, xid, pid, db AS database, text AS querytxt, started AS starttime, ended AS endtime,
		CASE WHEN status = 'success' THEN 0 ELSE 1 END AS aborted, 0 AS insert_pristine, 0 AS concurrency_scaling_status
	FROM rs.rs_history WHERE ended IS NOT NULL AND kind NOT IN ('UTILITY', 'DDL')`,
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
	`rs.sys_query_history AS SELECT user_id, id AS query_id, label AS query_label, xid AS transaction_id, pid AS session_id, db AS database_name, kind AS query_type, status,
		false AS result_cache_hit, started AS start_time, ended AS end_time, date_diff('microsecond', started, coalesce(ended, rs_clock())) AS elapsed_time, 0::BIGINT AS queue_time,
		date_diff('microsecond', started, coalesce(ended, rs_clock())) AS execution_time, message AS error_message, rows AS returned_rows, NULL::BIGINT AS returned_bytes, text AS query_text,
		NULL::VARCHAR AS redshift_version, NULL::VARCHAR AS usage_limit, 'primary' AS compute_type, 0::BIGINT AS compile_time, 0::BIGINT AS planning_time, 0::BIGINT AS lock_wait_time
	FROM rs.rs_history`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_RECENTS.html
	`rs.stv_recents AS SELECT user_id AS userid, CASE WHEN ended IS NULL THEN 'Running' ELSE 'Done' END AS status, started AS starttime,
		date_diff('microsecond', started, coalesce(ended, rs_clock())) AS duration, usr AS user_name, db AS db_name, text AS query, CASE WHEN ended IS NULL THEN pid ELSE -1 END AS pid
	FROM rs.rs_history`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_INFLIGHT.html
	`rs.stv_inflight AS SELECT user_id AS userid, 0 AS slice, id AS query, label, xid, pid, started AS starttime, text, 0 AS suspended, 0 AS insert_pristine, 0 AS concurrency_scaling_status
	FROM rs.rs_history WHERE ended IS NULL`,

	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
	`rs.stl_load_errors AS SELECT * REPLACE (CAST(coalesce((SELECT max(r.oid) FROM rs.rs_relations r WHERE CASE r.schema_name WHEN 'public' THEN '' ELSE r.schema_name || '.' END || r.relname = lower(e.tbl)),
		(SELECT max(r.oid) FROM rs.rs_relations r WHERE r.relname = lower(e.tbl))) AS INTEGER) AS tbl) FROM rs.rs_load_errors e WHERE ` + ofMine,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_COMMITS.html
	`rs.stl_load_commits AS SELECT * FROM rs.rs_load_commits e WHERE ` + ofMine,
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html
	`rs.sys_load_error_detail AS SELECT userid AS user_id, query AS query_id, NULL::BIGINT AS transaction_id, session AS session_id, $database AS database_name,
		tbl AS table_id, starttime AS start_time, filename AS file_name, line_number, colname AS column_name, type AS column_type,
		col_length AS column_length, position, err_code AS error_code, err_reason AS error_message, is_partial, start_offset, NULL::BIGINT AS copy_job_id FROM rs.stl_load_errors e`,
}

// ofMine lets users see their own loads, and all of them those who may.
const ofMine = `EXISTS (SELECT 1 FROM rs.rs_user u WHERE u.name = CAST(getvariable('rs_user') AS VARCHAR) AND (u.super OR u.unrestricted OR u.id = e.userid))`

// inform sets the variables that the system's views read, for a statement that
// asks them.
func (s *session) inform(ctx context.Context, out *dialect.Rewritten) error {
	if out.History {
		var all []string
		for _, q := range s.e.history.all() {
			if s.sees(q.userID) {
				all = append(all, q.record())
			}
		}
		if err := s.informSessions(ctx); err != nil {
			return err
		}
		if err := s.variable(ctx, "rs_settings", s.settingRecords()); err != nil {
			return err
		}
		if err := s.variable(ctx, "rs_connections", s.e.connections.records(s.sees)); err != nil {
			return err
		}
		if err := s.variable(ctx, "rs_loads", s.e.history.moved.records(s.sees)); err != nil {
			return err
		}
		if err := s.variable(ctx, "rs_history", all); err != nil {
			return err
		}
		if err := s.variable(ctx, "rs_locks", s.e.lockRecords()); err != nil {
			return err
		}
	}
	if !out.Sizes {
		return nil
	}
	tables, err := s.c.query(ctx, "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal AND schema_name <> 'rs'")
	if err != nil {
		return translate(err, nil, nil)
	}
	var all []string
	for _, t := range tables {
		of := dialect.Quote(t[0]) + "." + dialect.Quote(t[1])
		// Rows that are not in the file yet are in no block.
		got, err := s.c.query(ctx, "SELECT count(DISTINCT block_id) * 262144, (SELECT count(*) FROM "+of+") FROM pragma_storage_info("+dialect.QuoteText(of)+") WHERE block_id >= 0")
		if err != nil {
			return translate(err, nil, nil)
		}
		all = append(all, strings.Join([]string{fieldText(t[0]), fieldText(t[1]), got[0][0], got[0][1]}, fieldSep))
	}
	return s.variable(ctx, "rs_sizes", all)
}

func (s *session) variable(ctx context.Context, name string, records []string) error {
	if _, err := s.c.exec(ctx, fmt.Sprintf("SET VARIABLE %s = %s", name, dialect.QuoteText(strings.Join(records, recordSep)))); err != nil {
		return translate(err, nil, nil)
	}
	return nil
}
