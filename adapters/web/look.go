package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"strings"

	"github.com/clickbook/clickbook/commands/links"
	bookingpage "github.com/clickbook/clickbook/domain/page"
)

// The style sheet and the script of the pages. Both are part of the page, so that the first render waits for nothing
// else, and the policy names their hashes. The script only improves: every page works without it.
var (
	style   = embedded("templates/style.css")
	script  = embedded("templates/page.js")
	embedJS = embedded("templates/embed.js")
	iconSVG = embedded("templates/icon.svg")
)

func embedded(name string) string {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// hashOf returns the source of a policy that allows a text of our own.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

var styleHash, scriptHash = hashOf(style), hashOf(script)

// policyOf lets a page use its own style sheets and logo, its script if it has one, send its own forms, and nothing
// else. Only the sites may show it in a frame.
func policyOf(brand string, scripted bool, sites []string) string {
	frames := "'none'"
	if len(sites) > 0 {
		frames = strings.Join(sites, " ")
	}
	styles := styleHash
	if brand != "" {
		styles += " " + hashOf(brand)
	}
	policy := "default-src 'none'; style-src " + styles + "; img-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors " + frames + "; require-trusted-types-for 'script'; trusted-types 'none'"
	if scripted {
		policy += "; script-src " + scriptHash
	}
	return policy
}

// The papers on which the colour of an account is shown, of the light and the dark style sheet.
var (
	lightPaper = bookingpage.Colour{R: 0xff, G: 0xff, B: 0xff}
	darkPaper  = bookingpage.Colour{R: 0x1c, G: 0x23, B: 0x24}
)

// minEdge is the contrast that the border of a control needs (WCAG 1.4.11).
const minEdge = 3

// brandOf returns the style sheet that gives the thing to press the colour of an account. A colour that would not be
// seen on the paper gets a border of ink.
func brandOf(colour string) string {
	parsed, err := bookingpage.ParseColour(colour)
	if err != nil {
		return "" // none is set
	}
	rule := func(paper bookingpage.Colour) string {
		edge := parsed.String()
		if parsed.Contrast(paper) < minEdge {
			edge = paper.Ink().String()
		}
		return fmt.Sprintf(":root{--go:%s;--on-go:%s;--go-edge:%s}", parsed, parsed.Ink(), edge)
	}
	return rule(lightPaper) + "@media (prefers-color-scheme:dark){" + rule(darkPaper) + "}"
}

// head is what every page begins with.
type head struct {
	Lang, Dir     string
	Title         string
	Business      string
	Icon          string
	Style, Brand  template.CSS
	Script        template.JS
	Logo          logo
	Description   string
	Canonical     string // "" on a page that search engines leave out
	Alternates    []alternate
	Picture       string // the absolute address of the logo, for link previews
	Embedded      bool
	sites         []string // that may show the page in a frame
	back          bool     // the browser may show it again for its back button, with what was typed
	scripted      bool     // the page has a script: it counts down, or tells a frame how high it is
	brand, prefix string
}

// logo is the picture of an account.
type logo struct {
	URL           string
	Width, Height int
}

// alternate is the same page in another language.
type alternate struct{ Lang, Itself, URL string }

func (h *head) top() *head { return h }

// dress gives a page the look of an account.
func (h *head) dress(look bookingpage.State, name string) {
	h.brand = brandOf(look.Colour)
	if !look.Logo.Content.IsZero() && !look.Logo.Content.IsErased() {
		h.Logo = logo{h.prefix + links.BookPath + name + "/logo/" + look.Logo.SHA256, look.Logo.Width, look.Logo.Height}
	}
}
