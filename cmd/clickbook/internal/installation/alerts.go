package installation

import (
	"context"
	"errors"
	"time"

	"github.com/clickbook/clickbook/commands/alerts"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/alerting"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

const (
	alertInterval  = 5 * time.Second
	creditInterval = 10 * time.Minute
	// lostAlerts is how long an alert that did not arrive is shown as trouble.
	lostAlerts = 24 * time.Hour
)

// alertComponent is the component of alerts that did not arrive.
const alertComponent = "alerts"

// errAlertLost says why GET /health shows trouble with alerts.
var errAlertLost = errors.New("an alert did not reach its account")

// alerts returns the alerts of the installation over its read models.
func (in *Installation) alerts(mailer messaging.Mailer) *alerts.Alerts {
	rows := alertRows{projections.NewReader(in.Views)}
	return &alerts.Alerts{
		Engine: in.Engine, Outages: rows, Sheets: rows, Credits: rows, Links: in.Links,
		Staff:     StaffRows{directory.Resources{DB: in.Views}},
		Operators: alerts.Operators{Email: in.options.Operator, Mailer: mailer},
	}
}

// alert queues the alerts of outages, and shows in GET /health whether alerts arrive.
func (in *Installation) alert(ctx context.Context) error {
	if err := in.waitForReadModels(ctx); err != nil {
		return err
	}
	lost, err := projections.Alerts{DB: in.Views}.Lost(ctx, in.Engine.Now().Add(-lostAlerts))
	switch {
	case err != nil:
	case len(lost) > 0:
		in.troubles.set(alertComponent, errAlertLost)
	default:
		in.troubles.clear(alertComponent)
	}
	return errors.Join(err, in.Alerts.QueueOutages(ctx))
}

// warnOfCredits warns the accounts whose credits run out.
func (in *Installation) warnOfCredits(ctx context.Context) error {
	if err := in.waitForReadModels(ctx); err != nil {
		return err
	}
	var accounts []domain.AccountID
	err := in.eachAccount(ctx, func(account directory.Account) error {
		accounts = append(accounts, account.ID)
		return nil
	})
	if err != nil {
		return err
	}
	return in.Alerts.WarnOfCredits(ctx, accounts)
}

// alertRows are the ports of alerts over the read models.
type alertRows struct{ read projections.Reader }

func (q alertRows) Lost(ctx context.Context) ([]alerting.Outage, error) {
	rows, err := q.read.CallSheet.Outages(ctx)
	outages := make([]alerting.Outage, len(rows))
	for i, row := range rows {
		outages[i] = alerting.Outage(row)
	}
	return outages, err
}

func (q alertRows) Untold(
	ctx context.Context, outage domain.OutageID, before time.Time,
) ([]domain.AccountID, error) {
	return q.read.CallSheet.Untold(ctx, outage, before)
}

func (q alertRows) NotTheEnd(ctx context.Context, outage domain.OutageID) ([]domain.AccountID, error) {
	return q.read.CallSheet.NotTheEnd(ctx, outage)
}

func (q alertRows) Calls(ctx context.Context, account domain.AccountID, now time.Time) ([]alerting.Call, error) {
	rows, err := q.read.CallSheet.Of(ctx, account, now)
	calls := make([]alerting.Call, len(rows))
	for i, row := range rows {
		calls[i] = alerting.Call{
			Message: row.Message, Start: row.Start, Zone: row.Zone, Cancelled: row.Cancelled, Resources: row.Resources,
			Client: row.ClientName, Phone: row.ClientPhone, Service: row.ServiceName, Kind: row.Kind,
			State: string(row.State), Reason: row.Reason, Instead: row.Instead, Since: row.Since, Outage: row.Outage,
			Contacted: row.ContactedAt,
		}
	}
	return calls, err
}

func (q alertRows) Told(ctx context.Context, account domain.AccountID) ([]alerts.Told, error) {
	rows, err := q.read.Alerts.Told(ctx, account)
	told := make([]alerts.Told, len(rows))
	for i, row := range rows {
		told[i] = alerts.Told{
			About: row.About, Outage: row.Outage, Resource: row.Resource, Last: row.Last,
			Told: alerting.Told{Round: row.Round, At: row.At, Through: row.Through},
		}
	}
	return told, err
}

func (q alertRows) Bounced(
	ctx context.Context, account domain.AccountID, after, until time.Time,
) ([]alerting.Bounced, error) {
	rows, err := q.read.Alerts.Bounced(ctx, account, after, until)
	bounced := make([]alerting.Bounced, len(rows))
	for i, row := range rows {
		bounced[i] = alerting.Bounced{Client: row.Name, Address: row.Address}
	}
	return bounced, err
}

func (q alertRows) Costs(ctx context.Context, until time.Time) (map[domain.AccountID]int64, error) {
	rows, err := q.read.Due.TextsBefore(ctx, until)
	costs := make(map[domain.AccountID]int64, len(rows))
	for _, row := range rows {
		costs[row.Account] += int64(row.Texts) * message.PricesInForce().UnitPrice(row.Country)
	}
	return costs, err
}

func (q alertRows) Texts(
	ctx context.Context, account domain.AccountID, until time.Time,
) ([]alerting.Text, error) {
	rows, err := q.read.Due.TextsOf(ctx, account, until)
	texts := make([]alerting.Text, len(rows))
	for i, row := range rows {
		price := message.PricesInForce().UnitPrice(row.Country)
		texts[i] = alerting.Text{Due: row.DueAt, Start: row.Start, Client: row.Client, Price: price}
	}
	return texts, err
}
