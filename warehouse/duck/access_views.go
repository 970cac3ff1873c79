//go:build cgo

package duck

import "fmt"

// accessViews show who may do what, and take the places of those in
// catalog_views.go that know one user alone.
var accessViews = [...]string{
	`rs.pg_user AS SELECT name AS usename, id AS usesysid, createdb AS usecreatedb, super AS usesuper, false AS usecatupd, '********' AS passwd, valid_until AS valuntil, NULL::VARCHAR[] AS useconfig FROM rs.rs_user`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_PG_USER_INFO.html
	`rs.pg_user_info AS SELECT name AS usename, id AS usesysid, createdb AS usecreatedb, super AS usesuper, false AS usecatupd, '********' AS passwd, valid_until AS valuntil, NULL::VARCHAR[] AS useconfig,
		CASE WHEN conn_limit < 0 THEN 'UNLIMITED' ELSE conn_limit::VARCHAR END AS useconnlimit, CASE WHEN unrestricted THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslogaccess,
		NULL::TIMESTAMP AS last_ddl_ts, CASE WHEN timeout > 0 THEN timeout END AS sessiontimeout FROM rs.rs_user`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_USER_INFO.html
	`rs.svv_user_info AS SELECT name AS user_name, id AS user_id, createdb, super AS superuser, false AS catalog_update, CASE WHEN conn_limit < 0 THEN 'UNLIMITED' ELSE conn_limit::VARCHAR END AS connection_limit,
		CASE WHEN unrestricted THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslog_access, NULL::TIMESTAMP AS last_ddl_timestamp, timeout AS session_timeout, NULL::VARCHAR AS external_id FROM rs.rs_user`,
	`rs.pg_group AS SELECT g.name AS groname, g.id AS grosysid, (SELECT list(m.member ORDER BY m.member)::VARCHAR[] FROM rs.rs_member m WHERE m.group_id = g.id AND NOT m.role) AS grolist FROM rs.rs_group g WHERE NOT g.role`,
	`rs.pg_roles AS SELECT name AS rolname, super AS rolsuper, true AS rolinherit, super AS rolcreaterole, createdb AS rolcreatedb, true AS rolcanlogin, conn_limit AS rolconnlimit,
		valid_until::TIMESTAMPTZ AS rolvaliduntil, false AS rolreplication, false AS rolbypassrls, id AS oid FROM rs.rs_user
	UNION ALL SELECT name, false, true, false, false, false, -1, NULL, false, false, id FROM rs.rs_group`,
	`rs.pg_auth_members AS SELECT group_id AS roleid, member, 100::BIGINT AS grantor, EXISTS (SELECT 1 FROM rs.rs_admin a WHERE a.group_id = m.group_id AND a.member = m.member AND NOT m.role) AS admin_option FROM rs.rs_member m`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ROLES.html
	`rs.svv_roles AS SELECT id AS role_id, name AS role_name, (SELECT name FROM rs.rs_user WHERE id = 100) AS role_owner, NULL::VARCHAR AS external_id FROM rs.rs_group WHERE role`,
	`rs.svv_user_grants AS SELECT u.id AS user_id, u.name AS user_name, g.id AS role_id, g.name AS role_name, EXISTS (SELECT 1 FROM rs.rs_admin a WHERE a.group_id = m.group_id AND a.member = m.member) AS admin_option
		FROM rs.rs_member m JOIN rs.rs_group g ON g.id = m.group_id AND g.role JOIN rs.rs_user u ON u.id = m.member AND NOT m.role`,
	`rs.svv_role_grants AS SELECT r.id AS role_id, r.name AS role_name, g.id AS granted_role_id, g.name AS granted_role_name
		FROM rs.rs_member m JOIN rs.rs_group g ON g.id = m.group_id AND g.role JOIN rs.rs_group r ON r.id = m.member AND m.role`,

	`rs.rs_identity AS SELECT id, name, 'user' AS kind FROM rs.rs_user UNION ALL SELECT id, name, CASE WHEN role THEN 'role' ELSE 'group' END FROM rs.rs_group UNION ALL VALUES (0, 'public', 'public')`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html
	`rs.svv_relation_privileges AS SELECT g.schema_name AS namespace_name, g.name AS relation_name, g.privilege AS privilege_type, i.id AS identity_id, i.name AS identity_name, i.kind AS identity_type,
		g.option AS admin_option, 'TABLE' AS privilege_scope, (SELECT name FROM rs.rs_user WHERE id = g.grantor) AS grantor_name FROM rs.rs_grant g JOIN rs.rs_identity i ON i.id = g.grantee WHERE g.kind = 'r' AND g.privilege NOT LIKE '-%'`,
	`rs.svv_schema_privileges AS SELECT g.name AS namespace_name, g.privilege AS privilege_type, i.id AS identity_id, i.name AS identity_name, i.kind AS identity_type,
		g.option AS admin_option, 'SCHEMA' AS privilege_scope FROM rs.rs_grant g JOIN rs.rs_identity i ON i.id = g.grantee WHERE g.kind = 'n' AND g.privilege NOT LIKE '-%'`,
	`rs.svv_database_privileges AS SELECT g.name AS database_name, g.privilege AS privilege_type, i.id AS identity_id, i.name AS identity_name, i.kind AS identity_type,
		g.option AS admin_option, 'DATABASE' AS privilege_scope FROM rs.rs_grant g JOIN rs.rs_identity i ON i.id = g.grantee WHERE g.kind = 'd' AND g.privilege NOT LIKE '-%'`,
	`rs.svv_default_privileges AS SELECT nullif(d.schema_name, '') AS schema_name, 'RELATION' AS object_type, d.owner AS owner_id, o.name AS owner_name, 'user' AS owner_type, d.privilege AS privilege_type,
		i.id AS grantee_id, i.name AS grantee_name, i.kind AS grantee_type, d.option AS admin_option FROM rs.rs_default d JOIN rs.rs_identity i ON i.id = d.grantee JOIN rs.rs_user o ON o.id = d.owner`,

	// What a user may do by its own rights and those of its groups and roles.
	`rs.rs_grantees AS WITH RECURSIVE has(user_id, id) AS (SELECT id, id FROM rs.rs_user UNION SELECT id, 0 FROM rs.rs_user
		UNION SELECT h.user_id, m.group_id FROM has h JOIN rs.rs_member m ON m.member = h.id) SELECT user_id, id FROM has`,
	`rs.rs_effective AS SELECT h.user_id, g.kind, g.schema_name, g.name, g.privilege, g.option FROM rs.rs_grant g JOIN rs.rs_grantees h ON h.id = g.grantee WHERE g.privilege NOT LIKE '-%'`,

	// Access lists as PostgreSQL writes them: grantee=letters/grantor.
	`rs.rs_acls AS SELECT kind, schema_name, name, list(line ORDER BY line) AS acl FROM (
		SELECT g.kind, g.schema_name, g.name, CASE i.kind WHEN 'public' THEN '' WHEN 'group' THEN 'group ' || i.name ELSE i.name END || '=' ||
			string_agg(CASE g.privilege WHEN 'INSERT' THEN 'a' WHEN 'SELECT' THEN 'r' WHEN 'UPDATE' THEN 'w' WHEN 'DELETE' THEN 'd' WHEN 'TRUNCATE' THEN 'T' WHEN 'REFERENCES' THEN 'x' WHEN 'TRIGGER' THEN 't'
				WHEN 'RULE' THEN 'R' WHEN 'DROP' THEN 'D' WHEN 'ALTER' THEN 'A' WHEN 'USAGE' THEN 'U' WHEN 'CREATE' THEN 'C' WHEN 'TEMP' THEN 'T' ELSE '' END || CASE WHEN g.option THEN '*' ELSE '' END, '' ORDER BY g.privilege) ||
			'/' || coalesce((SELECT name FROM rs.rs_user WHERE id = min(g.grantor)), '') AS line
		FROM rs.rs_grant g JOIN rs.rs_identity i ON i.id = g.grantee WHERE g.privilege NOT LIKE '-%' GROUP BY g.kind, g.schema_name, g.name, i.kind, i.name) GROUP BY ALL`,
	`rs.pg_default_acl AS SELECT NULL::BIGINT AS oid, NULL::BIGINT AS defacluser, NULL::BIGINT AS defaclnamespace, NULL::VARCHAR AS defaclobjtype, NULL::VARCHAR[] AS defaclacl WHERE false`,

	`rs.rs_sessions AS SELECT CAST(f[1] AS INTEGER) AS pid, CAST(f[2] AS BIGINT) AS user_id, f[3] AS user_name, f[4] AS db, f[5] AS app, f[6] AS host, CAST(f[7] AS TIMESTAMP) AS began,
		CAST(nullif(f[8], '') AS TIMESTAMP) AS query_start, f[9] AS state, f[10] AS query FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_sessions') AS VARCHAR), chr(30))) AS r)) WHERE f[10] IS NOT NULL`,
	// https://www.postgresql.org/docs/15/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
	`rs.pg_stat_activity AS SELECT 100000::BIGINT AS datid, db AS datname, pid AS procpid, pid, user_id AS usesysid, user_name AS usename, app AS application_name, host AS client_addr,
		began AS backend_start, query_start, state, CASE WHEN state = 'active' THEN query ELSE '<IDLE>' END AS current_query, query FROM rs.rs_sessions`,
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SESSIONS.html
	`rs.stv_sessions AS SELECT began AS starttime, pid AS process, user_name, db AS db_name, 0 AS timeout_sec FROM rs.rs_sessions`,
}

