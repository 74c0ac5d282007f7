// Package ui serves the staff app, which is built from this folder by `make ui` and embedded. A program that was built
// without it still serves the API and the public page, and says how to build it. The app is files only: what it may
// read and change is decided by the API.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// Path is where the app is served.
const Path = "/app/"

//go:embed all:dist
var built embed.FS

// Policy lets the app run its own scripts and styles and talk to its own server, and nothing else. Svelte sets its
// templates through the policy that is named here.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types svelte-trusted-html"

// file is a file of the app in memory.
type file struct {
	contentType string
	plain       []byte
	small       func() []byte // compressed; nil if that does not pay
	etag        string
}

type app struct {
	files map[string]file // by the path below dist
}

// New returns the handler of everything below Path. It reads all files once.
func New() (http.Handler, error) {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, err
	}
	return newApp(dist)
}

func newApp(dist fs.FS) (http.Handler, error) {
	a := app{files: make(map[string]file)}
	err := fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if hidden := strings.HasPrefix(path.Base(name), ".") && name != "."; hidden && entry.IsDir() {
			return fs.SkipDir // the manifest of the build, which is for its tests
		} else if err != nil || hidden || entry.IsDir() {
			return err
		}
		plain, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		a.files[name], err = newFile(name, plain)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the staff app: %w", err)
	}
	return a, nil
}

// types are those of the files that Vite writes. The table of the machine is not asked: it differs.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".json": "application/json", ".png": "image/png",
}

func newFile(name string, plain []byte) (file, error) {
	sum := sha256.Sum256(plain)
	f := file{contentType: types[path.Ext(name)], plain: plain, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	if f.contentType == "" {
		return f, fmt.Errorf("%s has a kind that the table of types does not list", name)
	}
	// Not at the start: commands that use the API without a browser would wait for it.
	f.small = sync.OnceValue(func() []byte { return compress(plain) })
	return f, nil
}

// compress returns a file in gzip, nil if that does not pay.
func compress(plain []byte) []byte {
	var small bytes.Buffer
	w, _ := gzip.NewWriterLevel(&small, gzip.BestCompression) // the level is a valid one
	_, _ = w.Write(plain)                                     // to memory: it cannot fail
	_ = w.Close()
	if small.Len() >= len(plain)*9/10 {
		return nil
	}
	return small.Bytes()
}

// ServeHTTP serves a file. A path of no file is an address within the app, unless it looks like a file.
func (a app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", Policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	name := strings.TrimPrefix(r.URL.Path, Path)
	found, ok := a.files[name]
	if !ok {
		if path.Ext(name) != "" || strings.HasPrefix(name, "assets/") {
			http.Error(w, "there is no such file; reload the page", http.StatusNotFound)
			return
		}
		name = "index.html"
		if found, ok = a.files[name]; !ok {
			header.Set("Retry-After", "60")
			http.Error(w, notBuilt, http.StatusServiceUnavailable)
			return
		}
	}
	header.Set("Content-Type", found.contentType)
	header.Set("ETag", found.etag)
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") { // their names change with their content
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == found.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := found.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if small := found.small(); small != nil {
			header.Set("Content-Encoding", "gzip")
			body = small
		}
	}
	_, _ = w.Write(body)
}

const notBuilt = "This program was built without the staff page. Build it with Node 20: run make ui, then build " +
	"again. The API and the public page work without it."
