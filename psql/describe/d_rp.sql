#title List of publications
#modifiers S+
#since 100000
#unsupported The server (version %s) does not support publications.
#if +
SELECT oid, pubname,
  pg_catalog.pg_get_userbyid(pubowner) AS owner,
#end
#if >=130000 +
  puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot
#end
#if !+
SELECT pubname AS "Name",
  pg_catalog.pg_get_userbyid(pubowner) AS "Owner",
  puballtables AS "All tables",
  pubinsert AS "Inserts",
  pubupdate AS "Updates",
#end
#if >=110000 !+
  pubdelete AS "Deletes",
#end
#if >=130000 !+
  pubtruncate AS "Truncates",
  pubviaroot AS "Via root"
#end
#if >=110000 <130000 +
  puballtables, pubinsert, pubupdate, pubdelete, pubtruncate
#end
#if >=110000 <130000 !+
  pubtruncate AS "Truncates"
#end
#if <110000 +
  puballtables, pubinsert, pubupdate, pubdelete
#end
#if <110000 !+
  pubdelete AS "Deletes"
#end
FROM pg_catalog.pg_publication
#if pattern
#pattern|where|pubname|
#end
#if +
ORDER BY 2;
#end
#if !+
ORDER BY 1;
#end
