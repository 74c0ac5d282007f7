// Package ledger audits the credit ledger. Export writes the facts behind an account's books: purchases, texts,
// receipts, refund windows. Replay reads facts and computes the books that must follow from them. Facts are one JSON
// object a line, so an auditor can check an installation with this code or with their own code.
//
// The package has no rules: Replay calls the same policies and the same credit aggregate as the running engine.
// Export writes no name, phone number or free text.
package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/clickbook/clickbook/domain/credit"
)

// maxLine bounds a line of facts in bytes.
const maxLine = 16 << 20

// ReplayOptions say under which policy facts are replayed, and what to report besides the final books.
type ReplayOptions struct {
	Policy []byte   // JSON object over credit.AuditTerms: {"dlr": {"undelivered": "refund"}}
	After  []string // ids of facts after which to report the accounts too
	AsOf   []byte   // JSON list of {"account", "valid_before", "known_before"}
}

// Replay reads facts in log order, one JSON object a line, and writes the books that follow from them as one JSON
// object. A fact that the rules refuse is listed under rejected with the code of the refusal. A malformed line is an
// error that names the line; then nothing is written.
func Replay(ctx context.Context, in io.Reader, out io.Writer, options ReplayOptions) error {
	terms, err := readTerms(options.Policy)
	if err != nil {
		return err
	}
	views, err := readViews(options.AsOf)
	if err != nil {
		return err
	}
	state := newReplay(terms, options.After)
	if err := state.read(ctx, in); err != nil {
		return err
	}
	result, err := state.books(views)
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

// read takes in every line.
func (r *replay) read(ctx context.Context, in io.Reader) error {
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
		if err == nil {
			err = r.take(fact)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: read facts: %w", number+1, err)
	}
	return nil
}

// readTerms applies a policy to credit.AuditTerms. It refuses an unknown key, because a misspelt key would silently
// move money.
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

// view asks what an account owned by the entries effective before one instant and recorded before another.
type view struct {
	fields      map[string]json.RawMessage // as given; repeated in the result
	account     string
	validBefore Instant
	knownBefore Instant
}

func readViews(text []byte) ([]view, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	var given []map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, fmt.Errorf("as-of: write a list of {\"account\", \"valid_before\", \"known_before\"}: %w", err)
	}
	views := make([]view, 0, len(given))
	for _, fields := range given {
		v := view{fields: fields}
		for name, into := range map[string]any{
			"account": &v.account, "valid_before": &v.validBefore, "known_before": &v.knownBefore,
		} {
			if err := json.Unmarshal(fields[name], into); err != nil {
				return nil, fmt.Errorf("as-of: %s is missing or malformed: %w", name, err)
			}
		}
		views = append(views, v)
	}
	return views, nil
}
