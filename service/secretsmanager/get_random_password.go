package secretsmanager

import (
	"context"
	"crypto/rand"
	"math/big"
	"strings"
)

// GetRandomPasswordInput is the input of GetRandomPassword.
type GetRandomPasswordInput struct {
	PasswordLength          *int
	ExcludeCharacters       string
	ExcludeNumbers          bool
	ExcludePunctuation      bool
	ExcludeUppercase        bool
	ExcludeLowercase        bool
	IncludeSpace            bool
	RequireEachIncludedType *bool
}

// GetRandomPasswordOutput is the output of GetRandomPassword.
type GetRandomPasswordOutput struct{ RandomPassword string }

// GetRandomPassword makes a password of the kinds of characters asked for.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
func (s *Service) GetRandomPassword(_ context.Context, in *GetRandomPasswordInput) (*GetRandomPasswordOutput, error) {
	length := 32
	if in.PasswordLength != nil {
		length = *in.PasswordLength
	}
	if length < 1 || length > 4096 {
		return nil, invalidParameter("PasswordLength must be between 1 and 4096.")
	}
	var kinds []string
	add := func(excluded bool, letters string) {
		kept := strings.Map(func(r rune) rune {
			if strings.ContainsRune(in.ExcludeCharacters, r) {
				return -1
			}
			return r
		}, letters)
		if !excluded && kept != "" {
			kinds = append(kinds, kept)
		}
	}
	add(in.ExcludeLowercase, "abcdefghijklmnopqrstuvwxyz")
	add(in.ExcludeUppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	add(in.ExcludeNumbers, "0123456789")
	add(in.ExcludePunctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
	add(!in.IncludeSpace, " ")
	if len(kinds) == 0 {
		return nil, invalidParameter("No characters are left to make a password of.")
	}
	each := in.RequireEachIncludedType == nil || *in.RequireEachIncludedType
	if each && length < len(kinds) {
		return nil, invalidParameter("Password length must be at least %d to have each required type.", len(kinds))
	}
	password := make([]byte, length)
	every := strings.Join(kinds, "")
	for i := range password {
		from := every
		if each && i < len(kinds) {
			from = kinds[i]
		}
		password[i] = from[below(len(from))]
	}
	for i := len(password) - 1; i > 0; i-- {
		j := below(i + 1)
		password[i], password[j] = password[j], password[i]
	}
	return &GetRandomPasswordOutput{string(password)}, nil
}

// below returns a random number below n.
func below(n int) int {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // the random source does not fail
	}
	return int(v.Int64())
}
