#title List of casts
#modifiers S+
SELECT pg_catalog.format_type(castsource, NULL) AS "Source type",
       pg_catalog.format_type(casttarget, NULL) AS "Target type",
       CASE WHEN c.castmethod = 'b' THEN '(binary coercible)'
            WHEN c.castmethod = 'i' THEN '(with inout)'
            ELSE p.proname
       END AS "Function",
       CASE WHEN c.castcontext = 'e' THEN 'no'
            WHEN c.castcontext = 'a' THEN 'in assignment'
            ELSE 'yes'
#if +
       END AS "Implicit?",
       d.description AS "Description"
#end
#if !+
       END AS "Implicit?"
#end
FROM pg_catalog.pg_cast c LEFT JOIN pg_catalog.pg_proc p
     ON c.castfunc = p.oid
     LEFT JOIN pg_catalog.pg_type ts
     ON c.castsource = ts.oid
     LEFT JOIN pg_catalog.pg_namespace ns
     ON ns.oid = ts.typnamespace
     LEFT JOIN pg_catalog.pg_type tt
     ON c.casttarget = tt.oid
     LEFT JOIN pg_catalog.pg_namespace nt
     ON nt.oid = tt.typnamespace
#if +
     LEFT JOIN pg_catalog.pg_description d
     ON d.classoid = c.tableoid AND d.objoid = c.oid AND d.objsubid = 0
#end
WHERE ( (true
#pattern|and|ts.typname;pg_catalog.format_type(ts.oid, NULL)|pg_catalog.pg_type_is_visible(ts.oid)
) OR (true
#pattern|and|tt.typname;pg_catalog.format_type(tt.oid, NULL)|pg_catalog.pg_type_is_visible(tt.oid)
) )
ORDER BY 1, 2;
