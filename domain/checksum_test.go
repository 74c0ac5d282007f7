package domain_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// checkedEntry returns an event with a checksum, as the engine appends it.
func checkedEntry(t interface{ Fatal(...any) }) domain.Entry {
	entry := encode(t, newCodec(t, domaintest.NewVault()), bellRung{Times: 3}, domain.Metadata{
		Account: owner, Actor: domain.Actor{ID: "owner", Channel: "api"}, OccurredAt: time.UnixMicro(1462190400123456),
		RecordedAt: time.UnixMicro(1462190400123457),
	})
	entry.Rest = 1
	entry.Stored = entry.WithChecksum()
	return entry
}

func TestChecksumIsTheLastFieldOfTheMetadata(t *testing.T) {
	entry := checkedEntry(t)
	const want = `{"account":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","actor":{"id":"owner","channel":"api"},` +
		`"occurred_at":"2016-05-02T12:00:00.123456Z","recorded_at":"2016-05-02T12:00:00.123457Z","crc32c":"ef7d7e9f"}`
	if string(entry.Meta) != want {
		t.Errorf("the metadata is stored as %s", entry.Meta)
	}
	if checked, err := entry.Check(); !checked || err != nil {
		t.Errorf("an unchanged event: %v, %v", checked, err)
	}
	entry.Position = domain.NewPosition(99, 0)
	if _, err := entry.Check(); err != nil {
		t.Errorf("at another position, as in a copy: %v", err)
	}
}

// TestEveryFlippedBitIsFound flips each bit of a stored event, one after another.
func TestEveryFlippedBitIsFound(t *testing.T) {
	codec := newCodec(t, domaintest.NewVault())
	good := checkedEntry(t)
	if _, err := codec.Decode(good); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name  string
		bytes []byte
		set   func(*domain.Entry, []byte)
	}{
		{"data", good.Data, func(e *domain.Entry, b []byte) { e.Data = b }},
		{"metadata", good.Meta, func(e *domain.Entry, b []byte) { e.Meta = b }},
		{"id", good.ID[:], func(e *domain.Entry, b []byte) { copy(e.ID[:], b) }},
		{"type", []byte(good.Type), func(e *domain.Entry, b []byte) { e.Type = string(b) }},
		{"stream", []byte(good.Stream), func(e *domain.Entry, b []byte) { e.Stream = domain.Stream(b) }},
	} {
		for bit := range 8 * len(part.bytes) {
			entry, flipped := good, slices.Clone(part.bytes)
			flipped[bit/8] ^= 1 << (bit % 8)
			part.set(&entry, flipped)
			if got, err := codec.Decode(entry); err == nil {
				t.Fatalf("bit %d of the %s flipped: %q reads as %+v", bit, part.name, flipped, got)
			}
		}
	}
}

// TestMovedEventIsFound: two rows of the log whose contents were exchanged are complete events in the wrong place.
func TestMovedEventIsFound(t *testing.T) {
	codec := newCodec(t, domaintest.NewVault())
	for name, move := range map[string]func(*domain.Entry){
		"to another stream":   func(e *domain.Entry) { e.Stream = "note-2" },
		"to another revision": func(e *domain.Entry) { e.Revision++ },
		"to another append":   func(e *domain.Entry) { e.Rest = 0 },
	} {
		entry := checkedEntry(t)
		move(&entry)
		_, err := codec.Decode(entry)
		if !errors.Is(err, domain.ErrDamaged) || !strings.Contains(err.Error(), "clickbook verify") ||
			!strings.Contains(err.Error(), entry.Position.String()) || !strings.Contains(err.Error(), string(entry.Stream)) {
			t.Errorf("an event moved %s: %v", name, err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	codec := newCodec(b, domaintest.NewVault())
	checked := checkedEntry(b)
	plain := checked
	open, _, _ := bytes.Cut(checked.Meta, []byte(`,"crc32c"`))
	plain.Meta = append(slices.Clone(open), '}')
	general := plain
	general.Data = append([]byte(" "), checked.Data...) // encoding/json would not write a space
	for name, entry := range map[string]domain.Entry{"plain": plain, "checked": checked, "by the general reader": general} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.Decode(entry); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("check only", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := checked.Check(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
