package messaging_test

import (
	"html/template"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/commands/messaging"
)

func TestParagraphs(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Hello", "<p>Hello</p>\n"},
		{"a\nb\r\n\r\n\n\nc\n", "<p>a<br>\nb</p>\n<p>c</p>\n"},
		{`<b>"Jo" & co</b>`, "<p>&lt;b&gt;&#34;Jo&#34; &amp; co&lt;/b&gt;</p>\n"},
		{
			"See https://example.com/a?b=1&c=2.",
			`<p>See <a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>.</p>` + "\n",
		},
		{
			`javascript:alert(1) https://"><script> http://a"b`,
			`<p>javascript:alert(1) https://&#34;&gt;&lt;script&gt; <a href="http://a">http://a</a>&#34;b</p>` + "\n",
		},
	} {
		if got := string(messaging.Paragraphs(c.text)); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}

func TestDocumentIsWholeAndEscaped(t *testing.T) {
	got := messaging.HTML("pt-BR", "<Cut> & dry", "Olá")
	for _, want := range []string{`<html lang="pt-BR">`, "<title>&lt;Cut&gt; &amp; dry</title>", "<p>Olá</p>", "</html>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
	for _, remote := range []string{"src=", "url(", "<script", "<link"} {
		if strings.Contains(got, remote) {
			t.Errorf("the document fetches something: %s", got)
		}
	}
}

func TestTableEscapesItsCells(t *testing.T) {
	got := string(messaging.Table([]string{"A & B"}, [][]any{{"<i>", template.HTML("<b>1</b>")}}))
	for _, want := range []string{"A &amp; B</th>", "&lt;i&gt;</td>", "<b>1</b></td>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}
