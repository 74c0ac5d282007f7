package credit

import (
	"encoding/binary"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestRecordsAreAnImmutableMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			id := uuid.NewSHA1(uuid.Nil, []byte{byte(rapid.IntRange(0, 200).Draw(t, "n"))}).String()
			return rapid.SampledFrom([]string{id, id[:20], id + "x", "", "A" + id[1:]}).Draw(t, "form")
		}), 0, 300).Draw(t, "ids")
		want := map[string]string{}
		kept := []records{{}}
		wants := []map[string]string{{}}
		for i, id := range ids {
			want[id] = string(binary.AppendUvarint(nil, uint64(i)))
			kept = append(kept, kept[i].with(id, []byte(want[id])))
			wants = append(wants, maps.Clone(want))
		}
		for i, m := range kept {
			if got := maps.Collect(m.all()); !reflect.DeepEqual(got, wants[i]) || m.size != len(got) {
				t.Fatalf("after %d writes: %v of size %d, want %v", i, got, m.size, wants[i])
			}
		}
		last := kept[len(kept)-1]
		for _, id := range ids {
			if got, ok := last.get(id); !ok || got != want[id] {
				t.Fatalf("%q is %q, %t, want %q", id, got, ok, want[id])
			}
			if _, ok := kept[0].get(id); ok {
				t.Fatalf("%q is in a map without records", id)
			}
		}
		again := records{}
		for _, id := range slices.Sorted(maps.Keys(want)) { // in another order, for the same shape
			again = again.with(id, []byte(want[id]))
		}
		if !reflect.DeepEqual(again, last) {
			t.Fatal("two equal maps are not equal values")
		}
		stored := cursor{left: string(last.root.appendTo(nil))}
		var back records
		if back.root = stored.page(0, &back); stored.bad || stored.left != "" || !reflect.DeepEqual(back, last) {
			t.Fatal("a stored map is another one")
		}
	})
}

func TestPackedRecordReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"", "BR", "alpha", "G1", "G1+r1|m", "America/Sao_Paulo"})
		amount := rapid.Int64()
		moves := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) moved {
			return moved{name.Draw(t, "lot"), amount.Draw(t, "amount"), rapid.Bool().Draw(t, "granted")}
		}), 0, 3)
		few := func(label string) []string { return rapid.SliceOfN(name, 0, 3).Draw(t, label) }
		want := record{
			price: amount.Draw(t, "price"), sentAt: amount.Draw(t, "sent"), country: name.Draw(t, "country"),
			provider: name.Draw(t, "provider"), home: name.Draw(t, "home"),
			lots: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) part {
				return part{name.Draw(t, "lot"), amount.Draw(t, "amount")}
			}), 0, 3).Draw(t, "lots"),
			stage:       Stage(rapid.IntRange(0, len(stageNames)-1).Draw(t, "stage")),
			nonDelivery: rapid.Bool().Draw(t, "non-delivery"), goodwill: rapid.Bool().Draw(t, "goodwill"),
			adjustments: rapid.Uint32().Draw(t, "adjustments"),
			extra: extra{
				refunded: moves.Draw(t, "refunded"), reversed: moves.Draw(t, "reversed"), keys: few("keys"),
				waivedBy: few("waived by"), manual: amount.Draw(t, "manual"),
			},
		}
		if len(want.lots) == 0 { // an empty list reads back as none
			want.lots = nil
		}
		for _, moves := range []*[]moved{&want.refunded, &want.reversed} {
			if len(*moves) == 0 {
				*moves = nil
			}
		}
		for _, names := range []*[]string{&want.keys, &want.waivedBy} {
			if len(*names) == 0 {
				*names = nil
			}
		}
		if want.extra.isEmpty() { // a sum of manual refunds has their keys beside it
			want.manual = 0
		}
		known, packed := words{}.pack(want)
		if got := known.unpack(string(packed)); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestRecordOfAMessageIsSmall(t *testing.T) {
	const messages, limit = 20_000, 64
	state := Evolve(State{}, CreditsPurchased{
		Posted{Postings: []Posting{{From: IssuedPaid, To: Paid, Amount: 1 << 50}}}, "P1",
	})
	before := heap()
	at := time.Date(2026, 3, 18, 0, 0, 0, 0, time.UTC)
	for i := range messages {
		because := Because{"A1", "e", at}
		id := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)).String()
		for _, command := range []Command{
			Hold{because, id, 1, 7, "BR", "America/Sao_Paulo", nil},
			Accept{because, id, 1, string([]byte("alpha")), at, nil, 30},
			Recover{because, id, "W1", false, i%3 == 0, false, 30},
		} {
			events, err := Decide(state, command)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range events {
				state = Evolve(state, event)
			}
		}
	}
	if room := (heap() - before) / messages; room > limit {
		t.Errorf("a message takes %d bytes, more than %d", room, limit)
	} else {
		t.Logf("a message takes %d bytes", room)
	}
	if size, room := state.Size(), int(heap()-before); size < room*3/4 || size > room*5/4 {
		t.Errorf("the estimated size is %d, and %d bytes are in use", size, room)
	}
	if len(state.Charges()) != messages {
		t.Error("messages were lost")
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkCharge(b *testing.B) {
	state := Evolve(State{}, CreditsPurchased{
		Posted{Postings: []Posting{{From: IssuedPaid, To: Paid, Amount: 1 << 50}}}, "P1",
	})
	at := time.Date(2026, 3, 18, 0, 0, 0, 0, time.UTC)
	for i := 0; b.Loop(); i++ {
		because := Because{"A1", "e", at}
		id := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)).String()
		for _, command := range []Command{
			Hold{because, id, 1, 7, "BR", "America/Sao_Paulo", nil}, Accept{because, id, 1, "alpha", at, nil, 30},
		} {
			events, err := Decide(state, command)
			if err != nil {
				b.Fatal(err)
			}
			for _, event := range events {
				state = Evolve(state, event)
			}
		}
	}
}
