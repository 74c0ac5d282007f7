package projections

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Rebuilt says what making a projection anew gave. Before and After are hashes of all its rows: when they differ,
// the rows were wrong, or the projection was changed without a new version.
type Rebuilt struct {
	Name   string
	Rows   int
	Before string
	After  string
}

// Same reports whether the rows came out as they were.
func (r Rebuilt) Same() bool { return r.Before == r.After }

// Rebuild makes the named projections anew from the whole log, all of them when none is named, and compares.
// progress may be nil; it hears events done and in all. Until it returns, queries see the rows grow.
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
	results, total := make([]Rebuilt, len(chosen)), 0
	for i, v := range chosen {
		results[i].Name = v.Name
		if results[i].Before, _, err = Hash(ctx, p.db, v.Projection); err != nil {
			return nil, err
		}
		total = v.seen
	}
	if err := p.empty(ctx, chosen); err != nil {
		return nil, err
	}
	_, err = p.catchUp(ctx, p.views, func(done int) {
		if progress != nil {
			progress(min(done, total), total)
		}
	})
	if err != nil {
		return nil, err
	}
	for i, v := range chosen {
		if results[i].After, results[i].Rows, err = Hash(ctx, p.db, v.Projection); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (p *Projector) named(names []string) ([]*view, error) {
	if len(names) == 0 {
		return p.views, nil
	}
	var chosen []*view
	for _, name := range names {
		i := slices.IndexFunc(p.views, func(v *view) bool { return v.Name == name })
		if i < 0 {
			return nil, domain.Refusef(domain.Unknown, "read_model_unknown", "there is no read model %q; choose one of %s",
				name, p.names())
		}
		chosen = append(chosen, p.views[i])
	}
	return chosen, nil
}

func (p *Projector) names() []string {
	names := make([]string, len(p.views))
	for i, v := range p.views {
		names[i] = v.Name
	}
	return names
}

// empty puts views back to before the first event. A kill after it is no harm: the next start catches up.
func (p *Projector) empty(ctx context.Context, views []*view) error {
	if len(views) == 0 {
		return nil
	}
	err := p.db.Write(ctx, func(tx Tx) error {
		for _, v := range views {
			for _, table := range v.Tables {
				if err := errors.Join(tx.Exec(ctx, "DROP TABLE "+table.Name), tx.Create(ctx, table)); err != nil {
					return err
				}
			}
			err := tx.Exec(ctx, `UPDATE checkpoints SET position = $2, seen = 0 WHERE view = $1`, v, domain.Position{})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range views {
		v.at, v.seen = domain.Position{}, 0
	}
	return nil
}

// Hash is SHA-256 over every row of a projection's tables in the order of their keys, and how many they are.
func Hash(ctx context.Context, db Reader, projection Projection) (digest string, rows int, err error) {
	sum := sha256.New()
	for _, table := range projection.Tables {
		hashValue(sum, table.Name)
		for row, err := range db.Query(ctx, "SELECT * FROM "+table.Name+" ORDER BY "+table.Key) {
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

// hashValue writes a value with its kind and length before it, so that no two rows look alike.
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
		panic(fmt.Sprintf("projections: a column holds %T; tables hold numbers, texts and bytes only", value))
	}
	sum.Write(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(data))))
	sum.Write(data)
}
