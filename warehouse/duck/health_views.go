//go:build cgo

package duck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// healthViews are the system tables that tell which statements ran, and what
// was loaded. They read what [session.inform] sets.
//
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
var healthViews = [...]string{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_QLOG.html
	`rs.svl_qlog AS SELECT user_id AS userid, id AS query, xid, pid, started AS starttime, ended AS endtime, date_diff('microsecond', started, ended) AS elapsed,
		CASE WHEN status = 'success' THEN 0 ELSE 1 END AS aborted, label, left(text, 60) AS "substring", NULL::INTEGER AS source_query, 0 AS concurrency_scaling_status, NULL::VARCHAR AS from_sp_call
	FROM rs.rs_history WHERE ended IS NOT NULL AND kind NOT IN ('UTILITY', 'DDL')`,
	`rs.rs_texts AS SELECT *, CAST(piece AS INTEGER) AS sequence, substring(text, piece * 200 + 1, 200) AS part FROM (
		SELECT *, unnest(range(greatest(1, (length(text) + 199) // 200))) AS piece FROM rs.rs_history)`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_QUERYTEXT.html
	`rs.stl_querytext AS SELECT user_id AS userid, xid, pid, id AS query, sequence, part AS text FROM rs.rs_texts WHERE kind NOT IN ('UTILITY', 'DDL')`,
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_TEXT.html
	`rs.sys_query_text AS SELECT user_id, id AS query_id, xid AS transaction_id, pid AS session_id, started AS start_time, sequence, part AS text FROM rs.rs_texts`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_STATEMENTTEXT.html
	`rs.svl_statementtext AS SELECT user_id AS userid, xid, pid, label, started AS starttime, ended AS endtime, sequence, CASE WHEN kind IN ('UTILITY', 'DDL') THEN kind ELSE 'QUERY' END AS type, part AS text FROM rs.rs_texts`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_DDLTEXT.html
	`rs.stl_ddltext AS SELECT user_id AS userid, xid, pid, label, started AS starttime, ended AS endtime, sequence, part AS text FROM rs.rs_texts WHERE kind = 'DDL'`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UTILITYTEXT.html
	`rs.stl_utilitytext AS SELECT user_id AS userid, xid, pid, label, started AS starttime, ended AS endtime, sequence, part AS text FROM rs.rs_texts WHERE kind = 'UTILITY'`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_WLM_QUERY.html
	`rs.stl_wlm_query AS SELECT user_id AS userid, xid, id AS task, id AS query, 100 AS service_class, 1 AS slot_count, started AS service_class_start_time, started AS queue_start_time,
		started AS queue_end_time, 0::BIGINT AS total_queue_time, started AS exec_start_time, ended AS exec_end_time, date_diff('microsecond', started, ended) AS total_exec_time,
		ended AS service_class_end_time, CASE status WHEN 'success' THEN 'Completed' ELSE 'Evicted' END AS final_state, NULL::BIGINT AS est_peak_mem, 'Normal' AS query_priority
	FROM rs.rs_history WHERE ended IS NOT NULL AND kind NOT IN ('UTILITY', 'DDL')`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_WLM_QUERY_STATE.html
	`rs.stv_wlm_query_state AS SELECT xid, id AS task, id AS query, 100 AS service_class, 1 AS slot_count, started AS wlm_start_time, 'Running' AS state, 0::BIGINT AS queue_time,
		date_diff('microsecond', started, rs_clock()) AS exec_time, 'Normal' AS query_priority
	FROM rs.rs_history WHERE ended IS NULL AND kind NOT IN ('UTILITY', 'DDL')`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_TBL_PERM.html
	`rs.stv_tbl_perm AS SELECT 0 AS slice, t.oid AS id, t.relname AS name, z.rows, NULL::BIGINT AS sorted_rows, 0 AS temp, 100000::BIGINT AS db_id, 0 AS insert_pristine, 0 AS delete_pristine, 1 AS backup,
		NULL::INTEGER AS dist_style, (z.bytes + 1048575) // 1048576 AS block_count FROM rs.rs_relations t JOIN rs.rs_sizes z ON z.schema_name = t.schema_name AND z.table_name = t.relname WHERE t.relkind = 'r'`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DISKUSAGE.html
	`rs.svv_diskusage AS SELECT 100000::BIGINT AS db_id, name, 0 AS slice, NULL::INTEGER AS col, id AS tbl, CAST(block AS BIGINT) AS blocknum, NULL::BIGINT AS num_values, NULL::BIGINT AS minvalue, NULL::BIGINT AS maxvalue,
		NULL::INTEGER AS sb_pos, 0 AS pinned, 1 AS on_disk, 0 AS modified, 0 AS hdr_modified, 0 AS unsorted, 0 AS tombstone, NULL::INTEGER AS preferred_diskno, 0 AS temporary, 0 AS newblock
	FROM (SELECT name, id, unnest(range(CAST(block_count AS BIGINT))) AS block FROM rs.stv_tbl_perm)`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
	`rs.stv_blocklist AS SELECT slice, col, tbl, blocknum, num_values, NULL::BIGINT AS extended_limits, minvalue, maxvalue, sb_pos, pinned, on_disk, modified, hdr_modified, unsorted, tombstone, preferred_diskno,
		temporary, newblock, 1 AS num_readers, 0 AS flags FROM rs.svv_diskusage`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SLICES.html
	`rs.stv_slices AS SELECT 0 AS node, 0 AS slice, 0 AS localslice, 'D' AS type`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ALERT_EVENT_LOG.html
	`rs.stl_alert_event_log AS SELECT NULL::INTEGER AS userid, NULL::BIGINT AS query, NULL::INTEGER AS slice, NULL::INTEGER AS segment, NULL::INTEGER AS step, NULL::INTEGER AS pid, NULL::BIGINT AS xid,
		NULL::VARCHAR AS event, NULL::VARCHAR AS solution, NULL::TIMESTAMP AS event_time WHERE false`,

	`rs.rs_connections AS SELECT f[1] AS event, CAST(f[2] AS TIMESTAMP) AS noted, f[3] AS host, f[4] AS port, CAST(f[5] AS INTEGER) AS pid, f[6] AS db, f[7] AS usr, f[8] AS app, CAST(f[9] AS BIGINT) AS duration FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_connections') AS VARCHAR), chr(30))) AS r)) WHERE f[9] IS NOT NULL`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_CONNECTION_LOG.html
	`rs.stl_connection_log AS SELECT event, noted AS recordtime, host AS remotehost, port AS remoteport, pid, db AS dbname, usr AS username, 'password' AS authmethod, duration, NULL::VARCHAR AS sslversion,
		NULL::VARCHAR AS sslcipher, 0 AS mtu, NULL::VARCHAR AS sslcompression, NULL::VARCHAR AS sslexpansion, NULL::VARCHAR AS iamauthguid, app AS application_name, NULL::VARCHAR AS os_version,
		NULL::VARCHAR AS driver_version, NULL::VARCHAR AS plugin_name, 3 AS protocol_version, NULL::VARCHAR AS sessionid, NULL::VARCHAR AS compression FROM rs.rs_connections`,
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_CONNECTION_LOG.html
	`rs.sys_connection_log AS SELECT event, noted AS record_time, host AS remote_host, port AS remote_port, CAST(pid AS VARCHAR) AS session_id, db AS database_name, usr AS user_name, 'password' AS auth_method, duration,
		NULL::VARCHAR AS ssl_version, NULL::VARCHAR AS ssl_cipher, 0 AS mtu, NULL::VARCHAR AS ssl_compression, NULL::VARCHAR AS ssl_expansion, NULL::VARCHAR AS iam_auth_guid, app AS application_name,
		NULL::VARCHAR AS driver_version, NULL::VARCHAR AS os_version, NULL::VARCHAR AS plugin_name, 3 AS protocol_version, NULL::VARCHAR AS global_session_id FROM rs.rs_connections`,

	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_MV_INFO.html
	`rs.stv_mv_info AS SELECT $database AS db_name, string_split(substring(view_name, 10), '.')[1] AS schema, substring(view_name, 10 + position('.' IN substring(view_name, 10))) AS name,
		NULL::BIGINT AS updated_upto_xid, NULL::VARCHAR AS is_stale, rs.rs_name_of(rs.rs_owner_of('r', string_split(substring(view_name, 10), '.')[1], substring(view_name, 10 + position('.' IN substring(view_name, 10))))) AS owner_user_name, 0 AS state, 'f' AS autorewrite, 'f' AS autorefresh
	FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'rs' AND view_name LIKE 'mv query %'`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_MV_INFO.html
	`rs.svv_mv_info AS SELECT db_name AS database_name, schema AS schema_name, rs.rs_owner_of('r', schema, name)::INTEGER AS user_id, name, is_stale, state, autorewrite, autorefresh FROM rs.stv_mv_info`,

	`rs.rs_loads AS SELECT f[1] AS verb, CAST(f[2] AS BIGINT) AS query, CAST(f[3] AS INTEGER) AS pid, f[4] AS tbl, f[5] AS location, f[6] AS format, f[7] AS compression, CAST(f[8] AS TIMESTAMP) AS started,
		CAST(nullif(f[9], '') AS TIMESTAMP) AS ended, f[10] AS status, f[11] AS message, CAST(f[12] AS BIGINT) AS files, CAST(f[13] AS BIGINT) AS files_done, CAST(f[14] AS BIGINT) AS bytes, CAST(f[15] AS BIGINT) AS bytes_done,
		CAST(f[16] AS BIGINT) AS lines, CAST(f[17] AS BIGINT) AS rows, CAST(f[18] AS BIGINT) AS errors, CAST(f[19] AS INTEGER) AS user_id FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_loads') AS VARCHAR), chr(30))) AS r)) WHERE f[19] IS NOT NULL`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOAD_STATE.html
	`rs.stv_load_state AS SELECT user_id AS userid, pid AS session, query, 0 AS slice, pid, started AS recordtime, bytes AS bytes_to_load, bytes_done AS bytes_loaded, NULL::BIGINT AS bytes_to_load_compressed,
		NULL::BIGINT AS bytes_loaded_compressed, lines, files AS num_files, files_done AS num_files_complete, location AS current_file, CASE WHEN bytes > 0 THEN bytes_done * 100 // bytes ELSE 100 END AS pct_complete
	FROM rs.rs_loads WHERE verb = 'COPY' AND ended IS NULL`,
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_HISTORY.html
	`rs.sys_load_history AS SELECT user_id, query AS query_id, NULL::BIGINT AS transaction_id, pid AS session_id, $database AS database_name, status, tbl AS table_name, started AS start_time, ended AS end_time,
		date_diff('microsecond', started, coalesce(ended, rs_clock())) AS duration, format AS file_format, rows AS loaded_rows, NULL::BIGINT AS loaded_bytes, files AS source_file_count, bytes AS source_file_bytes,
		files_done AS file_count_scanned, bytes_done AS file_bytes_scanned, errors AS error_count, NULL::BIGINT AS copy_job_id, message AS error_message, location AS data_source
	FROM rs.rs_loads WHERE verb = 'COPY'`,
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_UNLOAD_HISTORY.html
	`rs.sys_unload_history AS SELECT user_id, query AS query_id, NULL::BIGINT AS transaction_id, pid AS session_id, $database AS database_name, status, started AS start_time, ended AS end_time,
		date_diff('microsecond', started, coalesce(ended, rs_clock())) AS duration, format AS file_format, compression AS compression_type, location AS unloaded_location, rows AS unloaded_rows,
		files_done AS unloaded_files_count, bytes_done AS unloaded_files_size, message AS error_message
	FROM rs.rs_loads WHERE verb = 'UNLOAD'`,
}

