//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
)

// askWarehouse returns what one statement said, or its error.
func askWarehouse(t *testing.T, a *app, sql string) string {
	t.Helper()
	cfg, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", a.warehouse.host, a.warehouse.port, a.warehouse.user, a.warehouse.database))
	must(t, err)
	cfg.Password = a.warehouse.password
	c, err := pgconn.ConnectConfig(t.Context(), cfg)
	must(t, err)
	defer c.Close(context.WithoutCancel(t.Context()))
	res, err := c.Exec(t.Context(), sql).ReadAll()
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code + " " + e.Message
	}
	must(t, err)
	var rows []string
	for _, row := range res[len(res)-1].Rows {
		rows = append(rows, string(slices.Concat(row...)))
	}
	return strings.Join(rows, " ")
}

// COPY and UNLOAD reach the buckets of another S3, here of a second server, with
// the keys of the statement; this server's own buckets come first.
func TestWarehouseReachesAnotherS3(t *testing.T) {
	other := startUp(t, t.TempDir())
	remote, err := dial(t.Context(), other.config)
	must(t, err)
	put := func(bucket, key, text string) {
		t.Helper()
		path := objectPath(bucket, key)
		if key == "" {
			path = objectPath(bucket)
		}
		_, err := remote.send(t.Context(), "s3", http.MethodPut, path, "", []byte(text))
		must(t, err)
	}
	put("far", "", "")
	put("both", "", "")
	for i := range 3 {
		put("far", fmt.Sprintf("in/part %d+é", i), fmt.Sprintf("%d|row\n", i))
	}
	put("far", "manifest", `{"entries":[{"url":"s3://far/in/part 1+é","mandatory":true}]}`)
	put("both", "x", "1|far\n")

	a := startWith(t, t.TempDir(), "warehouse-s3-endpoint: "+other.endpoint())
	own, err := dial(t.Context(), a.config)
	must(t, err)
	_, err = own.send(t.Context(), "s3", http.MethodPut, objectPath("both"), "", nil)
	must(t, err)
	_, err = own.send(t.Context(), "s3", http.MethodPut, objectPath("both", "x"), "", []byte("1|near\n"))
	must(t, err)

	const keys = " access_key_id 'test' secret_access_key 'test' region 'us-east-1'"
	for _, tt := range []struct{ sql, want string }{
		{"create table t (a int, b varchar(10)); copy t from 's3://far/in/'" + keys + "; select sum(a), count(*) from t", "33"},
		{"truncate t; copy t from 's3://far/manifest' manifest credentials 'aws_access_key_id=test;aws_secret_access_key=test'; select a, b from t", "1row"},
		{"truncate t; copy t from 's3://both/x'" + keys + "; select b from t", "near"},
		{"unload ('select 5 as a, ''out'' as b') to 's3://far/out/'" + keys + " manifest", ""},
		{"unload ('select 6 as a') to 's3://far/out/'" + keys, "XX000 Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option."},
		{"truncate t; copy t from 's3://far/out/manifest' manifest" + keys + "; select a, b from t", "5out"},
		{"unload ('select 7 as a, ''again'' as b') to 's3://far/out/'" + keys + " cleanpath parquet", ""},
		{"truncate t; copy t from 's3://far/out/' parquet" + keys + "; select a, b from t", "7again"},
		{"copy t from 's3://far/none'" + keys, "XX000 The specified S3 prefix 'none' does not exist"},
		{"select count(*) from stl_query where querytxt like '%secret_access_key ''test''%'", "0"},
	} {
		if got := askWarehouse(t, a, tt.sql); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.sql, got, tt.want)
		}
	}
	for sql, want := range map[string]string{
		"copy t from 's3://nowhere/x'" + keys:                                       "S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket,Rid ",
		"copy t from 's3://far/in/' access_key_id 'test' secret_access_key 'wrong'": "Status 403,Error SignatureDoesNotMatch,Rid ",
		"copy t from 's3://far/in/' iam_role default":                               "S3ServiceException:Access Denied: there are no credentials for " + other.endpoint(),
		"unload ('select 1') to 's3://nowhere/x'" + keys:                            "Status 404,Error NoSuchBucket",
		"unload ('select 1') to 's3://nowhere/x' allowoverwrite" + keys:             "Status 404,Error NoSuchBucket",
	} {
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		if got := askWarehouse(t, a, sql); !strings.HasPrefix(got, "XX000 ") || !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	// With the environment's keys.
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	if got := askWarehouse(t, a, "truncate t; copy t from 's3://far/in/' iam_role default; select count(*) from t"); got != "3" {
		t.Errorf("by the environment: got %s; want 3", got)
	}
	other.close()
	if got, want := askWarehouse(t, a, "copy t from 's3://far/in/'"+keys), "XX000 S3ServiceException:"; !strings.HasPrefix(got, want) || !strings.Contains(got, "Error RequestTimeout") {
		t.Errorf("with nobody there: got %s; want %s", got, want)
	}
}

