package replying

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain/message"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		locale string
		want   Meaning
		texts  []string
	}{
		{"en-US", Stop, []string{"STOP", "stop", " Stop. ", "STOP!!!", "Stop all", "UNSUBSCRIBE", "end", "Quit", "opt-out", "«stop»"}},
		{"de-DE", Stop, []string{"Stopp", "ABMELDEN", "Ende", "stop", "Keine SMS!"}},
		{"es", Stop, []string{"ALTO", "Baja", "parar", "¡Alto!", "No más"}},
		{"fr-CA", Stop, []string{"ARRÊT", "Arrêter", "arret", "STOP SMS"}},
		{"pt-BR", Stop, []string{"SAIR", "Parar", "pare"}},
		{"ja", Stop, []string{"ALTO", "arrêt", "ＳＴＯＰ"}},
		{"en", Cancel, []string{"CANCEL", "cancel."}},
		{"en", Start, []string{"START", "unstop"}},
		{"de", Help, []string{"help", "HILFE?"}},
		{"en", Yes, []string{"C", "c.", "Y", "Yes!", "OK", "👍", "👍 "}},
		{"de", Yes, []string{"Ja", "J", "bestätigt", "Ja.", "c"}},
		{"es", Yes, []string{"SÍ", "si", "Sí.", "s"}},
		{"fr", Yes, []string{"oui", "O", "Je confirme."}},
		{"pt", Yes, []string{"SIM", "sim!", "s"}},
		{"en", No, []string{"X", "n", "No", "NO."}},
		{"de", No, []string{"Nein", "absagen", "x", "no"}},
		{"es", No, []string{"no", "Cancelar"}},
		{"fr", No, []string{"Non", "annuler"}},
		{"pt", No, []string{"Não", "nao", "cancelar", "N"}},
		{"en", Other, []string{
			"", " ", "?", "ja", "oui", "non", "yes please", "please stop by at nine", "no problem, see you", "I can't come",
			"stop 123", "s t o p", "don't stop", "CANCEL my appointment", strings.Repeat("stop ", 30), "\xff", "stop\xff", "🙂",
		}},
		{"fr", Other, []string{"ende", "ja", "si"}},
	} {
		for _, text := range c.texts {
			if got := Read(text, c.locale); got != c.want {
				t.Errorf("%q in %s means %s, want %s", text, c.locale, got, c.want)
			}
		}
	}
}

// A word has one meaning in a language, and is written as plain returns it.
func TestWordsAreUnambiguous(t *testing.T) {
	for tag, words := range inLanguage {
		seen := make(map[string]Meaning)
		all := []map[Meaning]string{words, everywhere}
		for _, part := range all {
			for meaning, list := range part {
				for word := range strings.SplitSeq(list, ",") {
					if other, twice := seen[word]; twice && other != meaning {
						t.Errorf("%s: %q means %s and %s", tag, word, other, meaning)
					}
					if seen[word] = meaning; plain(word) != word {
						t.Errorf("%s: %q is read as %q", tag, word, plain(word))
					}
				}
			}
		}
	}
}

func TestReadIgnoresPunctuationAndCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.StringOfN(rapid.RuneFrom([]rune(" .!?-_'\"\t\n¡¿()…")), 0, 8, -1)
		word := rapid.SampledFrom([]string{"STOP", "stop", "Stop", "sToP"}).Draw(t, "word")
		text := around.Draw(t, "before") + word + around.Draw(t, "after")
		if got := Read(text, "en"); got != Stop {
			t.Fatalf("%q means %s", text, got)
		}
	})
}

// Every text is complete in every language, and short enough for one or two segments of the GSM alphabet.
func TestSentences(t *testing.T) {
	for tag := range maps.Keys(spoken) {
		business := Business{Name: "Praxis Weber", Phone: "+493012345678", Locale: tag}
		for _, text := range []string{business.Stopped(), business.Explained(), business.TooLate()} {
			if segments, encoding := message.Segments(text); segments != 1 || encoding != message.GSM7 {
				t.Errorf("%s: %q takes %d segments of %s", tag, text, segments, encoding)
			}
			if strings.Contains(text, "{") || strings.Contains(text, "  ") || !strings.Contains(text, "Praxis Weber") {
				t.Errorf("%s: %q", tag, text)
			}
		}
		mail := Forward(tag, Forwarded{
			Client: "Ana", Phone: "+5527", Text: "I am late", About: "Visit, Tuesday", Meaning: Cancel,
		})
		for _, want := range []string{"Ana", "+5527", "I am late", "Visit, Tuesday"} {
			if !strings.Contains(mail, want) || strings.Contains(mail, "{") {
				t.Errorf("%s: the email lacks %s:\n%s", tag, want, mail)
			}
		}
		if ForwardTitle(tag) == "" {
			t.Errorf("%s: the email has no subject", tag)
		}
	}
}
