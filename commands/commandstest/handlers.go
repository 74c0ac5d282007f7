package commandstest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// Recorded returns one event of every type of every aggregate, as it comes from the log.
func (w *World) Recorded() (events []domain.Recorded) {
	w.T.Helper()
	for _, aggregate := range aggregates.All() {
		for i, event := range domaintest.GoldenEvents(w.T, aggregate.Types()) {
			id := domain.DeriveUUID("golden", event.EventType())
			events = append(events, domain.Recorded{
				Stream: domain.StreamOf(aggregate.Category(), id.String()), Revision: domain.Revision(i), ID: id,
				Event: event, Meta: domain.Metadata{OccurredAt: w.Now, RecordedAt: w.Now},
			})
		}
	}
	return events
}

// Gaps runs every event of Recorded through the handlers and returns what they forget: a listed type without a case,
// an unlisted type that is ignored in silence, and a listed type that no aggregate has. Other errors do not matter.
func (w *World) Gaps(handlers ...commands.Handler) (gaps []string) {
	w.T.Helper()
	recorded := w.Recorded()
	for _, handler := range handlers {
		gaps = append(gaps, unknownTypes(handler, recorded)...)
		for _, r := range recorded {
			err := handler.React(w.T.Context(), commands.Because(r, handler.Name), r)
			name := r.Event.EventType()
			switch listed := slices.Contains(handler.Types, name); {
			case listed && IsUnexpected(err, r):
				gaps = append(gaps, fmt.Sprintf("%s lists %s and has no case for it", handler.Name, name))
			case !listed && !IsUnexpected(err, r):
				gaps = append(gaps, fmt.Sprintf("%s does not list %s and ignores it", handler.Name, name))
			}
		}
	}
	return gaps
}

// IsUnexpected reports whether an error is domain.Unexpected for an event.
func IsUnexpected(err error, r domain.Recorded) bool {
	return err != nil && strings.Contains(err.Error(), domain.Unexpected(r).Error())
}

func unknownTypes(handler commands.Handler, recorded []domain.Recorded) (gaps []string) {
	for _, name := range handler.Types {
		if !slices.ContainsFunc(recorded, func(r domain.Recorded) bool { return r.Event.EventType() == name }) {
			gaps = append(gaps, fmt.Sprintf("%s lists %s and no aggregate has it", handler.Name, name))
		}
	}
	return gaps
}
