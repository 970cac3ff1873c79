package dialect

import "testing"

// What is secret is not shown; all else is, byte by byte.
func TestShown(t *testing.T) {
	for sql, want := range map[string]string{
		"copy t from 's3://b/x'  credentials  'aws_access_key_id=a;aws_secret_access_key=b' gzip": "copy t from 's3://b/x'  credentials  '' gzip",
		"COPY t FROM 's3://b/x' ACCESS_KEY_ID AS 'a' SECRET_ACCESS_KEY /* c */ 'b'":               "COPY t FROM 's3://b/x' ACCESS_KEY_ID AS '' SECRET_ACCESS_KEY /* c */ ''",
		"unload ('select ''credentials'' ''x''') to 's3://b/x' iam_role 'r' session_token 't'":    "unload ('select ''credentials'' ''x''') to 's3://b/x' iam_role 'r' session_token ''",
		"create user u password 'Secret1x' createdb":                                              "create user u password '' createdb",
		"select 'a' as password, 'b'":                                                             "select 'a' as password, 'b'",
	} {
		all, err := Parse("  " + want + "; " + sql)
		if err != nil || len(all) != 2 {
			t.Fatal(sql, err)
		}
		if got := all[1].Shown(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got := all[0].Shown(); got != want {
			t.Errorf("again: got %s\nwant %s", got, want)
		}
	}
}
