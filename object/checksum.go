package object

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"slices"
	"strconv"
	"strings"
)

// The checksum algorithms of S3, and the kinds of checksums of an object that
// came in parts.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
const (
	CRC32     = "CRC32"
	CRC32C    = "CRC32C"
	CRC64NVME = "CRC64NVME"
	SHA1      = "SHA1"
	SHA256    = "SHA256"

	FullObject = "FULL_OBJECT"
	Composite  = "COMPOSITE"
)

// Algorithms returns the names of the checksum algorithms.
func Algorithms() []string { return []string{CRC32, CRC32C, CRC64NVME, SHA1, SHA256} }

// A Checksum is one of S3's additional checksums. The zero value is none.
type Checksum struct {
	Algorithm string `json:"algorithm,omitempty"`
	Value     string `json:"value,omitempty"` // base64, with "-parts" behind a composite one
	Type      string `json:"type,omitempty"`
}

// nvme is the polynomial of CRC-64/NVME, reversed.
const nvme = 0x9a6c9329ac4bc9b5

// newHash returns the hash of an algorithm, or nil for one that is not S3's.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case CRC64NVME:
		return crc64.New(crc64.MakeTable(nvme))
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	}
	return nil
}

// ValidChecksum reports whether value is a checksum as algorithm makes it.
func ValidChecksum(algorithm, value string) bool {
	h := newHash(algorithm)
	b, err := base64.StdEncoding.DecodeString(value)
	return h != nil && err == nil && len(b) == h.Size()
}

// composite is the checksum over the checksums of the parts.
func composite(algorithm string, parts []Part) (Checksum, error) {
	h := newHash(algorithm)
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum.Value)
		if err != nil || p.Checksum.Algorithm != algorithm {
			return Checksum{}, fmt.Errorf("part %d has no %s: %w", p.Number, algorithm, ErrInvalidPart)
		}
		h.Write(raw)
	}
	value := base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
	return Checksum{Algorithm: algorithm, Value: value, Type: Composite}, nil
}

// A DigestError tells which digest of a content was wrong. It is [ErrDigest].
type DigestError struct {
	Algorithm string // "MD5", or one of [Algorithms]
	Want, Got string
}

// Error names the digest and both values.
func (e *DigestError) Error() string {
	return fmt.Sprintf("the %s is %s; want %s", e.Algorithm, e.Got, e.Want)
}

// Is makes it [ErrDigest].
func (e *DigestError) Is(target error) bool { return target == ErrDigest }

// ValidUploadType reports whether S3 makes checksums of algorithm and kind for
// multipart uploads.
func ValidUploadType(algorithm, kind string) bool {
	switch kind {
	case FullObject:
		return strings.HasPrefix(algorithm, "CRC")
	case Composite:
		return algorithm != CRC64NVME && slices.Contains(Algorithms(), algorithm)
	}
	return false
}
