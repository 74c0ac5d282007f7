package installation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/clickbook/clickbook/adapters/jsonv2"
	"github.com/clickbook/clickbook/adapters/keyring"
	"github.com/clickbook/clickbook/adapters/logverify"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// Verified is what Verify has read.
type Verified struct {
	Events, Unchecked, Streams int // Unchecked events are older than checksums
	Keys, Erased               int
	Accounts                   int // whose balances were compared with their lines
	Wrong                      int // findings
}

// Verify reads a whole installation: the keys, the log, state.db, and the balances of the read models. It calls found
// with each thing that is wrong, and goes on as far as it can. It does not change the log or the keys.
func Verify(ctx context.Context, at Location, found func(what string), step func()) (Verified, error) {
	v := verifier{at: at, step: step}
	v.found = func(what string) {
		v.result.Wrong++
		found(what)
	}
	err := v.keysAndLog(ctx)
	if err == nil {
		v.state()
		err = v.books(ctx)
	}
	return v.result, err
}

type verifier struct {
	at     Location
	found  func(what string)
	step   func()
	result Verified
}

func (v *verifier) keysAndLog(ctx context.Context) (err error) {
	path := filepath.Join(v.at.Data, "keys.db")
	blank := true
	if v.at.Holds("keys.db") {
		if blank, err = keyring.IsBlank(path); err != nil {
			return err
		}
	}
	if blank {
		v.found(fmt.Sprintf("%s is missing or empty: put it back from its backup", path))
		return nil
	}
	keys, err := keyring.Open(ctx, path)
	if err != nil {
		v.found(err.Error())
		return nil
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	log, err := OpenLog(ctx, v.at.LogURL(), LogOptions{Present: true})
	if err != nil {
		v.found(err.Error())
		return nil
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if err := v.keyring(ctx, keys, log); err != nil {
		return err
	}
	codec, err := aggregates.NewCodec(keys)
	if err != nil {
		return err
	}
	check := logverify.Log{Log: log, Codec: codec.ReadWith(jsonv2.Unmarshal), Found: v.found, Step: v.step}
	if err := check.Check(ctx); err != nil && ctx.Err() != nil {
		return err
	}
	v.result.Events, v.result.Unchecked, v.result.Streams = check.Events, check.Unchecked, check.Streams
	if err := log.Verify(ctx); err != nil { // pages, indexes, and what else the store keeps about its log
		if ctx.Err() != nil {
			return err
		}
		v.found(err.Error())
	}
	return nil
}

// keyring checks the keys. A destroyed key must be that of a client who was erased.
func (v *verifier) keyring(ctx context.Context, keys *keyring.Keyring, log domain.StreamReader) (err error) {
	v.result.Keys, v.result.Erased, err = keys.Verify(ctx, v.found, func(subject domain.Subject) error {
		for entry, err := range log.ReadStreamBackwards(ctx, subject) {
			if err != nil {
				return err
			}
			if entry.Type == (client.ClientErased{}).EventType() {
				return nil
			}
		}
		v.found(fmt.Sprintf("the key of %s was destroyed, and the log does not say that it was erased", subject))
		return nil
	})
	if err != nil && ctx.Err() == nil {
		v.found(err.Error())
		return nil
	}
	return err
}

// state opens state.db, which can be deleted if it is damaged.
func (v *verifier) state() {
	if !v.at.Holds("state.db") {
		return
	}
	file, err := state.Open(v.at.Data)
	if err == nil {
		err = errors.Join(file.Verify(), file.Close())
	}
	if err != nil {
		v.found(err.Error())
	}
}

// books compares each balance with the sum of its lines.
func (v *verifier) books(ctx context.Context) (err error) {
	if v.at.Views == "" && !v.at.Holds("views.db") {
		return nil // the next start builds them
	}
	views, damage, err := openViews(ctx, v.at.viewsURL())
	if err != nil || damage != nil {
		v.found(fmt.Sprint(errors.Join(err, damage)))
		return nil
	}
	defer func() { err = errors.Join(err, views.Close()) }()
	ledger := projections.Ledger{DB: views}
	var last domain.AccountID
	for {
		page, err := directory.Accounts{DB: views}.All(ctx, last, 200)
		if err != nil || len(page) == 0 {
			if errors.Is(err, domain.ErrDamaged) {
				v.found(err.Error())
			}
			return ctx.Err() // tables that are absent are built at the next start
		}
		for _, account := range page {
			last = account.ID
			proof, err := ledger.Prove(ctx, account.ID)
			if err != nil {
				v.found(fmt.Sprintf("the ledger of account %s cannot be read: %v", account.ID, err))
				return ctx.Err()
			}
			v.result.Accounts++
			if !proof.Holds() {
				v.found(fmt.Sprintf("the balance of account %s contradicts its lines (%v): run `clickbook rebuild ledger`",
					account.ID, proof.Wrong))
			}
		}
	}
}
