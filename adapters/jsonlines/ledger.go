package jsonlines

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/clickbook/clickbook/domain/credit"
)

// LedgerOptions are what `clickbook ledger replay` was asked besides the facts.
type LedgerOptions struct {
	Policy []byte   // JSON object over credit.AuditTerms: {"dlr": {"undelivered": "refund"}}
	After  []string // event ids after which the accounts are wanted too
	AsOf   []byte   // JSON list of {"account", "valid_before", "known_before"}
}

// ReplayLedger reads facts, one JSON object a line in log order, and writes the books that follow from them by the
// rules of the product. A line that cannot be read ends it with an error that names the line, and nothing is written.
// A fact that the rules refuse is listed in the books under rejected, with the code of the refusal.
func ReplayLedger(ctx context.Context, in io.Reader, out io.Writer, opts LedgerOptions) error {
	terms, err := readTerms(opts.Policy)
	if err != nil {
		return err
	}
	asOf, err := readAsOf(opts.AsOf)
	if err != nil {
		return err
	}
	books := newLedger(terms, opts.After)
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	number := 0
	for lines.Scan() {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("ledger replay stopped at line %d: %w", number, err)
		}
		fact, err := parseFact(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := books.follow(fact); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: read facts: %w", number+1, err)
	}
	result, err := books.result(asOf)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(result); err != nil {
		return fmt.Errorf("write books: %w", err)
	}
	return nil
}

// readTerms lays a policy over the terms that books are replayed under. A key it does not know is refused: a slip
// of the pen there would move money.
func readTerms(policy []byte) (credit.Terms, error) {
	terms := credit.AuditTerms
	if len(bytes.TrimSpace(policy)) == 0 {
		return terms, nil
	}
	dec := json.NewDecoder(bytes.NewReader(policy))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&terms); err != nil {
		return terms, fmt.Errorf("policy: write it as {\"dlr\": {\"undelivered\": \"refund\"}}: %w", err)
	}
	if !terms.Valid() {
		return terms, fmt.Errorf("policy: each of dlr is keep or refund, and expired_lot_grace_days is 0 to 36600")
	}
	return terms, nil
}

// moment is one point of view on an account: what was true before one instant as known before another.
type moment struct {
	asked       map[string]json.RawMessage
	account     string
	validBefore Instant
	knownBefore Instant
}

func readAsOf(text []byte) ([]moment, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	var asked []map[string]json.RawMessage
	if err := json.Unmarshal(text, &asked); err != nil {
		return nil, fmt.Errorf("as-of: write a list of {\"account\", \"valid_before\", \"known_before\"}: %w", err)
	}
	moments := make([]moment, 0, len(asked))
	for _, fields := range asked {
		m := moment{asked: fields}
		for name, into := range map[string]any{
			"account": &m.account, "valid_before": &m.validBefore, "known_before": &m.knownBefore,
		} {
			if err := json.Unmarshal(fields[name], into); err != nil {
				return nil, fmt.Errorf("as-of: %s is missing or malformed: %w", name, err)
			}
		}
		moments = append(moments, m)
	}
	return moments, nil
}
