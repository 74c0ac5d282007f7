package httpapi_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPageSettingsAreRefusedWithTheirField(t *testing.T) {
	w := newWorld(t)
	acc, other := w.newAccount(), w.newAccount()
	w.must(200, other.owner, "PUT", other.path+"/page", object{"on": true, "address": "taken"}, "If-Match", `"-1"`)
	for name, c := range map[string]struct {
		body        object
		status      int
		code, field string
	}{
		"an address of another account": {object{"address": "taken"}, 409, "page_address_taken", "address"},
		"an address in capitals":        {object{"address": "Anna"}, 422, "page_address_malformed", "address"},
		"an address of ours":            {object{"address": "admin"}, 422, "page_address_reserved", "address"},
		"a colour by name":              {object{"colour": "green"}, 422, "page_invalid", "colour"},
		"a site that ends the rule": {
			object{"sites": []string{"https://a.org; script-src *"}}, 422, "page_invalid", "sites",
		},
		"a service of another account": {
			object{"services": []string{other.service}}, 422, "page_service_unknown", "services",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.body["on"] = true
			got := w.call(acc.owner, "PUT", acc.path+"/page", c.body, "If-Match", `"-1"`)
			if got.status != c.status || got.text("code") != c.code || got.text("field") != c.field {
				t.Errorf("returned %d %s, want %d, %s and %s", got.status, got.raw, c.status, c.code, c.field)
			}
		})
	}
	w.must(403, acc.staff, "GET", acc.path+"/page", nil)
	w.must(412, other.owner, "PUT", other.path+"/page", object{"on": true}, "If-Match", `"-1"`)
}

func TestHostileLogosAreRefused(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for name, c := range map[string]struct {
		upload string
		says   string
	}{
		"an SVG":     {"<svg onload='alert(1)'/>", "SVG"},
		"no picture": {"MZ...", "PNG, JPEG or WebP"},
		"too large":  {strings.Repeat("x", 530_000), "at most 512 kB"},
	} {
		got := w.call(acc.owner, "PUT", acc.path+"/page/logo",
			object{"picture": base64.StdEncoding.EncodeToString([]byte(c.upload))}, "If-Match", `"-1"`)
		if got.status != 422 || !strings.Contains(got.text("detail"), c.says) {
			t.Errorf("%s returned %d %s, want a sentence with %q", name, got.status, got.raw, c.says)
		}
	}
}

// counted is a body of a gigabyte that counts what is read of it.
type counted struct{ left, read int }

func (c *counted) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), c.left)
	for i := range p[:n] {
		p[i] = 'A'
	}
	c.left, c.read = c.left-n, c.read+n
	return n, nil
}

func TestUploadOfAGigabyteIsRefusedEarly(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	body := &counted{left: 1 << 30}
	r, err := http.NewRequest("PUT", "/api/v1"+acc.path+"/page/logo", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+acc.owner)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("If-Match", `"-1"`)
	got := w.serve(r)
	if got.status != 413 || got.text("code") != "body_too_large" {
		t.Errorf("returned %d %s, want body_too_large", got.status, got.raw)
	}
	if body.read > 2<<20 {
		t.Errorf("the server read %d bytes before it refused", body.read)
	}
}
