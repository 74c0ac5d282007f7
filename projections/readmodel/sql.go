package readmodel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Micros returns a time as a column value: UTC microseconds since 1970, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time reads a column that Micros wrote.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Flag returns a flag as a column value.
func Flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// Key returns an id as a column value.
func Key[K any](id domain.ID[K]) []byte { return id.UUID[:] }

// ReadID reads a column that Key wrote into id.
func ReadID[K any](id *domain.ID[K], row Row, column int) {
	id.UUID = uuid.UUID{}
	copy(id.UUID[:], row.Bytes(column))
}

// JSON returns a value as a JSON column. It panics if the value has no JSON form: values come from events, which were
// stored as JSON.
func JSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("projections: %T has no JSON form: %v", value, err))
	}
	return string(data)
}

// ReadJSON reads a JSON column into value.
func ReadJSON(value any, row Row, column int) error {
	if err := json.Unmarshal([]byte(row.Text(column)), value); err != nil {
		return fmt.Errorf("column %d of a read model is not valid JSON; run `clickbook rebuild`: %w", column, err)
	}
	return nil
}

// List runs a query and returns all its rows.
func List[T any](
	ctx context.Context, db Reader, read func(Row) (T, error), sql string, args ...any,
) ([]T, error) {
	var found []T
	for row, err := range db.Query(ctx, sql, args...) {
		if err != nil {
			return nil, err
		}
		one, err := read(row)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// One runs a query and returns its first row. ok is false when there is none.
func One[T any](
	ctx context.Context, db Reader, read func(Row) (T, error), sql string, args ...any,
) (found T, ok bool, err error) {
	for row, err := range db.Query(ctx, sql, args...) {
		if err != nil {
			return found, false, err
		}
		found, err = read(row)
		return found, err == nil, err
	}
	return found, false, nil
}
