package httpapi

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/httpapi/telling"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

var errNoLines = domain.Refuse(domain.Unknown, "credit_lines_unknown",
	"the ledger of this account has no such entry and nothing about such a message")

func (h *handlers) ExplainCredits(
	ctx context.Context, r api.ExplainCreditsRequestObject,
) (api.ExplainCreditsResponseObject, error) {
	account := domain.AccountID{UUID: r.Account}
	if (r.Params.Message == uuid.Nil) == (r.Params.Entry == 0) {
		return nil, problem.Invalid("message", "name either a message or an entry")
	}
	lines, err := h.linesAbout(ctx, account, r.Params.Message, r.Params.Entry)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, errNoLines
	}
	shown := api.ExplainCredits200JSONResponse{Lines: []api.ExplainedLine{}, Sentences: []string{}}
	for _, entry := range entriesOf(lines) {
		for _, line := range entry {
			shown.Lines = append(shown.Lines, api.ExplainedLine{Line: creditLine(line), Why: telling.Lines(entry)})
		}
	}
	if lines[0].Message == "" {
		shown.Sentences = append(shown.Sentences, shown.Lines[0].Why)
		return shown, nil
	}
	return shown, h.explainCharge(ctx, account, lines[0].Message, (*api.CreditExplanation)(&shown))
}

// linesAbout returns the lines about a message or about that of an entry, else those of the entry. The newest is first.
func (h *handlers) linesAbout(
	ctx context.Context, account domain.AccountID, of uuid.UUID, entry int,
) ([]projections.Line, error) {
	filter := projections.LineFilter{Message: of.String(), Limit: maxMessageLines}
	if of == uuid.Nil {
		found, err := h.Reader.Ledger.Find(ctx, account, projections.LineFilter{
			After: projections.LineCursor{Entry: entry + 1}, Limit: maxMessageLines,
		})
		if err != nil {
			return nil, err
		}
		n := 0
		for n < len(found) && found[n].Entry == entry {
			n++
		}
		if n == 0 || found[0].Message == "" {
			return found[:n], nil
		}
		filter.Message = found[0].Message
	}
	return h.Reader.Ledger.Find(ctx, account, filter)
}

// explainCharge adds what the books say about a message, by the rules of docs/credits.md.
func (h *handlers) explainCharge(
	ctx context.Context, account domain.AccountID, of string, shown *api.CreditExplanation,
) error {
	books, _, err := commands.Load(ctx, h.Engine, credit.Decider, credit.StreamOf(account))
	if err != nil {
		return err
	}
	charge, known := books.Charge(of)
	if !known {
		return nil
	}
	shown.Message, _ = uuid.Parse(of)
	shown.Price = shown.Lines[0].Line.Price
	covering, err := h.covering(ctx, account, charge)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, id := range covering {
		seen[id] = true
		shown.Windows = append(shown.Windows, api.ExplainedWindow{Window: id, Covers: true})
	}
	for _, id := range charge.WaivedBy {
		if !seen[id] {
			shown.Windows = append(shown.Windows, api.ExplainedWindow{Window: id})
		}
	}
	shown.Stage = api.CreditExplanationStage(charge.Stage.String())
	shown.PriceMicro, shown.ChargedMicro, shown.RefundedMicro = charge.Price, charge.Charged, charge.Refunded
	shown.EntitledMicro = charge.Target(len(covering) > 0)
	shown.DueMicro = shown.EntitledMicro - shown.RefundedMicro
	shown.Sentences = chargeSentences(charge, shown.Price, covering, shown.EntitledMicro)
	return nil
}

// covering returns the windows in force that cover the time at which a charged text was sent.
func (h *handlers) covering(ctx context.Context, account domain.AccountID, c credit.Charge) (ids []string, err error) {
	if c.SentAt.IsZero() {
		return nil, nil
	}
	declared, err := h.Reader.Windows.All(ctx)
	if err != nil {
		return nil, err
	}
	send := window.Send{At: c.SentAt, Country: c.Country, Provider: c.Provider, Account: account.String(), Home: c.Home}
	for _, one := range declared {
		state := window.State{Window: one.ID, Terms: one.Terms, Revoked: one.Revoked}
		if !one.Proposed && state.Covers(send) {
			ids = append(ids, one.ID)
		}
	}
	return ids, nil
}

// chargeSentences says what a message cost, what is due back by which rule, and what is left.
func chargeSentences(c credit.Charge, price api.MessagePrice, covering []string, entitled int64) []string {
	cost := "It costs " + telling.Credits(c.Price)
	if price.Segments > 0 {
		cost = fmt.Sprintf("It costs %s: %s to %s at %s each, by price list %d", telling.Credits(c.Price),
			telling.Segments(price.Segments), price.Country, telling.Credits(price.UnitPriceMicro), price.PriceList)
	}
	told := []string{cost + "."}
	switch c.Stage {
	case credit.Held:
		told = append(told, "The price is set aside. It is charged when a provider accepts the text.")
	case credit.QueuedNoHold:
		told = append(told, "Nothing is set aside, because a refund window covers the planned time.")
	case credit.Waived:
		told = append(told, "It was free, because of the refund window "+strings.Join(c.WaivedBy, ", ")+".")
	case credit.Failed:
		told = append(told, "Nothing was charged, because no provider accepted it.")
	case credit.Blocked:
		told = append(told, "It was not sent, because there were too few credits.")
	case credit.Absorbed:
		told = append(told, "Nothing was charged, because it was sent after it had failed or was blocked.")
	case credit.Captured:
		told = append(told, fmt.Sprintf("%s accepted it on %s, so the price was charged.", c.Provider,
			c.SentAt.Format("2 Jan 2006 15:04 UTC")))
		told = append(told, refundSentences(c, covering, entitled)...)
	}
	return told
}

func refundSentences(c credit.Charge, covering []string, entitled int64) (told []string) {
	switch {
	case len(covering) > 0:
		told = append(told, "All of it is to be refunded, because the refund window "+strings.Join(covering, ", ")+
			" covers that time.")
	case c.NonDelivery:
		told = append(told, "All of it is to be refunded, because every receipt says that the text did not arrive.")
	case c.Goodwill:
		told = append(told, "The refund stays, although the window that caused it no longer covers that time.")
	case c.Manual > 0:
		told = append(told, "A person decided to refund "+telling.Credits(entitled)+".")
	default:
		told = append(told, "No rule gives anything back.")
	}
	return append(told, fmt.Sprintf("Entitled %s − refunded %s = due %s. It cost %s in the end.",
		telling.Credits(entitled), telling.Credits(c.Refunded), telling.Credits(entitled-c.Refunded),
		telling.Credits(c.Charged-c.Refunded)))
}
