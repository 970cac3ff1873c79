package warehouse

import (
	"crypto/tls"
	"errors"
	"fmt"
)

// A Wire is how clients connect to a warehouse. The zero value checks passwords
// by SCRAM-SHA-256 and does not encrypt.
type Wire struct {
	Cert, Key []byte // PEM; empty does not encrypt
	Password  bool   // clients send the password as it is: over TLS, or from this machine

	MaxConnections int // at a time; [MaxConnections] where 0
}

// MaxConnections is Redshift's own limit for the smaller nodes.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-limits.html
const MaxConnections = 500

// TLS returns the configuration of encryption, nil for none. It returns an error
// where one of certificate and key is missing, or they do not belong together.
func (w Wire) TLS() (*tls.Config, error) {
	switch {
	case len(w.Cert) == 0 && len(w.Key) == 0:
		return nil, nil
	case len(w.Cert) == 0 || len(w.Key) == 0:
		return nil, errors.New("warehouse: need both a certificate and its key")
	}
	pair, err := tls.X509KeyPair(w.Cert, w.Key)
	if err != nil {
		return nil, fmt.Errorf("warehouse: read the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
