//go:build cgo

package duck

import (
	"slices"
	"strings"

	"salamander/warehouse/dialect"
)

// views are the system catalog as PostgreSQL's clients and Redshift's users
// ask it, over DuckDB's own. The dialect leads the names here. Names are in lower
// case, as Redshift keeps them, quoted or not; DuckDB keeps what was written.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
var views = [...]string{
	`rs.rs_columns AS SELECT lower(c.schema_name) AS schema_name, lower(c.table_name) AS table_name, c.table_oid, lower(c.column_name) AS column_name, c.column_index, CASE
		WHEN c.column_default LIKE '%"identity always %' THEN '"identity"(' || c.table_oid || ', ' || (c.column_index - 1) || ', ''' || regexp_extract(c.column_default, 'identity always ([-0-9,]+)', 1) || '''::text)'
		WHEN c.column_default LIKE '%"identity default %' THEN 'default_identity(' || c.table_oid || ', ' || (c.column_index - 1) || ', ''' || regexp_extract(c.column_default, 'identity default ([-0-9,]+)', 1) || '''::text)'
		ELSE c.column_default END AS column_default, c.is_nullable, c.schema_oid, c.comment,
		coalesce(k.declared, rs_type_name(c.data_type)) AS type_name
	FROM duckdb_columns() c LEFT JOIN (
		SELECT schema_name, table_name, constraint_column_names[1] AS column_name, max(rs_declared(constraint_text)) AS declared
		FROM duckdb_constraints() WHERE constraint_type = 'CHECK' AND rs_declared(constraint_text) <> '' GROUP BY 1, 2, 3) k
	USING (schema_name, table_name, column_name)
	WHERE c.database_name = current_database() AND NOT c.internal AND c.schema_name NOT IN ('rs', 'main')`,

	`rs.pg_namespace AS SELECT oid, nspname, rs.rs_owner_of('n', '', nspname)::BIGINT AS nspowner, rs.rs_acl_of('n', '', nspname) AS nspacl FROM (
		SELECT oid + 2000000 AS oid, lower(schema_name) AS nspname FROM duckdb_schemas()
		WHERE database_name = current_database() AND schema_name NOT IN ('rs', 'main', 'pg_catalog', 'information_schema')
		UNION ALL VALUES (11, 'pg_catalog'), (12, 'information_schema'))`,

	`rs.rs_relations AS
		SELECT table_oid AS oid, lower(table_name) AS relname, lower(schema_name) AS schema_name, 'r' AS relkind, estimated_size AS rows, column_count, has_primary_key, comment
		FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal AND schema_name <> 'rs'
		UNION ALL
		SELECT view_oid + 1000000, lower(view_name), lower(schema_name), 'v', 0, column_count, false, comment
		FROM duckdb_views() WHERE database_name = current_database() AND NOT internal AND schema_name <> 'rs'`,

	`rs.rs_keys AS SELECT 3000000 + relid * 100 + n AS oid, relid, schema_name, relname, json_extract_string(k, '$.Name') AS name, json_extract_string(k, '$.Kind') AS kind,
		CAST(json_extract(k, '$.Columns') AS VARCHAR[]) AS columns, lower(coalesce(json_extract_string(k, '$.Schema'), 'public')) AS to_schema, lower(json_extract_string(k, '$.Table')) AS to_table,
		CAST(json_extract(k, '$.References') AS VARCHAR[]) AS to_columns, json_extract_string(k, '$.Definition') AS definition
	FROM (SELECT relid, schema_name, relname, unnest(list) AS k, generate_subscripts(list, 1) AS n FROM (
		SELECT oid AS relid, schema_name, relname, CAST(CAST(rs_key_list(comment, relname) AS JSON) AS JSON[]) AS list FROM rs.rs_relations WHERE relkind = 'r' AND comment IS NOT NULL))`,
	`rs.rs_key_columns AS SELECT k.oid, k.relid, k.schema_name, k.relname, k.name, k.kind, k.to_schema, k.to_table, c.column_name, c.column_index, k.place, k.to_column FROM (
		SELECT oid, relid, schema_name, relname, name, kind, to_schema, to_table, unnest(columns) AS column_name, unnest(to_columns) AS to_column, generate_subscripts(columns, 1) AS place FROM rs.rs_keys) k
	JOIN rs.rs_columns c ON c.schema_name = k.schema_name AND c.table_name = k.relname AND lower(c.column_name) = lower(k.column_name)`,

	`rs.pg_class AS SELECT r.oid, r.relname, n.oid AS relnamespace, 0::BIGINT AS reltype, rs.rs_owner_of('r', r.schema_name, r.relname)::BIGINT AS relowner, 0::BIGINT AS relam, r.oid AS relfilenode,
		0::BIGINT AS reltablespace, 0 AS relpages, r.rows::REAL AS reltuples, 0::BIGINT AS reltoastrelid, r.oid IN (SELECT k.relid FROM rs.rs_keys k WHERE k.kind <> 'f') AS relhasindex, false AS relisshared, r.relkind,
		r.column_count::SMALLINT AS relnatts, 0::SMALLINT AS relchecks, 0::SMALLINT AS reltriggers, 0::SMALLINT AS relukeys, 0::SMALLINT AS relfkeys,
		0::SMALLINT AS relrefs, false AS relhasoids, r.oid IN (SELECT k.relid FROM rs.rs_keys k WHERE k.kind = 'p') AS relhaspkey, r.relkind = 'v' AS relhasrules, false AS relhassubclass,
		EXISTS (SELECT 1 FROM rs.rs_keys k WHERE k.kind = 'f' AND (k.relid = r.oid OR k.to_schema = r.schema_name AND k.to_table = r.relname)) AS relhastriggers, false AS relrowsecurity, false AS relforcerowsecurity, false AS relispartition, 'p' AS relpersistence,
		rs.rs_acl_of('r', r.schema_name, r.relname) AS relacl, NULL::VARCHAR[] AS reloptions, 0::BIGINT AS reloftype, 'd' AS relreplident
	FROM rs.rs_relations r JOIN rs.pg_namespace n ON n.nspname = r.schema_name
	UNION ALL BY NAME SELECT k.oid, k.name AS relname, n.oid AS relnamespace, 0 AS reltype, rs.rs_owner_of('r', k.schema_name, k.relname)::BIGINT AS relowner, 403 AS relam, k.oid AS relfilenode, 0 AS reltablespace,
		0 AS relpages, 0 AS reltuples, 0 AS reltoastrelid, false AS relhasindex, false AS relisshared, 'i' AS relkind, len(k.columns) AS relnatts, 0 AS relchecks, 0 AS reltriggers, 0 AS relukeys, 0 AS relfkeys, 0 AS relrefs,
		false AS relhasoids, false AS relhaspkey, false AS relhasrules, false AS relhassubclass, false AS relhastriggers, false AS relrowsecurity, false AS relforcerowsecurity, false AS relispartition,
		'p' AS relpersistence, 0 AS reloftype, 'n' AS relreplident
	FROM rs.rs_keys k JOIN rs.pg_namespace n ON n.nspname = k.schema_name WHERE k.kind <> 'f'`,

	`rs.pg_attribute AS SELECT r.oid AS attrelid, c.column_name AS attname, rs_type_oid(c.type_name) AS atttypid, -1 AS attstattarget, rs_type_len(c.type_name)::SMALLINT AS attlen,
		c.column_index::SMALLINT AS attnum, 0 AS attndims, -1 AS attcacheoff, rs_type_mod(c.type_name) AS atttypmod, false AS attbyval, CASE WHEN c.type_name LIKE 'char%' THEN 'x' WHEN c.type_name LIKE 'numeric%' THEN 'm' ELSE 'p' END AS attstorage, 'i' AS attalign,
		NOT c.is_nullable AS attnotnull, c.column_default IS NOT NULL AS atthasdef, false AS attisdropped, true AS attislocal, 0 AS attinhcount,
		0::BIGINT AS attcollation, '' AS attidentity, '' AS attgenerated, NULL::VARCHAR[] AS attacl, NULL::VARCHAR[] AS attoptions
	FROM rs.rs_columns c JOIN rs.rs_relations r ON r.schema_name = c.schema_name AND r.relname = c.table_name`,

	`rs.pg_attrdef AS SELECT r.oid * 10000 + c.column_index AS oid, r.oid AS adrelid, c.column_index::SMALLINT AS adnum, c.column_default AS adbin, c.column_default AS adsrc
	FROM rs.rs_columns c JOIN rs.rs_relations r ON r.schema_name = c.schema_name AND r.relname = c.table_name WHERE c.column_default IS NOT NULL`,

	`rs.pg_type AS SELECT oid, typname, 11::BIGINT AS typnamespace, 100::BIGINT AS typowner, typlen::SMALLINT AS typlen, false AS typbyval, 'b' AS typtype, typcategory,
		true AS typisdefined, ',' AS typdelim, 0::BIGINT AS typrelid, 0::BIGINT AS typelem, 0::BIGINT AS typarray, false AS typnotnull, 0::BIGINT AS typbasetype, -1 AS typtypmod,
		0 AS typndims, 0::BIGINT AS typinput, NULL::VARCHAR AS typdefault, 0::BIGINT AS typcollation
	FROM (VALUES (16, 'bool', 1, 'B'), (20, 'int8', 8, 'N'), (21, 'int2', 2, 'N'), (23, 'int4', 4, 'N'), (25, 'text', -1, 'S'), (26, 'oid', 4, 'N'), (700, 'float4', 4, 'N'),
		(701, 'float8', 8, 'N'), (1042, 'bpchar', -1, 'S'), (1043, 'varchar', -1, 'S'), (1082, 'date', 4, 'D'), (1083, 'time', 8, 'D'), (1114, 'timestamp', 8, 'D'),
		(1184, 'timestamptz', 8, 'D'), (1186, 'interval', 16, 'T'), (1700, 'numeric', -1, 'N'), (705, 'unknown', -2, 'X'), (19, 'name', 64, 'S'), (18, 'char', 1, 'S')) t(oid, typname, typlen, typcategory)`,

	`rs.pg_database AS SELECT 100000::BIGINT AS oid, $database AS datname, 100::BIGINT AS datdba, 6 AS encoding, 'C' AS datcollate, 'C' AS datctype, false AS datistemplate,
		true AS datallowconn, -1 AS datconnlimit, 0::BIGINT AS dattablespace, NULL::VARCHAR[] AS datacl, NULL::VARCHAR[] AS datconfig`,

	`rs.pg_index AS SELECT k.oid AS indexrelid, k.relid AS indrelid, len(k.columns)::SMALLINT AS indnatts, true AS indisunique, k.kind = 'p' AS indisprimary, false AS indisclustered, true AS indisvalid,
		false AS indisreplident, (SELECT list(c.column_index::SMALLINT ORDER BY c.place) FROM rs.rs_key_columns c WHERE c.oid = k.oid) AS indkey, NULL::VARCHAR AS indexprs, NULL::VARCHAR AS indpred
	FROM rs.rs_keys k WHERE k.kind <> 'f'`,
	`rs.pg_constraint AS SELECT k.oid, k.name AS conname, n.oid AS connamespace, k.kind AS contype, false AS condeferrable, false AS condeferred, true AS convalidated, k.relid AS conrelid, 0::BIGINT AS contypid,
		CASE WHEN k.kind = 'f' THEN 0 ELSE k.oid END AS conindid, coalesce(f.oid, 0) AS confrelid, CASE WHEN k.kind = 'f' THEN 'a' ELSE ' ' END AS confupdtype, CASE WHEN k.kind = 'f' THEN 'a' ELSE ' ' END AS confdeltype,
		CASE WHEN k.kind = 'f' THEN 's' ELSE ' ' END AS confmatchtype, (SELECT list(c.column_index::SMALLINT ORDER BY c.place) FROM rs.rs_key_columns c WHERE c.oid = k.oid) AS conkey,
		(SELECT list(t.column_index::SMALLINT ORDER BY c.place) FROM rs.rs_key_columns c JOIN rs.rs_columns t ON t.schema_name = k.to_schema AND t.table_name = k.to_table AND lower(t.column_name) = lower(c.to_column)
			WHERE c.oid = k.oid) AS confkey, 0::BIGINT AS conparentid, NULL::VARCHAR AS conbin, NULL::VARCHAR AS consrc
	FROM rs.rs_keys k JOIN rs.pg_namespace n ON n.nspname = k.schema_name LEFT JOIN rs.rs_relations f ON f.schema_name = k.to_schema AND f.relname = k.to_table AND k.kind = 'f'`,
	`rs.pg_inherits AS SELECT NULL::BIGINT AS inhrelid, NULL::BIGINT AS inhparent, NULL::INTEGER AS inhseqno WHERE false`,
	`rs.pg_trigger AS SELECT NULL::BIGINT AS oid, NULL::BIGINT AS tgrelid, NULL::VARCHAR AS tgname, NULL::BOOLEAN AS tgisinternal, NULL::VARCHAR AS tgenabled, NULL::BIGINT AS tgconstraint WHERE false`,
	`rs.pg_rewrite AS SELECT oid + 4000000 AS oid, '_RETURN' AS rulename, oid AS ev_class, '1' AS ev_type, true AS is_instead FROM rs.rs_relations WHERE relkind = 'v'`,
	`rs.pg_description AS SELECT r.oid AS objoid, 1259::BIGINT AS classoid, 0 AS objsubid, rs_attribute(r.comment, 'comment') AS description FROM rs.rs_relations r WHERE rs_attribute(r.comment, 'comment') <> ''
	UNION ALL SELECT r.oid, 1259, d.column_index, d.comment FROM duckdb_columns() d JOIN rs.rs_relations r ON r.schema_name = lower(d.schema_name) AND r.relname = lower(d.table_name)
	WHERE d.comment IS NOT NULL AND d.database_name = current_database()`,
	`rs.pg_proc AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS proname, NULL::BIGINT AS pronamespace, NULL::BIGINT AS proowner, NULL::BIGINT AS prolang, NULL::BOOLEAN AS proisagg, NULL::BOOLEAN AS proiswindow,
		NULL::BOOLEAN AS prosecdef, NULL::BOOLEAN AS proisstrict, NULL::SMALLINT AS pronargs, NULL::BIGINT AS prorettype, NULL::VARCHAR AS proargtypes, NULL::VARCHAR[] AS proargnames, NULL::BOOLEAN AS proretset,
		NULL::VARCHAR AS prosrc, NULL::VARCHAR AS probin, NULL::VARCHAR AS provolatile, NULL::VARCHAR[] AS proacl WHERE false`,
	`rs.pg_language AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS lanname, NULL::BOOLEAN AS lanispl, NULL::BOOLEAN AS lanpltrusted, NULL::BIGINT AS lanplcallfoid, NULL::BIGINT AS lanvalidator, NULL::VARCHAR[] AS lanacl,
		NULL::BIGINT AS lanowner, NULL::BIGINT AS tableoid WHERE false`,
	`rs.pg_am AS SELECT 403::BIGINT AS oid, 'btree' AS amname`,
	`rs.pg_tablespace AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS spcname, NULL::BIGINT AS spcowner, NULL::VARCHAR AS spclocation, NULL::VARCHAR[] AS spcacl, NULL::VARCHAR[] AS spcoptions WHERE false`,
	`rs.pg_collation AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS collname WHERE false`,

	`rs.pg_tables AS SELECT schema_name AS schemaname, relname AS tablename, rs.rs_name_of(rs.rs_owner_of('r', schema_name, relname)) AS tableowner, NULL::VARCHAR AS tablespace, false AS hasindexes, false AS hasrules, false AS hastriggers
	FROM rs.rs_relations WHERE relkind = 'r'`,
	`rs.pg_views AS SELECT lower(schema_name) AS schemaname, lower(view_name) AS viewname, rs.rs_name_of(rs.rs_owner_of('r', lower(schema_name), lower(view_name))) AS viewowner, rs.rs_query_of(sql, comment) AS definition
	FROM duckdb_views() WHERE database_name = current_database() AND NOT internal AND schema_name <> 'rs'`,

	`rs.info_schemata AS SELECT $database AS catalog_name, nspname AS schema_name, rs.rs_name_of(nspowner) AS schema_owner, NULL::VARCHAR AS default_character_set_name FROM rs.pg_namespace`,
	`rs.info_tables AS SELECT $database AS table_catalog, schema_name AS table_schema, relname AS table_name, CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type,
		NULL::VARCHAR AS self_referencing_column_name, NULL::VARCHAR AS reference_generation FROM rs.rs_relations`,
	`rs.info_columns AS SELECT $database AS table_catalog, schema_name AS table_schema, table_name, column_name, column_index AS ordinal_position, column_default,
		CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable, regexp_replace(type_name, '[(].*', '') AS data_type,
		CASE WHEN type_name LIKE 'char%' THEN nullif(rs_type_mod(type_name) - 4, -5) END AS character_maximum_length, NULL::INTEGER AS character_octet_length,
		CASE WHEN type_name LIKE 'numeric%' THEN (rs_type_mod(type_name) - 4) // 65536 WHEN type_name = 'integer' THEN 32 WHEN type_name = 'bigint' THEN 64 WHEN type_name = 'smallint' THEN 16 END AS numeric_precision,
		CASE WHEN type_name LIKE 'numeric%' THEN (rs_type_mod(type_name) - 4) % 65536 WHEN type_name IN ('integer', 'bigint', 'smallint') THEN 0 END AS numeric_scale,
		NULL::INTEGER AS datetime_precision, NULL::VARCHAR AS character_set_name, NULL::VARCHAR AS collation_name, comment AS remarks FROM rs.rs_columns`,
	`rs.info_views AS SELECT $database AS table_catalog, schemaname AS table_schema, viewname AS table_name, definition AS view_definition, 'NONE' AS check_option, 'NO' AS is_updatable FROM rs.pg_views`,

	`rs.info_table_constraints AS SELECT $database AS constraint_catalog, schema_name AS constraint_schema, name AS constraint_name, $database AS table_catalog, schema_name AS table_schema, relname AS table_name,
		CASE kind WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END AS constraint_type, 'NO' AS is_deferrable, 'NO' AS initially_deferred FROM rs.rs_keys`,
	`rs.info_key_column_usage AS SELECT $database AS constraint_catalog, schema_name AS constraint_schema, name AS constraint_name, $database AS table_catalog, schema_name AS table_schema, relname AS table_name,
		column_name, place::INTEGER AS ordinal_position FROM rs.rs_key_columns`,
	`rs.info_referential_constraints AS SELECT $database AS constraint_catalog, schema_name AS constraint_schema, name AS constraint_name, $database AS unique_constraint_catalog, to_schema AS unique_constraint_schema,
		(SELECT max(p.name) FROM rs.rs_keys p WHERE p.kind = 'p' AND p.schema_name = k.to_schema AND p.relname = k.to_table) AS unique_constraint_name, 'NONE' AS match_option, 'NO ACTION' AS update_rule, 'NO ACTION' AS delete_rule
	FROM rs.rs_keys k WHERE kind = 'f'`,

	`rs.svv_tables AS SELECT * EXCLUDE (self_referencing_column_name, reference_generation), NULL::VARCHAR AS remarks FROM rs.info_tables`,
	`rs.svv_columns AS SELECT * FROM rs.info_columns`,
}

