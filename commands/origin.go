package commands

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// ErrNoOrigin reports a command without authority: a zero Origin, or one for the zero account. It is a bug in the
// caller, never a refusal.
var ErrNoOrigin = errors.New("the command has no origin: make one with ForAccount or ForInstallation")

// Origin says where a command comes from: whose streams it may touch, who sent it, and what caused it. Only
// ForAccount, ForInstallation and Because make one that the engine accepts; the zero Origin is refused.
type Origin struct {
	account      domain.AccountID
	installation bool
	id           uuid.UUID
	actor        domain.Actor
	causation    uuid.UUID
	correlation  uuid.UUID
	at           time.Time
}

// ForAccount returns the origin of commands to one account. A command to another account's stream is refused as
// unknown.
func ForAccount(account domain.AccountID, actor domain.Actor) Origin {
	return Origin{account: account, actor: actor}
}

// ForInstallation returns the origin of commands that may touch the streams of every account and those of the
// installation itself, such as providers and routes.
func ForInstallation(actor domain.Actor) Origin {
	return Origin{installation: true, actor: actor}
}

// Because returns the origin of the commands that a policy sends after a recorded event. Its id derives from the
// event and the policy, so a redelivered event has its effect once. It may touch what the event's origin could: the
// account of the event or, for an event that belongs to no account, the whole installation. Only ForInstallation can
// record such an event, because the engine refuses an origin that names neither.
func Because(recorded domain.Recorded, policy string) Origin {
	correlation := recorded.Meta.Correlation
	if correlation == uuid.Nil {
		correlation = recorded.ID
	}
	actor := domain.Actor{ID: policy, Channel: "policy"}
	origin := ForAccount(recorded.Meta.Account, actor)
	if recorded.Meta.Account.IsZero() {
		origin = ForInstallation(actor)
	}
	return origin.WithID(domain.DeriveUUID(recorded.ID, policy)).WithCause(recorded.ID, correlation)
}

// WithID returns the origin with an identity. A command sent again with the same id has its effect once: the ids of
// its events derive from it. Without one they are random.
func (o Origin) WithID(id uuid.UUID) Origin {
	o.id = id
	return o
}

// WithCause returns the origin with what caused the command, and what the command belongs to.
func (o Origin) WithCause(causation, correlation uuid.UUID) Origin {
	o.causation, o.correlation = causation, correlation
	return o
}

// At returns the origin of something that happened at another time than now, such as imported history. A zero time
// means now.
func (o Origin) At(happened time.Time) Origin {
	o.at = happened
	return o
}

// Within narrows an origin of the installation to one account. The origin of another account loses its authority, so
// Within never widens what a command may touch.
func (o Origin) Within(account domain.AccountID) Origin {
	if !o.installation && o.account != account {
		account = domain.AccountID{}
	}
	o.account, o.installation = account, false
	return o
}

// ID returns the identity of the command, uuid.Nil if it has none.
func (o Origin) ID() uuid.UUID { return o.id }

// mayAct reports whether the origin has any authority.
func (o Origin) mayAct() bool { return o.installation || !o.account.IsZero() }

// mayTouch reports whether the origin may touch a stream of an account, zero for a stream of the installation.
func (o Origin) mayTouch(owner domain.AccountID) bool { return o.installation || o.account == owner }
