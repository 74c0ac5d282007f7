package apikey_test

import (
	"context"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/apikey"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// readings counts how often streams are read.
type readings struct {
	*memory.Store
	reads int
}

func (r *readings) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	r.reads++
	return r.Store.ReadStream(ctx, stream, from)
}

// TestStrangersFillNoMemory looks keys up by texts that strangers send. The form is checked before the store is read,
// and an unknown prefix is not remembered: its second look-up reads the store again.
func TestStrangersFillNoMemory(t *testing.T) {
	codec, err := domain.NewCodec(domaintest.NewVault(), access.Types)
	if err != nil {
		t.Fatal(err)
	}
	store := &readings{Store: memory.New()}
	engine := commands.NewEngine(store, codec, time.Now, commands.Wire(access.Decider))
	issued, unknown := apikey.Mint(uuid.New()), apikey.Mint(uuid.New())
	_, err = engine.Do(t.Context(), commands.ForInstallation(domain.Actor{}), access.Issue{
		Prefix: issued.Prefix, Hash: issued.Hash, Role: access.Admin,
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := issued.Text[len("cbk_12345678_"):]
	for _, c := range []struct {
		name, text string
		known      bool
		reads      int
	}{
		{"known", issued.Text, true, 0}, // remembered since it was issued
		{"wrong secret", "cbk_" + issued.Prefix + "_" + strings.Repeat("A", 43), false, 0},
		{"unknown", unknown.Text, false, 1},
		{"unknown again", unknown.Text, false, 1},
		{"empty", "", false, 0},
		{"upper case", "cbk_" + strings.ToUpper(issued.Prefix) + "_" + secret, false, 0},
		{"digits that no prefix has", "cbk_abcdef01_" + secret, false, 0},
		{"another stream", "cbk_../../a1_" + secret, false, 0},
		{"NUL", "cbk_abcdef2\x00_" + secret, false, 0},
		{"bytes", "cbk_\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8_" + secret, false, 0},
		{"short secret", issued.Text[:len(issued.Text)-1], false, 0},
		{"long secret", issued.Text + "A", false, 0},
		{"line end", issued.Text + "\n", false, 0},
		{"not base64url", issued.Text[:len(issued.Text)-1] + "=", false, 0},
	} {
		store.reads = 0
		key, known, err := apikey.Find(t.Context(), engine, c.text)
		if err != nil || known != c.known || known != (key.Prefix == issued.Prefix) {
			t.Errorf("%s: found %+v, %v, %v", c.name, key, known, err)
		}
		if store.reads != c.reads {
			t.Errorf("%s: read the store %d times, want %d", c.name, store.reads, c.reads)
		}
	}
}