// catalogFunctions are what clients ask the catalog by calls.
var catalogFunctions = [...]string{
	"pg_table_is_visible(id) AS EXISTS (SELECT 1 FROM rs.rs_relations v WHERE v.oid = id AND v.schema_name = 'public') OR EXISTS (SELECT 1 FROM rs.rs_keys vk WHERE vk.oid = id AND vk.schema_name = 'public')",
	"pg_function_is_visible(id) AS true",
	"pg_type_is_visible(id) AS true",
	"pg_encoding_to_char(n) AS CASE WHEN n = 6 THEN 'UTF8' ELSE '' END",
	"pg_get_expr(x, id) AS x, (x, id, pretty) AS x",
	"pg_get_constraintdef(id) AS (SELECT k.definition FROM rs.rs_keys k WHERE k.oid = id), (id, pretty) AS (SELECT k.definition FROM rs.rs_keys k WHERE k.oid = id)",
	"rs_index_of(id) AS (SELECT 'CREATE UNIQUE INDEX ' || k.name || ' ON ' || k.relname || ' USING btree ' || regexp_extract(k.definition, '[(].*') FROM rs.rs_keys k WHERE k.oid = id AND k.kind <> 'f')",
	"pg_get_indexdef(id) AS rs.rs_index_of(id), (id, nth, pretty) AS CASE WHEN nth = 0 THEN rs.rs_index_of(id) ELSE (SELECT max(c.column_name) FROM rs.rs_key_columns c WHERE c.oid = id AND c.place = nth) END",
	"rs_view_query(id) AS (SELECT max(vw.definition) FROM rs.pg_views vw JOIN rs.rs_relations vr ON vr.schema_name = vw.schemaname AND vr.relname = vw.viewname WHERE CAST(vr.oid AS VARCHAR) = CAST(id AS VARCHAR) OR CAST(id AS VARCHAR) IN (vr.relname, vr.schema_name || '.' || vr.relname))",
	"pg_get_viewdef(id) AS rs.rs_view_query(id), (id, pretty) AS rs.rs_view_query(id)",
	"pg_tablespace_location(id) AS NULL::VARCHAR",
	"pg_get_function_result(id) AS NULL::VARCHAR",
	"pg_get_function_arguments(id) AS NULL::VARCHAR",
	"pg_get_function_identity_arguments(id) AS NULL::VARCHAR",
	"pg_get_triggerdef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR",
	"rs_rule(id) AS (SELECT 'CREATE RULE \"_RETURN\" AS ON SELECT TO ' || r.relname || ' DO INSTEAD ' || rs.rs_view_query(r.oid) FROM rs.rs_relations r WHERE r.oid + 4000000 = id)",
	"pg_get_ruledef(id) AS rs.rs_rule(id), (id, pretty) AS rs.rs_rule(id)",
	"obj_description(id) AS (SELECT max(q.description) FROM rs.pg_description q WHERE q.objoid = id AND q.objsubid = 0), (id, class) AS (SELECT max(q.description) FROM rs.pg_description q WHERE q.objoid = id AND q.objsubid = 0)",
	"col_description(id, n) AS (SELECT max(q.description) FROM rs.pg_description q WHERE q.objoid = id AND q.objsubid = n)",
	"shobj_description(id, class) AS NULL::VARCHAR",
	"format_type(id, mod) AS rs_format_type(CAST(id AS BIGINT), coalesce(CAST(mod AS BIGINT), -1))",
	"rs_size(id) AS (SELECT max(z.bytes) FROM rs.rs_sizes z JOIN rs.rs_relations v ON v.schema_name = z.schema_name AND v.relname = z.table_name WHERE CAST(v.oid AS VARCHAR) = CAST(id AS VARCHAR) OR v.relname = CAST(id AS VARCHAR))",
	"pg_database_size(id) AS (SELECT CAST(coalesce(sum(z.bytes), 0) AS BIGINT) FROM rs.rs_sizes z)", "pg_is_in_recovery() AS false",
	"pg_table_size(id) AS rs.rs_size(id)", "pg_relation_size(id) AS rs.rs_size(id)", "pg_total_relation_size(id) AS rs.rs_size(id)",
	"pg_size_pretty(n) AS CASE WHEN abs(n) < 10240 THEN n || ' bytes' WHEN abs(n) < 10485760 THEN CAST(round(n / 1024.0) AS BIGINT) || ' kB' WHEN abs(n) < 10737418240 THEN CAST(round(n / 1048576.0) AS BIGINT) || ' MB' WHEN abs(n) < 10995116277760 THEN CAST(round(n / 1073741824.0) AS BIGINT) || ' GB' ELSE CAST(round(n / 1099511627776.0) AS BIGINT) || ' TB' END",
	"rs_relname(id) AS (SELECT CASE WHEN v.schema_name = 'public' THEN v.relname ELSE v.schema_name || '.' || v.relname END FROM rs.rs_relations v WHERE v.oid = id)",
	"rs_regtype(name) AS NULL::BIGINT",
	"rs_current_schemas(implicit) AS list_concat(CASE WHEN implicit THEN ['pg_catalog'] ELSE []::VARCHAR[] END, list_filter(current_schemas(false), lambda s: s NOT IN ('rs', 'main', 'temp', 'pg_catalog')))",
	"rs_regclass(name) AS (SELECT v.oid FROM rs.rs_relations v WHERE v.schema_name || '.' || v.relname = CASE WHEN contains(name, '.') THEN lower(name) ELSE 'public.' || lower(name) END)",
}

// querySetup is the query of a view, of which DuckDB has the whole statement in
// its own words. The user's words are kept since the comment holds them.
const querySetup = "CREATE OR REPLACE MACRO rs.rs_query_of(sql, comment) AS coalesce(nullif(rs_attribute(coalesce(comment, ''), 'query'), ''), trim(regexp_replace(sql, '^CREATE VIEW .*? AS ', ''), ' ;\n')) || ';'"

// catalogSetup returns the statements that make the catalog.
func catalogSetup(database, user string) []string {
	fill := strings.NewReplacer("$database", dialect.QuoteText(database), "$user", dialect.QuoteText(user))
	all := append(accessCatalog(true), querySetup)
	for _, v := range slices.Concat(views[:], systemViews[:], healthViews[:], lockViews[:], emptyViews[:], lateViews[:]) {
		all = append(all, "CREATE OR REPLACE VIEW "+fill.Replace(v))
	}
	for _, f := range catalogFunctions {
		all = append(all, "CREATE OR REPLACE MACRO rs."+fill.Replace(f))
	}
	return append(all, accessCatalog(false)...)
}
