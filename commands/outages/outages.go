// Package outages runs the detector of package outagedetect over the log, records what it finds, and says which
// providers a sender must avoid. It proposes refund windows for confirmed outages. It refuses to send texts and to tell
// anybody: dispatching and alerting read what it recorded.
package outages

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

// settling is how far the detector's clock stays behind the engine's. An event that another node records now is read
// a moment later, and must not come too late for the clock.
const settling = 2 * time.Second

// pollAge is how old a request for a poll may be. Older ones come from a log that is read again: what a provider says
// now proves nothing about then.
const pollAge = 2 * time.Minute

// oldNews is how old an outage may be to be recorded. A log that is watched for the first time holds months of texts:
// nobody wants to be told now of what was wrong then.
const oldNews = 24 * time.Hour

// Watch follows the log and records suspected, confirmed and cleared outages. The detector's state is a fold of the
// whole log, so nothing else is stored: after a restart, Step reads the log from the start and records what is
// missing. Any number of nodes may watch the same log, because a change that is recorded already is not recorded
// again.
type Watch struct {
	Engine    *commands.Engine
	Log       domain.LogReader
	Numbers   commands.OptOuts // hashes phone numbers
	Providers messaging.Providers
	Slog      *slog.Logger // nil means none

	stepping sync.Mutex
	reached  domain.Position
	polled   time.Time                       // when the cells of which only receipts are lost were polled last
	answers  map[outage.Cell]outage.Evidence // what providers said when they were asked about a cell
	asked    map[outage.Cell]asked           // of the cells that lose receipts only
	heard    map[outage.Cell]time.Time       // when a provider last reported by itself on a text of a place

	mu       sync.Mutex // of the detector and the facts; it is not held while providers are asked
	detector *outagedetect.Detector
	facts    *facts
}

// Step reads the new events of the log, advances the detector to the present, and records what changed. After an error
// the next Step continues.
func (w *Watch) Step(ctx context.Context) error {
	w.stepping.Lock()
	defer w.stepping.Unlock()
	w.start()
	head, err := w.Log.Head(ctx)
	if err != nil {
		return err
	}
	for entry, err := range w.Log.ReadAll(ctx, w.reached, domain.Filter{Types: factTypes}) {
		if err != nil {
			return err
		}
		recorded, err := w.Engine.Codec().Decode(entry)
		if err != nil {
			return err
		}
		signals, err := w.take(recorded)
		if err == nil {
			err = w.record(ctx, signals)
		}
		if err != nil {
			return err
		}
		w.reached = entry.Position
	}
	if w.reached.Before(head) { // events of other types are not read again
		w.reached = head
	}
	now := w.Engine.Now()
	signals, polls := w.advance(now.Add(-settling))
	if err := w.record(ctx, signals); err != nil {
		return err
	}
	w.poll(ctx, polls)
	return w.pollAgain(ctx, now)
}

func (w *Watch) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.detector == nil {
		w.detector, w.facts = outagedetect.New(outagedetect.Defaults()), newFacts(w.Numbers.Number)
		w.answers, w.heard = make(map[outage.Cell]outage.Evidence), make(map[outage.Cell]time.Time)
		w.asked = make(map[outage.Cell]asked)
	}
}

// take shows one event to the detector.
func (w *Watch) take(r domain.Recorded) ([]outagedetect.Signal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e, ok := r.Event.(message.DeliveryReported); ok && r.Meta.Actor.ID != polling {
		w.heard[cellOf(outagedetect.CellOf(e.Provider, e.Country, e.Network))] = r.Meta.OccurredAt
	}
	signals := w.hang(r.Meta.RecordedAt)
	fact, ok, err := w.facts.of(r)
	if err != nil || !ok {
		return signals, err
	}
	signals = append(signals, w.detector.Observe(fact)...)
	if fact.At.Before(w.Engine.Now().Add(-pollAge)) {
		w.detector.Polls()
	}
	return signals, nil
}

