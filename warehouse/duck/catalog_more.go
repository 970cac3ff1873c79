//go:build cgo

package duck

import (
	"maps"
	"slices"
)

// emptyViews are relations of the catalog that clients ask and that have no
// rows here: there are no such things.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
var emptyViews = [...]string{
	"rs.pg_extension AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS extname, NULL::BIGINT AS extowner, NULL::BIGINT AS extnamespace, NULL::BOOLEAN AS extrelocatable, NULL::VARCHAR AS extversion WHERE false",
	"rs.pg_cast AS SELECT NULL::BIGINT AS oid, NULL::BIGINT AS castsource, NULL::BIGINT AS casttarget, NULL::BIGINT AS castfunc, NULL::VARCHAR AS castcontext, NULL::VARCHAR AS castmethod WHERE false",
	`rs.pg_operator AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS oprname, NULL::BIGINT AS oprnamespace, NULL::BIGINT AS oprowner, NULL::VARCHAR AS oprkind, NULL::BOOLEAN AS oprcanhash, NULL::BIGINT AS oprleft,
		NULL::BIGINT AS oprright, NULL::BIGINT AS oprresult, NULL::BIGINT AS oprcom, NULL::BIGINT AS oprnegate, NULL::BIGINT AS oprcode WHERE false`,
	"rs.pg_aggregate AS SELECT NULL::BIGINT AS aggfnoid, NULL::BIGINT AS aggtransfn, NULL::BIGINT AS aggfinalfn, NULL::BIGINT AS aggtranstype, NULL::VARCHAR AS agginitval WHERE false",
	`rs.pg_conversion AS SELECT NULL::BIGINT AS oid, NULL::VARCHAR AS conname, NULL::BIGINT AS connamespace, NULL::BIGINT AS conowner, NULL::INTEGER AS conforencoding, NULL::INTEGER AS contoencoding,
		NULL::BIGINT AS conproc, NULL::BOOLEAN AS condefault WHERE false`,
	`rs.pg_depend AS SELECT NULL::BIGINT AS classid, NULL::BIGINT AS objid, NULL::INTEGER AS objsubid, NULL::BIGINT AS refclassid, NULL::BIGINT AS refobjid, NULL::INTEGER AS refobjsubid, NULL::VARCHAR AS deptype WHERE false`,
	"rs.pg_external_schema AS SELECT NULL::BIGINT AS esoid, NULL::INTEGER AS eskind, NULL::VARCHAR AS esdbname, NULL::VARCHAR AS esoptions WHERE false",
	`rs.svv_external_schemas AS SELECT NULL::BIGINT AS esoid, NULL::INTEGER AS eskind, NULL::VARCHAR AS schemaname, NULL::INTEGER AS esowner, NULL::VARCHAR AS databasename, NULL::VARCHAR AS esoptions WHERE false`,
	"rs.svv_external_databases AS SELECT NULL::INTEGER AS eskind, NULL::VARCHAR AS esoptions, NULL::VARCHAR AS databasename, NULL::VARCHAR AS location, NULL::VARCHAR AS parameters WHERE false",
	`rs.svv_external_tables AS SELECT NULL::VARCHAR AS redshift_database_name, NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS tabletype, NULL::VARCHAR AS location, NULL::VARCHAR AS input_format,
		NULL::VARCHAR AS output_format, NULL::VARCHAR AS serialization_lib, NULL::VARCHAR AS serde_parameters, NULL::INTEGER AS compressed, NULL::VARCHAR AS parameters WHERE false`,
	`rs.svv_external_columns AS SELECT NULL::VARCHAR AS redshift_database_name, NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS columnname, NULL::VARCHAR AS external_type, NULL::INTEGER AS columnnum,
		NULL::INTEGER AS part_key, NULL::VARCHAR AS is_nullable WHERE false`,
	`rs.svv_redshift_functions AS SELECT NULL::VARCHAR AS database_name, NULL::VARCHAR AS schema_name, NULL::VARCHAR AS function_name, NULL::VARCHAR AS function_type, NULL::VARCHAR AS argument_type, NULL::VARCHAR AS result_type WHERE false`,
	`rs.svv_datashares AS SELECT NULL::VARCHAR AS share_name, NULL::BIGINT AS share_id, NULL::INTEGER AS share_owner, NULL::VARCHAR AS source_database, NULL::VARCHAR AS consumer_database, NULL::VARCHAR AS share_type,
		NULL::TIMESTAMP AS createdate, NULL::BOOLEAN AS is_publicaccessible, NULL::VARCHAR AS share_acl, NULL::VARCHAR AS producer_account, NULL::VARCHAR AS producer_namespace WHERE false`,
}

// lateViews are made of other views.
var lateViews = [...]string{
	"rs.pg_shadow AS SELECT usename, usesysid, usecreatedb, usesuper, usecatupd, passwd, valuntil, useconfig FROM rs.pg_user",
	`rs.pg_indexes AS SELECT schema_name AS schemaname, relname AS tablename, name AS indexname, NULL::VARCHAR AS tablespace, 'CREATE UNIQUE INDEX ' || name || ' ON ' || relname || ' USING btree ' || regexp_extract(definition, '[(].*') AS indexdef FROM rs.rs_keys WHERE kind <> 'f'`,
	`rs.pg_locks AS SELECT lockable_object_type AS locktype, 100000::BIGINT AS database, relation, NULL::INTEGER AS page, NULL::SMALLINT AS tuple, xid AS transaction, pid, lock_mode AS mode, granted FROM rs.svv_transactions`,
	`rs.pg_settings AS SELECT f[1] AS name, f[2] AS setting, NULL::VARCHAR AS unit, NULL::VARCHAR AS category, NULL::VARCHAR AS short_desc, NULL::VARCHAR AS extra_desc, 'user' AS context, 'string' AS vartype, 'session' AS source,
		NULL::VARCHAR AS min_val, NULL::VARCHAR AS max_val FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_settings') AS VARCHAR), chr(30))) AS r)) WHERE f[2] IS NOT NULL`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_DATABASES.html
	`rs.svv_redshift_databases AS SELECT datname AS database_name, datdba::INTEGER AS database_owner, 'local' AS database_type, NULL::VARCHAR AS database_acl, NULL::VARCHAR AS database_options,
		'Serializable' AS database_isolation_level FROM rs.pg_database`,
}

// settingRecords are the session's settings as pg_settings reads them.
func (s *session) settingRecords() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		all = append(all, fieldText(name)+fieldSep+fieldText(s.settings[name]))
	}
	return all
}
