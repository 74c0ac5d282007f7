package projector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// SetLog sets the identity of the log. Call it before anything else. Positions of one log mean nothing in another, so
// read models of another log start again. Read models that know of no log are taken to be of this one. An empty id
// checks nothing.
func (p *Projector) SetLog(id string) { p.logID = id }

// open creates missing tables and reads the checkpoints. It does so at the first step and after each failure.
func (p *Projector) open(ctx context.Context) error {
	switch {
	case p.views != nil:
		return nil
	case len(p.wired) == 0:
		return errors.New("read models: the projector has no projections; pass some to New")
	}
	head, err := p.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read models: %w", err)
	}
	views := make([]*view, len(p.wired))
	dropped, due := 0, ""
	err = p.db.Write(ctx, func(tx readmodel.Tx) (err error) {
		if dropped, err = p.prepare(ctx, tx, head); err == nil {
			due, err = readAbout(ctx, tx, aboutPurge)
		}
		if err != nil {
			return fmt.Errorf("read models: %w", err)
		}
		for i, projection := range p.wired {
			if views[i], err = openView(ctx, tx, projection); err != nil {
				return fmt.Errorf("read model %s: %w", projection.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.views, p.unstored = views, unstored{}
	p.gate.open(earliest(views))
	switch {
	case due != "":
		return p.purge(ctx)
	case dropped > 0:
		return p.db.Purge(ctx)
	}
	return nil
}

// openStored is open for what is more than the next batch of the log: it needs all checkpoints stored.
func (p *Projector) openStored(ctx context.Context) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	return p.store(ctx)
}

// prepare creates the projector's own tables, and drops editions that were built from another log or from a longer
// one. It returns how many it dropped.
func (p *Projector) prepare(ctx context.Context, tx readmodel.Tx, head domain.Position) (int, error) {
	if err := errors.Join(tx.Create(ctx, checkpoints), tx.Create(ctx, aboutTable)); err != nil {
		return 0, err
	}
	if p.logID != "" {
		was, err := readAbout(ctx, tx, aboutLog)
		if err == nil && was != p.logID {
			err = writeAbout(ctx, tx, aboutLog, p.logID)
		}
		if err != nil {
			return 0, err
		}
		if was != "" && was != p.logID {
			return dropMatching(ctx, tx, func(edition) bool { return true })
		}
	}
	return p.dropAhead(ctx, tx, head)
}

// dropAhead drops all editions of projections whose checkpoint is after the head of the log, as it is after the log
// was restored from a backup. It drops their kept editions too: those may have indexes with the names of new ones. It
// returns how many it dropped.
func (p *Projector) dropAhead(ctx context.Context, tx readmodel.Tx, head domain.Position) (int, error) {
	found, err := editions(ctx, tx)
	if err != nil {
		return 0, err
	}
	ahead := slices.DeleteFunc(slices.Clone(p.wired), func(projection readmodel.Projection) bool {
		return !slices.ContainsFunc(found, func(e edition) bool { return e.of(projection) && head.Before(e.at) })
	})
	found = slices.DeleteFunc(found, func(e edition) bool { return !slices.ContainsFunc(ahead, e.of) })
	return len(found), drop(ctx, tx, found)
}

// openView reads the checkpoint of the current edition, or creates that edition.
func openView(ctx context.Context, tx readmodel.Tx, projection readmodel.Projection) (*view, error) {
	v := newView(projection)
	found, err := editions(ctx, tx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(found, v.isCurrent); i >= 0 {
		v.at, v.seen = found[i].at, found[i].seen
		return v, nil
	}
	for _, table := range v.Tables {
		if err := tx.Create(ctx, table); err != nil {
			return nil, err
		}
	}
	return v, edition{name: v.String(), tables: v.TableNames(current)}.insert(ctx, tx)
}

// reread reads the checkpoints again, after a transaction with an unknown outcome.
func (p *Projector) reread(ctx context.Context) error {
	found, err := editions(ctx, p.db)
	if err != nil {
		return err
	}
	for _, v := range p.views {
		i := slices.IndexFunc(found, v.isCurrent)
		if i < 0 {
			return errMoved
		}
		if p.unstored.events == 0 || found[i].at != p.unstored.from {
			v.at, v.seen = found[i].at, found[i].seen
		}
	}
	return nil
}

// dropExtra keeps at most one replaced edition of each projection, the one with the latest checkpoint. It runs once,
// after the current editions have caught up. It leaves the editions of other projections: they may be another
// projector's.
func (p *Projector) dropExtra(ctx context.Context) error {
	if p.trimmed {
		return nil
	}
	found, err := editions(ctx, p.db)
	if err != nil {
		return err
	}
	var extra []edition
	for _, v := range p.views {
		replaced := slices.DeleteFunc(slices.Clone(found), func(e edition) bool { return !e.replaced([]*view{v}) })
		slices.SortStableFunc(replaced, func(a, b edition) int { return b.at.Compare(a.at) })
		extra = append(extra, replaced[min(1, len(replaced)):]...)
	}
	if len(extra) > 0 {
		if err := p.db.Write(ctx, func(tx readmodel.Tx) error { return drop(ctx, tx, extra) }); err != nil {
			p.views = nil
			return err
		}
		if err := p.db.Purge(ctx); err != nil {
			return err
		}
	}
	p.trimmed = true
	return nil
}
