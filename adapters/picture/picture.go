// Package picture draws the logos of booking pages again. A visitor's browser only ever gets a file that this package
// has encoded from pixels: whatever else was in the upload is gone. It stores nothing.
package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/page"
)

// Limits of an upload, and of what is drawn.
const (
	MaxUpload = 512 << 10 // bytes
	maxSide   = 4096      // pixels
	maxPixels = 8 << 20   // 32 MB in memory, and about a second of work
	maxWidth  = 480
	maxHeight = 160
	quality   = 88 // of a JPEG
)

// code is that of every refusal here.
const code = "page_logo_invalid"

func refuse(format string, args ...any) error {
	return domain.Refusef(domain.Invalid, code, format, args...).At("picture")
}

// format is a kind of picture, known by how a file of it starts.
type format struct {
	starts  func([]byte) bool
	decode  func(*bytes.Reader) (image.Image, error)
	measure func(*bytes.Reader) (image.Config, error)
}

var formats = []format{
	{
		func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) },
		func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) },
		func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
	},
	{
		func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) },
		func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) },
		func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
	},
	{
		func(b []byte) bool { return len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" },
		func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) },
		func(r *bytes.Reader) (image.Config, error) { return webp.DecodeConfig(r) },
	},
}

// drawing is held while a picture is decoded, so that many uploads at once take the memory of one.
var drawing sync.Mutex

// Logo draws an uploaded picture again, as a logo. It refuses what is not a PNG, JPEG or WebP picture, and what is too
// large to be one safely.
func Logo(upload []byte) (page.Logo, error) {
	if len(upload) > MaxUpload {
		return page.Logo{}, refuse("the picture has %d kB; upload one of at most %d kB", len(upload)>>10, MaxUpload>>10)
	}
	for _, format := range formats {
		if format.starts(upload) {
			return format.logo(upload)
		}
	}
	if start := bytes.TrimSpace(upload); bytes.HasPrefix(start, []byte("<")) {
		return page.Logo{}, refuse("an SVG file can hold programs, so it is not accepted; upload a PNG, JPEG or WebP picture")
	}
	return page.Logo{}, refuse("this file is not a picture that can be read; upload a PNG, JPEG or WebP picture")
}

func (f format) logo(upload []byte) (logo page.Logo, err error) {
	damaged := refuse("the picture is damaged or of a rare kind; save it as PNG and upload it again")
	drawing.Lock()
	defer drawing.Unlock()
	defer func() {
		if recover() != nil { // a decoder met a file that its authors did not think of
			logo, err = page.Logo{}, damaged
		}
	}()
	config, err := f.measure(bytes.NewReader(upload))
	if err != nil {
		return page.Logo{}, damaged
	}
	if w, h := config.Width, config.Height; w < 1 || h < 1 || w > maxSide || h > maxSide || w*h > maxPixels {
		return page.Logo{}, refuse("the picture has %d × %d pixels; upload one of at most %d a side and %d million in all",
			w, h, maxSide, maxPixels>>20)
	}
	drawn, err := f.decode(bytes.NewReader(upload))
	if err != nil {
		return page.Logo{}, damaged
	}
	return encode(drawn)
}

// encode returns the picture at a size that fits, smaller still if its file would be too large.
func encode(drawn image.Image) (page.Logo, error) {
	size := drawn.Bounds().Size()
	scale := min(1, maxWidth/float64(size.X), maxHeight/float64(size.Y))
	for ; ; scale /= 2 {
		w, h := max(1, int(float64(size.X)*scale)), max(1, int(float64(size.Y)*scale))
		small := image.NewNRGBA(image.Rect(0, 0, w, h))
		draw.CatmullRom.Scale(small, small.Bounds(), drawn, drawn.Bounds(), draw.Src, nil)
		var out bytes.Buffer
		kind := "image/png"
		err := png.Encode(&out, small)
		if err == nil && out.Len() > page.MaxLogo && small.Opaque() { // a photograph
			kind = "image/jpeg"
			out.Reset()
			err = jpeg.Encode(&out, small, &jpeg.Options{Quality: quality})
		}
		if err != nil {
			return page.Logo{}, fmt.Errorf("encode a logo: %w", err)
		}
		if out.Len() > page.MaxLogo && w > 1 {
			continue
		}
		sum := sha256.Sum256(out.Bytes())
		return page.Logo{
			Type: kind, Width: w, Height: h, SHA256: hex.EncodeToString(sum[:]),
			Content: domain.Secret(base64.StdEncoding.EncodeToString(out.Bytes())),
		}, nil
	}
}
