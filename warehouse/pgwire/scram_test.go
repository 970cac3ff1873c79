package pgwire

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse/sqlstate"
)

// example is the exchange of RFC 7677, section 3: user "user", password
// "pencil".
func example(t *testing.T) *scram {
	t.Helper()
	v := Verifier{Salt: decode(t, "W22ZaJ0SNY7soEsUEjb6gQ=="), Iterations: 4096,
		StoredKey: decode(t, "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="), ServerKey: decode(t, "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")}
	return &scram{verifier: v, gs2: "n,,", nonce: "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", clientFirst: "n=user,r=rOprNGfwEbeRWgbNEkqO",
		serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"}
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestScramExampleOfTheRFC(t *testing.T) {
	const nonce = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	const proof = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
	got, err := example(t).final([]byte("c=biws," + nonce + "," + proof))
	if want := "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	for _, tc := range []struct{ name, msg, want string }{
		{"another proof", "c=biws," + nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR=", "malformed proof"},
		{"a proof that does not fit", "c=biws," + nonce + ",p=AHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "password authentication failed"},
		{"a short proof", "c=biws," + nonce + ",p=AAAA", "malformed proof"},
		{"no proof", "c=biws," + nonce, "no proof"},
		{"another nonce", "c=biws," + nonce + "x," + proof, "nonce"},
		{"another header", "c=eSws," + nonce + "," + proof, "channel binding"},
		{"nothing", "", "no proof"},
	} {
		got, err := example(t).final([]byte(tc.msg))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %s, %v; want an error with %q", tc.name, got, err, tc.want)
		}
	}
}

func TestScramFirst(t *testing.T) {
	v, err := NewVerifier("pencil")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ msg, want string }{
		{"n,,n=user,r=abc", ""},
		{"y,,n=,r=abc", ""},
		{"p=tls-server-end-point,,n=,r=abc", "channel binding is not supported"},
		{"n,,m=x,n=,r=abc", "unsupported SCRAM extension"},
		{"n,,n=user", "no nonce"},
		{"n", "malformed"},
		{"", "malformed"},
	} {
		s := &scram{verifier: v}
		got, err := s.first([]byte(tc.msg))
		switch {
		case tc.want == "" && (err != nil || !strings.HasPrefix(string(got), "r=abc") || !strings.HasSuffix(string(got), ",i=4096")):
			t.Errorf("%q: got %s, %v", tc.msg, got, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%q: got %s, %v; want an error with %q", tc.msg, got, err, tc.want)
		}
	}
}

// A client that knows the password comes in, all others hear the same.
func TestLogin(t *testing.T) {
	v, err := NewVerifier("it's a \"secret\" é")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Users: map[string]Verifier{"awsuser": v}, Open: func(_ context.Context, start Startup) (Session, error) {
		return nil, sqlstate.Errorf("00000", "hello %s of %s", start.User, start.Database)
	}}
	for _, tc := range []struct{ user, password, want string }{
		{"awsuser", "it's a \"secret\" é", "00000 hello awsuser of dev"},
		{"awsuser", "secret", `28P01 password authentication failed for user "awsuser"`},
		{"awsuser", "", `28P01 password authentication failed for user "awsuser"`},
		{"nobody", "it's a \"secret\" é", `28P01 password authentication failed for user "nobody"`},
	} {
		client, server := net.Pipe()
		go s.Serve(context.Background(), server)
		cfg, err := pgconn.ParseConfig("host=127.0.0.1 dbname=dev sslmode=disable user=" + tc.user)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Password = tc.password
		cfg.DialFunc = func(context.Context, string, string) (net.Conn, error) { return client, nil }
		_, err = pgconn.ConnectConfig(context.Background(), cfg)
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code+" "+e.Message != tc.want {
			t.Errorf("%s: got %v; want %s", tc.user, err, tc.want)
		}
	}
}
