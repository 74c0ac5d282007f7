package mail

import (
	"crypto/hmac"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// ReturnPaths gives each email a return path of its own, so that a report about it says which one did not arrive
// (VERP): bounces+MESSAGE-MAC@example.org. The MAC keeps others from reporting emails that they never got. It is in
// lower case, because some mail servers fold the case of addresses.
type ReturnPaths struct {
	// MAC returns a keyed hash of a text that only this installation can compute.
	MAC func(text string) [16]byte
}

// RFC 5321 4.5.3.1.1 allows 64 octets before the @. A message takes 32 of them and its MAC 16.
const (
	macLength      = 16
	maxBounceLocal = 64 - len("+") - 32 - len("-") - macLength
)

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// For returns the return path of an email below an address, or the address itself if the reference is not the id of a
// message.
func (r ReturnPaths) For(address, reference string) string {
	id, err := uuid.Parse(reference)
	if err != nil || address == "" {
		return address
	}
	message := strings.ReplaceAll(id.String(), "-", "")
	return localPart(address) + "+" + message + "-" + r.mac(message) + "@" + domainOf(address)
}

// Message returns the reference of the email that had this return path. ok is false if this installation did not make
// it.
func (r ReturnPaths) Message(address string) (reference string, ok bool) {
	_, variant, found := strings.Cut(strings.ToLower(localPart(address)), "+")
	message, mac, both := strings.Cut(variant, "-")
	if !found || !both || !hmac.Equal([]byte(mac), []byte(r.mac(message))) {
		return "", false
	}
	id, err := uuid.Parse(message)
	return id.String(), err == nil
}

func (r ReturnPaths) mac(message string) string {
	sum := r.MAC("bounce\x00" + message)
	return lowerBase32.EncodeToString(sum[:])[:macLength]
}
