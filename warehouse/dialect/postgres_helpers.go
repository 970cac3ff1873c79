package dialect

// HelperVersion is the number of [PostgresHelpers], kept as the comment of
// their schema.
const HelperVersion = "salamander helpers 3"

// pgSystemViews are Redshift's system views that [PostgresHelpers] has.
var pgSystemViews = wordSet("pg_table_def stl_load_errors svv_tables svv_columns stv_recents svv_table_info")

// PostgresHelpers makes the functions and views that rewritten statements use.
// It can run again. The functions are in SQL where they can be, so that
// PostgreSQL's planner sees through them.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
const PostgresHelpers = `
CREATE SCHEMA IF NOT EXISTS salamander;
GRANT USAGE ON SCHEMA salamander TO PUBLIC;

CREATE OR REPLACE FUNCTION salamander.cut(x text, n integer) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
	IF x IS NULL OR octet_length(x) <= n THEN RETURN x; END IF;
	IF octet_length(x) = length(x) THEN RETURN left(x, n); END IF;
	RAISE EXCEPTION 'cutting a text within a multibyte character is not supported by the PostgreSQL warehouse' USING ERRCODE = '0A000';
END $f$;

CREATE OR REPLACE FUNCTION salamander.average(s bigint, c bigint, x smallint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT s / nullif(c, 0)';
CREATE OR REPLACE FUNCTION salamander.average(s bigint, c bigint, x integer) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT s / nullif(c, 0)';
CREATE OR REPLACE FUNCTION salamander.average(s numeric, c bigint, x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CAST(div(s, nullif(c, 0)) AS bigint)';
CREATE OR REPLACE FUNCTION salamander.average(s numeric, c bigint, x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT round(s / nullif(c, 0), scale(s))';
CREATE OR REPLACE FUNCTION salamander.average(s double precision, c bigint, x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT s / nullif(c, 0)';
CREATE OR REPLACE FUNCTION salamander.average(s real, c bigint, x real) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CAST(s AS double precision) / nullif(c, 0)';
CREATE OR REPLACE FUNCTION salamander.average(s interval, c bigint, x interval) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT s / nullif(c, 0)';

CREATE OR REPLACE FUNCTION salamander.datediff_year(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	'SELECT CAST(extract(year FROM b) - extract(year FROM a) AS bigint)';
CREATE OR REPLACE FUNCTION salamander.datediff_quarter(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	'SELECT CAST(4 * (extract(year FROM b) - extract(year FROM a)) + extract(quarter FROM b) - extract(quarter FROM a) AS bigint)';
CREATE OR REPLACE FUNCTION salamander.datediff_month(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	'SELECT CAST(12 * (extract(year FROM b) - extract(year FROM a)) + extract(month FROM b) - extract(month FROM a) AS bigint)';
CREATE OR REPLACE FUNCTION salamander.datediff_hour(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(extract(epoch FROM date_trunc('hour', b) - date_trunc('hour', a)) / 3600 AS bigint)$f$;
CREATE OR REPLACE FUNCTION salamander.datediff_minute(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(extract(epoch FROM date_trunc('minute', b) - date_trunc('minute', a)) / 60 AS bigint)$f$;
CREATE OR REPLACE FUNCTION salamander.datediff_second(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(extract(epoch FROM date_trunc('second', b) - date_trunc('second', a)) AS bigint)$f$;
CREATE OR REPLACE FUNCTION salamander.datediff_millisecond(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(extract(epoch FROM date_trunc('milliseconds', b) - date_trunc('milliseconds', a)) * 1000 AS bigint)$f$;
CREATE OR REPLACE FUNCTION salamander.datediff_microsecond(a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(extract(epoch FROM b - a) * 1000000 AS bigint)$f$;

CREATE OR REPLACE FUNCTION salamander.last_day(d timestamp) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(date_trunc('month', d) + interval '1 month' - interval '1 day' AS date)$f$;
CREATE OR REPLACE FUNCTION salamander.add_months(d timestamp, n integer) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CASE WHEN CAST(d AS date) = salamander.last_day(d)
		THEN salamander.last_day(date_trunc('month', d) + n * interval '1 month') + (d - date_trunc('day', d))
		ELSE d + n * interval '1 month' END$f$;
CREATE OR REPLACE FUNCTION salamander.months_between(a timestamp, b timestamp) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CAST(12 * (extract(year FROM a) - extract(year FROM b)) + extract(month FROM a) - extract(month FROM b) +
		CASE WHEN extract(day FROM a) = extract(day FROM b) OR CAST(a AS date) = salamander.last_day(a) AND CAST(b AS date) = salamander.last_day(b) THEN 0
		ELSE (extract(day FROM a) - extract(day FROM b) + extract(epoch FROM CAST(a AS time) - CAST(b AS time)) / 86400) / 31 END AS double precision)$f$;
CREATE OR REPLACE FUNCTION salamander.next_day(d timestamp, day text) RETURNS date LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
	want integer := CASE lower(day) WHEN 'su' THEN 0 WHEN 'm' THEN 1 WHEN 'mo' THEN 1 WHEN 'tu' THEN 2 WHEN 'w' THEN 3 WHEN 'we' THEN 3
		WHEN 'th' THEN 4 WHEN 'f' THEN 5 WHEN 'fr' THEN 5 WHEN 'sa' THEN 6
		ELSE CASE left(lower(day), 3) WHEN 'sun' THEN 0 WHEN 'mon' THEN 1 WHEN 'tue' THEN 2 WHEN 'wed' THEN 3 WHEN 'thu' THEN 4 WHEN 'fri' THEN 5 WHEN 'sat' THEN 6 END END;
BEGIN
	IF d IS NULL OR day IS NULL THEN RETURN NULL; END IF;
	IF want IS NULL THEN RAISE EXCEPTION 'Not a valid day of the week: %', day USING ERRCODE = '22023'; END IF;
	RETURN CAST(d AS date) + 1 + (want - CAST(extract(dow FROM d) AS integer) + 6) % 7;
END $f$;
CREATE OR REPLACE FUNCTION salamander.date_trunc(unit text, d date) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT pg_catalog.date_trunc(unit, CAST(d AS timestamp))';
CREATE OR REPLACE FUNCTION salamander.date_trunc(unit text, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT pg_catalog.date_trunc(unit, t)';
CREATE OR REPLACE FUNCTION salamander.date_trunc(unit text, t timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT pg_catalog.date_trunc(unit, t)';
CREATE OR REPLACE FUNCTION salamander.date_trunc(unit text, i interval) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT pg_catalog.date_trunc(unit, i)';
CREATE OR REPLACE FUNCTION salamander.date_part_year(d date) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CAST(extract(year FROM d) AS integer)';
CREATE OR REPLACE FUNCTION salamander.convert_timezone(target text, t timestamp) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS
	$f$SELECT t AT TIME ZONE 'UTC' AT TIME ZONE target$f$;
CREATE OR REPLACE FUNCTION salamander.convert_timezone(source text, target text, t timestamp) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS
	$f$SELECT t AT TIME ZONE source AT TIME ZONE target$f$;

CREATE OR REPLACE FUNCTION salamander.trunc(x timestamp) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CAST(x AS date)';
CREATE OR REPLACE FUNCTION salamander.trunc(x timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT CAST(x AS date)';
CREATE OR REPLACE FUNCTION salamander.trunc(x date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT x';
CREATE OR REPLACE FUNCTION salamander.trunc(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT pg_catalog.trunc(x)';
CREATE OR REPLACE FUNCTION salamander.trunc(x double precision) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT pg_catalog.trunc(x)';
CREATE OR REPLACE FUNCTION salamander.trunc(x numeric, n integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT pg_catalog.trunc(x, n)';

CREATE OR REPLACE FUNCTION salamander.charindex(part text, x text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT strpos(x, part)';
CREATE OR REPLACE FUNCTION salamander.sha2(x text, bits integer) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
BEGIN
	CASE bits
	WHEN 0, 256 THEN RETURN encode(sha256(convert_to(x, 'UTF8')), 'hex');
	WHEN 224 THEN RETURN encode(sha224(convert_to(x, 'UTF8')), 'hex');
	WHEN 384 THEN RETURN encode(sha384(convert_to(x, 'UTF8')), 'hex');
	WHEN 512 THEN RETURN encode(sha512(convert_to(x, 'UTF8')), 'hex');
	ELSE RETURN NULL;
	END CASE;
END $f$;
CREATE OR REPLACE FUNCTION salamander.strtol(x text, base integer) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $f$
DECLARE
	digits text := lower(btrim(x));
	sign bigint := 1;
	value numeric := 0;
	digit integer;
BEGIN
	IF x IS NULL OR base IS NULL THEN RETURN NULL; END IF;
	IF base < 2 OR base > 36 THEN RAISE EXCEPTION 'invalid base: %', base USING ERRCODE = '22023'; END IF;
	IF left(digits, 1) IN ('-', '+') THEN
		sign := CASE WHEN left(digits, 1) = '-' THEN -1 ELSE 1 END;
		digits := substr(digits, 2);
	END IF;
	IF base = 16 AND left(digits, 2) = '0x' THEN digits := substr(digits, 3); END IF;
	IF base = 16 AND digits ~ '^[0-9a-f]{1,15}$' THEN
		RETURN sign * CAST(CAST('x' || lpad(digits, 16, '0') AS bit(64)) AS bigint);
	END IF;
	FOR i IN 1 .. length(digits) LOOP
		digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, i, 1)) - 1;
		IF digit < 0 OR digit >= base THEN
			RAISE EXCEPTION 'The input % is not valid to be converted to base %', x, base USING ERRCODE = '22P02';
		END IF;
		value := value * base + digit;
	END LOOP;
	RETURN CAST(sign * value AS bigint);
END $f$;

CREATE OR REPLACE FUNCTION salamander.bpcharcmp(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	$f$SELECT CASE WHEN rtrim(a) COLLATE "C" < rtrim(b) COLLATE "C" THEN -1 WHEN rtrim(a) COLLATE "C" > rtrim(b) COLLATE "C" THEN 1 WHEN a IS NOT NULL AND b IS NOT NULL THEN 0 END$f$;
CREATE OR REPLACE FUNCTION salamander.date_cmp(a timestamp, b timestamp) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
	'SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 WHEN a = b THEN 0 END';
CREATE OR REPLACE FUNCTION salamander.timestamp_cmp(a timestamp, b timestamp) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT salamander.date_cmp(a, b)';
CREATE OR REPLACE FUNCTION salamander.date_cmp_timestamp(a timestamp, b timestamp) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT salamander.date_cmp(a, b)';
CREATE OR REPLACE FUNCTION salamander.timestamp_cmp_date(a timestamp, b timestamp) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT salamander.date_cmp(a, b)';

CREATE TABLE IF NOT EXISTS salamander.load_errors (userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer,
	filename varchar(256), line_number bigint, colname varchar(127), type varchar(10), col_length varchar(10), position integer, raw_line varchar(1024),
	raw_field_value varchar(1024), err_code integer, err_reason varchar(100), is_partial integer, start_offset bigint);
CREATE OR REPLACE VIEW salamander.stl_load_errors AS SELECT * FROM salamander.load_errors;
GRANT SELECT ON salamander.stl_load_errors TO PUBLIC;

CREATE OR REPLACE VIEW salamander.pg_table_def AS
	SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type,
		CAST('none' AS text) AS encoding, false AS distkey, 0 AS sortkey, a.attnotnull AS "notnull"
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
	WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = ANY (current_schemas(true));
GRANT SELECT ON salamander.pg_table_def TO PUBLIC;
CREATE OR REPLACE VIEW salamander.svv_tables AS
	SELECT table_catalog, table_schema, table_name, table_type, CAST(NULL AS text) AS remarks FROM information_schema.tables;
GRANT SELECT ON salamander.svv_tables TO PUBLIC;
CREATE OR REPLACE VIEW salamander.svv_columns AS
	SELECT table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
		character_maximum_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, CAST(NULL AS text) AS remarks
	FROM information_schema.columns;
GRANT SELECT ON salamander.svv_columns TO PUBLIC;
CREATE OR REPLACE FUNCTION salamander.rows_of(t oid) RETURNS bigint LANGUAGE plpgsql STABLE AS $f$
DECLARE
	n bigint;
BEGIN
	IF pg_relation_size(t) < 67108864 THEN
		BEGIN
			EXECUTE format('SELECT count(*) FROM %s', CAST(t AS regclass)) INTO n;
			RETURN n;
		EXCEPTION WHEN insufficient_privilege OR undefined_table THEN
		END;
	END IF;
	RETURN (SELECT CASE WHEN pg_stat_get_live_tuples(oid) > 0 THEN pg_stat_get_live_tuples(oid) ELSE CAST(greatest(reltuples, 0) AS bigint) END FROM pg_catalog.pg_class WHERE oid = t);
END $f$;
DROP VIEW IF EXISTS salamander.svv_table_info;
CREATE VIEW salamander.svv_table_info AS
	SELECT CAST(current_database() AS text) AS database, CAST(n.nspname AS text) AS schema, c.oid AS table_id, CAST(c.relname AS text) AS "table",
		CAST('N' AS text) AS encoded, CAST('EVEN' AS text) AS diststyle, CAST(NULL AS text) AS sortkey1,
		(SELECT coalesce(max(CAST(CASE a.atttypid WHEN 1043 THEN nullif(a.atttypmod, -1) - 4 END AS integer)), 0) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS max_varchar,
		CAST(NULL AS text) AS sortkey1_enc, 0 AS sortkey_num, (pg_total_relation_size(c.oid) + 1048575) / 1048576 AS size, CAST(NULL AS numeric(10,4)) AS pct_used,
		CAST(0 AS bigint) AS empty, CAST(NULL AS numeric(5,2)) AS unsorted, CAST(NULL AS numeric(5,2)) AS stats_off, CAST(r.rows AS numeric(38,0)) AS tbl_rows,
		CAST(NULL AS numeric(19,2)) AS skew_sortkey1, CAST(NULL AS numeric(19,2)) AS skew_rows, CAST(r.rows AS numeric(38,0)) AS estimated_visible_rows,
		CAST(NULL AS text) AS risk_event, CAST(NULL AS numeric(12,2)) AS vacuum_sort_benefit, CAST(NULL AS timestamp) AS create_time
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL (SELECT salamander.rows_of(c.oid) AS rows) r
	WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'salamander') AND n.nspname !~ '^pg_' AND r.rows > 0;
GRANT SELECT ON salamander.svv_table_info TO PUBLIC;
CREATE OR REPLACE VIEW salamander.stv_recents AS
	SELECT CAST(0 AS integer) AS userid, CAST(CASE WHEN state = 'active' THEN 'Running' ELSE 'Done' END AS text) AS status, CAST(query_start AS timestamp) AS starttime,
		CAST(extract(epoch FROM CASE WHEN state = 'active' THEN clock_timestamp() ELSE state_change END - query_start) * 1000000 AS bigint) AS duration,
		CAST(usename AS text) AS user_name, CAST(datname AS text) AS db_name, query, CASE WHEN state = 'active' THEN pid ELSE -1 END AS pid
	FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND query <> '';
GRANT SELECT ON salamander.stv_recents TO PUBLIC;

COMMENT ON SCHEMA salamander IS 'salamander helpers 3';
`
