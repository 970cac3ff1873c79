package pgwire

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// startup reads the startup message and checks the password. It returns nil
// for a connection that only cancels.
func (s *Server) startup(cn *conn) (*Startup, error) {
	msg, err := s.receiveStartup(cn)
	if err != nil {
		return nil, err
	}
	var params map[string]string
	switch msg := msg.(type) {
	case *pgproto3.CancelRequest:
		s.cancelRequest(msg.ProcessID, msg.SecretKey)
		return nil, nil
	case *pgproto3.StartupMessage:
		params = msg.Parameters
		if major := msg.ProtocolVersion >> 16; major != 3 {
			return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", major, msg.ProtocolVersion&0xffff)
		}
		cn.negotiate(msg)
	}
	start := &Startup{User: params["user"], Database: params["database"], Params: params}
	if start.User == "" {
		return nil, sqlstate.Errorf(sqlstate.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if r := strings.ToLower(params["replication"]); r != "" && r != "false" && r != "off" && r != "no" && r != "0" {
		return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "replication is not supported by the embedded warehouse")
	}
	if start.Database == "" {
		start.Database = start.User
	}
	return start, s.authenticate(cn, start.User)
}

// negotiate tells a client which of its wishes are not known here: a minor
// version of the protocol, and the options that belong to one.
//
// https://www.postgresql.org/docs/15/protocol-flow.html#id-1.10.6.7.3
func (cn *conn) negotiate(msg *pgproto3.StartupMessage) {
	var unknown []string
	for name := range msg.Parameters {
		if strings.HasPrefix(name, "_pq_.") {
			unknown = append(unknown, name)
		}
	}
	if msg.ProtocolVersion&0xffff > 0 || len(unknown) > 0 {
		cn.w.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: 0, UnrecognizedOptions: unknown})
	}
}

// receiveStartup reads the first message, after encrypting the connection
// where the client asks for it and the server can. What a client sent before
// the answer to its request is dropped, so that nobody can put words into an
// encrypted session from outside.
func (s *Server) receiveStartup(cn *conn) (pgproto3.FrontendMessage, error) {
	for range 3 {
		msg, err := cn.back.ReceiveStartupMessage()
		if err != nil {
			return nil, err
		}
		switch msg.(type) {
		case *pgproto3.SSLRequest:
			if s.TLS != nil && !cn.encrypted {
				if _, err := cn.net.Write([]byte{'S'}); err != nil {
					return nil, err
				}
				if err := cn.encrypt(s.TLS); err != nil {
					return nil, err
				}
				continue
			}
		case *pgproto3.GSSEncRequest:
		default:
			return msg, nil
		}
		if _, err := cn.net.Write([]byte{'N'}); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("encryption requested again and again")
}

// encrypt goes on with TLS.
func (cn *conn) encrypt(cfg *tls.Config) error {
	t := tls.Server(cn.net, cfg)
	if err := t.Handshake(); err != nil {
		return errHandshake{err}
	}
	cn.use(t)
	cn.encrypted = true
	return nil
}

// errHandshake is a failure that cannot be told to the client, which did not
// understand what was said last.
type errHandshake struct{ error }

// verifier returns what checks a user's password, and whether there is one.
func (s *Server) verifier(user string) (Verifier, bool) {
	if s.Lookup != nil {
		return s.Lookup(user)
	}
	v, ok := s.Users[user]
	return v, ok
}

// authenticate checks the client's password.
func (s *Server) authenticate(cn *conn, user string) error {
	verifier, known := s.verifier(user)
	if !known {
		var err error
		if verifier, err = NewVerifier(rand.Text()); err != nil {
			return err
		}
	}
	var err error
	if s.Password && (cn.encrypted || cn.local()) {
		err = cn.password(verifier)
	} else {
		err = cn.exchange(verifier)
	}
	if errors.Is(err, errPassword) || err == nil && !known {
		return sqlstate.Errorf(sqlstate.InvalidPassword, "password authentication failed for user %s", quote(user))
	}
	return err
}

// local reports whether the client is on this machine.
func (cn *conn) local() bool {
	switch a := cn.net.RemoteAddr().(type) {
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	}
	return false
}

// password asks for the password itself.
func (cn *conn) password(v Verifier) error {
	cn.w.send(&pgproto3.AuthenticationCleartextPassword{})
	msg, err := cn.answer(pgproto3.AuthTypeCleartextPassword)
	if err != nil {
		return err
	}
	p, ok := msg.(*pgproto3.PasswordMessage)
	if !ok {
		return fmt.Errorf("expected password response, got message type %T", msg)
	}
	if p.Password == "" {
		return sqlstate.Errorf(sqlstate.InvalidPassword, "empty password returned by client")
	}
	return v.Check(p.Password)
}

// exchange proves the password by SCRAM-SHA-256.
func (cn *conn) exchange(v Verifier) error {
	cn.w.send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256"}})
	msg, err := cn.answer(pgproto3.AuthTypeSASL)
	if err != nil {
		return err
	}
	initial, ok := msg.(*pgproto3.SASLInitialResponse)
	if !ok {
		return fmt.Errorf("expected SASL response, got message type %T", msg)
	}
	if initial.AuthMechanism != "SCRAM-SHA-256" {
		return errors.New("client selected an invalid SASL authentication mechanism")
	}
	exchange := scram{verifier: v}
	answer, err := exchange.first(initial.Data)
	if err != nil {
		return err
	}
	cn.w.send(&pgproto3.AuthenticationSASLContinue{Data: answer})
	if msg, err = cn.answer(pgproto3.AuthTypeSASLContinue); err != nil {
		return err
	}
	response, ok := msg.(*pgproto3.SASLResponse)
	if !ok {
		return fmt.Errorf("expected SASL response, got message type %T", msg)
	}
	if answer, err = exchange.final(response.Data); err != nil {
		return err
	}
	cn.w.send(&pgproto3.AuthenticationSASLFinal{Data: answer})
	return nil
}

// answer sends what was gathered and returns the client's answer.
func (cn *conn) answer(kind uint32) (pgproto3.FrontendMessage, error) {
	if err := cn.w.Flush(); err != nil {
		return nil, err
	}
	if err := cn.back.SetAuthType(kind); err != nil {
		return nil, err
	}
	return cn.back.Receive()
}
