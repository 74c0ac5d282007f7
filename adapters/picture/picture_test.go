package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/picture"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/page"
)

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// noise is the picture whose file is largest.
func noise(w, h int, alpha bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = uint8(random.Uint32())
		if i%4 == 3 && !alpha {
			img.Pix[i] = 255
		}
	}
	return img
}

// bytesOf returns the file of a logo, which the page must accept.
func bytesOf(t *testing.T, logo page.Logo) []byte {
	t.Helper()
	if _, err := page.Decide(page.State{}, page.SetLogo{Logo: logo}); err != nil {
		t.Errorf("the page refuses the logo: %v", err)
	}
	content, err := base64.StdEncoding.DecodeString(logo.Content.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestLogoIsDrawnAgain(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 960, 160))
	img.Set(0, 0, color.NRGBA{R: 255, A: 255})
	upload := append(pngOf(t, img), []byte("<script>alert(1)</script>")...)
	logo, err := picture.Logo(upload)
	if err != nil {
		t.Fatal(err)
	}
	content := bytesOf(t, logo)
	if bytes.Contains(content, []byte("script")) {
		t.Error("what follows the picture was kept")
	}
	drawn, err := png.Decode(bytes.NewReader(content))
	if err != nil || logo.Type != "image/png" || logo.Width != 480 || logo.Height != 80 ||
		drawn.Bounds().Size() != image.Pt(480, 80) {
		t.Errorf("the logo is %d × %d, %s, %v; want a PNG of 480 × 80", logo.Width, logo.Height, logo.Type, err)
	}
}

func TestLogoIsAlwaysSmall(t *testing.T) {
	for name, c := range map[string]struct {
		img  image.Image
		kind string
	}{
		"a photograph":              {noise(400, 150, false), "image/jpeg"},
		"one that can be seen thru": {noise(400, 150, true), "image/png"},
		"one pixel":                 {noise(1, 1, true), "image/png"},
		"a line":                    {noise(4000, 1, false), "image/png"},
	} {
		logo, err := picture.Logo(pngOf(t, c.img))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if content := bytesOf(t, logo); len(content) > page.MaxLogo || logo.Type != c.kind {
			t.Errorf("%s has %d bytes of %s, want %s", name, len(content), logo.Type, c.kind)
		}
	}
}

func TestJPEGAndWebPAreRead(t *testing.T) {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, noise(40, 30, false), nil); err != nil {
		t.Fatal(err)
	}
	// One lossless red pixel.
	webp, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	for name, upload := range map[string][]byte{"JPEG": photo.Bytes(), "WebP": webp} {
		if logo, err := picture.Logo(upload); err != nil || logo.Width < 1 {
			t.Errorf("%s returned %v", name, err)
		}
	}
}

// bomb returns a PNG that says it has so many pixels, and has none.
func bomb(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	header = append(binary.BigEndian.AppendUint32(header, h), 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	out = append(out, header...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(header))
}

func TestHostileLogosAreRefused(t *testing.T) {
	good := pngOf(t, noise(20, 20, true))
	for name, c := range map[string]struct {
		upload []byte
		says   string
	}{
		"nothing":                 {nil, "PNG, JPEG or WebP"},
		"a page":                  {[]byte("<html><script>"), "SVG"},
		"an SVG with a program":   {[]byte(" <?xml version='1.0'?><svg onload='x'/>"), "SVG"},
		"a GIF":                   {[]byte("GIF89a"), "PNG, JPEG or WebP"},
		"a file that is too long": {make([]byte, picture.MaxUpload+1), "at most 512 kB"},
		"a billion pixels":        {bomb(1<<15, 1<<15), "at most 4096"},
		"many pixels":             {bomb(4096, 4096), "8 million"},
		"a broken header":         {bomb(0, 5), "damaged"},
		"a PNG cut short":         {good[:len(good)/2], "damaged"},
		"a JPEG of nothing":       {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "damaged"},
		"a WebP of nothing":       {[]byte("RIFF\x10\x00\x00\x00WEBPVP8 \x00"), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			logo, err := picture.Logo(c.upload)
			refusal, refused := domain.AsRefusal(err)
			if !refused || refusal.Code != "page_logo_invalid" || !strings.Contains(refusal.Sentence, c.says) {
				t.Errorf("Logo returned %s, %v; want a refusal that says %q", logo.Type, err, c.says)
			}
		})
	}
}

// FuzzLogo holds that no file crashes the decoders, and that what comes out is a small picture.
func FuzzLogo(f *testing.F) {
	f.Add(bomb(4, 4))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L"))
	f.Fuzz(func(t *testing.T, upload []byte) {
		logo, err := picture.Logo(upload)
		if _, refused := domain.AsRefusal(err); err != nil && !refused {
			t.Errorf("Logo returned a fault: %v", err)
		}
		if err == nil && len(bytesOf(t, logo)) > page.MaxLogo {
			t.Error("the logo is too large")
		}
	})
}
