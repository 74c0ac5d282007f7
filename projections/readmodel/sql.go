package readmodel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// micros is a time as a column: UTC microseconds since 1970, 0 for no time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment reads a time column.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// key is an id as a column.
func Key[K any](id domain.ID[K]) []byte { return id.UUID[:] }

// readID reads an id column into id.
func ReadID[K any](id *domain.ID[K], row Row, column int) {
	id.UUID = uuid.UUID{}
	copy(id.UUID[:], row.Bytes(column))
}

// text is a value as a JSON column. Values come from events, so they can be written.
func JSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("projections: %T cannot be kept as JSON: %v", value, err))
	}
	return string(data)
}

// readJSON reads a JSON column into value.
func ReadJSON(value any, row Row, column int) error {
	if err := json.Unmarshal([]byte(row.Text(column)), value); err != nil {
		return fmt.Errorf("column %d of a read model cannot be read; run `clickbook rebuild`: %w", column, err)
	}
	return nil
}

// list asks for many rows.
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

// one asks for at most one row; ok is false when there is none.
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
