package vonage

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clickbook/clickbook/adapters/sms"
)

// window is how far the time of a signature may be from ours.
const window = 5 * time.Minute

// signed reports whether the parameters of a call carry a signature of the SMS API that was made just now.
func (p *Provider) signed(values map[string]string, at time.Time) bool {
	seconds, err := strconv.ParseInt(values["timestamp"], 10, 64)
	if err != nil || values["nonce"] == "" || at.Sub(time.Unix(seconds, 0)).Abs() > window {
		return false
	}
	given := values["sig"]
	for _, secret := range p.config.Secrets["signature_secret"] {
		made := sign(p.config.Settings["signature_method"], secret, values)
		if sms.SameSecret(given, made) || sms.SameSecret(given, strings.ToUpper(made)) {
			return true
		}
	}
	return false
}

// sign returns the signature of parameters in small hexadecimal digits: of all but sig, in the order of their keys,
// with & and = in values made _.
func sign(method, secret string, values map[string]string) string {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if key != "sig" {
			text.WriteString("&" + key + "=" + strings.NewReplacer("&", "_", "=", "_").Replace(values[key]))
		}
	}
	if method == "md5hash" {
		sum := md5.Sum([]byte(text.String() + secret))
		return hex.EncodeToString(sum[:])
	}
	hashes := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}
	made := hashes[method]
	if made == nil {
		made = sha256.New
	}
	mac := hmac.New(made, []byte(secret))
	_, _ = mac.Write([]byte(text.String()))
	return hex.EncodeToString(mac.Sum(nil))
}

// claims are those of a signed webhook.
type claims struct {
	jwt.RegisteredClaims
	PayloadHash string `json:"payload_hash"`
	APIKey      string `json:"api_key"`
}

// bearer returns the id of the token that signs a call: a JWT with HS256 and nothing else, over the hash of the body,
// made just now.
func bearer(call sms.Call, apiKey string, secrets []string) (string, error) {
	headers := call.Header.Values("Authorization")
	if len(headers) != 1 {
		return "", sms.ErrForged
	}
	token, ok := strings.CutPrefix(headers[0], "Bearer ")
	if !ok {
		return "", sms.ErrForged
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("Vonage"), jwt.WithLeeway(window),
		jwt.WithTimeFunc(func() time.Time { return call.At }), jwt.WithIssuedAt(), jwt.WithStrictDecoding(),
	)
	for _, secret := range secrets {
		var said claims
		_, err := parser.ParseWithClaims(token, &said, func(*jwt.Token) (any, error) { return []byte(secret), nil })
		if err != nil || secret == "" {
			continue
		}
		return said.id(call, apiKey)
	}
	return "", sms.ErrForged
}

// id returns the id of verified claims, if they are for the call.
func (c claims) id(call sms.Call, apiKey string) (string, error) {
	sum := sha256.Sum256(call.Body)
	switch {
	case c.ID == "", c.IssuedAt == nil, call.At.Sub(c.IssuedAt.Time).Abs() > window,
		apiKey != "" && c.APIKey != apiKey,
		!sms.SameSecret(c.PayloadHash, hex.EncodeToString(sum[:])):
		return "", sms.ErrForged
	}
	return c.ID, nil
}

// errUnsigned says that a call has neither kind of signature.
var errUnsigned = errors.Join(sms.ErrForged, errors.New("turn on signed webhooks in the account"))

// once returns what identifies a call to the SMS API: the id of its token, or its signature.
func (p *Provider) once(call sms.Call, values map[string]string) (string, error) {
	switch {
	case call.Method == http.MethodPost && call.Header.Get("Authorization") != "":
		id, err := bearer(call, p.config.Settings["api_key"], p.config.Secrets["signature_secret"])
		return "vonage " + sms.Clip(id), err
	case values["sig"] == "":
		return "", errUnsigned
	case !p.signed(values, call.At):
		return "", sms.ErrForged
	}
	return "vonage " + strings.ToLower(values["sig"]), nil
}
