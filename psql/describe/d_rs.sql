#title List of subscriptions
#modifiers S+
#since 100000
#unsupported The server (version %s) does not support subscriptions.
SELECT subname AS "Name"
,  pg_catalog.pg_get_userbyid(subowner) AS "Owner"
,  subenabled AS "Enabled"
,  subpublications AS "Publication"
#if >=140000 +
, subbinary AS "Binary"
, substream AS "Streaming"
#end
#if >=150000 +
, subtwophasestate AS "Two-phase commit"
, subdisableonerr AS "Disable on error"
#end
#if +
,  subsynccommit AS "Synchronous commit"
,  subconninfo AS "Conninfo"
#end
#if >=150000 +
, subskiplsn AS "Skip LSN"
#end
FROM pg_catalog.pg_subscription
WHERE subdbid = (SELECT oid
                 FROM pg_catalog.pg_database
                 WHERE datname = pg_catalog.current_database())
#pattern|and|subname|
ORDER BY 1;
