package projector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// RolledBack says what going back gave.
type RolledBack struct {
	Name   string
	Behind int // events that the kept rows had not heard of, and have now
}

// Rollback puts the rows that the last Rebuild replaced back in their place, for the named projections, or for all of
// which some are kept. They catch up from where they were left; the rows they replace are kept in turn, so that going
// back twice changes nothing.
func (p *Projector) Rollback(ctx context.Context, names ...string) ([]RolledBack, error) {
	p.step.Lock()
	defer p.step.Unlock()
	if err := p.open(ctx); err != nil {
		return nil, err
	}
	chosen, err := p.named(names)
	if err != nil {
		return nil, err
	}
	found, err := editions(ctx, p.db)
	if err != nil {
		return nil, err
	}
	kept := make(map[string]edition)
	for _, e := range found {
		kept[e.name] = e
	}
	isKept := func(v *view) bool { _, ok := kept[v.String()+old]; return ok }
	if i := slices.IndexFunc(chosen, func(v *view) bool { return !isKept(v) }); i >= 0 && len(names) > 0 {
		return nil, chosen[i].nothingKept(found)
	}
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(v *view) bool { return !isKept(v) })
	if len(chosen) == 0 {
		return nil, errNothingKept
	}
	var results []RolledBack
	for _, v := range chosen {
		results = append(results, RolledBack{v.Name, v.seen - kept[v.String()+old].seen})
	}
	if err := p.swap(ctx, chosen); err != nil {
		return nil, err
	}
	_, err = p.catchUp(ctx, p.views, nil)
	return results, err
}

var errNothingKept = domain.Refuse(domain.Disallowed, "read_model_not_kept",
	"no read model has older rows that are kept: none was rebuilt, or a client was erased since, and old names with it")

// nothingKept says why a projection cannot go back, and what can be done where another version of it is kept.
func (v *view) nothingKept(found []edition) error {
	for _, e := range found {
		if version, ok := strings.CutPrefix(e.name, v.Name+"_v"); ok && e.replaced([]*view{v}) {
			return domain.Refusef(domain.Disallowed, "read_model_not_kept", "what is kept of %s is its version %s: run the "+
				"version of ClickBook that made it, which finds it and goes on with it", v.Name, version)
		}
	}
	return domain.Refusef(domain.Disallowed, "read_model_not_kept",
		"no older rows of %s are kept: it was not rebuilt, or a client was erased since, and old names with it", v.Name)
}

// swap lets the current editions and those kept of the same version change places, in one transaction.
func (p *Projector) swap(ctx context.Context, views []*view) error {
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		for _, v := range views {
			for _, move := range [][2]string{{current, between}, {old, current}, {between, old}} {
				if err := rename(ctx, tx, v.Projection, move[0], move[1]); err != nil {
					return fmt.Errorf("read model %s: %w", v.Name, err)
				}
			}
		}
		return nil
	})
	if err == nil {
		err = p.reread(ctx)
	}
	if err != nil {
		p.views = nil
	}
	return err
}
