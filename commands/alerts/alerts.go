// Package alerts tells the people of an account by email that messages did not reach their clients: during an outage
// within seconds, else once a day. The log keeps what an alert is about and when. Its page is written when it is sent,
// because it names many clients and must not outlive the erasure of any of them.
package alerts

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/alerting"
)

// Outages returns the confirmed outages in which texts were lost, and whom they concern.
type Outages interface {
	// Lost returns them, those that were found first.
	Lost(ctx context.Context) ([]alerting.Outage, error)
	// Untold returns the accounts that may have rows of an outage that nobody was told, if they were told of others
	// before a time.
	Untold(ctx context.Context, outage domain.OutageID, before time.Time) ([]domain.AccountID, error)
	// NotTheEnd returns the accounts that were told of an outage and not of its end.
	NotTheEnd(ctx context.Context, outage domain.OutageID) ([]domain.AccountID, error)
}

// Sheets returns what there is to tell an account.
type Sheets interface {
	// Calls returns the call sheet, the soonest appointment first.
	Calls(ctx context.Context, account domain.AccountID, now time.Time) ([]alerting.Call, error)
	// Bounced returns the clients whose address was found between two times to take no email.
	Bounced(ctx context.Context, account domain.AccountID, after, until time.Time) ([]alerting.Bounced, error)
	// Told returns the newest alerts to each person.
	Told(ctx context.Context, account domain.AccountID) ([]Told, error)
}

// Told is the newest alert about something to one person.
type Told struct {
	About    message.Trouble
	Outage   domain.OutageID
	Resource domain.ResourceID // zero for the owner
	Last     bool              // everybody whom the round tells was told
	alerting.Told
}

// Staff returns the staff of an account who have an email address.
type Staff interface {
	Staff(ctx context.Context, account domain.AccountID) ([]messaging.AgendaPerson, error)
}

// Links makes the links by which somebody marks a client as contacted.
type Links interface {
	Contacted(ctx context.Context, id domain.MessageID) (url string, err error)
}

// Alerts queues alerts and writes their pages.
type Alerts struct {
	Engine  *commands.Engine
	Outages Outages
	Sheets  Sheets
	Staff   Staff
	Links   Links
	Credits Credits

	Operators Operators
}

// person is who gets an alert. The owner has no resource.
type person struct {
	resource domain.ResourceID
	to       domain.Private
}

// people returns the staff with an email address and then the owner, if they have one.
func (a *Alerts) people(ctx context.Context, id domain.AccountID, owner account.State) (people []person, err error) {
	staff, err := a.Staff.Staff(ctx, id)
	for _, one := range staff {
		if one.Email != owner.Email.Reveal() {
			people = append(people, person{one.Resource, domain.Secret(one.Email)})
		}
	}
	if owner.Email.Reveal() != "" {
		people = append(people, person{to: owner.Email})
	}
	return people, err
}

// notice is an alert to one person.
type notice struct {
	message.Alert
	account     domain.AccountID
	to          domain.Private
	title       string
	usefulUntil time.Time
}

// key returns what makes the alert one of its kind. The same trouble, person and round give the same id on every node
// and after a restart, so nobody is told twice.
func (n notice) key() domain.MessageID {
	return domain.DeriveID[domain.MessageID]("alert", string(n.About), n.account, n.Outage, n.Resource, n.Round)
}

// queue queues an alert, once.
func (a *Alerts) queue(ctx context.Context, n notice) error {
	key := n.key()
	origin := commands.ForAccount(n.account, domain.Actor{ID: "alerts", Channel: "policy"}).
		WithID(key.UUID).WithCause(uuid.Nil, key.UUID)
	return a.queueAs(ctx, origin, key, n)
}

func (a *Alerts) queueAs(ctx context.Context, origin commands.Origin, key domain.MessageID, n notice) error {
	_, err := a.Engine.Do(ctx, origin, message.QueueNotice{
		Message: key, Kind: "alert", Alert: n.Alert,
		Letter: message.Letter{
			Account: n.account, Channel: message.Email, To: n.to, Title: domain.Secret(n.title),
			Text: domain.Secret(n.title), ScheduledFor: a.Engine.Now(), UsefulUntil: n.usefulUntil,
		},
	})
	return err
}

// owner returns an account that is open, and how letters to it are written. ok is false for another.
func (a *Alerts) owner(ctx context.Context, id domain.AccountID) (
	owner account.State, to alerting.Reader, ok bool, err error,
) {
	owner, _, err = commands.Load(ctx, a.Engine, account.Decider, account.Stream(id))
	if err != nil || !owner.Open {
		return owner, to, false, err
	}
	zone, err := domain.ParseZone(owner.Zone)
	return owner, alerting.Reader{Locale: owner.Locale, Zone: zone}, err == nil, err
}
