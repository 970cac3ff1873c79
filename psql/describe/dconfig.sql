#title List of non-default configuration parameters
#title pattern List of configuration parameters
#modifiers S+
#if >=150000 +
SELECT s.name AS "Parameter", pg_catalog.current_setting(s.name) AS "Value", s.vartype AS "Type", s.context AS "Context", pg_catalog.array_to_string(p.paracl, E'\n') AS "Access privileges"
#end
#if !+
SELECT s.name AS "Parameter", pg_catalog.current_setting(s.name) AS "Value"
#end
#if <150000 +
SELECT s.name AS "Parameter", pg_catalog.current_setting(s.name) AS "Value", s.vartype AS "Type", s.context AS "Context", NULL AS "Access privileges"
#end
FROM pg_catalog.pg_settings s
#if >=150000 +
  LEFT JOIN pg_catalog.pg_parameter_acl p
  ON pg_catalog.lower(s.name) = p.parname
#end
#if pattern
#pattern|where|pg_catalog.lower(s.name)|
#end
#if !pattern
WHERE s.source <> 'default' AND
      s.setting IS DISTINCT FROM s.boot_val
#end
ORDER BY 1;
