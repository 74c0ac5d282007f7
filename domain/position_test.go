package domain_test

import (
	"cmp"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

var positions = rapid.Custom(func(t *rapid.T) domain.Position {
	number := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64())
	return domain.NewPosition(number.Draw(t, "major"), number.Draw(t, "minor"))
})

func TestStringsSortLikePositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := positions.Draw(t, "p"), positions.Draw(t, "q")
		order := p.Compare(q)
		if cmp.Compare(p.String(), q.String()) != order || q.Compare(p) != -order {
			t.Fatalf("%s and %s compare as %d", p, q, order)
		}
		if p.Before(q) != (order < 0) || (p == q) != (order == 0) {
			t.Fatalf("Before and == disagree with Compare about %s and %s", p, q)
		}
		major, minor := p.Pair()
		otherMajor, otherMinor := q.Pair()
		if want := cmp.Or(cmp.Compare(major, otherMajor), cmp.Compare(minor, otherMinor)); order != want {
			t.Fatalf("%s and %s compare as %d, their pairs as %d", p, q, order, want)
		}
	})
}

func TestPositionReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := positions.Draw(t, "p")
		if back, err := domain.ParsePosition(p.String()); err != nil || back != p {
			t.Fatalf("ParsePosition(%s) = %v, %v", p, back, err)
		}
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back domain.Position
		if err := json.Unmarshal(data, &back); err != nil || back != p {
			t.Fatalf("%s reads back as %v, %v", data, back, err)
		}
	})
}

func TestZeroPositionIsBeforeEveryOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := positions.Draw(t, "p")
		if zero := (domain.Position{}); p.IsZero() != (p == zero) || !p.IsZero() && !zero.Before(p) {
			t.Fatalf("%s is before the zero position", p)
		}
	})
}

func TestParsePositionRefuses(t *testing.T) {
	good := domain.NewPosition(1, 2).String()
	rest := good[1:]
	for _, bad := range []string{"", "12", rest, good + "0", "g" + rest, good[:31] + "x", "-" + rest, "+" + rest} {
		if p, err := domain.ParsePosition(bad); refusalCode(err) != "position_malformed" || !p.IsZero() {
			t.Errorf("ParsePosition(%q) = %v, %v", bad, p, err)
		}
	}
}
