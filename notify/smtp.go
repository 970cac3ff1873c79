package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP sends mail over a server. The zero value of every field but Host and
// From works.
type SMTP struct {
	Host     string
	Port     int    // 587 when 0; 465 with TLS "implicit"
	User     string // without, nobody logs in
	Password string
	From     string        // address
	TLS      string        // "starttls" (when empty, where the server offers it), "required", "implicit" or "none"
	Timeout  time.Duration // of a connection and a sending; 15 s when 0
}

var _ Mailer = (*SMTP)(nil)

// Validate reports every problem of the settings.
func (s *SMTP) Validate() error {
	var problems []error
	if s.Host == "" {
		problems = append(problems, errors.New("host: need the name of the mail server"))
	}
	if err := mail.NewMsg().From(s.From); err != nil {
		problems = append(problems, fmt.Errorf("from: need an address such as salamander@example.com, got %q", s.From))
	}
	switch s.TLS {
	case "", "starttls", "required", "implicit", "none":
	default:
		problems = append(problems, fmt.Errorf("tls: got %q; need starttls, required, implicit or none", s.TLS))
	}
	return errors.Join(problems...)
}

func (s *SMTP) client() (*mail.Client, error) {
	timeout, port := s.Timeout, s.Port
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	options := []mail.Option{mail.WithTimeout(timeout)}
	switch s.TLS {
	case "implicit":
		options = append(options, mail.WithSSL())
		if port == 0 {
			port = 465
		}
	case "required":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if port == 0 {
		port = 587
	}
	options = append(options, mail.WithPort(port))
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	return mail.NewClient(s.Host, options...)
}

// Send sends one mail. Sent again, it has the same Message-ID, by which the
// receiver's program knows it.
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	msg := mail.NewMsg()
	if err := msg.From(s.From); err != nil {
		return fmt.Errorf("mail from %q: %w", s.From, err)
	}
	if err := msg.To(m.To); err != nil {
		return fmt.Errorf("%w: mail to %q: %w", errForGood, m.To, err)
	}
	sum := sha256.Sum256([]byte(m.ID))
	_, domain, _ := strings.Cut(s.From, "@")
	msg.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + "@" + strings.TrimSuffix(domain, ">"))
	msg.SetDate()
	msg.Subject(m.Subject)
	msg.SetBodyString(mail.TypeTextPlain, m.Body)
	client, err := s.client()
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}