// An object is read on where its connection broke, and not on when it was
// overwritten meanwhile.
func TestAnotherS3Breaks(t *testing.T) {
	other := startUp(t, t.TempDir())
	remote, err := dial(t.Context(), other.config)
	must(t, err)
	text := strings.Repeat("0123456789", 300_000)
	put := func(path, text string) {
		_, err := remote.send(t.Context(), "s3", http.MethodPut, path, "", []byte(text))
		must(t, err)
	}
	put(objectPath("far"), "")
	put(objectPath("far", "x"), text)

	to, err := url.Parse(other.endpoint())
	must(t, err)
	var gets, cut atomic.Int64
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("list-type") == "" {
			gets.Add(1)
			if limit := cut.Load(); limit > 0 {
				w = &shortWriter{w, limit}
			}
		}
		behind.ServeHTTP(w, r)
	}))
	defer broken.Close()
	cfg := defaultConfig()
	cfg.WarehouseS3 = broken.URL
	must(t, cfg.checkS3())
	e := cfg.s3Endpoint(func(string) string { return "" })
	req := warehouse.PinRequest{Bucket: "far", Key: "x", Access: warehouse.Access{AccessKey: "test", Secret: "test"}}
	read := func() (string, error) {
		t.Helper()
		all, release, err := e.Pin(t.Context(), req)
		must(t, err)
		defer release()
		if len(all) != 1 || all[0].Size != int64(len(text)) {
			t.Fatalf("got %+v; want one object of %d bytes", all, len(text))
		}
		r, err := all[0].Open(t.Context())
		must(t, err)
		defer r.Close()
		b := make([]byte, 10)
		_, err = io.ReadFull(r, b)
		must(t, err)
		if cut.Load() == 500_000 { // the object is overwritten while it is read
			put(objectPath("far", "x"), strings.ToUpper(text)+"!")
		}
		rest, err := io.ReadAll(r)
		return string(b) + string(rest), err
	}
	cut.Store(1_000_000)
	if got, err := read(); err != nil || got != text {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(text))
	}
	if n := gets.Load(); n < 3 {
		t.Errorf("the object was asked for %d times; want 3 at least", n)
	}
	cut.Store(500_000)
	var refused *warehouse.ServiceError
	if _, err := read(); !errors.As(err, &refused) || refused.Code != "PreconditionFailed" {
		t.Errorf("an object that was overwritten: got %v; want PreconditionFailed", err)
	}
}

// A shortWriter breaks the connection after so many bytes.
type shortWriter struct {
	http.ResponseWriter
	left int64
}

func (w *shortWriter) Write(b []byte) (int, error) {
	if w.left -= int64(len(b)); w.left < 0 {
		panic(http.ErrAbortHandler)
	}
	return w.ResponseWriter.Write(b)
}

// A wrong endpoint is told with what is needed.
func TestWarehouseS3Endpoint(t *testing.T) {
	for value, want := range map[string]string{
		"":                                  "",
		"https://s3.{region}.amazonaws.com": "",
		"http://127.0.0.1:9000/":            "",
		"s3.amazonaws.com":                  `--warehouse-s3-endpoint: got "s3.amazonaws.com"; need a URL such as https://s3.{region}.amazonaws.com or http://127.0.0.1:9000`,
		"https://x/y":                       `--warehouse-s3-endpoint: got "https://x/y"; need a URL such as https://s3.{region}.amazonaws.com or http://127.0.0.1:9000`,
	} {
		cfg := defaultConfig()
		cfg.Data, cfg.WarehouseS3 = t.TempDir(), value
		got := ""
		if err := cfg.validate(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q; want %q", value, got, want)
		}
	}
	cfg := defaultConfig()
	cfg.WarehouseS3 = "https://s3.{region}.amazonaws.com"
	if got, want := cfg.s3Endpoint(nil).address(warehouse.Access{Region: "eu-west-1"}, "b", "a b+é"), "https://s3.eu-west-1.amazonaws.com/b/a%20b%2B%C3%A9"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}
