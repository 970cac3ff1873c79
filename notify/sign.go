package notify

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // version 1 of SNS's signatures
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// SigningFile is the name of the file in the data directory that holds the
// key that messages are signed with, and its certificate.
const SigningFile = "sns-signing.pem"

// Keys signs messages with a key of a data directory, which is made when it
// is first needed. It may be shared by goroutines.
type Keys struct {
	dir  string
	once sync.Once
	key  *rsa.PrivateKey
	pem  []byte
	path string
	err  error
}

var _ Signer = (*Keys)(nil)

// NewKeys returns the signer of a data directory.
func NewKeys(dir string) *Keys { return &Keys{dir: dir} }

// Sign signs text.
func (k *Keys) Sign(version, text string) (signature, path string, err error) {
	if k.once.Do(k.load); k.err != nil {
		return "", "", k.err
	}
	hash, sum := crypto.SHA1, sha1.Sum([]byte(text))
	digest := sum[:]
	if version == "2" {
		sum := sha256.Sum256([]byte(text))
		hash, digest = crypto.SHA256, sum[:]
	}
	b, err := rsa.SignPKCS1v15(nil, k.key, hash, digest)
	return base64.StdEncoding.EncodeToString(b), k.path, err
}

// Certificate returns the certificate and the path that messages name.
func (k *Keys) Certificate() (path string, pem []byte, err error) {
	k.once.Do(k.load)
	return k.path, k.pem, k.err
}

func (k *Keys) load() {
	file := filepath.Join(k.dir, SigningFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = newSigningFile(); err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
	}
	if err == nil {
		err = k.read(text)
	}
	if err != nil {
		k.err = fmt.Errorf("key that signs messages: %w", err)
	}
}

func (k *Keys) read(text []byte) error {
	private, rest := pem.Decode(text)
	if private == nil {
		return errors.New(SigningFile + " is not complete: remove it to have a new key made")
	}
	certificate, _ := pem.Decode(rest)
	if certificate == nil {
		return errors.New(SigningFile + " is not complete: remove it to have a new key made")
	}
	key, err := x509.ParsePKCS8PrivateKey(private.Bytes)
	if err != nil {
		return err
	}
	var ok bool
	if k.key, ok = key.(*rsa.PrivateKey); !ok {
		return errors.New(SigningFile + " holds no RSA key")
	}
	sum := sha256.Sum256(certificate.Bytes)
	k.path = certificatePath + hex.EncodeToString(sum[:16]) + ".pem"
	k.pem = pem.EncodeToMemory(certificate)
	return nil
}

func newSigningFile() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "sns.salamander.local"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(20, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})...), nil
}
