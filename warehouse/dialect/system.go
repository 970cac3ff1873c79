package dialect

import (
	"strings"

	"salamander/sqltext"
)

// systemTables are the tables of pg_catalog and its kin that an engine has
// under the same name in the schema rs.
var systemTables = wordSet(`pg_namespace pg_class pg_attribute pg_attrdef pg_type pg_database pg_user pg_roles pg_group pg_auth_members
pg_index pg_constraint pg_inherits pg_trigger pg_rewrite pg_description pg_proc pg_language pg_am pg_tablespace pg_collation pg_tables pg_views
svv_tables svv_columns stl_load_errors stl_load_commits sys_load_error_detail pg_table_def svv_table_info
svv_all_columns svv_redshift_columns svv_all_tables svv_redshift_tables svv_all_schemas svv_redshift_schemas
stl_query sys_query_history stv_recents stv_inflight stv_locks svv_transactions
svl_qlog stl_querytext sys_query_text svl_statementtext stl_ddltext stl_utilitytext stl_wlm_query stv_wlm_query_state stv_tbl_perm stv_mv_info svv_mv_info
stv_load_state sys_load_history sys_unload_history pg_stat_activity stv_sessions pg_default_acl svv_diskusage stv_blocklist stv_slices stl_alert_event_log stl_connection_log sys_connection_log
pg_extension pg_cast pg_operator pg_aggregate pg_conversion pg_depend pg_external_schema svv_external_schemas svv_external_databases svv_external_tables svv_external_columns
svv_redshift_functions svv_datashares pg_shadow pg_indexes pg_locks pg_settings svv_redshift_databases
svv_relation_privileges svv_schema_privileges svv_database_privileges svv_default_privileges svv_user_info svv_user_grants svv_roles svv_role_grants pg_user_info`)

// historyTables tell which statements ran, and who waits for whom.
var historyTables = wordSet(`stl_query sys_query_history stv_recents stv_inflight stv_locks svv_transactions svl_qlog stl_querytext
sys_query_text svl_statementtext stl_ddltext stl_utilitytext stl_wlm_query stv_wlm_query_state stv_load_state sys_load_history sys_unload_history
pg_stat_activity stv_sessions stl_connection_log sys_connection_log pg_locks pg_settings`)

// sizeTables tell how large tables are.
var sizeTables = wordSet("svv_table_info stv_tbl_perm svv_diskusage stv_blocklist")

// sizeFunctions tell how large a table is.
var sizeFunctions = wordSet("pg_table_size pg_relation_size pg_total_relation_size pg_database_size")

// unknownSystemTable reports whether a name is one that Redshift keeps for its
// system's tables.
//
// https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_system-tables.html
func unknownSystemTable(name Name) bool {
	if name.Schema != "" && name.Schema != "pg_catalog" {
		return false
	}
	for _, prefix := range [...]string{"stl_", "stv_", "svl_", "svv_", "svcs_", "sys_", "stcs_"} {
		if strings.HasPrefix(name.Table, prefix) {
			return true
		}
	}
	return false
}

// informationSchema are the views of information_schema that an engine has as
// rs.info_….
var informationSchema = wordSet("schemata tables columns views table_constraints key_column_usage referential_constraints")

// systemFunctions are the functions over them that an engine has in rs.
var systemFunctions = wordSet(`pg_get_userbyid pg_table_is_visible pg_function_is_visible pg_type_is_visible pg_encoding_to_char pg_get_expr
pg_get_constraintdef pg_get_indexdef pg_get_viewdef pg_get_function_result pg_get_function_arguments pg_get_function_identity_arguments
pg_tablespace_location pg_get_triggerdef pg_get_ruledef obj_description col_description shobj_description format_type has_schema_privilege has_table_privilege
has_database_privilege pg_database_size pg_is_in_recovery pg_table_size pg_relation_size pg_total_relation_size pg_size_pretty`)

// systemTable returns what stands for a table of the system, or "".
func systemTable(name Name) string {
	switch {
	case (name.Schema == "" || name.Schema == "pg_catalog") && systemTables[name.Table]:
		return "rs." + name.Table
	case name.Schema == "information_schema" && informationSchema[name.Table]:
		return "rs.info_" + name.Table
	}
	return ""
}

// IsSystemTable reports whether a name is one of the system's tables.
func IsSystemTable(name Name) bool { return systemTable(name) != "" }

// operatorCall rewrites x OPERATOR(schema.op) y, whose word is node i.
//
// https://www.postgresql.org/docs/15/sql-expressions.html#SQL-EXPRESSIONS-OPERATOR-CALLS
func (r *rewriter) operatorCall(nodes []sqltext.Node, i int) {
	inside := nodes[i+1].Children
	if len(inside) == 0 || inside[len(inside)-1].Kind != sqltext.Operator {
		r.fail(r.near(nodes[i].Token))
		return
	}
	op := inside[len(inside)-1].Text(r.src)
	switch op {
	case "~", "!~", "~*", "!~*":
		r.posix(nodes, i+1, nodes[i].Pos, nodes[i+1].Last(), op)
	default:
		r.replace(nodes[i].Pos, nodes[i+1].Last(), op)
	}
}

// systemCast rewrites casts to the types of object identifiers. It reports
// whether it was one.
func (r *rewriter) systemCast(start int, op sqltext.Token, typ []sqltext.Node, end int, constant bool) bool {
	to := ""
	switch r.word(typ, len(typ)-1) {
	case "regclass":
		to = "rs.rs_relname("
		if constant {
			to = "rs.rs_regclass("
		}
	case "regtype":
		to = "rs.rs_regtype("
	case "regproc", "regnamespace", "regrole":
		to = "("
	default:
		return false
	}
	r.wrap(start, end, to, ")")
	r.replace(op.Pos, typ[len(typ)-1].Last(), "")
	return true
}