// accessFunctions answer what clients ask of privileges.
var accessFunctions = [...]string{
	"pg_get_userbyid(a_id) AS coalesce((SELECT max(u.name) FROM rs.rs_identity u WHERE u.id = a_id AND u.id > 0), 'unknown (OID=' || a_id || ')')",
	"rs_owner_of(k, s, n) AS coalesce((SELECT max(o.owner) FROM rs.rs_owner o WHERE o.kind = k AND o.schema_name = lower(s) AND o.name = lower(n)), 100)",
	"rs_name_of(a_id) AS (SELECT max(u.name) FROM rs.rs_user u WHERE u.id = a_id)",
	"rs_acl_of(k, s, n) AS (SELECT max(a.acl) FROM rs.rs_acls a WHERE a.kind = k AND a.schema_name = lower(s) AND a.name = lower(n))",
	"rs_user_id(u) AS (SELECT max(x.id) FROM rs.rs_user x WHERE x.name = CAST(u AS VARCHAR) OR CAST(x.id AS VARCHAR) = CAST(u AS VARCHAR))",
	"rs_is_super(u) AS (SELECT bool_or(x.super) FROM rs.rs_user x WHERE x.id = u)",
	"rs_granted(u, k, s, n, p) AS EXISTS (SELECT 1 FROM rs.rs_effective e WHERE e.user_id = u AND e.kind = k AND e.schema_name = lower(s) AND e.name = lower(n) AND (e.privilege = replace(upper(p), 'TEMPORARY', 'TEMP') OR e.option AND e.privilege || ' WITH GRANT OPTION' = upper(p)))",
	"rs_revoked(k, n, p) AS EXISTS (SELECT 1 FROM rs.rs_grant g WHERE g.kind = k AND g.name = lower(n) AND g.privilege = '-' || replace(upper(p), 'TEMPORARY', 'TEMP'))",
	"rs_has_table(u, s, n, p) AS rs.rs_is_super(u) OR rs.rs_owner_of('r', s, n) = u OR rs.rs_granted(u, 'r', s, n, p)",
	"rs_has_schema(u, n, p) AS rs.rs_is_super(u) OR rs.rs_owner_of('n', '', n) = u OR rs.rs_granted(u, 'n', '', n, p) OR (n = 'public' AND upper(p) IN ('CREATE', 'USAGE') AND NOT rs.rs_revoked('n', n, p)) OR (n IN ('pg_catalog', 'information_schema') AND upper(p) = 'USAGE')",
	"rs_has_database(u, n, p) AS rs.rs_is_super(u) OR rs.rs_granted(u, 'd', '', n, p) OR (upper(p) IN ('TEMP', 'TEMPORARY') AND NOT rs.rs_revoked('d', n, p)) OR upper(p) = 'CONNECT'",
	"rs_me() AS rs.rs_user_id(CAST(getvariable('rs_user') AS VARCHAR))",
	"rs_schema_name(x) AS (SELECT max(n.nspname) FROM rs.pg_namespace n WHERE n.nspname = lower(CAST(x AS VARCHAR)) OR CAST(n.oid AS VARCHAR) = CAST(x AS VARCHAR))",
	"rs_relation_schema(x) AS (SELECT max(r.schema_name) FROM rs.rs_relations r WHERE CAST(r.oid AS VARCHAR) = CAST(x AS VARCHAR) OR r.schema_name || '.' || r.relname = CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN lower(CAST(x AS VARCHAR)) ELSE 'public.' || lower(CAST(x AS VARCHAR)) END)",
	"rs_relation_name(x) AS (SELECT max(r.relname) FROM rs.rs_relations r WHERE CAST(r.oid AS VARCHAR) = CAST(x AS VARCHAR) OR r.schema_name || '.' || r.relname = CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN lower(CAST(x AS VARCHAR)) ELSE 'public.' || lower(CAST(x AS VARCHAR)) END)",
	"rs_known(x, kind, name) AS CASE WHEN x IS NULL THEN error(kind || ' \"' || name || '\" does not exist') ELSE x END",
	"has_table_privilege(t, p) AS rs.rs_has_table(rs.rs_me(), rs.rs_relation_schema(t), rs.rs_known(rs.rs_relation_name(t), 'relation', t), p), (u, t, p) AS rs.rs_has_table(rs.rs_known(rs.rs_user_id(u), 'user', u), rs.rs_relation_schema(t), rs.rs_known(rs.rs_relation_name(t), 'relation', t), p)",
	"has_schema_privilege(s, p) AS rs.rs_has_schema(rs.rs_me(), rs.rs_known(rs.rs_schema_name(s), 'schema', s), p), (u, s, p) AS rs.rs_has_schema(rs.rs_known(rs.rs_user_id(u), 'user', u), rs.rs_known(rs.rs_schema_name(s), 'schema', s), p)",
	"has_database_privilege(d, p) AS rs.rs_has_database(rs.rs_me(), d, p), (u, d, p) AS rs.rs_has_database(rs.rs_known(rs.rs_user_id(u), 'user', u), d, p)",
}

// accessCatalog returns the statements that make them.
func accessCatalog(before bool) []string {
	var all []string
	if before {
		for _, v := range accessViews {
			all = append(all, "CREATE OR REPLACE VIEW "+v)
		}
		for _, f := range accessFunctions[:4] {
			all = append(all, "CREATE OR REPLACE MACRO rs."+f)
		}
		return all
	}
	for _, f := range accessFunctions {
		all = append(all, fmt.Sprintf("CREATE OR REPLACE MACRO rs.%s", f))
	}
	return all
}
