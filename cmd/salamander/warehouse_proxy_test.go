package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
)

// A wrong --warehouse is told with what is needed, and never with its password.
func TestWarehouseURL(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://etl:s3cret@db.example.com/dwh":          "PostgreSQL at db.example.com:5432, database dwh",
		"postgresql://etl:s3cret@db.example.com:6543/dwh":   "PostgreSQL at db.example.com:6543, database dwh",
		"redshift://etl:s3cret@c.example.com/dev":           "Redshift at c.example.com:5439, database dev",
		"mysql://etl:s3cret@db.example.com/dwh":             `!--warehouse: got scheme "mysql"; need postgres://user:password@host:5432/database or redshift://user:password@host:5439/database`,
		"postgres://db.example.com/dwh":                     "!--warehouse: need postgres://user:password@host:port/database",
		"postgres://etl:s3cret@db.example.com":              "!--warehouse: need postgres://user:password@host:port/database",
		"postgres://etl:s3cret@db.example.com:no/dwh":       "!--warehouse: need a URL such as postgres://user:password@host:5432/database",
		"postgres://etl:s3cret@db.example.com/x?sslmode=no": "!--warehouse: the URL of the server is wrong: sslmode is invalid",
	} {
		cfg := defaultConfig()
		cfg.Data, cfg.Warehouse = t.TempDir(), url
		got := cfg.behindWarehouse()
		if err := cfg.validate(); err != nil {
			got = "!" + err.Error()
		}
		if got != want || strings.Contains(got, "s3cret") {
			t.Errorf("%s\n got %s\nwant %s", url, got, want)
		}
	}
}

// certificateFiles writes one for 127.0.0.1 and its key.
func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "warehouse"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// Clients encrypt their connections to a warehouse that stands before another
// server, and send passwords as they are where that is configured. The server
// behind is one that nobody answers for: a login comes as far as it.
func TestWarehouseBehindTLS(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	cert, key := certificateFiles(t)
	for _, tc := range []struct {
		cert, key, auth string
		mode, password  string
		want            string // a code of SQLSTATE, or words of the client's
	}{
		{cert, key, "", "verify-full", "secret", "57P03"},
		{cert, key, "password", "verify-full", "secret", "57P03"},
		{cert, key, "", "verify-full", "wrong", "28P01"},
		{cert, key, "password", "verify-full", "wrong", "28P01"},
		{cert, key, "", "disable", "secret", "57P03"},
		{"", "", "", "require", "secret", "server refused TLS"},
		{"", "", "", "disable", "secret", "57P03"},
	} {
		cfg := defaultConfig()
		cfg.Data, cfg.Warehouse = t.TempDir(), "postgres://u:p@"+closed.Addr().String()+"/db"
		cfg.WarehouseCert, cfg.WarehouseKey, cfg.WarehouseAuth = tc.cert, tc.key, tc.auth
		if err := cfg.validate(); err != nil {
			t.Fatal(err)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s, err := (&app{config: cfg}).startWarehouse(warehouse.Options{Listener: ln, User: "awsuser", Password: "secret", Database: "dev"})
		if err != nil {
			t.Fatal(err)
		}
		dsn := fmt.Sprintf("postgres://awsuser:%s@%s/dev?sslmode=%s", tc.password, ln.Addr(), tc.mode)
		if tc.mode == "verify-full" {
			dsn += "&sslrootcert=" + cert
		}
		_, err = pgconn.Connect(context.Background(), dsn)
		got := fmt.Sprint(err)
		var e *pgconn.PgError
		if errors.As(err, &e) {
			got = e.Code
		}
		if !strings.Contains(got, tc.want) {
			t.Errorf("%+v: got %s (%v)", tc, got, err)
		}
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
}
