package projector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Rebuilt is the result of rebuilding one projection. Before and After are hashes of all its rows. When they differ,
// the rows were wrong, or the projection was changed without a new version.
type Rebuilt struct {
	Name   string
	Rows   int
	Before string
	After  string
}

// Same reports whether the rows are the same as before.
func (r Rebuilt) Same() bool { return r.Before == r.After }

// Rebuild builds the named projections again from the whole log, all of them when none is named, and compares the
// rows. It returns one result for each. Queries read the old rows until it is done, then all the new ones at once.
// The old rows are kept for Rollback until the next Rebuild or the next erasure of a client. A killed Rebuild leaves
// nothing. progress, if not nil, is called with the number of events done and their total.
func (p *Projector) Rebuild(ctx context.Context, progress func(done, total int), names ...string) ([]Rebuilt, error) {
	p.step.Lock()
	defer p.step.Unlock()
	if err := p.openStored(ctx); err != nil {
		return nil, err
	}
	if _, err := p.catchUp(ctx, p.views, nil); err != nil {
		return nil, err
	}
	chosen, err := p.named(names)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	return p.rebuild(ctx, chosen, progress)
}

// rebuild builds the new rows, and hashes the old ones while the new ones are installed: that is work for one core.
func (p *Projector) rebuild(ctx context.Context, chosen []*view, progress func(done, total int)) ([]Rebuilt, error) {
	until, total := chosen[0].at, chosen[0].seen
	b := &building{views: chosen, results: make([]Rebuilt, len(chosen))}
	for i, v := range chosen {
		b.results[i].Name = v.Name
	}
	err := p.build(ctx, b, until, func(done int) { progress(done, total) })
	if err == nil && b.at.Before(until) {
		err = errors.New("the log became shorter during the rebuild: start it again")
	}
	if err == nil {
		b.hashed = p.hashOld(ctx, b)
		if _, oneUser := p.db.(readmodel.Scratch); oneUser {
			err = b.hashed()
		}
		if err == nil {
			err = p.install(ctx, b)
		}
		err = errors.Join(err, b.hashed())
	}
	if err = errors.Join(err, b.close()); err != nil {
		return nil, err
	}
	return b.results, nil
}

// hashOld starts to hash the rows that a rebuild replaces. The function that it returns waits for the end.
func (p *Projector) hashOld(ctx context.Context, b *building) (wait func() error) {
	hashed := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < len(b.views) && err == nil; i++ {
			b.results[i].Before, _, err = Hash(ctx, p.db, b.views[i].Projection)
		}
		hashed <- err
	}()
	return sync.OnceValue(func() error { return <-hashed })
}

// CheckNames refuses a name that no read model has.
func (p *Projector) CheckNames(names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(p.wired, func(one readmodel.Projection) bool { return one.Name == name }) {
			return p.unknown(name)
		}
	}
	return nil
}

// named returns the views with these names, all of them when there are none.
func (p *Projector) named(names []string) ([]*view, error) {
	if len(names) == 0 {
		return p.views, nil
	}
	var chosen []*view
	for _, name := range names {
		i := slices.IndexFunc(p.views, func(v *view) bool { return v.Name == name })
		if i < 0 {
			return nil, p.unknown(name)
		}
		chosen = append(chosen, p.views[i])
	}
	return chosen, nil
}

func (p *Projector) unknown(name string) error {
	names := make([]string, len(p.wired))
	for i, one := range p.wired {
		names[i] = one.Name
	}
	return domain.Refusef(domain.Unknown, "read_model_unknown", "there is no read model %q; choose one of %s",
		name, strings.Join(names, ", "))
}

// Hash returns the SHA-256 of every row of a projection's tables, in the order of their keys, and the number of rows.
func Hash(
	ctx context.Context, db readmodel.Reader, projection readmodel.Projection,
) (digest string, rows int, err error) {
	sum := sha256.New()
	var packed []byte
	for _, table := range projection.Tables {
		sum.Write(readmodel.AppendText(nil, table.Name))
		for row, err := range db.Query(ctx, "SELECT * FROM "+table.Name+" ORDER BY "+table.Key) {
			if err != nil {
				return "", 0, fmt.Errorf("hash %s: %w", table.Name, err)
			}
			packed = row.Pack(packed[:0])
			sum.Write(packed)
			rows++
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), rows, nil
}
