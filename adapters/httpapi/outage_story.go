package httpapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

// storyAfter is how long after its end something still belongs to an outage: a route is restored, or an override ended.
const storyAfter = 24 * time.Hour

// storyTeller collects what happened in an outage.
type storyTeller struct {
	of      projections.Outage
	moments []api.OutageMoment
}

// storyOf returns what happened in an outage and because of it, from the events themselves.
func (h *handlers) storyOf(ctx context.Context, of projections.Outage) ([]api.OutageMoment, error) {
	t := &storyTeller{of: of}
	t.tell("began", of.ChangePoint, "Texts of %s probably stop arriving. Nobody knows it yet.", of.Cell.Label())
	streams := []domain.Stream{outage.Stream(of.Cell.Provider)}
	routes, err := h.Reader.Providers.Routes(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range routes {
		if t.concerns(one.Country) {
			streams = append(streams, route.Stream(one.Country))
		}
	}
	if of.Window != "" {
		streams = append(streams, domain.StreamOf(window.Category, of.Window))
	}
	for _, stream := range streams {
		for recorded, err := range h.Engine.History(ctx, stream) {
			if err != nil {
				return nil, err
			}
			t.add(recorded)
		}
	}
	told, err := h.Reader.Alerts.ToldOf(ctx, of.ID)
	for _, one := range told {
		switch one.About {
		case message.AboutOutage:
			t.tell("told", one.First, "%s told by email whom to call, in %s.",
				were(one.People, "person", "people"), counted(one.Accounts, "account", "accounts"))
		case message.AboutOutageOver:
			t.tell("told_over", one.First, "%s told by email that it is over.", were(one.People, "person", "people"))
		default:
		}
	}
	slices.SortStableFunc(t.moments, func(a, b api.OutageMoment) int { return a.At.Compare(b.At) })
	return t.moments, err
}

// concerns reports whether the route of a country carries texts of the outage.
func (t *storyTeller) concerns(country string) bool {
	cell := t.of.Cell
	return country == route.Elsewhere || cell.Country == country ||
		cell.Country == "" && (cell.Region == "" || cell.Region == outagedetect.Region(country))
}

func (t *storyTeller) during(at time.Time) bool {
	return !at.Before(t.of.ChangePoint) && (t.of.ClearedAt.IsZero() || !at.After(t.of.ClearedAt.Add(storyAfter)))
}

func (t *storyTeller) tell(kind string, at time.Time, form string, values ...any) *api.OutageMoment {
	t.moments = append(t.moments, api.OutageMoment{
		Kind: api.OutageMomentKind(kind), At: at, Sentence: fmt.Sprintf(form, values...),
	})
	return &t.moments[len(t.moments)-1]
}

func (t *storyTeller) add(recorded domain.Recorded) {
	var told *api.OutageMoment
	reason := ""
	switch e := recorded.Event.(type) {
	case outage.OutageSuspected:
		if e.ID == t.of.ID {
			told = t.tell("suspected", e.At, "Suspected after %s. Nothing is changed yet.", evidence(e.Evidence))
		}
	case outage.OutageDetected:
		if e.ID == t.of.ID {
			told = t.tell("confirmed", e.At, "Confirmed by %s: %s. From now on texts avoid it where another provider can "+
				"carry them.", evidence(e.Evidence), causes[e.Cause])
		}
	case outage.OutageCleared:
		if e.ID == t.of.ID {
			told = t.tell("cleared", e.At, "Over: the latest texts arrive again.")
		}
	case outage.CellOverridden:
		if t.touches(e.Cell) && t.during(e.At) {
			told = t.tell("overridden", e.At, "%s is forced %s until %s.", e.Cell.Label(), e.Mode, utc(e.Until))
			reason = e.Reason
		}
	case outage.CellOverrideEnded:
		if t.touches(e.Cell) && t.during(e.At) {
			told = t.tell("override_ended", e.At, "The override of %s is ended.", e.Cell.Label())
		}
	case route.RouteSwitched:
		if at := recorded.Meta.OccurredAt; t.during(at) {
			told = t.tell("switched", at, "Texts to %s go to %s first.", placeName(e.Country), e.Provider)
			reason = e.Reason
		}
	case route.RouteRestored:
		if at := recorded.Meta.OccurredAt; t.during(at) {
			told = t.tell("restored", at, "The route of %s is as it was set.", placeName(e.Country))
			reason = e.Reason
		}
	case window.RefundWindowProposed:
		told = t.tell("proposed", recorded.Meta.OccurredAt, "A refund window is proposed. It needs approval.")
	case window.RefundWindowDeclared:
		told = t.tell("declared", recorded.Meta.OccurredAt, "The refund window is approved: %s.", totals(e.Preview))
		reason = e.Reason
	case window.RefundWindowAmended:
		told = t.tell("amended", recorded.Meta.OccurredAt, "The refund window is amended: %s.", totals(e.Preview))
		reason = e.Reason
	case window.RefundWindowRevoked:
		told = t.tell("revoked", recorded.Meta.OccurredAt, "The refund window is revoked: %s.", totals(e.Preview))
		reason = e.Reason
	}
	if told != nil {
		told.Reason, told.By, told.Event = reason, recorded.Meta.Actor.ID, recorded.ID
	}
}

// touches reports whether a cell and that of the outage have a part in common.
func (t *storyTeller) touches(cell outage.Cell) bool {
	return cell.Covers(t.of.Cell) || t.of.Cell.Covers(cell)
}

var causes = map[outage.Cause]string{
	outage.Blocked:       "the texts are rejected",
	outage.Silent:        "the texts are accepted and nothing is heard of them",
	outage.ReceiptsOnly:  "the texts arrive, and only their receipts are lost",
	outage.Configuration: "the provider refuses our account",
}

func evidence(e outage.Evidence) string {
	text := counted(e.Messages, "text", "texts")
	if e.Accounts > 0 {
		text += " of " + counted(e.Accounts, "account", "accounts")
	}
	text += fmt.Sprintf(", %d of them refused and %d silent", e.Failed, e.Silent)
	if e.Polled > 0 {
		text += fmt.Sprintf("; the provider was asked for %d, and %d had arrived", e.Polled, e.Arrived)
	}
	return text
}

func totals(t window.Totals) string {
	text := fmt.Sprintf("%s credits for %s of %s", creditText(t.Refunded), counted(t.Messages, "text", "texts"),
		counted(t.Accounts, "account", "accounts"))
	if t.Reversed > 0 {
		text += fmt.Sprintf(", and %s credits are taken back", creditText(t.Reversed))
	}
	return text
}

// creditText writes micro-credits as credits with the digits that matter.
func creditText(micro int64) string {
	text := fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text
}

func counted(count int, one, many string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, many)
}

func were(count int, one, many string) string {
	if count == 1 {
		return "1 " + one + " was"
	}
	return fmt.Sprintf("%d %s were", count, many)
}

func placeName(country string) string {
	if country == route.Elsewhere {
		return "all other countries"
	}
	return country
}

func utc(at time.Time) string { return at.UTC().Format("2 Jan 2006 15:04 UTC") }