// A transfer is a COPY or an UNLOAD, at work or done.
type transfer struct {
	verb                string // COPY or UNLOAD
	query               int64
	pid                 uint32
	userID              int64
	table, location     string
	format, compression string
	start               time.Time
	files               int   // of COPY: how many there are
	bytes               int64 // of COPY: how large they are

	filesDone, bytesDone, lines atomic.Int64

	// The fields below are set when it is done, under the lock of transfers.
	end     time.Time
	failed  error
	rows    int64
	rejects int
}

// transfers remembers the loads and unloads of all sessions.
type transfers struct {
	mu  sync.Mutex // guards all, and what its elements say of their end
	all []*transfer
}

// begin notes a transfer. The oldest ones are forgotten.
func (ts *transfers) begin(t *transfer) *transfer {
	t.start = time.Now()
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if len(ts.all) >= maxHistory {
		ts.all = slices.Delete(ts.all, 0, 1)
	}
	ts.all = append(ts.all, t)
	return t
}

// end notes how a transfer ended.
func (ts *transfers) end(t *transfer, rows int64, rejects int, err error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t.end, t.rows, t.rejects, t.failed = time.Now(), rows, rejects, err
}

// records are the transfers of the users that sees tells, as rs.rs_loads reads
// them.
func (ts *transfers) records(sees func(user int64) bool) []string {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var all []string
	for _, t := range ts.all {
		if !sees(t.userID) {
			continue
		}
		end, status, message := "", "running", ""
		switch {
		case t.failed != nil:
			status, message = "failed", t.failed.Error()
		case !t.end.IsZero():
			status = "completed"
		}
		if !t.end.IsZero() {
			end = t.end.UTC().Format(timeForm)
		}
		fields := []string{t.verb, fmt.Sprint(t.query), fmt.Sprint(t.pid), t.table, t.location, t.format, cmp.Or(t.compression, "none"), t.start.UTC().Format(timeForm), end, status, message,
			fmt.Sprint(t.files), fmt.Sprint(t.filesDone.Load()), fmt.Sprint(t.bytes), fmt.Sprint(t.bytesDone.Load()), fmt.Sprint(t.lines.Load()), fmt.Sprint(t.rows), fmt.Sprint(t.rejects), fmt.Sprint(t.userID)}
		for i, f := range fields {
			fields[i] = fieldText(f)
		}
		all = append(all, strings.Join(fields, fieldSep))
	}
	return all
}
