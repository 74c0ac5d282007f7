// Package passkeystest has a device with passkeys in software, which does what a browser and a phone do together.
package passkeystest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Device holds one passkey of each user, and says what it is told to about them.
type Device struct {
	Origin     string // of the page, such as "http://localhost:8080"
	Unverified bool   // the device did not verify its user

	id     []byte
	key    *ecdsa.PrivateKey
	handle []byte
}

// options are the members that a device reads of the options of both ceremonies.
type options struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
}

const (
	present, verified, eligible, backedUp, attested = 1, 4, 8, 16, 64

	ecKey, es256, p256 = 2, -7, 1 // of COSE
)

func (d *Device) data(t testing.TB, rp string, flags byte) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(rp))
	flags |= present | eligible | backedUp
	if !d.Unverified {
		flags |= verified
	}
	return append(append(sum[:], flags), 0, 0, 0, 0)
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func (d *Device) client(t testing.TB, kind, challenge string) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Create makes a passkey and returns the reply of the browser.
func (d *Device) Create(t testing.TB, given []byte) map[string]any {
	t.Helper()
	var asked options
	if err := json.Unmarshal(given, &asked); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d.key, d.id = key, []byte(rand.Text())
	if d.handle, err = base64.RawURLEncoding.DecodeString(asked.User.ID); err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, x and y
	if err != nil {
		t.Fatal(err)
	}
	public, err := cbor.Marshal(map[int]any{1: ecKey, 3: es256, -1: p256, -2: point[1:33], -3: point[33:]})
	if err != nil {
		t.Fatal(err)
	}
	data := append(d.data(t, asked.RP.ID, attested), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), public...)
	attestation, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"id": encode(d.id), "rawId": encode(d.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    encode(d.client(t, "webauthn.create", asked.Challenge)),
			"attestationObject": encode(attestation), "transports": []string{"internal"},
		},
	}
}

// Get signs the challenge and returns the reply of the browser.
func (d *Device) Get(t testing.TB, given []byte) map[string]any {
	t.Helper()
	var asked options
	if err := json.Unmarshal(given, &asked); err != nil {
		t.Fatal(err)
	}
	data, client := d.data(t, asked.RPID, 0), d.client(t, "webauthn.get", asked.Challenge)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"id": encode(d.id), "rawId": encode(d.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature),
			"userHandle": encode(d.handle),
		},
	}
}
