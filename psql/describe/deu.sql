#title List of user mappings
#modifiers S+
SELECT um.srvname AS "Server",
#if +
  um.usename AS "User name",
 CASE WHEN umoptions IS NULL THEN '' ELSE   '(' || pg_catalog.array_to_string(ARRAY(SELECT   pg_catalog.quote_ident(option_name) ||  ' ' ||   pg_catalog.quote_literal(option_value)  FROM   pg_catalog.pg_options_to_table(umoptions)),  ', ') || ')'   END AS "FDW options"
#end
#if !+
  um.usename AS "User name"
#end
FROM pg_catalog.pg_user_mappings um
#pattern|where|um.srvname;um.usename|
ORDER BY 1, 2;
