package projector

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"

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
	if err := p.open(ctx); err != nil {
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

// rebuild builds the new rows while it hashes the old ones.
func (p *Projector) rebuild(ctx context.Context, chosen []*view, progress func(done, total int)) ([]Rebuilt, error) {
	until, total := chosen[0].at, chosen[0].seen
	hashed := make(chan error, 1)
	results := make([]Rebuilt, len(chosen))
	go func() {
		var err error
		for i := 0; i < len(chosen) && err == nil; i++ {
			results[i].Name = chosen[i].Name
			results[i].Before, _, err = Hash(ctx, p.db, chosen[i].Projection)
		}
		hashed <- err
	}()
	b, err := p.build(ctx, chosen, until, func(done int) { progress(done, total) })
	err = errors.Join(err, <-hashed)
	if err == nil && b.at.Before(until) {
		err = errors.New("the log became shorter during the rebuild: start it again")
	}
	if err == nil {
		err = p.install(ctx, b, results)
	}
	if err = errors.Join(err, b.close()); err != nil {
		return nil, err
	}
	return results, nil
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
	return hashOf(ctx, db, projection, current)
}

// hashOf is Hash for the edition with a suffix.
func hashOf(
	ctx context.Context, db readmodel.Reader, projection readmodel.Projection, suffix string,
) (digest string, rows int, err error) {
	sum := sha256.New()
	for _, table := range projection.Tables {
		hashValue(sum, table.Name)
		for row, err := range db.Query(ctx, "SELECT * FROM "+table.Name+suffix+" ORDER BY "+table.Key) {
			if err != nil {
				return "", 0, fmt.Errorf("hash %s: %w", table.Name, err)
			}
			for _, value := range row.Values() {
				hashValue(sum, value)
			}
			rows++
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), rows, nil
}

// hashValue writes the kind and length of a value before the value, so that different rows never write the same
// bytes.
func hashValue(sum hash.Hash, value any) {
	var kind byte
	var data []byte
	switch v := value.(type) {
	case int64:
		kind, data = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
	case string:
		kind, data = 't', []byte(v)
	case []byte:
		kind, data = 'b', v
	default:
		panic(fmt.Sprintf("projector: a column has a %T; columns are int64, string or []byte", value))
	}
	sum.Write(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(data))))
	sum.Write(data)
}
