//go:build cgo

package warehouse_test

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
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
)

// certificate makes one for 127.0.0.1.
func certificate(t *testing.T) (cert, key []byte) {
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
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// Clients encrypt, or do not, and their passwords are checked either way.
func TestTLSAndPasswords(t *testing.T) {
	cert, key := certificate(t)
	for _, password := range []bool{false, true} {
		f := start(t, func(o *warehouse.Options) { o.Wire = warehouse.Wire{Cert: cert, Key: key, Password: password} })
		for _, mode := range []string{"disable", "prefer", "require"} {
			dsn := func(password string) string {
				return fmt.Sprintf("postgres://awsuser:%s@%s/dev?sslmode=%s", password, f.Addr(), mode)
			}
			c, err := pgconn.Connect(context.Background(), dsn("secret"))
			if err != nil {
				t.Errorf("password %v, sslmode=%s: %v", password, mode, err)
				continue
			}
			r, err := c.Exec(context.Background(), "select repeat('x', 200000)").ReadAll()
			if err != nil || len(r[0].Rows[0][0]) != 200000 {
				t.Errorf("password %v, sslmode=%s: a long row: %v", password, mode, err)
			}
			c.Close(context.Background())
			var e *pgconn.PgError
			if _, err := pgconn.Connect(context.Background(), dsn("wrong")); !errors.As(err, &e) || e.Code != "28P01" {
				t.Errorf("password %v, sslmode=%s, a wrong one: got %v; want 28P01", password, mode, err)
			}
		}
		if psql, err := exec.LookPath("psql"); err == nil {
			out, err := exec.Command(psql, fmt.Sprintf("postgres://awsuser:secret@%s/dev?sslmode=require", f.Addr()), "-XAtc", `\conninfo`).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "SSL connection (protocol: TLSv1.3") {
				t.Errorf("psql: %v\n%s", err, out)
			}
		}
	}
}

func TestWireIsChecked(t *testing.T) {
	cert, key := certificate(t)
	for _, w := range []warehouse.Wire{{Cert: cert}, {Key: key}, {Cert: cert, Key: []byte("no key")}} {
		if s, err := warehouse.Start(warehouse.Options{Dir: t.TempDir(), Password: "x", Addr: "127.0.0.1:0", Wire: w}); err == nil {
			s.Stop(context.Background())
			t.Errorf("%v: got no error", w)
		}
	}
}

// One connection more than there may be is told so; when one ends the next is
// taken.
func TestMaxConnections(t *testing.T) {
	f := start(t, func(o *warehouse.Options) { o.Wire.MaxConnections = 2 })
	f.connect(t)
	second := f.connect(t)
	var e *pgconn.PgError
	if _, err := pgconn.Connect(context.Background(), f.dsn()); !errors.As(err, &e) || e.Code != "53300" || e.Message != "sorry, too many clients already" {
		t.Errorf("the third: got %v; want 53300 sorry, too many clients already", err)
	}
	second.Close(context.Background())
	for deadline := time.Now().Add(5 * time.Second); ; {
		if c, err := pgconn.Connect(context.Background(), f.dsn()); err == nil {
			c.Close(context.Background())
			return
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
