package projector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// SetLog tells the projector, before its first step, which log it reads. Positions of one log mean nothing in another:
// where the read models were made from another one they begin anew. Where nothing is known of their log they are
// taken to be of this one, and it is written down. An empty id asks nothing.
func (p *Projector) SetLog(id string) { p.logID = id }

// open makes what tables are missing and reads the checkpoints, at the first step and after each failure.
func (p *Projector) open(ctx context.Context) error {
	switch {
	case p.views != nil:
		return nil
	case len(p.wired) == 0:
		return errors.New("read models: none is wired")
	}
	head, err := p.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read models: %w", err)
	}
	views := make([]*view, len(p.wired))
	dropped, due := 0, ""
	err = p.db.Write(ctx, func(tx readmodel.Tx) (err error) {
		if dropped, err = p.prepare(ctx, tx, head); err == nil {
			due, err = known(ctx, tx, aboutPurge)
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
	p.views = views
	p.gate.open(earliest(views))
	switch {
	case due != "":
		return p.purge(ctx)
	case dropped > 0:
		return p.db.Purge(ctx)
	}
	return nil
}

// prepare makes the tables about the tables, drops what was made from another log or from more than this one holds,
// and answers how many editions that were.
func (p *Projector) prepare(ctx context.Context, tx readmodel.Tx, head domain.Position) (int, error) {
	if err := errors.Join(tx.Create(ctx, checkpoints), tx.Create(ctx, about)); err != nil {
		return 0, err
	}
	if p.logID != "" {
		was, err := known(ctx, tx, aboutLog)
		if err == nil && was != p.logID {
			err = learn(ctx, tx, aboutLog, p.logID)
		}
		if err != nil {
			return 0, err
		}
		if was != "" && was != p.logID {
			return dropThose(ctx, tx, func(edition) bool { return true })
		}
	}
	return p.forgetFuture(ctx, tx, head)
}

// forgetFuture drops the projections that know more than the log holds: it was restored from a backup. What is kept
// of them goes too, for its indexes may have the names that the new tables take.
func (p *Projector) forgetFuture(ctx context.Context, tx readmodel.Tx, head domain.Position) (int, error) {
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

// openView reads the checkpoint of the current edition, and makes one when there is none.
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
	return v, enter(ctx, tx, projection, current, domain.Position{}, 0)
}

// reread takes the checkpoints from the database, after a transaction of which nobody knows whether it was kept.
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
		v.at, v.seen = found[i].at, found[i].seen
	}
	return nil
}

// settle keeps at most one replaced edition of each projection, the one that has come furthest, once the current ones
// have caught up. Projections that are not wired here may be another projector's and are left alone.
func (p *Projector) settle(ctx context.Context) error {
	if p.settled {
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
	p.settled = true
	return nil
}
