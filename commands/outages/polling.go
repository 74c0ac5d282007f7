package outages

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/domain/provider"
)

// poll asks providers for the status of texts and shows the detector what they say. A final status is recorded as a
// receipt: the receipts of these texts may never come. What is not final is not in the log; after a restart the
// detector asks again.
func (w *Watch) poll(ctx context.Context, polls []outagedetect.Poll) {
	for _, poll := range polls {
		arrived, err := w.ask(ctx, poll.Message)
		if err != nil && w.Slog != nil {
			w.Slog.LogAttrs(ctx, slog.LevelInfo, "a provider did not tell the status of a text",
				slog.String("provider", poll.Provider), slog.String("reference", poll.Message), slog.Any("error", err))
		}
		if err == nil {
			told := w.answers[cellOf(poll.Cell)]
			told.Polled++
			if arrived {
				told.Arrived++
			}
			w.answers[cellOf(poll.Cell)] = told
		}
		if err == nil && !arrived { // one that arrived comes back from the log
			w.mu.Lock()
			w.detector.Observe(outagedetect.Fact{
				At: w.detector.Now(), Message: poll.Message, Kind: outagedetect.PolledOpen, Provider: poll.Provider,
			})
			w.mu.Unlock()
		}
	}
}

// ask asks the provider of an attempt for its status, records it if it is final, and reports whether the text arrived.
func (w *Watch) ask(ctx context.Context, reference string) (arrived bool, err error) {
	id, number, err := messaging.ParseReference(reference)
	if err != nil {
		return false, err
	}
	state, _, err := commands.Load(ctx, w.Engine, message.Decider, message.Stream(id))
	if err != nil || number > len(state.Attempts) {
		return false, err
	}
	attempt := state.Attempts[number-1]
	known, _, err := commands.Load(ctx, w.Engine, provider.Decider, provider.Stream(attempt.Provider))
	if err != nil || w.Providers == nil {
		return false, err
	}
	found := w.Providers.Find(attempt.Provider, known)
	if found == nil {
		return false, messaging.ErrCannotTell
	}
	standing, err := found.Status(ctx, messaging.Inquiry{
		Reference: reference, ProviderID: attempt.ProviderID, To: state.To.Reveal(), Attempted: attempt.At,
	})
	if refused := (*messaging.NotAccepted)(nil); errors.As(err, &refused) {
		return false, nil // it claims that it never had the text, so the text did not arrive
	}
	if err != nil || standing.Receipt.State == "" {
		return false, err
	}
	return w.keep(ctx, state, number, standing.Receipt)
}

// keep records a receipt that was asked for.
func (w *Watch) keep(
	ctx context.Context, of message.State, number int, receipt messaging.Receipt,
) (arrived bool, err error) {
	if receipt.At.IsZero() {
		receipt.At = w.Engine.Now()
	}
	origin := commands.ForAccount(of.Account, domain.Actor{ID: polling, Channel: "carrier"}).
		WithID(domain.DeriveUUID("poll", of.Message, number, receipt.State)).WithCause(uuid.Nil, of.Message.UUID)
	_, err = w.Engine.Do(ctx, origin, message.Report{
		Message: of.Message, Attempt: number, State: receipt.State, Code: receipt.Code, Fault: receipt.Fault,
		Network: receipt.Network, At: receipt.At,
	})
	if _, refused := domain.AsRefusal(err); refused {
		err = nil // the provider reported nonsense
	}
	return receipt.State == string(message.Delivered), err
}

// pollAgain asks for the status of some texts of each cell of which only the receipts are lost, and records them
// instead of receipts. If the texts do not arrive either, the cause of the outage is another.
func (w *Watch) pollAgain(ctx context.Context, now time.Time) error {
	if now.Sub(w.polled) < pollEvery {
		return nil
	}
	w.polled = now
	w.mu.Lock()
	providers := w.facts.providers()
	w.mu.Unlock()
	for _, name := range providers {
		known, err := commands.LoadCurrent(ctx, w.Engine, outage.Decider, outage.Stream(name))
		if err != nil {
			return err
		}
		for _, cell := range known.Cells() {
			if cell.Level != outage.Confirmed || cell.Cause != outage.ReceiptsOnly {
				continue
			}
			if err := w.pollCell(ctx, cell, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Watch) pollCell(ctx context.Context, cell outage.CellState, now time.Time) error {
	w.mu.Lock()
	sample := w.facts.unreported(cell.Cell, now.Add(-pollAfter))
	heard := w.hears(cell.Cell, now)
	w.mu.Unlock()
	for _, reference := range sample {
		arrived, err := w.ask(ctx, reference)
		if err != nil {
			continue // the provider cannot tell: that proves nothing
		}
		asked := w.asked[cell.Cell]
		asked.note(reference, arrived)
		w.asked[cell.Cell] = asked
	}
	evidence := w.asked[cell.Cell].evidence()
	if evidence.Polled < pollSample || evidence.Arrived >= pollArrived || heard {
		return nil
	}
	cmd := outage.Reassess{Cell: cell.Cell, At: now, Cause: outage.Silent, Evidence: evidence}
	_, err := w.Engine.Do(ctx, detectorOrigin("reassess", cmd, now), cmd)
	return err
}

// asked are the latest texts whose status a provider told, the latest last. A text that is asked about again keeps its
// place: otherwise the texts that never arrive would crowd out the others, as they are on any day.
type asked []askedText

type askedText struct {
	reference string
	arrived   bool
}

// maxAsked bounds the texts that decide whether a cell still loses receipts only.
const maxAsked = 10

func (a *asked) note(reference string, arrived bool) {
	for i, one := range *a {
		if one.reference == reference {
			(*a)[i].arrived = arrived
			return
		}
	}
	*a = append(*a, askedText{reference, arrived})
	*a = (*a)[max(0, len(*a)-maxAsked):]
}

func (a asked) evidence() (found outage.Evidence) {
	for _, one := range a {
		found.Polled++
		if one.arrived {
			found.Arrived++
		}
	}
	return found
}

// hears reports whether receipts of a cell arrive again. Then the texts without one are those that are lost on any
// day, and a sample of them proves nothing. The caller holds the lock.
func (w *Watch) hears(cell outage.Cell, now time.Time) bool {
	for place, at := range w.heard {
		if cell.Covers(place) && now.Sub(at) < heardWithin {
			return true
		}
	}
	return false
}

const (
	heardWithin = 10 * time.Minute // of the last receipt of a cell whose receipts are lost
	pollEvery   = time.Minute      // between two samples of a cell
	pollAfter   = 2 * time.Minute  // a text younger than that may be on its way
	pollSample  = 5                // texts of a sample
	pollArrived = 2                // as many of them arrive even in a bad outage only by rare chance
)
