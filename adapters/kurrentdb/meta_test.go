package kurrentdb

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

func TestWithRestKeepsMetadata(t *testing.T) {
	for meta, want := range map[string]string{
		"":                      `{"clickbook_rest":7}`,
		`{"a":1}`:               `{"clickbook_rest":7,"a":1}`,
		"{\n \"a\" : 1 }\n":     "{\"clickbook_rest\":7,\n \"a\" : 1 }\n",
		`{}`:                    `7:{}`,
		`{ }`:                   `7:{ }`,
		` {"a":1}`:              `7: {"a":1}`,
		`{"a":1`:                `7:{"a":1`,
		`{,"a":1}`:              `7:{,"a":1}`,
		`null`:                  `7:null`,
		`"text"`:                `7:"text"`,
		"7:x":                   "7:7:x",
		"\x00\xff":              "7:\x00\xff",
		`{"clickbook_rest":3}`:  `{"clickbook_rest":7,"clickbook_rest":3}`,
		`{"clickbook_rest":3,}`: `7:{"clickbook_rest":3,}`,
		`{"clickbook_rest":7,"`: `7:{"clickbook_rest":7,"`,
		"{\"a\":\"\xff\"}":      "{\"clickbook_rest\":7,\"a\":\"\xff\"}",
	} {
		stored := withRest(7, []byte(meta))
		if string(stored) != want {
			t.Errorf("%q is stored as %q, want %q", meta, stored, want)
		}
		if json.Valid([]byte(meta)) && strings.HasPrefix(meta, `{"`) && !json.Valid(stored) {
			t.Errorf("%q is JSON and is stored as %q, which is not JSON", meta, stored)
		}
		if rest, back, ok := withoutRest(stored); rest != 7 || string(back) != meta || !ok {
			t.Errorf("%q is read as %d, %q, %v", meta, rest, back, ok)
		}
	}
}

func TestWithoutRestRestoresAnyMetadata(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{
			"{", "}", ",", ":", `"a"`, "1", " ", "\n", "0:", "7", restKey, "null", "\x00", "\xff", "é", `{"a":1}`, "[]",
		})
		meta := []byte(strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), ""))
		rest := rapid.IntRange(0, domain.MaxAppendEvents-1).Draw(t, "rest")
		got, back, ok := withoutRest(withRest(rest, meta))
		if got != rest || !bytes.Equal(back, meta) || !ok {
			t.Errorf("%d %q is read as %d %q %v", rest, meta, got, back, ok)
		}
	})
}

func TestWithoutRestRefusesForeignMetadata(t *testing.T) {
	for _, meta := range []string{
		"", "{}", `{"a":1}`, ":", "7", "x:1", restKey, restKey + "}", restKey + "1", restKey + "1 }", restKey + "1}x",
		restKey + "1:", "1,", "1}", "99999999999:", restKey + `"1",`,
	} {
		if rest, back, ok := withoutRest([]byte(meta)); ok {
			t.Errorf("%q is read as %d, %q, want false", meta, rest, back)
		}
	}
}

func TestEscapedNames(t *testing.T) {
	for name, want := range map[string]string{
		"client-1": "client-1", "$client": "~$client", "~a": "~~a", "~$a": "~~$a", "a$~": "a$~", "$": "~$", "~": "~~",
	} {
		got := escaped(name)
		back, ok := unescaped(got)
		if got != want || back != name || !ok {
			t.Errorf("%q is %q on the node and is read as %q, %v; want %q", name, got, back, ok, want)
		}
	}
	for _, name := range []string{"$all", "$$client-1", "~mark-log", "~", "~x"} {
		if back, ok := unescaped(name); ok {
			t.Errorf("%q is read as %q of the log, want false", name, back)
		}
	}
}

// TestServerFilterPassesAllMatches checks that the node's filter passes everything that the filter matches, for names
// that are similar.
func TestServerFilterPassesAllMatches(t *testing.T) {
	names := []string{"", "a", "a.c", "abc", "a\n", "é", "e\u0301", "$x", "~x", "a|b", "(", `\`, "A", "a-", "📅", "a*"}
	name := rapid.SampledFrom(names)
	rapid.Check(t, func(t *rapid.T) {
		filter := domain.Filter{
			Types: rapid.SliceOfN(name, 0, 3).Draw(t, "types"), Prefixes: rapid.SliceOfN(name, 0, 3).Draw(t, "prefixes"),
		}
		if cut := rapid.IntRange(0, 4).Draw(t, "cut"); len(filter.Prefixes) > 0 && cut < len(filter.Prefixes[0]) {
			filter.Prefixes[0] = filter.Prefixes[0][:cut]
		}
		end := domain.Entry{Stream: domain.Stream(name.Draw(t, "end") + "x"), Stored: domain.Stored{Type: "End"}}
		serverFilter := namespace("").serverFilter(filter, end)
		sent := func(e domain.Entry) bool {
			if serverFilter == nil {
				return true
			}
			text := escaped(e.Type)
			if serverFilter.Type == esdb.StreamFilterType {
				text = escaped(string(e.Stream))
			}
			return regexp.MustCompile(serverFilter.Regex).MatchString(text)
		}
		entry := domain.Entry{
			Stream: domain.Stream(name.Draw(t, "stream") + name.Draw(t, "more")), Stored: domain.Stored{Type: name.Draw(t, "type")},
		}
		if matches(filter, &entry) && entry.Type != "" && entry.Stream != "" && !sent(entry) {
			t.Errorf("%+v matches %+v, but the node's filter %+v drops it", entry, filter, serverFilter)
		}
		if !sent(end) {
			t.Errorf("the last entry %+v is dropped by the node's filter %+v", end, serverFilter)
		}
	})
}
