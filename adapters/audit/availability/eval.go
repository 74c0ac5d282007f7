// Package jsonlines answers questions written as one JSON object a line, each answer on a line of its own, in
// order. It holds no rules: it parses, calls the same pure functions as the product, and prints. It refuses to
// guess at a line it cannot read: that line gets a sentence instead of an answer, and the next line is read all
// the same.
package availability

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrMalformed is returned after the last line where some lines were no JSON objects; all others have been answered.
var ErrMalformed = errors.New("some lines are not JSON objects")

// maxLine bounds a line in bytes.
const maxLine = 16 << 20

type question struct {
	ID    json.RawMessage `json:"id"`
	Kind  string          `json:"kind"`
	Input json.RawMessage `json:"input"`
}

type answer struct {
	ID     json.RawMessage `json:"id"`
	Result any             `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

var null = json.RawMessage("null")

// solver answers one input.
type solver func(json.RawMessage) (any, error)

// availabilityKinds are the questions answered; the header of the vectors says what each asks.
var availabilityKinds = map[string]solver{
	"interval_op":          answering(intervalOp),
	"weekly_hours":         answering(weeklyHours),
	"weekly_hours_periods": answering(weeklyHoursPeriods),
	"local_to_utc":         answering(localToUTC),
	"slots_from_ranges":    answering(slotsFromRanges),
	"slots_from_schedules": answering(slotsFromSchedules),
	"window_grid":          answering(windowGrid),
}

// Eval reads {"id","kind","input"} a line and writes {"id","result"}, or {"id","error"} with one
// sentence. Its own error is ErrMalformed, a fault of reading or writing, or the end of ctx.
func Eval(ctx context.Context, in io.Reader, out io.Writer) error {
	return eachLine(ctx, in, out, availabilityKinds)
}

func eachLine(ctx context.Context, in io.Reader, out io.Writer, kinds map[string]solver) error {
	r, w := bufio.NewReaderSize(in, 64<<10), bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	malformed := 0
	for number := 1; ; number++ {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, w.Flush())
		}
		line, tooLong, err := readLine(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("reading line %d: %w", number, err), w.Flush())
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || tooLong {
			a, ok := reply(line, tooLong, number, kinds)
			if !ok {
				malformed++
			}
			if err := enc.Encode(a); err != nil {
				return fmt.Errorf("writing the answer to line %d: %w", number, err)
			}
		}
		if err != nil {
			break
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the answers: %w", err)
	}
	if malformed > 0 {
		return fmt.Errorf("%w: %d of them, each answered with its line number", ErrMalformed, malformed)
	}
	return nil
}

// reply answers one line; ok is false where the line is no JSON object.
func reply(line []byte, tooLong bool, number int, kinds map[string]solver) (answer, bool) {
	if tooLong {
		return answer{ID: null, Error: fmt.Sprintf("line %d is longer than %d bytes: split it", number, maxLine)}, false
	}
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return answer{ID: knownID(line), Error: fmt.Sprintf("line %d is not a JSON object with id, kind and input: %v",
			number, err)}, false
	}
	if len(q.ID) == 0 {
		q.ID = null
	}
	solve, known := kinds[q.Kind]
	if !known {
		return answer{ID: q.ID, Error: "unsupported kind"}, true
	}
	result, err := solve(q.Input)
	if err != nil {
		return answer{ID: q.ID, Error: err.Error()}, true
	}
	return answer{ID: q.ID, Result: result}, true
}

// knownID finds the id of an object whose other fields are of the wrong type.
func knownID(line []byte) json.RawMessage {
	var only struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &only) != nil || len(only.ID) == 0 {
		return null
	}
	return only.ID
}

// readLine returns a line without holding more than maxLine bytes of it.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxLine; !tooLong {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// answering gives a question's input its type.
func answering[In any](solve func(In) (any, error)) solver {
	return func(raw json.RawMessage) (any, error) {
		var in In
		if len(raw) == 0 || bytes.Equal(raw, null) {
			return nil, errors.New("the input is missing: give it as a JSON object beside id and kind")
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, plainly(err)
		}
		return solve(in)
	}
}

// plainly puts the decoder's one own error in our words; all others come from our types and are sentences already.
func plainly(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("the input has a %s where it cannot be one", wrong.Value)
	}
	return fmt.Errorf("the field %s of the input cannot be a %s", wrong.Field, wrong.Value)
}
