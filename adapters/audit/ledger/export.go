package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/window"
)

// exportedTypes returns the names of the events that Export reads. The credit events also show in which order the
// credits took in the others.
func exportedTypes() []string {
	names := domain.NamesOf(
		account.AccountOpened{}, account.AccountSettingsChanged{}, message.ReminderQueued{}, message.NoticeQueued{},
		message.MessageSuppressed{}, message.SmsSent{}, message.SmsFailed{}, message.DeliveryReported{},
		window.RefundWindowDeclared{}, window.RefundWindowAmended{}, window.RefundWindowRevoked{}, // a proposal moves nothing
	)
	for _, t := range credit.Types {
		names = append(names, t.Name)
	}
	return names
}

// Export writes the facts behind the books of an account, one JSON object a line, in the order in which the credits
// took them in. Replay makes the same books from them, line by line. An account that was never opened is
// account.ErrUnknown.
func Export(
	ctx context.Context, log domain.LogReader, codec *domain.Codec, of domain.AccountID, out io.Writer,
) error {
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	e := exporter{of: of, write: func(fact Fact) error { return lines.Encode(fact) }, written: make(map[string]bool)}
	err := e.readAll(ctx, log, codec)
	if err == nil && !e.opened {
		err = account.ErrUnknown
	}
	return errors.Join(err, buffered.Flush())
}

// exporter puts facts into the order in which the credits took them in. A fact that is written into the credits
// directly, such as a purchase, took effect where its event is in the log. A fact that the credits react to, such as
// an accepted text, took effect when they reacted, which may be later in the log. Such a fact is pending until a
// credit event names it, or a later one, as its cause.
type exporter struct {
	of      domain.AccountID
	write   func(Fact) error
	pending []pendingFact   // in log order
	written map[string]bool // ids of the direct facts
	opened  bool            // the account was opened
}

// pendingFact is a fact to which the credits have not reacted yet, as far as the log has been read.
type pendingFact struct {
	Fact
	onlyIfFollowed bool // drop it if the credits never react to it
}

func (x *exporter) readAll(ctx context.Context, log domain.LogReader, codec *domain.Codec) error {
	for entry, err := range log.ReadAll(ctx, domain.Position{}, domain.Filter{Types: exportedTypes()}) {
		if err != nil {
			return err
		}
		recorded, err := codec.Decode(entry)
		if err != nil {
			return err
		}
		if err := x.take(recorded); err != nil {
			return fmt.Errorf("export %s of %s: %w", entry.Type, entry.Stream, err)
		}
	}
	return x.writePending()
}

// take writes the facts that an event settles, or keeps its own fact pending.
func (x *exporter) take(r domain.Recorded) error {
	switch e := r.Event.(type) {
	case credit.Event:
		return x.takeCredit(r, credit.PostedOf(e))
	case account.AccountOpened:
		if e.Account != x.of {
			return nil
		}
		x.opened = true
		if err := x.writePending(); err != nil {
			return err
		}
		return x.write(identified(r, Fact{Account: x.of.String(), HomeZone: e.Zone}))
	}
	fact, concerns, err := followedFact(x.of, r)
	if err == nil && concerns {
		x.pending = append(x.pending, fact)
	}
	return err
}

func (x *exporter) takeCredit(r domain.Recorded, posted credit.Posted) error {
	fact, direct, err := directFact(r, posted)
	switch {
	case err != nil || r.Stream.Key() != x.of.String():
		return err
	case !direct:
		return x.writeFollowed(posted.Cause)
	}
	if x.written[fact.EventID] { // one cause has several facts: give each its own id
		fact.EventID = r.ID.String()
	}
	x.written[fact.EventID] = true
	return x.write(fact)
}

// writeFollowed writes the pending facts up to the one with the id, to which the credits have reacted.
func (x *exporter) writeFollowed(id string) error {
	i := slices.IndexFunc(x.pending, func(p pendingFact) bool { return p.EventID == id })
	for _, p := range x.pending[:i+1] {
		if p.onlyIfFollowed && p.EventID != id {
			continue
		}
		if err := x.write(p.Fact); err != nil {
			return err
		}
	}
	x.pending = x.pending[i+1:]
	return nil
}

// writePending writes the facts that are still pending, in log order.
func (x *exporter) writePending() error {
	for _, p := range x.pending {
		if p.onlyIfFollowed {
			continue
		}
		if err := x.write(p.Fact); err != nil {
			return err
		}
	}
	x.pending = nil
	return nil
}
