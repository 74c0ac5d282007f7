package message_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

func TestPlain(t *testing.T) {
	long := strings.Repeat("a", 90)
	for what, c := range map[string]struct {
		text, want string
		segments   int
	}{
		"plain":                 {"O'Brien, " + long, "O'Brien, " + long, 1},
		"a quote":               {"O\u2019Brien, " + long, "O'Brien, " + long, 1},
		"double quotes":         {"\u201cAt\u201d \u201eBei\u201c \u00abChez\u00bb " + long, "\"At\" \"Bei\" \"Chez\" " + long, 1},
		"a grave accent":        {"O`Brien, " + long, "O'Brien, " + long, 1},
		"dashes":                {"10\u201311\u201412\u2011\u2212\u2010 " + long, "10-11-12--- " + long, 1},
		"spaces":                {"a\u00a0b\u202fc\u2009d\u3000e " + long, "a b c d e " + long, 1},
		"zero width":            {"O'Brien\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e, " + long, "O'Brien, " + long, 1},
		"an ellipsis":           {"Soon\u2026 " + long, "Soon... " + long, 1},
		"form D":                {"Jose\u0301 " + long, "José " + long, 1}, // é is in the alphabet
		"form D of ñ":           {"Pen\u0303a " + long, "Peña " + long, 1},
		"short, nothing gained": {"O\u2019Brien", "O\u2019Brien", 1},
		"an accent decides":     {"O\u2019Brien, João " + long, "O\u2019Brien, João " + long, 2}, // ã stays, so ’ stays
		"no accent is lost":     {"Žižek, " + long, "Žižek, " + long, 2},
		"Persian joiners":       {strings.Repeat("می\u200cخواهم ", 8), strings.Repeat("می\u200cخواهم ", 8), 2},
		"an emoji family":       {"👩\u200d👩\u200d👧 " + long, "👩\u200d👩\u200d👧 " + long, 2},
		"zero width in UCS-2":   {strings.Repeat("й", 69) + "\u200b\u200b", strings.Repeat("й", 69), 1},
	} {
		got := message.Plain(c.text)
		if n, _ := message.Segments(got); got != c.want || n != c.segments {
			t.Errorf("%s: Plain(%+q) = %+q in %d segments, want %+q in %d", what, c.text, got, n, c.want, c.segments)
		}
	}
}

// Whatever is replaced, the letters and digits are those of the text, and it never takes more segments.
func TestPlainKeepsLettersAndCostsNoMore(t *testing.T) {
	letters := func(text string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) && !domain.IsInvisible(r) && !unicode.Is(unicode.Lm, r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{
			"a", "é", "ã", "ñ", "й", "李", "’", "“", "–", "\u00a0", "\u200b", "\u200d", "👩", "0", " ", "…", "`",
		})
		text := strings.Join(rapid.SliceOfN(part, 0, 300).Draw(t, "parts"), "")
		got := message.Plain(text)
		if letters(got) != letters(text) {
			t.Fatalf("Plain(%+q) = %+q changes letters", text, got)
		}
		before, _ := message.Segments(text)
		if after, _ := message.Segments(got); after > before {
			t.Fatalf("Plain(%+q) takes %d segments, not %d", text, after, before)
		}
		if again := message.Plain(got); again != got {
			t.Fatalf("Plain(%+q) = %+q, then %+q", text, got, again)
		}
	})
}

func TestComposeWritesTextsPlainlyAndEmailsAsTheyAre(t *testing.T) {
	words := domain.Words{Client: "O\u2019Brien " + strings.Repeat("a", 80)}
	_, text, err := message.Compose("reminder", message.SMS, "en", message.Own{Text: "{client}"}, words)
	if err != nil || strings.Contains(text, "\u2019") {
		t.Errorf("the text is %q, %v", text, err)
	}
	_, mail, err := message.Compose("reminder", message.Email, "en", message.Own{Text: "{client}"}, words)
	if err != nil || mail != words.Client {
		t.Errorf("the email is %q, %v", mail, err)
	}
}
