// Package passkeys registers passkeys of members and signs members in with them, as WebAuthn describes. A passkey is
// the only factor, so the device must verify its user. Of each ceremony the server keeps the challenge, which can be
// used once. The counter of a passkey is not kept: passkeys that are copied between devices have none.
package passkeys

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/internal/loopback"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

// Refusals of ceremonies.
var (
	ErrUnavailable = domain.Refuse(domain.Disallowed, "passkeys_unavailable",
		"passkeys need an address with a name and https; sign in by email, or let your operator set --url")
	ErrCeremony = domain.Refuse(domain.Disallowed, "passkey_ceremony_ended",
		"the device took longer than five minutes, or this was sent twice; begin again")
	ErrRefused = domain.Refuse(domain.Disallowed, "passkey_refused",
		"this passkey is unknown or was removed; sign in by email, then add a new one")
)

// Passkeys carries out ceremonies.
type Passkeys struct {
	people *people.People
	party  *webauthn.WebAuthn // nil if the address cannot have passkeys
}

// New returns the ceremonies for the address that browsers use. A browser takes no passkey for an address of digits,
// so on this machine it is localhost.
func New(with *people.People) (*Passkeys, error) {
	id, origin := partyOf(with.Base)
	if id == "" {
		return &Passkeys{people: with}, nil
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: id, RPDisplayName: "ClickBook", RPOrigins: []string{origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
	return &Passkeys{people: with, party: party}, err
}

// partyOf returns the name and the origin for which passkeys are made, "" if there can be none.
func partyOf(base string) (id, origin string) {
	at, err := url.Parse(base)
	if err != nil {
		return "", ""
	}
	host := at.Hostname()
	switch {
	case loopback.Is(host):
		origin = at.Scheme + "://localhost"
		if at.Port() != "" {
			origin += ":" + at.Port()
		}
		return "localhost", origin
	case net.ParseIP(host) != nil || at.Scheme != "https":
		return "", ""
	}
	return host, at.Scheme + "://" + at.Host
}

// Available reports whether the address can have passkeys.
func (p *Passkeys) Available() bool { return p.party != nil }

// user is a member as WebAuthn sees them.
type user struct {
	at     people.Place
	member team.Member
}

func (u user) WebAuthnID() []byte { return append(u.at.Account.UUID[:], u.at.Member.UUID[:]...) }

func (u user) WebAuthnName() string { return u.member.Email.Reveal() }

func (u user) WebAuthnDisplayName() string { return u.member.Name.Reveal() }

func (u user) WebAuthnCredentials() []webauthn.Credential {
	credentials := make([]webauthn.Credential, len(u.member.Passkeys))
	for i, passkey := range u.member.Passkeys {
		one := &credentials[i]
		one.ID, _ = base64.RawURLEncoding.DecodeString(passkey.ID) // both were encoded below
		one.PublicKey, _ = base64.RawURLEncoding.DecodeString(passkey.PublicKey)
		for _, transport := range passkey.Transports {
			one.Transport = append(one.Transport, protocol.AuthenticatorTransport(transport))
		}
		one.Flags.UserPresent, one.Flags.UserVerified, one.Flags.BackupEligible = true, true, passkey.Synced
	}
	return credentials
}

func (p *Passkeys) user(ctx context.Context, at people.Place) (user, error) {
	member, ok, err := p.people.Member(ctx, at)
	if err == nil && !ok {
		err = ErrRefused
	}
	return user{at, member}, err
}

// Ceremony is what a browser needs to go on: a secret that comes back with its reply, and options in JSON.
type Ceremony struct {
	Secret  string
	Options json.RawMessage
}

// begin keeps the challenge.
func (p *Passkeys) begin(
	ctx context.Context, purpose people.Purpose, at people.Place, session *webauthn.SessionData, options any,
) (Ceremony, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, err
	}
	secret, err := p.people.Keep(ctx, purpose, at, data)
	if err != nil {
		return Ceremony{}, err
	}
	shown, err := json.Marshal(options)
	return Ceremony{Secret: secret, Options: shown}, err
}

func (p *Passkeys) resume(
	ctx context.Context, purpose people.Purpose, at people.Place, secret string,
) (session webauthn.SessionData, err error) {
	data, ok, err := p.people.Take(ctx, purpose, at, secret)
	if err == nil && !ok {
		err = ErrCeremony
	}
	if err == nil {
		err = json.Unmarshal(data, &session)
	}
	return session, err
}

// BeginAdd begins to register a passkey of a member. Passkeys that the member has are excluded.
func (p *Passkeys) BeginAdd(ctx context.Context, at people.Place) (Ceremony, error) {
	if !p.Available() {
		return Ceremony{}, ErrUnavailable
	}
	of, err := p.user(ctx, at)
	if err != nil {
		return Ceremony{}, err
	}
	creation, session, err := p.party.BeginRegistration(of,
		webauthn.WithExclusions(webauthn.Credentials(of.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return p.begin(ctx, people.AddKey, at, session, creation.Response)
}

// FinishAdd checks the reply of the browser and returns the passkey, which the caller adds to the team.
func (p *Passkeys) FinishAdd(
	ctx context.Context, at people.Place, secret string, reply []byte,
) (passkey team.Passkey, err error) {
	if !p.Available() {
		return passkey, ErrUnavailable
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(reply)
	if err != nil {
		return passkey, team.ErrPasskey
	}
	session, err := p.resume(ctx, people.AddKey, at, secret)
	if err != nil {
		return passkey, err
	}
	of, err := p.user(ctx, at)
	if err != nil {
		return passkey, err
	}
	credential, err := p.party.CreateCredential(of, session, parsed)
	if err != nil {
		return passkey, team.ErrPasskey
	}
	passkey = team.Passkey{
		ID:        base64.RawURLEncoding.EncodeToString(credential.ID),
		PublicKey: base64.RawURLEncoding.EncodeToString(credential.PublicKey),
		Synced:    credential.Flags.BackupEligible,
	}
	for _, transport := range credential.Transport {
		passkey.Transports = append(passkey.Transports, string(transport))
	}
	return passkey, nil
}

// BeginUse begins to sign in. The browser asks which passkey, so nobody has to be named.
func (p *Passkeys) BeginUse(ctx context.Context) (Ceremony, error) {
	if !p.Available() {
		return Ceremony{}, ErrUnavailable
	}
	assertion, session, err := p.party.BeginDiscoverableLogin(
		webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return p.begin(ctx, people.UseKey, people.Place{}, session, assertion.Response)
}

// FinishUse checks the reply of the browser and returns whose passkey it is.
func (p *Passkeys) FinishUse(ctx context.Context, secret string, reply []byte) (people.Place, error) {
	if !p.Available() {
		return people.Place{}, ErrUnavailable
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(reply)
	if err != nil {
		return people.Place{}, ErrRefused
	}
	session, err := p.resume(ctx, people.UseKey, people.Place{}, secret)
	if err != nil {
		return people.Place{}, err
	}
	var found user
	var fault error
	_, err = p.party.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		at, ok := placeOf(handle)
		if !ok {
			return nil, ErrRefused
		}
		found, fault = p.user(ctx, at)
		return found, fault
	}, session, parsed)
	if _, refused := domain.AsRefusal(fault); fault != nil && !refused {
		return people.Place{}, fault
	}
	if err != nil {
		return people.Place{}, ErrRefused
	}
	return found.at, nil
}

// placeOf parses what WebAuthnID returned.
func placeOf(handle []byte) (at people.Place, ok bool) {
	if len(handle) != 2*len(uuid.UUID{}) {
		return at, false
	}
	copy(at.Account.UUID[:], handle)
	copy(at.Member.UUID[:], handle[len(uuid.UUID{}):])
	return at, true
}
