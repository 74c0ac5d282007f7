package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keyBytes = 32

// installationKey is the given key, or that of the file, which is made when it may be.
func installationKey(given []byte, path string, mayMake bool) ([]byte, error) {
	if given != nil {
		if len(given) != keyBytes {
			return nil, fmt.Errorf("the installation key must have %d bytes, not %d", keyBytes, len(given))
		}
		return bytes.Clone(given), nil
	}
	secret, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && mayMake:
		return makeKeyFile(path)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the installation key %s is missing: put it back from where you keep it, "+
			"or personal data cannot be read", path)
	case err != nil:
		return nil, fmt.Errorf("cannot read the installation key: check who may read it: %w", err)
	case len(secret) != keyBytes:
		return nil, fmt.Errorf("the installation key %s must have %d bytes, not %d: put back the right file",
			path, keyBytes, len(secret))
	}
	return secret, nil
}

// makeKeyFile leaves a whole key on the disk or none: nothing may be sealed under a key that a power cut takes.
func makeKeyFile(path string) ([]byte, error) {
	secret := make([]byte, keyBytes)
	rand.Read(secret) // never fails: without randomness it ends the program
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot make the installation key: %w", err)
	}
	_, err = file.Write(secret)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot make the installation key: %w", err)
	}
	return secret, nil
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// derive makes a key for one purpose (HKDF, RFC 5869, SHA-256).
func derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, keyBytes)
	if err != nil {
		panic(fmt.Sprintf("keyring: 32 bytes can always be derived: %v", err))
	}
	return key
}

// aead is AES-256-GCM with a random nonce before each sealed text (NIST SP 800-38D: up to 2^32 texts a key).
func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
