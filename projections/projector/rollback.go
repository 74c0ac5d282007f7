package projector

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// RolledBack is the result of rolling back one projection.
type RolledBack struct {
	Name   string
	Behind int // events that the restored rows lacked, and have applied now
}

// Rollback restores the rows that the last Rebuild replaced, for the named projections or for all that have some, and
// applies the events since then. It keeps the rows that it replaces, so a second Rollback returns to them. It returns
// a refusal when a named projection has no older rows.
func (p *Projector) Rollback(ctx context.Context, names ...string) ([]RolledBack, error) {
	p.step.Lock()
	defer p.step.Unlock()
	if err := p.openStored(ctx); err != nil {
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
	"no read model has older rows: none was rebuilt, or a client was erased since, which drops older rows")

// nothingKept returns the refusal of a projection without older rows of its version.
func (v *view) nothingKept(found []edition) error {
	for _, e := range found {
		if version, ok := strings.CutPrefix(e.name, v.Name+"_v"); ok && e.replaced([]*view{v}) {
			return domain.Refusef(domain.Disallowed, "read_model_not_kept", "the older rows of %s are of its version %s: "+
				"run the version of ClickBook that made them, which continues with them", v.Name, version)
		}
	}
	return domain.Refusef(domain.Disallowed, "read_model_not_kept",
		"%s has no older rows: it was not rebuilt, or a client was erased since, which drops older rows", v.Name)
}

// swap swaps the current editions and the old ones, in one transaction.
func (p *Projector) swap(ctx context.Context, views []*view) error {
	err := p.db.Write(ctx, func(tx readmodel.Tx) error {
		for _, v := range views {
			for _, move := range [][2]string{{current, swapping}, {old, current}, {swapping, old}} {
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
