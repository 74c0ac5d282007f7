package message_test

import (
	"strings"
	"testing"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain/message"
)

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		name, text, encoding string
		want                 int
	}{
		{"empty", "", message.GSM7, 1},
		{"the longest single", strings.Repeat("a", 160), message.GSM7, 1},
		{"one more", strings.Repeat("a", 161), message.GSM7, 2},
		{"two full parts", strings.Repeat("a", 306), message.GSM7, 2},
		{"and one more", strings.Repeat("a", 307), message.GSM7, 3},
		{"the euro takes two septets", strings.Repeat("a", 158) + "€", message.GSM7, 1},
		{"which can be one too many", strings.Repeat("a", 159) + "€", message.GSM7, 2},
		// 152 letters, then a euro that would be split: the first part stays a septet short, twice.
		{"an escape is not split", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), message.GSM7, 3},
		{"the same length without", strings.Repeat("a", 306), message.GSM7, 2},
		{"eighty escapes fill one", strings.Repeat("{", 80), message.GSM7, 1},
		{"76 escapes a part", strings.Repeat("{", 152), message.GSM7, 2},
		{"and one more escape", strings.Repeat("{", 153), message.GSM7, 3},
		{"lower ç is not in the alphabet", "ç", message.UCS2, 1},
		{"upper Ç is", "Ç", message.GSM7, 1},
		{"a curly apostrophe costs the alphabet", strings.Repeat("a", 70) + "’", message.UCS2, 2},
		{"the longest single of UCS-2", strings.Repeat("ã", 70), message.UCS2, 1},
		{"one more of UCS-2", strings.Repeat("ã", 71), message.UCS2, 2},
		{"two full parts of UCS-2", strings.Repeat("ã", 134), message.UCS2, 2},
		{"and one more of UCS-2", strings.Repeat("ã", 135), message.UCS2, 3},
		{"35 emoji are 70 units", strings.Repeat("😀", 35), message.UCS2, 1},
		{"33 emoji a part", strings.Repeat("😀", 66), message.UCS2, 2},
		{"a pair is not split", strings.Repeat("😀", 67), message.UCS2, 3},
	} {
		if n, encoding := message.Segments(c.text); n != c.want || encoding != c.encoding {
			t.Errorf("%s: %d segments of %s, want %d of %s", c.name, n, encoding, c.want, c.encoding)
		}
	}
}

// escape begins a character of the extension table when encoded. The other implementation encodes it as a character;
// we never send it.
const escape = '\x1b'

// Another implementation counts the same for any text.
func TestSegmentsAgreeWithTheOtherImplementation(t *testing.T) {
	plain := rapid.SampledFrom([]rune("@£Çé\nΔ !?AZaz\f^{}\\[~]|€"))
	other := rapid.SampledFrom([]rune("çãõ’`😀日"))
	anyOther := rapid.Rune().Filter(func(r rune) bool { return r != escape })
	// most texts use only the alphabet, because one character outside it changes the encoding of the whole
	character := rapid.OneOf(plain, plain, plain, plain, plain, plain, other, anyOther)
	runs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		r := character.Draw(t, "character")
		// runs end near the limits, where mistakes are likely
		n := rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(65, 72), rapid.IntRange(150, 162)).Draw(t, "n")
		return strings.Repeat(string(r), n)
	}), 1, 5)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(runs.Draw(t, "runs"), "")
		pdus, err := sms.Encode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		alphabet, err := pdus[0].Alphabet()
		if err != nil {
			t.Fatal(err)
		}
		encoding := message.GSM7
		if alphabet == tpdu.AlphaUCS2 {
			encoding = message.UCS2
		}
		if n, enc := message.Segments(text); n != len(pdus) || enc != encoding {
			t.Fatalf("%q takes %d segments of %s, want %d of %s", text, n, enc, len(pdus), encoding)
		}
	})
}

func TestAlphabetAgreesWithTheOtherImplementation(t *testing.T) {
	for r := rune(0); r < 0x3000; r++ {
		if r == escape {
			continue
		}
		pdus, err := sms.Encode([]byte(string(r)))
		if err != nil {
			t.Fatal(err)
		}
		alphabet, err := pdus[0].Alphabet()
		if err != nil {
			t.Fatal(err)
		}
		if _, encoding := message.Segments(string(r)); (encoding == message.UCS2) != (alphabet == tpdu.AlphaUCS2) {
			t.Errorf("%q (%U) is %s", r, r, encoding)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("Olá, Ana")
	f.Fuzz(func(t *testing.T, text string) {
		if n, _ := message.Segments(text); n < 1 || n > 1+len(text) {
			t.Errorf("%q takes %d segments", text, n)
		}
	})
}
