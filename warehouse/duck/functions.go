package duck

// redshiftFunctions are functions of Redshift that the embedded warehouse does
// not have yet. Their absence is told by name, so that nobody looks for a slip
// of the pen.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
var redshiftFunctions = map[string]bool{
	"sysdate":      true,
	"interval_cmp": true, "trunc": true,
	"ratio_to_report": true, "median": true, "percentile_cont": true, "percentile_disc": true,
	"translate": true,
	"checksum":  true, "farmhash64": true,
	"farmfingerprint64": true, "collate": true,

	"json_parse": true, "json_serialize": true, "can_json_parse": true,
	"json_typeof": true, "get_array_length": true, "subarray": true, "split_to_array": true, "array": true,
	"pg_last_copy_count": true, "pg_last_copy_id": true, "pg_last_query_id": true, "pg_last_unload_count": true,
	"pg_last_unload_id": true, "current_session_arn": true, "has_table_privilege": true, "has_schema_privilege": true,
	"has_database_privilege": true, "pg_cancel_backend": true, "pg_terminate_backend": true, "hll": true, "hll_cardinality": true,
}
