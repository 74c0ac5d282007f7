package page

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Colour is an opaque colour in sRGB.
type Colour struct{ R, G, B uint8 }

var colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// ParseColour parses a colour of six hexadecimal digits. No colour is refused for its contrast: black or white text
// always has at least 4.58:1 on it (see Ink). A colour with transparency has no contrast of its own, so it is refused.
func ParseColour(text string) (Colour, error) {
	if !colourForm.MatchString(text) {
		return Colour{}, refuse("colour",
			"%.60q is not a colour that text can be read on; write an opaque colour in six digits, like #0b5f58", text)
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err // the three bytes of 24 bits
}

// String returns the colour as #rrggbb.
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// luminance returns the relative luminance of WCAG 2.2, from 0 for black to 1 for white.
func (c Colour) luminance() float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast returns the contrast ratio of two colours by WCAG 2.2, from 1 to 21.
func (c Colour) Contrast(other Colour) float64 {
	a, b := c.luminance(), other.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// Ink returns black or white, whichever is read better on the colour. The contrast is at least 4.58:1, the square root
// of 21, and WCAG asks for 4.5:1.
func (c Colour) Ink() Colour {
	black, white := Colour{}, Colour{255, 255, 255}
	if c.Contrast(white) >= c.Contrast(black) {
		return white
	}
	return black
}
