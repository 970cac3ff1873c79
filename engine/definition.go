package engine

import (
	"crypto/sha256"
	"encoding/hex"
)

// DefinitionHash names the text of a definition. Definitions are kept with
// their executions, so that a machine updated later does not change the ones
// that run.
func DefinitionHash(definition string) string {
	sum := sha256.Sum256([]byte(definition))
	return hex.EncodeToString(sum[:])
}