// advance moves the detector's clock. It returns what changed and which texts to ask providers for.
func (w *Watch) advance(to time.Time) ([]outagedetect.Signal, []outagedetect.Poll) {
	w.mu.Lock()
	defer w.mu.Unlock()
	signals := w.hang(to)
	return append(signals, w.detector.Advance(to)...), w.detector.Polls()
}

// hang shows the detector the attempts that providers have not answered.
func (w *Watch) hang(now time.Time) (signals []outagedetect.Signal) {
	for _, fact := range w.facts.unanswered(now) {
		signals = append(signals, w.detector.Observe(fact)...)
	}
	return signals
}

// recovering reports whether the latest texts of a cell that is out arrived.
func (w *Watch) recovering(cell outage.CellState, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.facts != nil && w.facts.recovering(cell.Cell, cell.Since, now)
}

// networkOf returns the network that the number of a text was on last, "" if it is not known.
func (w *Watch) networkOf(text message.State) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.facts == nil {
		return ""
	}
	network, _ := w.facts.networks.get(w.Numbers.Number(text.Account, text.To.Reveal()))
	return network
}

// record sends the commands of signals. Their ids derive from what was found, so that a signal has its effect once.
func (w *Watch) record(ctx context.Context, signals []outagedetect.Signal) error {
	for _, s := range signals {
		if s.Kind != outagedetect.Cleared && s.At.Before(w.Engine.Now().Add(-oldNews)) {
			continue
		}
		cmd := w.commandOf(s)
		outcome, err := w.Engine.Run(ctx, detectorOrigin(string(s.Kind), cmd, s.At), cmd)
		if _, refused := domain.AsRefusal(err); err != nil && !refused { // a cell that cannot be must not stop the others
			return err
		}
		if w.Slog != nil && len(outcome.Events) > 0 {
			w.Slog.LogAttrs(ctx, slog.LevelWarn, "outage", slog.String("change", string(s.Kind)),
				slog.String("cell", cellOf(s.Cell).Label()), slog.Time("since", s.ChangePoint),
				slog.String("cause", string(s.Cause)),
				slog.Int("messages", s.Evidence.Messages), slog.Int("accounts", s.Evidence.Accounts))
		}
	}
	return nil
}

func detectorOrigin(purpose string, cmd outage.Command, at time.Time) commands.Origin {
	id := domain.DeriveUUID("detector", purpose, cmd.Stream(), at.UnixMicro())
	return commands.ForInstallation(domain.Actor{ID: "detector", Channel: "policy"}).WithID(id).At(at)
}

func (w *Watch) commandOf(s outagedetect.Signal) outage.Command {
	cell, evidence := cellOf(s.Cell), evidenceOf(s)
	evidence.Polled, evidence.Arrived = w.answers[cell].Polled, w.answers[cell].Arrived
	delete(w.answers, cell)
	switch s.Kind {
	case outagedetect.Confirmed:
		return outage.Detect{
			Cell: cell, ChangePoint: s.ChangePoint, At: s.At, Cause: outage.Cause(s.Cause), Evidence: evidence,
		}
	case outagedetect.Cleared:
		return outage.Clear{Cell: cell, At: s.At}
	case outagedetect.Suspected:
	}
	return outage.Suspect{Cell: cell, ChangePoint: s.ChangePoint, At: s.At, Evidence: evidence}
}

func cellOf(c outagedetect.Cell) outage.Cell { return outage.Cell(c) }

func evidenceOf(s outagedetect.Signal) outage.Evidence {
	return outage.Evidence{
		Messages: s.Evidence.Messages, Failed: s.Evidence.Failed, Silent: s.Evidence.Silent,
		Accounts: s.Evidence.Accounts, Numbers: s.Evidence.Numbers, ScoreMilli: int64(s.S * 1000),
	}
}

// Health returns what the detector knows of every cell, parents first. It is empty before the first Step.
func (w *Watch) Health() (cells []outagedetect.Health) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.detector == nil {
		return nil
	}
	for health := range w.detector.Health() {
		cells = append(cells, health)
	}
	return cells
}
