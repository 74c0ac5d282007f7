package installation

import (
	"context"
	"errors"
	"fmt"

	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
)

// simulatedKind is the kind of simulated providers. Only a trial may use them: a client who is really waiting for a
// text must never wait for one that a simulated provider took.
const simulatedKind = "simulated"

// settleTrial reports whether the installation is a trial. A log is marked once, when it is opened as a trial, and only
// while no real provider is registered in it.
func (in *Installation) settleTrial(ctx context.Context) (bool, error) {
	mark, err := in.Events.Mark(ctx, logcopy.TrialMark)
	if err != nil || mark != "" || !in.options.Trial {
		return mark != "", err
	}
	for entry, err := range in.Events.ReadAll(ctx, domain.Position{}, domain.Filter{
		Types:    domain.NamesOf(provider.ProviderRegistered{}),
		Prefixes: []string{provider.Decider.Category + "-"},
	}) {
		if err != nil {
			return false, err
		}
		recorded, err := in.Codec.Decode(entry)
		if err != nil {
			return false, err
		}
		if e, ok := recorded.Event.(provider.ProviderRegistered); ok && e.Kind != simulatedKind {
			return false, domain.Refusef(domain.Disallowed, "not_a_trial", "%s has the provider %s, which sends real "+
				"texts, so it cannot become a trial; use another data directory", in.at.Data, e.Provider)
		}
	}
	err = in.Events.SetMark(ctx, logcopy.TrialMark, "", "yes")
	if errors.Is(err, domain.ErrConflict) { // another process marked it
		return in.settleTrial(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("mark %s as a trial: %w", in.at.Data, err)
	}
	return true, nil
}
