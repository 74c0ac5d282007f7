package messaging

import (
	"cmp"
	"html/template"
	"regexp"
	"strings"
)

// document is the frame of every email in HTML: readable on a phone and by a screen reader, without images, fonts or
// scripts from elsewhere, so that opening an email tells nobody that it was opened.
var document = template.Must(template.New("document").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
</head>
<body style="margin:0; padding:16px; font-family:sans-serif; font-size:16px; line-height:1.5; color:#1a1a1a; ` +
	`background-color:#ffffff">
<main style="max-width:40em; margin:0 auto">
{{.Body}}</main>
</body>
</html>
`))

var table = template.Must(template.New("table").Parse(`<table style="border-collapse:collapse; width:100%">
<thead>
<tr>{{range .Head}}<th scope="col" style="text-align:left; padding:4px 8px 4px 0; border-bottom:2px solid #595959">` +
	`{{.}}</th>{{end}}</tr>
</thead>
<tbody>
{{range .Rows}}<tr>{{range .}}<td style="text-align:left; vertical-align:top; padding:4px 8px 4px 0; ` +
	`border-bottom:1px solid #cccccc">{{.}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
`))

// linkPattern finds web addresses. A full stop or bracket at the end belongs to the sentence.
var linkPattern = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// HTML returns the text of an email as a document in the language of a locale: its paragraphs, lines and links, all
// else escaped.
func HTML(locale, title, text string) string { return Document(locale, title, Paragraphs(text)) }

// Document returns a whole HTML document around a body.
func Document(locale, title string, body template.HTML) string {
	var out strings.Builder
	// The template and its values are strings: writing to a builder cannot fail.
	_ = document.Execute(&out, struct {
		Language, Title string
		Body            template.HTML
	}{cmp.Or(locale, "en"), title, body})
	return out.String()
}

// Paragraphs returns a text as HTML: a paragraph for each block between empty lines, and a link for each web address.
func Paragraphs(text string) template.HTML {
	var out strings.Builder
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for block := range strings.SplitSeq(text, "\n\n") {
		if block = strings.Trim(block, "\n"); block == "" {
			continue
		}
		out.WriteString("<p>" + linked(block) + "</p>\n")
	}
	return template.HTML(out.String()) // escaped by linked
}

// linked returns escaped text with its web addresses as links.
func linked(text string) string {
	var out strings.Builder
	at := 0
	escape := func(to int) string { return template.HTMLEscapeString(text[at:to]) }
	for _, link := range linkPattern.FindAllStringIndex(text, -1) {
		out.WriteString(escape(link[0]))
		at = link[0]
		url := escape(link[1])
		out.WriteString(`<a href="` + url + `">` + url + `</a>`)
		at = link[1]
	}
	out.WriteString(escape(len(text)))
	return strings.ReplaceAll(out.String(), "\n", "<br>\n")
}

// Table returns rows under a head as HTML. A cell may be a template.HTML, such as a link; any other value is escaped.
func Table(head []string, rows [][]any) template.HTML {
	var out strings.Builder
	_ = table.Execute(&out, struct {
		Head []string
		Rows [][]any
	}{head, rows})
	return template.HTML(out.String()) // made by a template, which escapes
}
