package keyring

import (
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

// installationKey returns the key in the file. It creates a missing file if it may.
func installationKey(path string, mayCreate bool) ([]byte, error) {
	secret, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && mayCreate:
		return createKeyFile(path)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the installation key %s is missing: put it back from your backup, "+
			"or personal data cannot be read", path)
	case err != nil:
		return nil, fmt.Errorf("cannot read the installation key: %w; check its permissions", err)
	case len(secret) != keyBytes:
		return nil, fmt.Errorf("the installation key %s must have %d bytes, not %d: restore the right file",
			path, keyBytes, len(secret))
	}
	return secret, nil
}

// createKeyFile writes a new key durably and atomically: nothing may be sealed with a key that a power cut can
// destroy.
func createKeyFile(path string) ([]byte, error) {
	secret := make([]byte, keyBytes)
	rand.Read(secret) // never returns an error: without randomness the program ends
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot create the installation key: %w", err)
	}
	_, err = file.Write(secret)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot create the installation key: %w", err)
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

// derive derives a key for one purpose (HKDF, RFC 5869, SHA-256).
func derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, keyBytes)
	if err != nil {
		panic(fmt.Sprintf("keyring: derive 32 bytes: %v", err))
	}
	return key
}

// aead returns AES-256-GCM with a random nonce in front of each sealed text (NIST SP 800-38D: up to 2^32 texts a
// key).
func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
