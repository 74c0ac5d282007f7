// Package availability audits the availability rules. It reads questions, one JSON object a line, and writes the
// results in the same form and order.
//
// The package has no rules: it parses a question, calls the functions of domain/availability as the server does, and
// prints the result. A line that it cannot parse gets an error instead of a result, and does not end the run.
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

// ErrMalformed reports that some lines were not JSON objects. Every other line has its answer.
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

// A solver computes the result of one kind of question from its input.
type solver func(json.RawMessage) (any, error)

// solvers maps each supported kind of question to its solver. The header of the shared vectors defines the kinds.
var solvers = map[string]solver{
	"interval_op":          typed(intervalOp),
	"weekly_hours":         typed(weeklyHours),
	"weekly_hours_periods": typed(weeklyHoursPeriods),
	"local_to_utc":         typed(localToUTC),
	"slots_from_ranges":    typed(slotsFromRanges),
	"slots_from_schedules": typed(slotsFromSchedules),
	"window_grid":          typed(windowGrid),
}

// Eval reads lines of {"id","kind","input"} and writes a line of {"id","result"} or {"id","error"} for each. It
// returns ErrMalformed, an error of reading or writing, or the error of ctx.
func Eval(ctx context.Context, in io.Reader, out io.Writer) error {
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
			return errors.Join(fmt.Errorf("read line %d: %w", number, err), w.Flush())
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || tooLong {
			a, ok := reply(line, tooLong, number)
			if !ok {
				malformed++
			}
			if err := enc.Encode(a); err != nil {
				return fmt.Errorf("write the answer to line %d: %w", number, err)
			}
		}
		if err != nil {
			break
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	if malformed > 0 {
		return fmt.Errorf("%w: %d of them, each answered with its line number", ErrMalformed, malformed)
	}
	return nil
}

// reply returns the answer to one line, and false if the line is not a JSON object.
func reply(line []byte, tooLong bool, number int) (answer, bool) {
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
	solve, known := solvers[q.Kind]
	if !known {
		return answer{ID: q.ID, Error: "unsupported kind"}, true
	}
	result, err := solve(q.Input)
	if err != nil {
		return answer{ID: q.ID, Error: err.Error()}, true
	}
	return answer{ID: q.ID, Result: result}, true
}

// knownID returns the id of an object whose other fields have wrong types, or null.
func knownID(line []byte) json.RawMessage {
	var only struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(line, &only) != nil || len(only.ID) == 0 {
		return null
	}
	return only.ID
}

// readLine reads a line. It skips what exceeds maxLine bytes, to bound memory.
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

// typed parses the input of a question into the parameter of its solver.
func typed[In any](solve func(In) (any, error)) solver {
	return func(raw json.RawMessage) (any, error) {
		var in In
		if len(raw) == 0 || bytes.Equal(raw, null) {
			return nil, errors.New("the input is missing: give it as a JSON object next to id and kind")
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, inputError(err)
		}
		return solve(in)
	}
}

// inputError rewords the type error of encoding/json. Other errors come from our own types and need no rewording.
func inputError(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("the input has a %s where it cannot be one", wrong.Value)
	}
	return fmt.Errorf("the field %s of the input cannot be a %s", wrong.Field, wrong.Value)
}
