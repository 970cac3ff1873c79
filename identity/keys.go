package identity

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Keys are the secrets of a data directory.
type Keys struct {
	AccessKey string `json:"accessKey"`
	Secret    string `json:"secret"`
	Signing   []byte `json:"signing"` // signs session tokens; never leaves the directory
}

// KeysFile is the name of the file in the data directory that holds [Keys].
const KeysFile = "identity.json"

// LoadKeys reads the keys of the data directory dir, and makes them the
// first time, in a file that only its owner may read.
func LoadKeys(dir string) (Keys, error) {
	file := filepath.Join(dir, KeysFile)
	keys, err := readKeys(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	keys = Keys{AccessKey: "AKIA" + randomID(16), Secret: randomSecret(), Signing: make([]byte, 32)}
	rand.Read(keys.Signing)
	if err := writeKeys(file, keys); err != nil {
		return Keys{}, fmt.Errorf("write the access keys: %w", err)
	}
	return readKeys(file) // another process may have been first
}

// ReadKeys reads the keys of the data directory dir, without making any. The
// error is fs.ErrNotExist where there are none.
func ReadKeys(dir string) (Keys, error) { return readKeys(filepath.Join(dir, KeysFile)) }

func readKeys(file string) (Keys, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Keys{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Keys{}, fmt.Errorf("%s can be read by others: chmod 600 it", file)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return Keys{}, err
	}
	var keys Keys
	if err := json.Unmarshal(b, &keys); err != nil {
		return Keys{}, fmt.Errorf("read %s: %w", file, err)
	}
	if keys.AccessKey == "" || keys.Secret == "" || len(keys.Signing) < 32 {
		return Keys{}, fmt.Errorf("%s is not complete: remove it to have new access keys made", file)
	}
	return keys, nil
}

// writeKeys makes the file in one step and leaves one that is there alone.
func writeKeys(file string, keys Keys) error {
	b, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".identity-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(append(b, '\n'))
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// randomID returns n characters of those that AWS makes key ids of.
func randomID(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return string(b)
}

func randomSecret() string {
	b := make([]byte, 30)
	rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}
